import { formatIp } from "@chain/wire";
import { defineMethod, type Method } from "../../define/method.ts";
import { list, num, obj, text, time } from "../../define/result.ts";
import { integer, string } from "../../define/types.ts";
import { NETWORKS, networkOf } from "../../describe/networks.ts";
import { RPC_INVALID_PARAMETER, RpcError } from "../../errors.ts";
import { bigNumber } from "../../json/number.ts";

export const getnodeaddresses: Method = defineMethod({
  name: "getnodeaddresses",
  category: "network",
  description:
    "Return known addresses, after filtering for quality and recency.\nThese can potentially be used to find new peers in the network.",
  arguments: [
    integer("count", {
      text: "The maximum number of addresses to return. Specify 0 to return all known addresses.",
      fallback: 1,
    }),
    string("network", {
      text: `Return only addresses of the specified network. Can be one of: ${NETWORKS.join(", ")}.`,
      hint: "all networks",
    }),
  ],
  results: [
    {
      schema: list(
        obj({
          time: time("When the node was last seen, in seconds since 1970"),
          services: num("The services offered by the node"),
          address: text("The address of the node"),
          port: num("The port number of the node"),
          network: text("The network (ipv4, ipv6) the node connected through"),
        }),
        "The addresses, in random order",
      ),
    },
  ],
  errors: [{ code: RPC_INVALID_PARAMETER, when: "the count or the network is none" }],
  examples: [[8], [4, "ipv4"]],
  run: ({ count, network }, { node }) => {
    if (count < 0) throw new RpcError(RPC_INVALID_PARAMETER, "Address count out of range");
    if (network !== undefined && !NETWORKS.some((name) => name === network)) {
      throw new RpcError(RPC_INVALID_PARAMETER, `Network not recognized: ${network}`);
    }
    const all = node
      .knownAddresses()
      .map(({ ip, port, services, time: seen }) => ({
        time: seen,
        services: bigNumber(services),
        address: formatIp(ip),
        port,
        network: networkOf(ip),
      }))
      .filter((each) => network === undefined || each.network === network);
    return count === 0 ? all : all.slice(0, count);
  },
});
