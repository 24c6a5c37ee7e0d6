import type { BlockHash } from "@chain/core";
import { type BlockRecord, MemoryStore, StorageError } from "@chain/storage";

/** A disk on which bodies and undo data get damaged. A body that is written again can be read again. */
export class DamagedStore extends MemoryStore {
  readonly damaged: Set<BlockHash> = new Set();
  readonly damagedUndo: Set<BlockHash> = new Set();

  override async readBlock(hash: BlockHash): Promise<Uint8Array | undefined> {
    if (this.damaged.has(hash)) throw new StorageError("corrupt", "blk00000.dat is damaged");
    return super.readBlock(hash);
  }

  override async readUndo(hash: BlockHash): Promise<Uint8Array | undefined> {
    if (this.damagedUndo.has(hash)) throw new StorageError("corrupt", "rev00000.dat is damaged");
    return super.readUndo(hash);
  }

  override async writeBlock(raw: Uint8Array, record: BlockRecord): Promise<void> {
    await super.writeBlock(raw, record);
    this.damaged.delete(record.header.hash);
  }
}
