import type { Block, BlockHash, BlockUndo, Transaction } from "@chain/core";
import type { RemovalReason } from "../events.ts";

/** A block of some branch, by which a follower says how far it has come. */
export interface ChainPosition {
  readonly hash: BlockHash;
  readonly height: number;
}

/** One change of the chain or of the mempool. */
export type ChainChange =
  /** `undo` holds the coins that the block spent, for all transactions but the first. */
  | {
      readonly type: "block-connected" | "block-disconnected";
      readonly block: Block;
      readonly undo: BlockUndo;
      readonly hash: BlockHash;
      readonly height: number;
    }
  | { readonly type: "transaction-added"; readonly transaction: Transaction }
  | {
      readonly type: "transaction-removed";
      readonly transaction: Transaction;
      readonly why: RemovalReason;
    };

/**
 * Something that is made from the blocks of the best chain, in their order, and is kept in step with it: an index, a
 * wallet, an estimator. Core: BaseIndex.
 *
 * @example
 * class TransactionCount implements ChainFollower {
 *   readonly name = "transaction count";
 *   count = 0;
 *   #position: ChainPosition | undefined;
 *   async position() {
 *     return this.#position;
 *   }
 *   async apply(changes: readonly ChainChange[], end: ChainPosition) {
 *     for (const change of changes) {
 *       if (change.type === "block-connected") this.count += change.block.transactions.length;
 *       if (change.type === "block-disconnected") this.count -= change.block.transactions.length;
 *     }
 *     this.#position = end;
 *   }
 * }
 * const following = await chain.follow(new TransactionCount());
 * await following.caughtUp;
 */
export interface ChainFollower {
  /** For the log and for people: `transaction index`. */
  readonly name: string;
  /** Whether it wants to be told of the mempool as well. Default: no. */
  readonly mempool?: boolean;
  /**
   * The last block whose changes it has stored; `undefined` where it has none, so that it begins with the genesis block.
   * It may be a block that the chain has left since. Asked once, by `ChainManager.follow`.
   */
  position(): Promise<ChainPosition | undefined>;
  /**
   * Applies changes, in order, and stores `end` as its position in the same write, so that a crash leaves it with all of
   * them or with none. One call holds a whole reorganisation, or, far behind the tip, several blocks. The next call comes
   * when this one has resolved. At the tip the chain waits for it, so it must be quick, and must not wait for an
   * operation of the chain manager's queue. If it rejects, it is not called again, and the chain goes on.
   * @param end the last block that counts after the changes: for a disconnected block, its parent
   */
  apply(changes: readonly ChainChange[], end: ChainPosition): Promise<void>;
}

export type FollowingState =
  | "catching-up" // it is handed stored blocks, in the background
  | "waiting" // for a block that can't be read, or until the chain is as far as the follower
  | "at-tip" // it has seen all that the chain manager has answered for
  | "failed" // it rejected, or its position is of no use: see `error`
  | "stopped";

/** A follower at work. */
export interface Following {
  readonly name: string;
  readonly state: FollowingState;
  /** The last block that the follower has applied. */
  readonly position: ChainPosition | undefined;
  /** The tip that it is to reach. */
  readonly goal: ChainPosition;
  /** Why it failed. */
  readonly error: Error | undefined;
  /** Resolves when it is at the tip for the first time; rejects where it fails or is stopped before. */
  readonly caughtUp: Promise<void>;
  /** Hands out nothing more; resolves when the last call of `apply` has ended. Not to be awaited inside of it. */
  stop(): Promise<void>;
}
