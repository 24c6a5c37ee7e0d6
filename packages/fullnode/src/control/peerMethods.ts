/** What a running node can be asked about its peers, and told to do about them. Names and fields are Core's. */
import { isSameAddress, OUR_SERVICES, type PeerAddress, type PeerSummary } from "@chain/engine";
import { formatIp, isIpv4, PROTOCOL_VERSION } from "@chain/wire";
import { z } from "zod";
import { formatPeerAddress } from "../peerAddress.ts";
import { describePeer, serviceNames } from "./describePeer.ts";
import { coinsNumber } from "./json.ts";
import { type Method, method } from "./method.ts";
import { addressOf } from "./parameters.ts";
import {
  RPC_CLIENT_INVALID_IP_OR_SUBNET,
  RPC_CLIENT_NODE_ALREADY_ADDED,
  RPC_CLIENT_NODE_NOT_ADDED,
  RPC_CLIENT_NODE_NOT_CONNECTED,
  RPC_INVALID_PARAMETER,
  RPC_INVALID_PARAMS,
  RpcError,
} from "./protocol.ts";
import type { RpcResults } from "./results.ts";

type PeerMethod =
  | "getconnectioncount"
  | "getpeerinfo"
  | "ping"
  | "setnetworkactive"
  | "addnode"
  | "getaddednodeinfo"
  | "getnodeaddresses"
  | "getnetworkinfo"
  | "getnettotals"
  | "disconnectnode"
  | "setban"
  | "listbanned"
  | "clearbanned";

export const peerMethods: { readonly [Name in PeerMethod]: Method<RpcResults[Name]> } = {
  getconnectioncount: method({}, (_, { node }) => node.peers().length),
  getpeerinfo: method({}, (_, { node, now }) =>
    node.peers().map((peer) => describePeer(peer, now())),
  ),

  /** What comes back stands in `getpeerinfo`. */
  ping: method({}, (_, { node }) => {
    node.ping();
    return null;
  }),

  setnetworkactive: method({ state: z.boolean() }, ({ state }, { node }) => {
    node.setNetworkActive(state);
    return node.networkActive;
  }),

  addnode: method(
    { node: z.string(), command: z.literal(["onetry", "add", "remove"]) },
    async (params, { node }) => {
      const address = addressOf(params.node, "node");
      if (params.command === "onetry") await node.callOnce(address);
      else if (params.command === "add" && !node.addPeer(address)) {
        throw new RpcError(RPC_CLIENT_NODE_ALREADY_ADDED, "Error: Node already added");
      } else if (params.command === "remove" && !node.removePeer(address)) {
        const message = "Error: Node could not be removed. It has not been added previously.";
        throw new RpcError(RPC_CLIENT_NODE_NOT_ADDED, message);
      }
      return null;
    },
  ),

  getaddednodeinfo: method({ node: z.string().optional() }, (params, { node }) => {
    const all = node.addedPeers;
    const wanted =
      params.node === undefined
        ? all
        : all.filter((added) => formatPeerAddress(added) === params.node);
    if (params.node !== undefined && wanted.length === 0) {
      throw new RpcError(RPC_CLIENT_NODE_NOT_ADDED, "Error: Node has not been added.");
    }
    const peers = node.peers();
    return wanted.map((added) => {
      const addednode = formatPeerAddress(added);
      const peer = peers.find(
        (each) => isSameAddress(each.address, added) || isSameAddress(resolved(each), added),
      );
      if (peer === undefined) return { addednode, connected: false, addresses: [] };
      const connected = peer.inbound ? "inbound" : "outbound";
      const address = formatPeerAddress(resolved(peer));
      return { addednode, connected: true, addresses: [{ address, connected }] };
    });
  }),

  getnodeaddresses: method({ count: z.int().min(0).default(1) }, ({ count }, { node }) =>
    // 0: all.
    node.knownAddresses(count || undefined).map(({ ip, port, services, time }) => ({
      time,
      services: Number(services),
      address: formatIp(ip),
      port,
      network: isIpv4(ip) ? "ipv4" : "ipv6",
    })),
  ),

  getnetworkinfo: method({}, (_, { userAgent, chain, node }) => {
    const peers = node.peers();
    const inbound = peers.filter((peer) => peer.inbound).length;
    const { minRelayFeeRate, incrementalRelayFeeRate } = chain.mempool.policy;
    return {
      subversion: userAgent,
      protocolversion: PROTOCOL_VERSION,
      localservices: OUR_SERVICES.toString(16).padStart(16, "0"),
      localservicesnames: serviceNames(OUR_SERVICES),
      localrelay: !node.blocksOnly,
      timeoffset: node.timeOffset,
      networkactive: node.networkActive,
      connections: peers.length,
      connections_in: inbound,
      connections_out: peers.length - inbound,
      relayfee: coinsNumber(minRelayFeeRate),
      incrementalfee: coinsNumber(incrementalRelayFeeRate),
      warnings: node.warnings,
    };
  }),

  getnettotals: method({}, (_, { node, now }) => {
    const { received, sent } = node.traffic;
    const { target, left, endsIn, reached, servesOld } = node.upload;
    return {
      totalbytesrecv: received,
      totalbytessent: sent,
      timemillis: now(),
      uploadtarget: {
        timeframe: 24 * 60 * 60,
        target,
        target_reached: reached,
        serve_historical_blocks: servesOld,
        bytes_left_in_cycle: left,
        time_left_in_cycle: Math.ceil(endsIn / 1000),
      },
    };
  }),

  disconnectnode: method(
    { address: z.string().default(""), nodeid: z.int().optional() },
    ({ address, nodeid }, { node }) => {
      if ((address === "") === (nodeid === undefined)) {
        const message = "Only one of address and nodeid should be provided.";
        throw new RpcError(RPC_INVALID_PARAMS, message);
      }
      const peer = node
        .peers()
        .find(({ id, address: at }) => id === nodeid || formatPeerAddress(at) === address);
      if (peer === undefined) {
        throw new RpcError(RPC_CLIENT_NODE_NOT_CONNECTED, "Node not found in connected nodes");
      }
      node.disconnect(peer.id, "the operator wants it");
      return null;
    },
  ),

  setban: method(
    {
      subnet: z.string(),
      command: z.literal(["add", "remove"]),
      bantime: z.int().min(0).default(0),
      absolute: z.boolean().default(false),
    },
    async ({ subnet, command, bantime, absolute }, { node, now, keepBans }) => {
      if (command === "remove") {
        if (!node.bans.remove(subnet)) {
          const message =
            "Error: Unban failed. Requested address/subnet was not previously manually banned.";
          throw new RpcError(RPC_CLIENT_INVALID_IP_OR_SUBNET, message);
        }
      } else {
        if (node.bans.covers(subnet, now())) {
          throw new RpcError(RPC_CLIENT_NODE_ALREADY_ADDED, "Error: IP/Subnet already banned");
        }
        const seconds = Math.floor(now() / 1000);
        if (absolute && bantime < seconds) {
          throw new RpcError(RPC_INVALID_PARAMETER, "Error: Absolute timestamp is in the past");
        }
        const until = bantime === 0 ? undefined : absolute ? bantime : seconds + bantime;
        if (node.ban(subnet, until) === undefined) {
          throw new RpcError(RPC_CLIENT_INVALID_IP_OR_SUBNET, "Error: Invalid IP/Subnet");
        }
      }
      await keepBans();
      return null;
    },
  ),

  listbanned: method({}, (_, { node, now }) => {
    const seconds = Math.floor(now() / 1000);
    return node.bans.list(now()).map(({ subnet, createdAt, until }) => ({
      address: subnet,
      ban_created: createdAt,
      banned_until: until,
      ban_duration: until - createdAt,
      time_remaining: until - seconds,
    }));
  }),

  clearbanned: method({}, async (_, { node, keepBans }) => {
    node.bans.clear();
    await keepBans();
    return null;
  }),
};

/** Its address, under all names that it was called by. */
function resolved({ netAddress: { ip, port } }: PeerSummary): PeerAddress {
  return { host: formatIp(ip), port };
}
