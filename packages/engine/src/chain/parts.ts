import type {
  ChainParams,
  HeaderTree,
  Milliseconds,
  Policy,
  ScriptCheck,
  Sha256,
  SignatureVerifier,
} from "@chain/core";
import type { ChainStore } from "@chain/storage";
import { EventHub } from "../eventHub.ts";
import type { ChainEvent } from "../events.ts";
import type { MempoolLimits } from "../mempool/limits.ts";
import { Mempool } from "../mempool/mempool.ts";
import type { Clock, Log, Metrics, ScriptWorkers, Timers } from "../ports.ts";
import { Activation } from "./activation.ts";
import { BackgroundChain, type BackgroundChainOptions } from "./backgroundChain.ts";
import { BestChain } from "./bestChain.ts";
import { BlockAcceptor } from "./blockAcceptor.ts";
import { BlockIndex } from "./blockIndex.ts";
import { Followers } from "./followers.ts";
import { HeaderAcceptor } from "./headerAcceptor.ts";
import { InitialDownload } from "./initialDownload.ts";
import { MempoolAcceptor } from "./mempoolAcceptor.ts";
import { failureMessage, OperationQueue } from "./operationQueue.ts";
import { type PruneSettings, Pruning } from "./pruning.ts";
import { Rewinding } from "./rewinding.ts";
import { ScriptRunner } from "./scriptRunner.ts";
import { ScriptsAhead } from "./scriptsAhead.ts";
import { StoredBlocks } from "./storedBlocks.ts";
import { UnknownRules } from "./unknownRules.ts";
import { UnreadableBlocks } from "./unreadableBlocks.ts";

export interface ChainManagerOptions {
  readonly params: ChainParams;
  /** Its manager alone may write to it, and closes it. */
  readonly store: ChainStore;
  readonly verifier: SignatureVerifier;
  /** SHA-256 of the platform, for the ids of what is in blocks; default: one in JavaScript. */
  readonly sha256?: Sha256;
  readonly clock: Clock;
  /** Measures how long work takes, where `clock` may be set to some time and stand still. Default: `clock`. */
  readonly stopwatch?: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly mempool?: Partial<MempoolLimits>;
  /** Limits of the mempool that differ from those of the network: `{ requireStandard: true }` on regtest. */
  readonly policy?: Partial<Policy>;
  /** Whether old blocks are deleted: `{}` on demand (`prune`), by default never. */
  readonly prune?: PruneSettings | undefined;
  /** A node whose tip is older is in its initial download. Default: the age of the tip alone does not count. */
  readonly maxTipAge?: Milliseconds;
  /**
   * Names scripts that count as passing without being run, for chains of tests: other nodes refuse blocks with such
   * transactions. Default: none.
   */
  readonly skipsScript?: ((check: ScriptCheck) => boolean) | undefined;
  /** Hears of scripts that are run. */
  readonly metrics?: Metrics;
  /** Other threads that run scripts; by default all run on this one. */
  readonly scriptWorkers?: ScriptWorkers | undefined;
  /** The remedy for a damaged store, for the log: the command of the program around this, if it has one. */
  readonly repair?: string;
  /** Hears how far `open` has come, where it has blocks to connect: after a kill, or a rebuild of the block index. */
  readonly onProgress?: (height: number, goal: number) => void;
}

/** The parts of a chain manager. Those that write are called from its queue alone. */
export interface ChainParts {
  readonly hub: EventHub<ChainEvent>;
  readonly index: BlockIndex;
  readonly mempool: Mempool;
  readonly queue: OperationQueue;
  readonly unreadable: UnreadableBlocks;
  readonly blocks: StoredBlocks;
  readonly initialDownload: InitialDownload;
  readonly unknownRules: UnknownRules;
  readonly acceptor: MempoolAcceptor;
  readonly followers: Followers;
  readonly best: BestChain;
  readonly headers: HeaderAcceptor;
  readonly blockAcceptor: BlockAcceptor;
  readonly pruning: Pruning;
  readonly scripts: ScriptRunner;
  readonly ahead: ScriptsAhead;
  readonly background: BackgroundChain;
  readonly rewinding: Rewinding;
}

/** Makes the parts, and gives each what it needs of the others. */
export function chainParts(options: ChainManagerOptions): ChainParts {
  const { params, store, clock, timers, log, repair } = options;
  const hub = new EventHub<ChainEvent>(log);
  const emit = (event: ChainEvent) => hub.emit(event);
  const index = new BlockIndex(params);
  const { tree } = index;
  const tip = () => tree.tip;
  const mempool = new Mempool(params, options.mempool, options.policy);
  const { verifier, stopwatch = clock, metrics, skipsScript: skips } = options;
  const { scriptWorkers: workers } = options;
  const running = { verifier, clock: stopwatch, timers, metrics, skips, workers };
  const scripts = new ScriptRunner(running);
  const ahead = new ScriptsAhead({ params, store, tree, scripts, sha256: options.sha256 });
  const queue = new OperationQueue(
    (error) => failureMessage(error, repair),
    (why) => {
      log("error", "chain", `the chain stops: ${why}`);
      emit({ type: "chain-stopped", why });
    },
  );
  const unreadable = newUnreadable(options, tree, emit);
  const blocks = new StoredBlocks(store, unreadable, index, options.sha256);
  const { maxTipAge } = options;
  const downloading = { params, maxTipAge, tree, clock, timers, log, emit };
  const initialDownload = new InitialDownload(downloading);
  // While catching up, the disk may take its time: what a power cut takes back is downloaded again.
  const isDurable = () => !initialDownload.active;
  const activation = new Activation({
    ...{ params, store, index, scripts, isDurable, blocks },
    isBelowSnapshot: (node) => background.isBelow(node),
  });
  const acceptor = new MempoolAcceptor({ params, mempool, store, scripts, clock, tip });
  const rest = async () => {
    if (scripts.isTired()) await scripts.pause();
  };
  const followers = new Followers({ tree, blocks, mempool, queue, rest, log, emit });
  const pruning = new Pruning({
    ...{ store, index, log, settings: options.prune },
    lowestNeeded: () => lowest(followers.lowest, background.progress?.tip.height),
    isDownloading: () => initialDownload.active,
  });
  const unknownRules = new UnknownRules({ params, log, emit });
  const best = new BestChain({
    ...{ activation, mempool, acceptor, followers, scripts, queue, initialDownload, clock, log },
    ...{ unknownRules, pruning, emit },
  });
  const prunesItself = options.prune?.target !== undefined;
  const own = { params, store, index, scripts, blocks, queue, log, prunesItself };
  const background = newBackground({ ...own, best, followers, initialDownload, mempool, emit });
  const headers = new HeaderAcceptor({ params, tree, store, clock });
  const accepting = { params, store, index, headers, unreadable, blocks, log };
  const blockAcceptor = new BlockAcceptor({
    ...accepting,
    activate: async (step) => {
      const refusal = await best.activate(step);
      background.wake();
      return refusal;
    },
    onRestored: () => followers.wake(),
  });
  return {
    ...{ hub, index, mempool, queue, unreadable, blocks, initialDownload, acceptor, followers },
    ...{ best, headers, blockAcceptor, unknownRules, pruning, scripts, ahead, background },
    rewinding: new Rewinding({ store, index, activation, best, acceptor, mempool, queue }),
  };
}

function newUnreadable(
  { store, log, repair }: ChainManagerOptions,
  tree: HeaderTree,
  emit: (event: ChainEvent) => void,
): UnreadableBlocks {
  return new UnreadableBlocks(store, tree, ({ hash, height }, { message }) => {
    const hint = repair === undefined ? "" : `; if none has it, ${repair}`;
    const sentence = `block ${hash} can't be read, and peers are asked for it again`;
    log("error", "store", `${sentence} (${message})${hint}`, { hash, height });
    emit({ type: "block-unreadable", hash, height });
  });
}

function newBackground(
  parts: Omit<BackgroundChainOptions, "mempoolSize" | "onMoved" | "onProgress" | "onComplete"> &
    Pick<ChainParts, "best" | "followers" | "initialDownload" | "mempool"> & {
      readonly emit: (event: ChainEvent) => void;
    },
): BackgroundChain {
  const { best, followers, initialDownload, mempool, emit, ...own } = parts;
  const { tree } = own.index;
  return new BackgroundChain({
    ...own,
    mempoolSize: () => mempool.count,
    onMoved: async (from) => {
      followers.reset(tree.tip);
      initialDownload.headersCame();
      const { hash, height } = tree.tip;
      const { height: forkHeight } = tree.forkPoint(from, tree.tip);
      emit({ type: "tip-changed", hash, height, forkHeight });
      await best.activate();
    },
    onProgress: () => {
      followers.wake();
      emit({ type: "snapshot-progress" });
    },
    // A branch with more work that forks off below the snapshot has waited for this.
    onComplete: async () => void (await best.activate()),
  });
}

function lowest(...heights: readonly (number | undefined)[]): number | undefined {
  const known = heights.filter((height) => height !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
