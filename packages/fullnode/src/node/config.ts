import type { Block, Milliseconds, Seconds } from "@chain/core";
import type { AddedPeer, Log, PeerAddress, PermissionRule } from "@chain/engine";
import type { RpcHost } from "@chain/rpc";
import type { ChainSettings } from "../chain/settings.ts";
import { type DoorsConfig, hasDoors } from "../doors/service.ts";
import type { Identity } from "../identity.ts";
import type { NotifyCommands } from "../notify/service.ts";
import type { Proxies } from "../ports/proxies.ts";
import type { WalletConfig } from "../wallets/service.ts";
import type { ZmqTopic } from "../zmq/notifier.ts";
import type { IndexesConfig } from "./indexes.ts";
import type { Listening } from "./listener.ts";
import type { RpcConfig } from "./rpcService.ts";

/**
 * The purpose of a node. `central`: others connect to it, it relays and does not mine; `miner`: mines when enough
 * transactions wait; `wallet`: follows the chain for its user.
 */
export type NodeRole = "central" | "miner" | "wallet";

export interface NodeConfig extends ChainSettings {
  readonly identity: Identity;
  /** Default: `miner` where `payTo` is given, `central` on the network's default port, else `wallet`. */
  readonly role?: NodeRole;
  /** Script of the output that gets the rewards of a miner. */
  readonly payTo?: Uint8Array;
  /** Waiting transactions that make a miner begin. Default 2; 0: mines without pause. */
  readonly mineWhen?: number;
  /** The only peers to call. Without them, the node finds others by itself. */
  readonly connect?: readonly PeerAddress[];
  /** Peers to stay connected to, besides. Default on devnet: the central node of this machine, unless this is it. */
  readonly addNodes?: readonly AddedPeer[];
  /** Nodes to ask for addresses of others where none are known. */
  readonly seedNodes?: readonly PeerAddress[];
  /** Whether the DNS seeds of the network are asked where no nodes are known. Default: yes. */
  readonly dnsSeeds?: boolean;
  /** SOCKS5 proxies that it calls others through. Default: it calls them directly. */
  readonly proxies?: Proxies;
  /** Whether it talks to peers at all until `setnetworkactive` says so. Default: yes. */
  readonly networkActive?: boolean;
  /** Where it listens; without any, nowhere. Default: 127.0.0.1, on the port of its identity. */
  readonly bind?: readonly Listening[];
  /** Where it takes calls over WebSocket, which browsers can open. Default: nowhere. */
  readonly webSocketBind?: readonly (Listening & PeerAddress)[];
  /** Web pages that may call there, as browsers name them: `https://wallet.example`. Default: none. */
  readonly webSocketOrigins?: readonly string[];
  /** Bytes to send in a day, after which no peer gets old blocks. Default: no end. */
  readonly maxUpload?: number;
  /** Rights that some callers have and others do not. */
  readonly permissions?: readonly PermissionRule[];
  /** How long a ban lasts that says nothing else; by default a day. Seconds. */
  readonly banTime?: Seconds;
  /** Takes no transactions from peers. */
  readonly blocksOnly?: boolean;
  /**
   * Serves block filters to peers (BIP-0157), for which it needs their index. Default: no; on devnet, central nodes and
   * miners keep the index and serve, for the light nodes of that network. Core: -peerblockfilters.
   */
  readonly peerBlockFilters?: boolean;
  /** Serves peers that set a Bloom filter (BIP-0037). Default: no. Core: -peerbloomfilters. */
  readonly peerBloomFilters?: boolean;
  /** Connections at a time, those that it opens itself included. Default 125. */
  readonly maxConnections?: number;
  /** Until a handshake must be done. Milliseconds. Default: a minute. */
  readonly handshakeTimeout?: Milliseconds;
  /** To be told to peers with the name of the software (BIP-0014). */
  readonly comments?: readonly string[];
  /** Whether the unconfirmed transactions are on disk as well, for the next start. Default: yes. */
  readonly persistMempool?: boolean;
  /** Base units for 1,000 virtual bytes: what estimates of fees are on `devnet` and `regtest`. Default: the minimum relay fee. */
  readonly estimatedFee?: bigint;
  /** Seconds since 1970: what its clock shows, where it stands still. Default: it goes with that of the system. */
  readonly mockTime?: Seconds;
  /** Indexes that it keeps of its blocks. Default: none. */
  readonly indexes?: IndexesConfig;
  /** The wallets that its RPC serves. Default: none, and the methods of wallets are unknown. Core: -disablewallet. */
  readonly wallets?: WalletConfig;
  /** Commands that it hands to the shell when something has happened. */
  readonly notify?: NotifyCommands;
  /** Addresses where it publishes by ZeroMQ: `tcp://IP:PORT` or `ipc://PATH`, several of each topic. Default: none. */
  readonly zmq?: Partial<Record<ZmqTopic, readonly string[]>>;
  /** Messages of a topic that it keeps for a subscriber that is too slow; 0: no bound. Default 1000. */
  readonly zmqHighWaterMarks?: Partial<Record<ZmqTopic, number>>;
  /** Writes each message to and from a peer into files below `message_capture`. Default: no. Core: -capturemessages. */
  readonly captureMessages?: boolean;
  /**
   * Makes again, before the node starts: the `index` of all blocks and all that follows from them, from the block files;
   * or the `coins` alone, from the index and the files.
   */
  readonly rebuild?: "index" | "coins";
  /** Files of blocks, as Core's `bootstrap.dat`, that it takes in after its start. Core: -loadblock. */
  readonly loadBlocks?: readonly string[];
  /** Begins the chain where the node has none. */
  readonly genesis?: Block;
  /** Doors for explorers and wallets, which need indexes: those are switched on. Default: none. */
  readonly doors?: DoorsConfig;
  /** How its RPC can be called. Default: on loopback, on a port that the system chooses. */
  readonly rpc?: RpcConfig;
  readonly log?: Log;
  /** The debug lines that `log` writes, where a caller may choose them. */
  readonly logging?: NonNullable<RpcHost["logging"]>;
  /** The file that `log` writes, for `getrpcinfo`. Default: none. */
  readonly logPath?: string;
}

/** The purpose of a node; a guess where it was not told. */
export function roleOf({ identity, role, payTo }: NodeConfig): NodeRole {
  if (role !== undefined) return role;
  if (payTo !== undefined) return "miner";
  return identity.nodeId === identity.network.params.defaultPort ? "central" : "wallet";
}

/** The same configuration, with the filters that its network wants of a node of its role. */
export function withFilters(config: NodeConfig): NodeConfig {
  const { identity, peerBlockFilters, indexes } = config;
  const isTold = peerBlockFilters !== undefined || indexes?.blockFilters !== undefined;
  if (isTold || !identity.network.servesFilters || roleOf(config) === "wallet") return config;
  return { ...config, peerBlockFilters: true, indexes: { ...indexes, blockFilters: true } };
}

/** The same configuration, with the indexes that its doors need. */
export function withDoors(config: NodeConfig): NodeConfig {
  if (!hasDoors(config.doors ?? {})) return config;
  const needed = { transactions: true, spenders: true, scriptHistory: true };
  return { ...config, indexes: { ...config.indexes, ...needed } };
}

/** Where a node listens. */
export function bindsOf({
  identity: { nodeId },
  bind = [{ host: "127.0.0.1" }],
}: NodeConfig): readonly (Listening & PeerAddress)[] {
  return bind.map((each) => ({ ...each, port: each.port ?? nodeId }));
}

/** The peers that a node calls at its start and stays connected to. */
export function peersOf(
  { identity, connect, addNodes }: Pick<NodeConfig, "identity" | "connect" | "addNodes">,
  role: NodeRole,
): readonly PeerAddress[] {
  const told = connect ?? addNodes;
  if (told !== undefined) return told;
  const { params, callsCentral } = identity.network;
  if (!callsCentral) return [];
  const port = params.defaultPort;
  return role === "central" || identity.nodeId === port ? [] : [{ host: "127.0.0.1", port }];
}

/** Where a proxy looks up names, a DNS seed is called like a node: one of those it stands for answers. Core: the same. */
export function seedsBehindProxy(
  config: Pick<NodeConfig, "identity" | "connect" | "dnsSeeds" | "proxies">,
): readonly PeerAddress[] {
  if (config.proxies?.all === undefined || !asksSeeds(config)) return [];
  const { dnsSeeds, defaultPort } = config.identity.network.params;
  return dnsSeeds.map((host) => ({ host, port: defaultPort }));
}

/** Whether a node asks DNS seeds for others. */
export function asksSeeds({
  identity,
  connect,
  dnsSeeds = true,
}: Pick<NodeConfig, "identity" | "connect" | "dnsSeeds">): boolean {
  return dnsSeeds && connect === undefined && identity.network.params.dnsSeeds.length > 0;
}
