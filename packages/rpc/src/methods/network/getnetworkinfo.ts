import { PROTOCOL_VERSION } from "@chain/wire";
import { defineMethod, type Method } from "../../define/method.ts";
import { coins, flag, hex, list, num, obj, text } from "../../define/result.ts";
import { NETWORKS, type Network } from "../../describe/networks.ts";
import { serviceNames } from "../../describe/peer.ts";
import type { ProxyNames } from "../../host.ts";
import { coinsNumber } from "../../json/number.ts";

export const getnetworkinfo: Method = defineMethod({
  name: "getnetworkinfo",
  category: "network",
  description: "Returns an object containing various state info regarding P2P networking.",
  arguments: [],
  results: [
    {
      schema: obj({
        version: num("The server version, in Core's form"),
        subversion: text(
          "The server subversion string: Core's name and the version of its methods, then what peers are told",
        ),
        protocolversion: num("The protocol version"),
        localservices: hex("The services we offer to the network"),
        localservicesnames: list(text("The service name"), "The services by name"),
        localrelay: flag("True if transaction relay is requested from peers"),
        timeoffset: num("Seconds that most peers' clocks are ahead of ours"),
        connections: num("The total number of connections"),
        connections_in: num("The number of inbound connections"),
        connections_out: num("The number of outbound connections"),
        networkactive: flag("Whether p2p networking is enabled"),
        networks: list(
          obj({
            name: text(`Network (${NETWORKS.join(", ")})`),
            limited: flag("Is the network limited using -onlynet?"),
            reachable: flag("Is the network reachable?"),
            proxy: text("The proxy that is used for this network; empty: none"),
            proxy_randomize_credentials: flag("Whether randomized credentials are used"),
          }),
          "Information per network",
        ),
        relayfee: coins("Minimum relay fee rate for transactions, in coins/kvB"),
        incrementalfee: coins("Minimum fee rate increment for replacement, in coins/kvB"),
        localaddresses: list(
          obj({
            address: text("Network address"),
            port: num("Network port"),
            score: num("Relative score"),
          }),
          "Addresses of our own that peers are told",
        ),
        warnings: list(text("A warning"), "Warnings for the operator"),
      }),
    },
  ],
  examples: [[]],
  run: (_, { chain, node, software, proxies }) => {
    const peers = node.peers();
    const inbound = peers.filter((peer) => peer.inbound).length;
    const { minRelayFeeRate, incrementalRelayFeeRate } = chain.mempool.policy;
    return {
      version: software.version,
      subversion: software.subversion,
      protocolversion: PROTOCOL_VERSION,
      localservices: node.services.toString(16).padStart(16, "0"),
      localservicesnames: serviceNames(node.services),
      localrelay: !node.blocksOnly,
      timeoffset: node.timeOffset,
      networkactive: node.networkActive,
      connections: peers.length,
      connections_in: inbound,
      connections_out: peers.length - inbound,
      networks: describeNetworks(proxies),
      relayfee: coinsNumber(minRelayFeeRate),
      incrementalfee: coinsNumber(incrementalRelayFeeRate),
      localaddresses: [],
      warnings: node.warnings,
    };
  },
});

interface NetworkDescription {
  readonly name: Network;
  readonly limited: boolean;
  readonly reachable: boolean;
  readonly proxy: string;
  readonly proxy_randomize_credentials: boolean;
}

/** Core: GetNetworksInfo. */
export function describeNetworks(proxies: ProxyNames | undefined): readonly NetworkDescription[] {
  return NETWORKS.map((name) => describeNetwork(name, proxies));
}

function describeNetwork(name: Network, proxies: ProxyNames | undefined): NetworkDescription {
  const proxy = name === "i2p" ? "" : ((name === "onion" ? proxies?.onion : proxies?.all) ?? "");
  const reachable = name.startsWith("ip") || (name === "onion" && proxy !== "");
  return {
    name,
    limited: !reachable,
    reachable,
    proxy,
    proxy_randomize_credentials: proxy !== "" && proxies?.randomize === true,
  };
}
