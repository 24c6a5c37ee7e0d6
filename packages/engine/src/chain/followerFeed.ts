import { Block, type HeaderNode, type HeaderTree } from "@chain/core";
import { present } from "@chain/core/arguments";
import { EngineError } from "../errors.ts";
import type { MempoolView } from "../mempool/mempool.ts";
import type {
  ChainChange,
  ChainFollower,
  ChainPosition,
  Following,
  FollowingState,
} from "./follower.ts";
import type { OperationQueue } from "./operationQueue.ts";
import type { StoredBlocks } from "./storedBlocks.ts";

/**
 * Blocks that are handed out in one call while a follower is behind: at most so many, and no more after so many bytes.
 */
const MAX_BLOCKS = 100;
const MAX_BYTES = 1_000_000;

export interface FollowerFeedOptions {
  readonly tree: HeaderTree;
  readonly blocks: StoredBlocks;
  readonly mempool: Pick<MempoolView, "entries">;
  readonly queue: OperationQueue;
  readonly rest: () => Promise<void>;
  /** The block to reach. */
  readonly tip: () => HeaderNode;
  /** Nothing more is handed out. */
  readonly onEnd: () => void;
  readonly onFailure: (error: Error) => void;
}

/** Blocks to disconnect or connect, in order. */
interface Path {
  readonly type: "block-connected" | "block-disconnected";
  readonly nodes: readonly HeaderNode[];
  /** Whether the follower is at the tip after these. */
  readonly isWhole: boolean;
}

interface Batch {
  readonly changes: readonly ChainChange[];
  readonly end: HeaderNode;
}

/** Hands the changes of the chain to one follower, from its position on. */
export class FollowerFeed implements Following {
  readonly #follower: ChainFollower;
  readonly #options: FollowerFeedOptions;
  readonly caughtUp: Promise<void>;
  #at: HeaderNode | undefined;
  #state: FollowingState = "catching-up";
  #error: Error | undefined;
  /** The work that is under way; it ends when the follower has caught up or waits. */
  #work: Promise<void> = Promise.resolve();
  #wake: () => void = () => {};
  /** How often something has come that may have been waited for. */
  #news = 0;
  #resolve: () => void = () => {};
  #reject: (error: Error) => void = () => {};

  /** @param at the last block that the follower has */
  constructor(follower: ChainFollower, at: HeaderNode | undefined, options: FollowerFeedOptions) {
    this.#follower = follower;
    this.#options = options;
    this.#at = at;
    this.caughtUp = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.caughtUp.catch(() => {}); // a caller need not await it
  }

  get name(): string {
    return this.#follower.name;
  }

  get state(): FollowingState {
    return this.#state;
  }

  get position(): ChainPosition | undefined {
    return this.#at === undefined ? undefined : positionOf(this.#at);
  }

  get goal(): ChainPosition {
    return positionOf(this.#options.tip());
  }

  get error(): Error | undefined {
    return this.#error;
  }

  /** Begins to catch up. */
  start(): void {
    this.#work = this.#catchUp();
  }

  /** Hands over changes that begin at `from`, if the follower is there. Called in the queue. */
  async moved(from: HeaderNode, changes: readonly ChainChange[]): Promise<void> {
    this.wake();
    if (this.#state !== "at-tip") return;
    if (this.#at !== from) return this.reset();
    const { mempool = false } = this.#follower;
    const own = mempool ? changes : changes.filter(isOfBlock);
    if (own.length === 0) return;
    this.#work = this.#apply({ changes: own, end: this.#options.tip() }).catch((error: unknown) =>
      this.#fail(error),
    );
    await this.#work;
  }

  /** The tip may be another one, and no event has told how it came about. Called in the queue. */
  reset(): void {
    this.wake();
    if (this.#state !== "at-tip" || this.#at === this.#options.tip()) return;
    this.#state = "catching-up";
    this.start();
  }

  /** Goes on with a feed that waits, because the event that it waits for may have come. */
  wake(): void {
    this.#news++;
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#end("stopped");
    await this.#work;
  }

  async #catchUp(): Promise<void> {
    const { queue, rest } = this.#options;
    try {
      while (this.#isBehind()) {
        const news = this.#news;
        const path = this.#path();
        // The last blocks are handed over in the queue, so that none can come in between.
        const batch = path.isWhole ? await queue.run(() => this.#enter()) : await this.#read(path);
        if (batch === "entered") return;
        if (batch === undefined) await this.#wait(news);
        else if (this.#isBehind()) await this.#apply(batch);
        await rest();
      }
    } catch (error) {
      // The chain was closed, or has stopped: the follower can go on from its position another time.
      const { code } = error instanceof EngineError ? error : {};
      const isChain = (code === "closed" && queue.closed) || (code === "failed" && queue.failed);
      if (isChain) this.#end("stopped");
      else this.#fail(error);
    }
  }

  #isBehind(): boolean {
    return this.#state === "catching-up" || this.#state === "waiting";
  }

  /**
   * Goes to the tip, if that is near, and stays there. @returns where it is not near any more: what is to be done first
   */
  async #enter(): Promise<Batch | "entered" | undefined> {
    const path = this.#path();
    const batch = await this.#read(path);
    const tip = this.#options.tip();
    if (!this.#isBehind() || batch === undefined) return batch;
    const isThere = batch.end === tip;
    if (!isThere) return batch;
    const { mempool = false } = this.#follower;
    const added: readonly ChainChange[] = mempool
      ? Array.from(this.#options.mempool.entries(), ({ transaction }) => {
          return { type: "transaction-added", transaction };
        })
      : [];
    const changes = [...batch.changes, ...added];
    if (changes.length > 0) await this.#apply({ changes, end: tip });
    if (!this.#isBehind()) return undefined;
    this.#state = "at-tip";
    this.#resolve();
    return "entered";
  }

  /** The next blocks on the way to the tip: back to the fork first. */
  #path(): Path {
    const { tree, tip: tipOf } = this.#options;
    const tip = tipOf();
    const at = this.#at;
    const fork = at === undefined ? undefined : tree.forkPoint(at, tip);
    const nodes: HeaderNode[] = [];
    if (at !== fork) {
      let node = at;
      for (; node !== undefined && node !== fork && nodes.length < MAX_BLOCKS; node = node.parent) {
        nodes.push(node);
      }
      return { type: "block-disconnected", nodes, isWhole: node === tip };
    }
    const first = fork === undefined ? 0 : fork.height + 1;
    const last = Math.min(tip.height, first + MAX_BLOCKS - 1);
    for (let height = first; height <= last; height++) {
      nodes.push(present(tip.ancestor(height), "tip.ancestor(height)"));
    }
    return { type: "block-connected", nodes, isWhole: last === tip.height };
  }

  /** Reads as many blocks as one call may hold. @returns undefined where the first can't be read yet */
  async #read({ type, nodes }: Path): Promise<Batch | undefined> {
    const { blocks, tip } = this.#options;
    const changes: ChainChange[] = [];
    let end = this.#at ?? tip();
    let bytes = 0;
    for (const node of nodes) {
      if (bytes >= MAX_BYTES) break;
      const { hash, height } = node;
      if (await blocks.isPruned(node)) {
        const what = `the ${this.name} needs block ${hash} at height ${height}, which was pruned`;
        throw new EngineError("pruned", what);
      }
      const raw = node.transactionCount > 0 ? await blocks.readable(hash) : undefined;
      const undo = raw === undefined ? undefined : await blocks.undo(hash);
      if (raw === undefined || undo === undefined) {
        if (changes.length > 0) break;
        // The follower is ahead of a chain that has lost its last blocks, or the block has to come again.
        if (type === "block-connected" || this.#isAhead()) return undefined;
        const what = `the ${this.name} stands at block ${hash} at height ${height}`;
        throw new EngineError("unknown-position", `${what}, which can't be undone any more`);
      }
      changes.push({ type, block: Block.fromBytes(raw), undo, hash, height });
      end = type === "block-connected" ? node : (node.parent ?? node);
      bytes += raw.length;
    }
    return { changes, end };
  }

  #isAhead(): boolean {
    const tip = this.#options.tip();
    return this.#at?.ancestor(tip.height) === tip;
  }

  async #apply({ changes, end }: Batch): Promise<void> {
    await this.#follower.apply(changes, positionOf(end));
    this.#at = end;
  }

  async #wait(news: number): Promise<void> {
    if (!this.#isBehind() || this.#news !== news) return;
    this.#state = "waiting";
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    if (this.#isBehind()) this.#state = "catching-up";
  }

  #fail(thrown: unknown): void {
    if (this.#state === "failed" || this.#state === "stopped") return;
    this.#error = thrown instanceof Error ? thrown : new EngineError("failed", String(thrown));
    this.#end("failed");
    this.#options.onFailure(this.#error);
  }

  #end(state: "failed" | "stopped"): void {
    if (this.#state === "failed" || this.#state === "stopped") return;
    this.#state = state;
    this.#options.onEnd();
    this.#reject(this.#error ?? new EngineError("closed", `the ${this.name} follows no more`));
    this.#wake();
  }
}

function positionOf({ hash, height }: HeaderNode): ChainPosition {
  return { hash, height };
}

function isOfBlock({ type }: ChainChange): boolean {
  return type === "block-connected" || type === "block-disconnected";
}
