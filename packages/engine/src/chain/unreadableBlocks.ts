import type { BlockHash, HeaderNode, HeaderTree } from "@chain/core";
import { type ChainStore, StorageError } from "@chain/storage";

/** So many are remembered: what is read again later is noted again. As many as are downloaded at a time. */
const MAX_LOST = 1024;

interface LostBody {
  readonly node: HeaderNode;
  readonly error: StorageError;
}

/**
 * Blocks whose stored bodies can't be read, so that they are asked of peers again. Only the body is missing: the block
 * stays connected, its coins and its record stay as they are. Kept in memory alone, because after a restart the next
 * read finds the same damage.
 */
export class UnreadableBlocks {
  readonly #store: ChainStore;
  readonly #tree: HeaderTree;
  readonly #onLost: (node: HeaderNode, error: StorageError) => void;
  readonly #lost = new Map<BlockHash, LostBody>();

  /** @param onLost is told once of each, until it is here again */
  constructor(
    store: ChainStore,
    tree: HeaderTree,
    onLost: (node: HeaderNode, error: StorageError) => void,
  ) {
    this.#store = store;
    this.#tree = tree;
    this.#onLost = onLost;
  }

  get(hash: BlockHash): HeaderNode | undefined {
    return this.#lost.get(hash)?.node;
  }

  /** The oldest first. */
  *nodes(): Generator<HeaderNode> {
    for (const { node } of this.#lost.values()) yield node;
  }

  /** Why the first of them can't be read. */
  get error(): StorageError | undefined {
    const [first] = this.#lost.values();
    return first?.error;
  }

  /** Reads a body, and notes where that fails. @throws StorageError */
  async read(hash: BlockHash): Promise<Uint8Array | undefined> {
    try {
      const raw = await this.#store.readBlock(hash);
      this.#lost.delete(hash);
      return raw;
    } catch (error) {
      await this.#note(hash, error);
      throw error;
    }
  }

  async #note(hash: BlockHash, error: unknown): Promise<void> {
    if (!(error instanceof StorageError) || (error.code !== "corrupt" && error.code !== "io"))
      return;
    const node = this.#tree.get(hash);
    if (node === undefined || this.#lost.has(hash) || this.#lost.size >= MAX_LOST) return;
    try {
      // Where the record is damaged, a new body could not be written either.
      if ((await this.#store.readRecord(hash)) === undefined) return;
    } catch {
      return;
    }
    if (this.#lost.has(hash)) return; // two have asked for it at once
    this.#lost.set(hash, { node, error });
    this.#onLost(node, error);
  }

  /** Stores a body that has come again, beside the record as it is. @throws StorageError */
  async restore(raw: Uint8Array, node: HeaderNode): Promise<void> {
    const { hash } = node;
    const record = await this.#store.readRecord(hash);
    if (record !== undefined) await this.#store.writeBlock(raw, record);
    this.#lost.delete(hash);
  }
}
