import type { Block, BlockHash, BlockUndo } from "@chain/core";
import type { ChainChange } from "@chain/engine";

/** A block that the best chain has gained or lost. */
export interface IndexedBlock {
  readonly block: Block;
  /** The coins that it spent, for all transactions but the first. */
  readonly undo: BlockUndo;
  readonly hash: BlockHash;
  readonly height: number;
}

/** The records of an index while blocks are applied to it: reads see the writes before them. */
export interface IndexRecords {
  get(key: Uint8Array): Promise<Uint8Array | undefined>;
  /** The same for several, in one read. */
  getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]>;
  put(key: Uint8Array, value: Uint8Array): void;
  delete(key: Uint8Array): void;
}

/**
 * One index: the records that it makes of a block. It is fed by `followChain`, which writes its records together with the
 * position that they belong to, so it holds exactly the blocks of the best chain up to there, however the process ended.
 * Its keys have at least two bytes, and begin with a letter other than `p`.
 */
export interface ChainIndex {
  /** Bitcoin Core's name for it, such as `txindex`. */
  readonly name: string;
  /** Adds what a block brings. The blocks come in order, each on the one before it. */
  connect(block: IndexedBlock, records: IndexRecords): Promise<void> | void;
  /** Takes back what `connect` did for the last block, but for what holds in any branch. */
  disconnect(block: IndexedBlock, records: IndexRecords): Promise<void> | void;
  /**
   * Hears of changes once their records are written, and before anybody else does. An index that has this method is
   * handed the changes of the mempool as well, all of its transactions first. It must not wait for an operation of the
   * chain's queue.
   */
  settled?(changes: readonly ChainChange[]): Promise<void>;
}
