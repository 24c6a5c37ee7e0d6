import { join } from "node:path";
import {
  type BanList,
  type ChainManager,
  type Clock,
  type Log,
  type Metrics,
  Node,
} from "@chain/engine";
import type { Indexes } from "@chain/indexes";
import { proxyDialer } from "../ports/proxies.ts";
import { systemRandom, systemSha256, systemStopwatch, systemTimers } from "../ports/system.ts";
import {
  asksSeeds,
  bindsOf,
  type NodeConfig,
  type NodeRole,
  peersOf,
  seedsBehindProxy,
} from "./config.ts";
import { captureMessages } from "./messageCapture.ts";
import type { PeersKeeper } from "./peersKeeper.ts";

/** Those that a node opens itself: eight, two for blocks alone, one to try addresses. Core: the same. */
const MAX_OUTBOUND = 11;

/** The engine's node on the ports of this machine. It calls no peer before `startPeers`. */
export function newNode(
  config: NodeConfig,
  parts: {
    readonly chain: ChainManager;
    readonly clock: Clock;
    readonly log: Log;
    readonly role: NodeRole;
    readonly bans: BanList;
    readonly userAgent: string;
    /** Where others are; without it the node calls only those that it is told of. */
    readonly peers: PeersKeeper | undefined;
    readonly metrics?: Metrics | undefined;
    readonly indexes?: Indexes;
  },
): Node {
  const { identity, maxConnections, handshakeTimeout, seedNodes = [] } = config;
  const { permissions, blocksOnly, maxUpload, proxies = {} } = config;
  const captures = join(identity.dataDir, "message_capture");
  const { role, peers, metrics, indexes, ...given } = parts;
  const blockFilters = config.peerBlockFilters ? indexes?.blockFilters?.index : undefined;
  const dialer = proxyDialer(proxies);
  // An onion service is not to be told together with other addresses.
  const own = bindsOf(config).find(({ isOnion = false }) => !isOnion);
  return new Node({
    ...given,
    stopwatch: systemStopwatch,
    sha256: systemSha256,
    timers: systemTimers,
    random: systemRandom,
    dialer,
    ...(dialer.resolve && asksSeeds(config) && { resolver: { resolve: dialer.resolve } }),
    pace: identity.network.pace,
    ...(config.captureMessages && {
      capture: captureMessages(captures, parts.clock, parts.log),
    }),
    ...(permissions !== undefined && { permissions }),
    ...(blockFilters !== undefined && { blockFilters }),
    ...(config.peerBloomFilters !== undefined && { bloomFilters: config.peerBloomFilters }),
    ...(blocksOnly !== undefined && { blocksOnly }),
    ...(maxUpload !== undefined && { maxUpload }),
    ...(maxConnections !== undefined && { maxInbound: Math.max(0, maxConnections - MAX_OUTBOUND) }),
    ...(handshakeTimeout !== undefined && { timeouts: { handshake: handshakeTimeout } }),
    ...(metrics !== undefined && { metrics }),
    connect: peersOf(config, role),
    ...(own !== undefined && { listenAddress: { host: own.host, port: own.port } }),
    ...(peers !== undefined && { addressBook: peers.book, anchors: peers.anchors }),
    seeds: [...seedNodes, ...seedsBehindProxy(config)],
  });
}
