import {
  type Block,
  type ChainParams,
  type DeploymentHeights,
  MAX_FUTURE_BLOCK_TIME,
  type Policy,
} from "@chain/core";
import {
  type ChainManager,
  InProcessSearch,
  type Log,
  Miner,
  Node,
  type PeerAddress,
  type PermissionRule,
} from "@chain/engine";
import { openChain } from "../chain/open.ts";
import { removeControlFile, writeControlFile } from "../control/file.ts";
import { type ControlServer, startControlServer } from "../control/server.ts";
import { messageOf, UserError } from "../errors.ts";
import type { Identity } from "../identity.ts";
import { networkOf } from "../networks.ts";
import { openWhenFree } from "../openEither.ts";
import { formatPeerAddress } from "../peerAddress.ts";
import { silentLog } from "../ports/silentLog.ts";
import {
  MockableClock,
  systemClock,
  systemRandom,
  systemSha256,
  systemStopwatch,
  systemTimers,
} from "../ports/system.ts";
import { listen, type TcpListener, tcpDialer } from "../ports/tcp.ts";
import { userAgent } from "../version.ts";
import { keepBans, readBansFile } from "./bansFile.ts";
import { MempoolKeeper } from "./mempoolKeeper.ts";
import { narrate } from "./narrator.ts";
import { PeersKeeper } from "./peersKeeper.ts";

/**
 * What a node is there for. `central`: others connect to it, it relays and does not mine; `miner`: mines when enough
 * transactions wait; `wallet`: follows the chain for its user.
 */
export type NodeRole = "central" | "miner" | "wallet";

/** Those that a node opens itself: eight, two for blocks alone, one to try addresses. Core: the same. */
const MAX_OUTBOUND = 11;

export interface NodeConfig {
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
  readonly addNodes?: readonly PeerAddress[];
  /** Nodes to ask for addresses of others where none are known. */
  readonly seedNodes?: readonly PeerAddress[];
  /** Address to listen on. Default 127.0.0.1. */
  readonly bind?: string;
  /** Bytes to send in a day, after which nobody gets old blocks. Default: no end. */
  readonly maxUpload?: number;
  /** What some callers may do that others may not. */
  readonly permissions?: readonly PermissionRule[];
  /** Takes no transactions from peers. */
  readonly blocksOnly?: boolean;
  /** Connections at a time, those that it opens itself included. Default 125. */
  readonly maxConnections?: number;
  /** Until a handshake must be done. Milliseconds. Default: a minute. */
  readonly handshakeTimeout?: number;
  /** Work that a chain must have to be believed. Default: that of the network. */
  readonly minimumChainWork?: bigint;
  /** Heights from which rules hold, otherwise than on the network: for tests, on regtest alone. */
  readonly deployments?: Partial<DeploymentHeights>;
  /** To be told to peers with the name of the software (BIP-0014). */
  readonly comments?: readonly string[];
  /** What its mempool asks otherwise than those of the network: `{ requireStandard: true }`. */
  readonly policy?: Partial<Policy>;
  /** Seconds since 1970: what its clock shows, where it stands still. Default: it goes with that of the system. */
  readonly mockTime?: number;
  /** Begins the chain where the node has none. */
  readonly genesis?: Block;
  readonly log?: Log;
}

/** Whether the database made a node end, and why. */
export type Stopped = { readonly failed: false } | { readonly failed: true; readonly why: string };

/** A node that listens, talks and answers. */
export interface RunningNode {
  readonly port: number;
  readonly role: NodeRole;
  readonly params: ChainParams;
  readonly chain: ChainManager;
  readonly node: Node;
  /** Ends it: everything is on disk, every connection closed. Safe to call twice. */
  stop(): Promise<void>;
  /** Resolves when it has ended, whoever asked for that. */
  readonly stopped: Promise<Stopped>;
}

/**
 * Starts a node on TCP, with its control connection.
 * @throws UserError `no-chain`, `in-use` (database or port), `wrong-chain`, `usage`, `damaged`, `io`.
 * @example
 * const node = await startNode({ identity: parseIdentity({ port: "3000" }, {}) });
 * await node.stop();
 */
export async function startNode(config: NodeConfig): Promise<RunningNode> {
  const { log = silentLog } = config;
  const role = roleOf(config);
  if (role === "miner" && config.payTo === undefined) {
    throw new UserError("usage", "a miner needs an address for its rewards: add --miner ADDRESS");
  }
  const undo = new UndoList();
  try {
    return await build(config, role, log, undo);
  } catch (error) {
    await undo.run(log);
    throw error;
  }
}

function roleOf({ identity, role, payTo }: NodeConfig): NodeRole {
  if (role !== undefined) return role;
  if (payTo !== undefined) return "miner";
  return identity.nodeId === networkOf(identity.network).params.defaultPort ? "central" : "wallet";
}

/**
 * With a clock that is wrong, good blocks are refused and wrong ones taken, so that the node would lose its network.
 * Core refuses to start as well (node/chainstate.cpp).
 */
function refuseFuture(tipTime: number, now: number): void {
  if (tipTime <= now / 1000 + MAX_FUTURE_BLOCK_TIME) return;
  const date = (ms: number) => new Date(ms).toISOString();
  const facts = `the last block is of ${date(tipTime * 1000)}, and our clock shows ${date(now)}`;
  throw new UserError(
    "refused",
    `the chain appears to be from the future (${facts}): correct the clock`,
  );
}

function peersOf(
  { identity, connect, addNodes }: NodeConfig,
  role: NodeRole,
): readonly PeerAddress[] {
  const told = connect ?? addNodes;
  if (told !== undefined) return told;
  const { params, callsCentral } = networkOf(identity.network);
  if (!callsCentral) return [];
  const port = params.defaultPort;
  return role === "central" || identity.nodeId === port ? [] : [{ host: "127.0.0.1", port }];
}

/** What has to be taken down, last built first. */
class UndoList {
  readonly #steps: (readonly [what: string, undo: () => Promise<void>])[] = [];

  add(what: string, undo: () => Promise<void>): void {
    this.#steps.push([what, undo]);
  }

  /** A step that fails does not keep the others from running. */
  async run(log: Log): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      const [what, undo] = step;
      try {
        await undo();
      } catch (error) {
        log("error", "store", `${what}: ${messageOf(error)}`);
      }
    }
  }
}

/** Order matters: whatever is added below is taken down before what stands above it. */
async function build(
  config: NodeConfig,
  role: NodeRole,
  log: Log,
  undo: UndoList,
): Promise<RunningNode> {
  const { identity, bind = "127.0.0.1", payTo, mineWhen } = config;
  const clock = new MockableClock();
  if (config.mockTime !== undefined) clock.set(config.mockTime * 1000);
  const open = () =>
    openChain(identity, {
      log,
      clock,
      genesis: config.genesis,
      policy: config.policy,
      minimumChainWork: config.minimumChainWork,
      deployments: config.deployments,
    });
  const { chain, params, signatures } = await openWhenFree(identity, open, (why) => {
    log("info", "store", why);
  });
  undo.add("closing the database", () => chain.close());
  refuseFuture(chain.tip.time, clock.now());

  const timers = systemTimers;
  const peers =
    config.connect === undefined
      ? await PeersKeeper.open(identity.paths.peers, systemRandom, log)
      : undefined;
  const bans = await readBansFile(identity.paths.bans, log);
  const network = networkOf(identity.network);
  const { pace, tellsPort } = network;
  const named = tellsPort ? identity.nodeId : undefined;
  const agent = userAgent(named, config.comments);
  const node = new Node({
    chain,
    clock,
    stopwatch: systemStopwatch,
    sha256: systemSha256,
    timers,
    random: systemRandom,
    dialer: tcpDialer(),
    log,
    userAgent: agent,
    bans,
    pace,
    ...(config.permissions !== undefined && { permissions: config.permissions }),
    ...(config.blocksOnly !== undefined && { blocksOnly: config.blocksOnly }),
    ...(config.maxConnections !== undefined && {
      maxInbound: Math.max(0, config.maxConnections - MAX_OUTBOUND),
    }),
    ...(config.handshakeTimeout !== undefined && {
      timeouts: { handshake: config.handshakeTimeout },
    }),
    ...(config.maxUpload !== undefined && { maxUpload: config.maxUpload }),
    connect: peersOf(config, role),
    listenAddress: { host: bind, port: identity.nodeId },
    ...(peers !== undefined && { addressBook: peers.book, anchors: peers.anchors }),
    ...(config.seedNodes !== undefined && { seeds: config.seedNodes }),
  });
  const mempool = new MempoolKeeper(node, identity.paths.mempool, log, () => clock.now());
  await mempool.start();
  undo.add("keeping the waiting transactions", () => mempool.stop());
  const narrator = narrate(node, log);
  undo.add("ending the log", async () => narrator.stop());
  const listener: TcpListener = await listen({ host: bind, port: identity.nodeId }, (connection) =>
    node.accept(connection),
  );
  undo.add("closing the port", () => listener.close());

  // How long it searches before others get their turn is a matter of real time.
  const search = new InProcessSearch(systemClock, timers);
  const miner =
    role === "miner" && payTo !== undefined
      ? new Miner({
          chain,
          search,
          payTo,
          clock: systemClock,
          timers,
          log,
          ...(mineWhen === undefined ? {} : { mineWhen }),
        })
      : undefined;
  if (miner !== undefined) undo.add("ending the miner", () => miner.stop());

  const end = new Ending(() => undo.run(log));
  const control = await startControlServer(
    {
      identity,
      network,
      role,
      chain,
      node,
      userAgent: agent,
      signatures,
      mempoolLoaded: () => mempool.loaded,
      keepTransaction: (transaction) => mempool.keep(transaction),
      startedAt: clock.now(),
      now: () => clock.now(),
      setTime: (time) => {
        clock.set(time);
        node.clockSet();
      },
      forwardSchedule: (by) => {
        node.forwardSchedule(by);
        peers?.forward(by);
      },
      mine: async (script, signal) => {
        const oneOff = new Miner({ chain, search, payTo: script, clock: systemClock, timers, log });
        return (await oneOff.mineOne(signal)).hash;
      },
      keepBans: () => keepBans(identity.paths.bans, bans, clock.now(), log),
      // The answer goes out first.
      requestStop: () => void setTimeout(() => void end.stop(), 50),
    },
    log,
  );
  undo.add("closing the control connection", () => control.close());
  await publish(identity, control);
  undo.add("removing the control file", () =>
    removeControlFile(identity.paths.control, control.cookie),
  );

  const unsubscribe = chain.subscribe((event) => {
    if (event.type !== "chain-stopped") return;
    const { why } = event;
    log("error", "chain", `the node stops, because nothing may build on what failed: ${why}`);
    void end.stop(why);
  });
  undo.add("ending the watch of the chain", async () => unsubscribe());
  // First of all: everything else takes long while peers keep us busy.
  undo.add("leaving the peers", async () => {
    const kept = peers?.stop();
    await node.stop();
    await kept;
  });
  peers?.start(() => node.anchors);
  node.start();
  miner?.start();
  const address = formatPeerAddress({ host: bind, port: listener.port });
  const { height, hash } = chain.tip;
  const sentence = `node ${identity.nodeId} (${role}) listens on ${address}, at height ${height}`;
  log("info", "net", sentence, { event: "ready", port: listener.port, height, hash, role });
  log("info", "chain", `signatures are checked by ${IN_WORDS[signatures] ?? signatures}`, {
    event: "signatures",
    signatures,
  });
  return {
    port: listener.port,
    role,
    params,
    chain,
    node,
    stop: async () => void (await end.stop()),
    stopped: end.stopped,
  };
}

/** Takes everything down once, whoever asks for it first. */
class Ending {
  readonly stopped: Promise<Stopped>;
  readonly #down: () => Promise<void>;
  #resolve: (result: Stopped) => void = () => {};
  #asked = false;

  constructor(down: () => Promise<void>) {
    this.#down = down;
    this.stopped = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** @param why what failed, if it does not end because somebody wants it to */
  stop(why?: string): Promise<unknown> {
    if (!this.#asked) {
      this.#asked = true;
      const result =
        why === undefined ? { failed: false as const } : { failed: true as const, why };
      void this.#down().then(() => this.#resolve(result));
    }
    return this.stopped;
  }
}

async function publish(identity: Identity, { host, port, cookie }: ControlServer): Promise<void> {
  const { nodeId, paths } = identity;
  await writeControlFile(paths.control, { host, port, cookie, pid: process.pid, nodeId });
}

const IN_WORDS: Readonly<Record<string, string>> = {
  native: "libsecp256k1 (native)",
  wasm: "libsecp256k1 (WebAssembly)",
  noble: "noble (JavaScript)",
};
