import { type BlockHash, BlockHeader, idToBytes } from "@chain/core";
import type { BlockRecord } from "../store.ts";
import { recordOf } from "./changes.ts";
import type { Database } from "./checked.ts";
import type { HeldChanges } from "./heldChanges.ts";
import { type BlockEntry, decodeEntry } from "./records.ts";
import { findHeader } from "./scan.ts";
import { blockKey } from "./schema.ts";

/** The block index, as it is with the changes that are held. */
export class Entries {
  readonly #db: Database;
  readonly #held: HeldChanges;

  constructor(db: Database, held: HeldChanges) {
    this.#db = db;
    this.#held = held;
  }

  /** The index entry of a block that has one of its own, as every block has whose body is stored. */
  get(hash: BlockHash): BlockEntry | undefined {
    const held = this.#held.entry(hash);
    if (held !== undefined) return held;
    const value = this.#db.getSync(blockKey(hash));
    return value && decodeEntry(value);
  }

  /** The same of every block, those included whose headers stand in a run and have no entry yet. */
  async find(hash: BlockHash): Promise<BlockEntry | undefined> {
    const entry = this.get(hash);
    if (entry !== undefined) return entry;
    const hashBytes = idToBytes(hash);
    const found = await findHeader(this.#db, hashBytes);
    if (found === undefined) return undefined;
    const header = BlockHeader.fromHashed(found.header.subarray(found.headerStart), hashBytes);
    return { record: recordOf(header, found.height), body: undefined, undo: undefined };
  }

  /** The entry with this record, and where the files hold body and undo data of the block. */
  with(record: BlockRecord): BlockEntry {
    const known = this.get(record.header.hash);
    return { record, body: known?.body, undo: known?.undo };
  }

  /** Entries of headers, each the parent of the next. */
  of(headers: readonly BlockHeader[], height: number): readonly BlockEntry[] {
    return headers.map((header, i) => this.with(recordOf(header, height + i)));
  }
}
