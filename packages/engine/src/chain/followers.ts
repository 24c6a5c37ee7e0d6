import type { HeaderNode, HeaderTree } from "@chain/core";
import { EngineError } from "../errors.ts";
import type { ChainEvent } from "../events.ts";
import type { MempoolView } from "../mempool/mempool.ts";
import type { Log } from "../ports.ts";
import type { ChainChange, ChainFollower, Following } from "./follower.ts";
import { FollowerFeed } from "./followerFeed.ts";
import type { OperationQueue } from "./operationQueue.ts";
import type { StoredBlocks } from "./storedBlocks.ts";

export interface FollowersOptions {
  readonly tree: HeaderTree;
  readonly blocks: StoredBlocks;
  readonly mempool: Pick<MempoolView, "entries">;
  readonly queue: OperationQueue;
  /** Lets other work have its turn, where that is due. */
  readonly rest: () => Promise<void>;
  readonly log: Log;
  readonly emit: (event: ChainEvent) => void;
}

/**
 * Keeps followers in step with the chain. A follower that is behind is handed stored blocks in the background; at the
 * tip it is handed each change before anybody else hears of it, in the queue of the chain manager.
 */
export class Followers {
  readonly #options: FollowersOptions;
  readonly #feeds = new Set<FollowerFeed>();
  /** The tip that followers are to reach. It stays where it is while the coins are rebuilt. */
  #tip: HeaderNode;

  constructor(options: FollowersOptions) {
    this.#options = options;
    this.#tip = options.tree.tip;
  }

  /** @throws EngineError `unknown-position`; the error of the follower when it is asked for its position */
  async follow(follower: ChainFollower): Promise<Following> {
    const { tree, queue, log, emit } = this.#options;
    const position = await follower.position();
    const at = position === undefined ? undefined : tree.get(position.hash);
    if (position !== undefined && at?.height !== position.height) {
      const { hash, height } = position;
      const what = `the ${follower.name} stands at block ${hash} at height ${height}`;
      throw new EngineError("unknown-position", `${what}, which this chain does not know`);
    }
    if (queue.closed) throw new EngineError("closed", "the chain is closed");
    const feed = new FollowerFeed(follower, at, {
      ...this.#options,
      tip: () => this.#tip,
      onEnd: () => void this.#feeds.delete(feed),
      onFailure: (error) => {
        const { name } = follower;
        const { message: why } = error;
        const where = feed.position === undefined ? "" : ` at height ${feed.position.height}`;
        log("error", "chain", `the ${name} has stopped following the chain${where}: ${why}`);
        emit({ type: "follower-failed", name, why });
      },
    });
    this.#feeds.add(feed);
    feed.start();
    return feed;
  }

  /** The height of the one that is the furthest behind; `undefined` where there is none. */
  get lowest(): number | undefined {
    if (this.#feeds.size === 0) return undefined;
    return Math.min(...[...this.#feeds].map(({ position }) => position?.height ?? -1));
  }

  /** The tip has moved. Called in the queue. @param from the tip before */
  async moved(from: HeaderNode, tip: HeaderNode, changes: readonly ChainChange[]): Promise<void> {
    this.#tip = tip;
    await Promise.all([...this.#feeds].map((feed) => feed.moved(from, changes)));
  }

  /** The mempool has changed, and the tip has not. Called in the queue. */
  async mempoolChanged(changes: readonly ChainChange[]): Promise<void> {
    if (this.#feeds.size === 0 || changes.length === 0) return;
    await Promise.all([...this.#feeds].map((feed) => feed.moved(this.#tip, changes)));
  }

  /** The chain was opened, or its coins were rebuilt, without a record of each step. Called in the queue. */
  reset(tip: HeaderNode): void {
    this.#tip = tip;
    for (const feed of this.#feeds) feed.reset();
  }

  /** A block that could not be read is here again. */
  wake(): void {
    for (const feed of this.#feeds) feed.wake();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#feeds].map((feed) => feed.stop()));
  }
}
