import type { Milliseconds } from "@chain/core";
import type { ChainManager, Log, Node } from "@chain/engine";
import type { HeaderHost, RpcHost } from "@chain/rpc";
import type { Identity } from "../identity.ts";
import { formatProxy, onionProxyOf, type Proxies } from "../ports/proxies.ts";
import { systemRandom, systemTimers } from "../ports/system.ts";
import { snapshotFiles } from "./snapshotFiles.ts";

/** The parts of a machine's node that its RPC uses. */
export interface HostParts {
  readonly identity: Pick<Identity, "network" | "nodeId"> & Partial<Pick<Identity, "dataDir">>;
  readonly role: string;
  readonly chain: ChainManager;
  readonly node: Node;
  /** The version that callers are told, as a number and as text. */
  readonly version: number;
  readonly subversion: string;
  /** Which backend checks signatures. */
  readonly signatures: string;
  /** The addresses where ZeroMQ publishes. */
  readonly zmq: NonNullable<RpcHost["zmq"]>;
  /** Answers questions about fees. */
  readonly fees: NonNullable<RpcHost["fees"]>;
  /** Indexes of the blocks. */
  readonly indexes: NonNullable<RpcHost["indexes"]>;
  readonly mempool: RpcHost["mempool"];
  readonly logging?: RpcHost["logging"] | undefined;
  readonly proxies: Proxies | undefined;
  /** The file of the log; empty: none. */
  readonly logPath: string;
  /** Milliseconds since 1970. */
  readonly startedAt: Milliseconds;
  /** Sets the clock, in milliseconds since 1970, to stand still; undefined: real time again. */
  readonly setTime: (time: Milliseconds | undefined) => void;
  /** Does what is scheduled by so many milliseconds sooner. */
  readonly forwardSchedule: (by: number) => void;
  readonly mining: RpcHost["mining"];
  readonly wallets: RpcHost["wallets"] | undefined;
  /** Writes the list of bans to its file. */
  readonly keepBans: () => Promise<void>;
  /** Ends the node soon, after the answer has gone out. */
  readonly requestStop: () => void;
  /** Puts parts of its own in the place of the node's. */
  readonly withHost?: ((host: RpcHost) => RpcHost) | undefined;
}

/** The parts of any node of a machine, one without the chain included. */
export type CommonParts = Pick<
  HostParts,
  | "identity"
  | "role"
  | "version"
  | "subversion"
  | "signatures"
  | "logging"
  | "proxies"
  | "logPath"
  | "startedAt"
  | "keepBans"
  | "requestStop"
>;

/** A node, as methods see it that ask for headers at most. */
export function headerHost(parts: CommonParts, chain: HeaderHost["chain"], log: Log): HeaderHost {
  const { identity, role, version, subversion, signatures, startedAt } = parts;
  const { network, nodeId } = identity;
  const { custom } = network;
  return {
    chain,
    timers: systemTimers,
    random: systemRandom,
    log,
    stopwatch: () => performance.now(),
    startedAt,
    software: { chain: network.chain, version, subversion, signatures },
    ...(parts.logging !== undefined && { logging: parts.logging }),
    ...(parts.proxies !== undefined && { proxies: proxyNames(parts.proxies) }),
    control: { stop: parts.requestStop, keepBans: parts.keepBans, logPath: parts.logPath },
    process: {
      node_id: nodeId,
      network: network.name,
      ...(custom !== undefined && {
        signet_challenge: custom.challenge,
        ...(custom.blockTime !== undefined && { signet_blocktime: custom.blockTime }),
      }),
      role,
      pid: process.pid,
    },
  };
}

/** The node, as the methods of the RPC see it. */
export function rpcHost(parts: HostParts, log: Log): RpcHost {
  const { identity, chain, node } = parts;
  const { network } = identity;
  return {
    ...headerHost(parts, chain, log),
    chain,
    node,
    zmq: parts.zmq,
    mining: parts.mining,
    mempool: parts.mempool,
    scans: { current: undefined },
    assembled: { block: undefined },
    fees: parts.fees,
    indexes: parts.indexes,
    snapshots: snapshotFiles(identity.dataDir ?? ""),
    ...(parts.wallets !== undefined && { wallets: parts.wallets }),
    ...(network.isMockable && {
      mocking: {
        setTime: parts.setTime,
        forwardSchedule: parts.forwardSchedule,
        isRegtest: network.isForRegressionTests,
      },
    }),
  };
}

function proxyNames(proxies: Proxies): NonNullable<RpcHost["proxies"]> {
  const onion = onionProxyOf(proxies);
  return {
    all: proxies.all === undefined ? "" : formatProxy(proxies.all),
    onion: onion === undefined ? "" : formatProxy(onion),
    randomize: proxies.randomize ?? true,
  };
}
