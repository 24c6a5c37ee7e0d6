import { requireFields, requireFunction } from "@chain/core/arguments";
import {
  type ChainChange,
  type ChainFollower,
  type ChainManager,
  type ChainPosition,
  EngineError,
  type Following,
  type Log,
} from "@chain/engine";
import type { KeyValueStore } from "@chain/storage";
import { Batch } from "./batch.ts";
import type { ChainIndex } from "./chainIndex.ts";
import { decodePosition, encodePosition, POSITION_KEY } from "./position.ts";

/** Blocks after which the log hears how far an index has come. */
const BLOCKS_PER_LINE = 10_000;

export interface FollowOptions {
  readonly chain: Pick<ChainManager, "follow" | "run" | "tip">;
  /** The records of this index alone. */
  readonly records: KeyValueStore;
  readonly log: Log;
}

/** An index at work. */
export interface RunningIndex<Index extends ChainIndex = ChainIndex> {
  readonly name: string;
  /** To ask, after `isCaughtUp`. */
  readonly index: Index;
  /** The last block that it holds. */
  readonly position: ChainPosition | undefined;
  /** Whether it holds all blocks of the best chain, and is told of each new one. */
  readonly isSynced: boolean;
  /** Why it has stopped, where something failed. */
  readonly error: Error | undefined;
  /**
   * Whether it holds what the chain shows now; where a block is being connected, it is waited for. Core:
   * BaseIndex::BlockUntilSyncedToCurrentChain.
   */
  isCaughtUp(): Promise<boolean>;
  /** Resolves when it holds the best chain for the first time; rejects where it has stopped before. */
  readonly caughtUp: Promise<void>;
  /** Stops it; its records are not closed. */
  stop(): Promise<void>;
}

/**
 * Builds an index from the blocks of a chain in the background, from where it stood the last time, and keeps it in step
 * from then on: an operation of the chain is answered after the index has seen what it did. Where it stood at a block
 * that the chain does not know, or can't take back any more, it is built again from the first block.
 * @throws EngineError `closed`; IndexError `damaged`; StorageError
 * @example
 * const records = new MemoryKeyValueStore();
 * const running = await followChain(new TransactionIndex(records, chain), { chain, records, log });
 * await running.caughtUp;
 * running.position?.height // 1
 */
export async function followChain<Index extends ChainIndex>(
  index: Index,
  options: FollowOptions,
): Promise<RunningIndex<Index>> {
  requireFields(index, "index", { name: "string", connect: "function", disconnect: "function" });
  requireFields(options, "options", { chain: "object", records: "object", log: "function" });
  requireFields(options.chain, "options.chain", { follow: "function", run: "function" });
  requireFields(options.records, "options.records", { get: "function", write: "function" });
  requireFunction(options.records.clear, "options.records.clear");

  const runner = new IndexRunner(index, options);
  await runner.start();
  return runner;
}

class IndexRunner<Index extends ChainIndex> implements RunningIndex<Index> {
  readonly index: Index;
  readonly caughtUp: Promise<void>;
  readonly #options: FollowOptions;
  #following: Following | undefined;
  #stopped = false;
  #settle: { readonly resolve: () => void; readonly reject: (error: Error) => void };

  constructor(index: Index, options: FollowOptions) {
    this.index = index;
    this.#options = options;
    this.#settle = { resolve: () => {}, reject: () => {} };
    this.caughtUp = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.caughtUp.catch(() => {}); // a caller need not await it
  }

  get name(): string {
    return this.index.name;
  }

  get position(): ChainPosition | undefined {
    return this.#following?.position;
  }

  get isSynced(): boolean {
    return this.#following?.state === "at-tip";
  }

  get error(): Error | undefined {
    return this.#following?.error;
  }

  async start(): Promise<void> {
    try {
      await this.#follow();
    } catch (error) {
      if (!isLost(error)) throw error;
      await this.#forget(error);
      await this.#follow();
    }
  }

  async #follow(): Promise<void> {
    const { chain, records, log } = this.#options;
    const following = await chain.follow(new IndexFollower(this.index, records, log));
    this.#following = following;
    const from = following.position?.height ?? 0;
    this.#say("index-started", `${this.name} is built from height ${from}`);
    following.caughtUp.then(
      () => {
        const height = following.position?.height ?? 0;
        this.#say("index-synced", `${this.name} holds all blocks up to height ${height}`);
        this.#settle.resolve();
      },
      (error: Error) => void this.#failed(error),
    );
  }

  /** It stood in another branch whose blocks can't be taken back: only now the chain has found that out. */
  async #failed(error: Error): Promise<void> {
    try {
      if (this.#stopped || !isLost(error)) throw error;
      await this.#forget(error);
      await this.#follow();
    } catch (thrown) {
      this.#settle.reject(thrown as Error);
    }
  }

  async #forget({ message }: Error): Promise<void> {
    const { log, records } = this.#options;
    log("warn", "chain", `${this.name} is built again from the first block: ${message}`);
    await records.clear();
  }

  #say(event: string, sentence: string): void {
    const { log } = this.#options;
    const height = this.position?.height ?? 0;
    log("info", "chain", sentence, { event, index: this.name, height });
  }

  async isCaughtUp(): Promise<boolean> {
    const { chain } = this.#options;
    if (!this.isSynced) return false;
    // The tip moves first, and then the index, in the queue of the chain.
    if (this.position?.hash !== chain.tip.hash) await chain.run(async () => {});
    return this.isSynced;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#following?.stop();
  }
}

function isLost(error: unknown): error is EngineError {
  return error instanceof EngineError && error.code === "unknown-position";
}

/** Applies changes of the chain to the records of an index. */
class IndexFollower implements ChainFollower {
  readonly name: string;
  readonly mempool: boolean;
  readonly #index: ChainIndex;
  readonly #records: KeyValueStore;
  readonly #log: Log;
  #blocks = 0;

  constructor(index: ChainIndex, records: KeyValueStore, log: Log) {
    this.name = index.name;
    this.mempool = index.settled !== undefined;
    this.#index = index;
    this.#records = records;
    this.#log = log;
  }

  async position(): Promise<ChainPosition | undefined> {
    const stored = await this.#records.get(POSITION_KEY);
    return stored && decodePosition(stored);
  }

  async apply(changes: readonly ChainChange[], end: ChainPosition): Promise<void> {
    const batch = new Batch(this.#records);
    let blocks = 0;
    for (const change of changes) {
      if (change.type === "block-connected") await this.#index.connect(change, batch);
      else if (change.type === "block-disconnected") await this.#index.disconnect(change, batch);
      else continue;
      blocks++;
    }
    if (blocks > 0) {
      batch.put(POSITION_KEY, encodePosition(end));
      await this.#records.write(batch.changes);
    }
    await this.#index.settled?.(changes);
    this.#tell(blocks, end);
  }

  #tell(blocks: number, { height }: ChainPosition): void {
    this.#blocks += blocks;
    if (this.#blocks < BLOCKS_PER_LINE) return;
    this.#blocks = 0;
    const fields = { event: "index-progress", index: this.name, height };
    this.#log("info", "chain", `${this.name} holds the blocks up to height ${height}`, fields);
  }
}
