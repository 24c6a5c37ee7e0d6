import {
  Block,
  type BlockHash,
  type BlockUndo,
  decodeUndo,
  type HeaderNode,
  Reader,
  type Sha256,
} from "@chain/core";
import { type ChainStore, StorageError } from "@chain/storage";
import { EngineError } from "../errors.ts";
import type { BlockIndex } from "./blockIndex.ts";
import type { UnreadableBlocks } from "./unreadableBlocks.ts";

/** Reads blocks and their undo data from the store. */
export class StoredBlocks {
  readonly #store: ChainStore;
  readonly #unreadable: UnreadableBlocks;
  readonly #index: Pick<BlockIndex, "mayBePruned">;
  readonly #sha256: Sha256 | undefined;

  /** @param sha256 of the platform, for the ids of transactions; default: one in JavaScript */
  constructor(
    store: ChainStore,
    unreadable: UnreadableBlocks,
    index: Pick<BlockIndex, "mayBePruned">,
    sha256?: Sha256,
  ) {
    this.#store = store;
    this.#unreadable = unreadable;
    this.#index = index;
    this.#sha256 = sha256;
  }

  /** Whether a block of the best chain was deleted. */
  async isPruned(node: HeaderNode): Promise<boolean> {
    if (!this.#index.mayBePruned(node)) return false;
    return (await this.#store.readRecord(node.hash))?.hasBody === false;
  }

  /** @returns `undefined` where the block is not stored @throws StorageError: then peers are asked for it again */
  raw(hash: BlockHash): Promise<Uint8Array | undefined> {
    return this.#unreadable.read(hash);
  }

  /**
   * Reads a block that has to be there.
   * @returns `undefined` where it is one of those that peers are asked for again
   * @throws EngineError `missing-data`; StorageError
   */
  async readable(hash: BlockHash): Promise<Uint8Array | undefined> {
    let raw: Uint8Array | undefined;
    try {
      raw = await this.raw(hash);
    } catch (error) {
      if (this.#unreadable.get(hash) !== undefined) return undefined;
      throw error;
    }
    if (raw === undefined) throw new EngineError("missing-data", `no body of block ${hash}`);
    return raw;
  }

  /** Decodes a block as it is stored. */
  decode(raw: Uint8Array): Block {
    return Block.read(new Reader(raw, 0, this.#sha256));
  }

  async block(hash: BlockHash): Promise<Block | undefined> {
    const raw = await this.raw(hash);
    return raw === undefined ? undefined : this.decode(raw);
  }

  /** The coins that a block spent; `undefined` where it was never connected. */
  async undo(hash: BlockHash): Promise<BlockUndo | undefined> {
    const undo = await this.#store.readUndo(hash);
    return undo === undefined ? undefined : decodeUndo(undo);
  }

  /** Whether a block is, or once was, part of the best chain. */
  async wasConnected(hash: BlockHash): Promise<boolean> {
    // The undo data of a pruned block is gone.
    if ((await this.#store.readRecord(hash))?.status === "connected") return true;
    try {
      return (await this.#store.readUndo(hash)) !== undefined;
    } catch (error) {
      // Undo data that is damaged was written once.
      if (error instanceof StorageError && error.code === "corrupt") return true;
      throw error;
    }
  }
}
