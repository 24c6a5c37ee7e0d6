import type { BlockHash } from "@chain/core";
import { present } from "@chain/core/arguments";
import { prunedRecord } from "../prunedRecord.ts";
import type { PrunedBlocks, PruneOptions } from "../store.ts";
import type { Location } from "./appendFile.ts";
import type { Database } from "./checked.ts";
import { type BlockEntry, decodeEntry } from "./records.ts";
import type { Files } from "./recover.ts";
import { scan } from "./scan.ts";
import { ALL_BLOCKS, blockKey } from "./schema.ts";

/** The blocks that refer to one file: their heights by their hashes. */
type Users = Map<BlockHash, number>;

/**
 * Chooses the block files that may go, and knows which blocks are in each. That is read from the index once, when a file
 * is first to go: a store that is never pruned has nothing of it.
 */
export class Pruner {
  readonly #db: Database;
  readonly #files: Files;
  /** By the number of the file. `undefined` until they are asked for. */
  #users: { readonly bodies: Map<number, Users>; readonly undos: Map<number, Users> } | undefined;

  constructor(db: Database, files: Files) {
    this.#db = db;
    this.#files = files;
  }

  /** An entry was written. */
  note(entry: BlockEntry): void {
    if (this.#users === undefined) return;
    const { header, height } = entry.record;
    noteIn(this.#users.bodies, entry.body, header.hash, height);
    noteIn(this.#users.undos, entry.undo, header.hash, height);
  }

  /**
   * Takes the oldest files first. @returns the entries of their blocks, without bodies and undo data: to be written
   * before `deleteUnused`
   */
  async choose({ height: last, target = 0, isActive }: PruneOptions): Promise<{
    readonly pruned: PrunedBlocks;
    readonly entries: readonly BlockEntry[];
  }> {
    const { bodies, undos } = this.#files;
    const entries: BlockEntry[] = [];
    const forgotten: BlockHash[] = [];
    let pruned: number | undefined;
    let bytes = bodies.bytes + undos.bytes;
    for (const file of bodies.full) {
      if (bytes <= target) break;
      const users = await this.#usersOf(file);
      if ([...users.values()].some((height) => height > last)) continue;
      bytes -= bodies.sizeOf(file);
      for (const [hash, height] of users) {
        const entry = decodeEntry(present(this.#db.getSync(blockKey(hash)), "an entry"));
        bytes -= entry.undo?.length ?? 0;
        const stays = isActive(hash);
        if (stays) pruned = Math.max(pruned ?? 0, height);
        else forgotten.push(hash);
        entries.push({
          record: prunedRecord(entry.record, stays),
          body: undefined,
          undo: undefined,
        });
        if (entry.undo !== undefined) this.#users?.undos.get(entry.undo.file)?.delete(hash);
      }
      users.clear();
    }
    return { pruned: { height: pruned, forgotten }, entries };
  }

  /** Deletes the files to which no block refers, those included that a killed process has left. */
  deleteUnused(): void {
    if (this.#users === undefined) return;
    for (const kind of ["bodies", "undos"] as const) {
      for (const file of this.#files[kind].full) {
        if ((this.#users[kind].get(file)?.size ?? 0) > 0) continue;
        this.#files[kind].remove(file);
        this.#users[kind].delete(file);
      }
    }
  }

  async #usersOf(file: number): Promise<Users> {
    this.#users ??= await this.#readUsers();
    return this.#users.bodies.get(file) ?? new Map();
  }

  async #readUsers() {
    const users = { bodies: new Map<number, Users>(), undos: new Map<number, Users>() };
    for await (const records of scan(this.#db, ALL_BLOCKS)) {
      for (const [, value] of records) {
        const { record, body, undo } = decodeEntry(value);
        const { hash } = record.header;
        noteIn(users.bodies, body, hash, record.height);
        noteIn(users.undos, undo, hash, record.height);
      }
    }
    return users;
  }
}

function noteIn(
  files: Map<number, Users>,
  location: Location | undefined,
  hash: BlockHash,
  height: number,
): void {
  if (location === undefined) return;
  const users = files.get(location.file) ?? new Map<BlockHash, number>();
  files.set(location.file, users.set(hash, height));
}
