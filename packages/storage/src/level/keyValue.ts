import { mkdirSync, readdirSync } from "node:fs";
import { equalBytes } from "@chain/core";
import { requireArray, requireInteger, requireOptions, requirePath } from "@chain/core/arguments";
import { requireChange, requireKey, requireKeyOrder, requireKeyRange } from "../checks.ts";
import { StorageError } from "../errors.ts";
import {
  type KeyOrder,
  type KeyRange,
  type KeyValueChange,
  type KeyValueRecord,
  type KeyValueStore,
  MIN_KEY_SIZE,
} from "../keyValue.ts";
import type { Database, RawDatabase } from "./checked.ts";
import { openGuarded } from "./database.ts";
import { asStorageError } from "./failure.ts";
import { forgetOwner } from "./owner.ts";
import { GUARD_DIRECTORY, INDEX_DIRECTORY } from "./schema.ts";

/** Shorter than the keys of callers. Its value names format and version. */
const FORMAT_KEY: Uint8Array = Uint8Array.of(0);
const FORMAT: Uint8Array = Uint8Array.from("chain-records:1", (letter) => letter.charCodeAt(0));
/** Of callers. */
const ALL_KEYS = { gte: new Uint8Array(MIN_KEY_SIZE), lt: new Uint8Array(64).fill(0xff) };
/** A range is read so many bytes at a time. */
const READ_AHEAD = 64 * 1024;
/** Bytes of records that are written again in one batch. */
const REWRITTEN_AT_ONCE = 1024 * 1024;

export interface KeyValueOptions {
  /** Memory for LevelDB's cache of what it read, in bytes. Default 8 MiB. */
  readonly cacheSize?: number;
  /** Whether each write waits for the disk, so that a power cut takes nothing that was written. Default: no. */
  readonly durable?: boolean;
}

/**
 * Opens or makes a store of records in a directory of its own, in LevelDB, each with a checksum. Records are safe from a
 * kill once they are written; without `durable`, a power cut may take the last ones, together with all that came after them.
 * @throws StorageError `in-use`, `foreign`, `corrupt`, `io`.
 * @example
 * const records = await openLevelKeyValueStore(path);
 * await records.get(Uint8Array.of(1, 2)) // undefined: nothing was written yet
 * await records.close();
 */
export async function openLevelKeyValueStore(
  directory: string,
  options: KeyValueOptions = {},
): Promise<KeyValueStore> {
  requirePath(directory, "directory");
  requireOptions(options, "options", { cacheSize: "number?", durable: "boolean?" });
  const { cacheSize = 8 * 1024 * 1024, durable = false } = options;

  try {
    mkdirSync(directory, { recursive: true });
    refuseForeign(directory);
    const { db } = await openGuarded(directory, cacheSize, {
      checkFormat: (raw) => checkFormat(raw, directory),
    });
    return new LevelKeyValueStore(directory, db, durable);
  } catch (error) {
    throw asStorageError(error);
  }
}

async function checkFormat(db: RawDatabase, directory: string): Promise<void> {
  const format = await db.get(FORMAT_KEY);
  if (format !== undefined) {
    if (!equalBytes(format, FORMAT)) throw foreign(directory);
    return;
  }
  const [any] = await db.keys({ limit: 1 }).all();
  if (any !== undefined) throw foreign(directory);
  await db.put(FORMAT_KEY, FORMAT, { sync: true });
}

function refuseForeign(directory: string): void {
  const ours = [INDEX_DIRECTORY, GUARD_DIRECTORY, "process.pid"];
  if (readdirSync(directory).some((name) => !ours.includes(name))) throw foreign(directory);
}

function foreign(directory: string): StorageError {
  return new StorageError("foreign", `${directory} holds something else than an index`);
}

class LevelKeyValueStore implements KeyValueStore {
  readonly #directory: string;
  readonly #db: Database;
  readonly #durable: boolean;
  #closing: Promise<void> | undefined;
  #hasFailed = false;

  constructor(directory: string, db: Database, durable: boolean) {
    this.#directory = directory;
    this.#db = db;
    this.#durable = durable;
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    requireKey(key, "key");
    return explained(() => this.#db.get(key));
  }

  async getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    requireArray(keys, "keys", requireKey);
    return explained(() => this.#db.getMany([...keys]));
  }

  async range(
    range: KeyRange,
    limit: number,
    order: KeyOrder = "ascending",
  ): Promise<readonly KeyValueRecord[]> {
    requireKeyRange(range, "range");
    requireInteger(limit, "limit", 0);
    requireKeyOrder(order, "order");
    const { from, end } = range;
    return explained(async () => {
      const records: KeyValueRecord[] = [];
      const reverse = order === "descending";
      const options = { gte: from, lt: end, limit, reverse, highWaterMarkBytes: READ_AHEAD };
      for await (const [key, value] of this.#db.iterator(options)) records.push({ key, value });
      return records;
    });
  }

  async write(changes: readonly KeyValueChange[]): Promise<void> {
    requireArray(changes, "changes", requireChange);
    await this.#changed(() => {
      const batch = this.#db.batch();
      for (const { key, value } of changes) {
        if (value === undefined) batch.del(key);
        else batch.put(key, value);
      }
      return batch.write({ sync: this.#durable });
    });
  }

  async rewrite(): Promise<void> {
    await this.#changed(async () => {
      // A table may hold an old value beside the new one. It goes when the table is merged with another one of its keys, which
      // all of them are once every key is written again: LevelDB's CompactRange only merges what overlaps.
      await this.#db.compact(ALL_KEYS);
      let batch = this.#db.batch();
      let bytes = 0;
      for await (const [key, value] of this.#db.iterator(ALL_KEYS)) {
        batch.put(key, value);
        bytes += key.length + value.length;
        if (bytes < REWRITTEN_AT_ONCE) continue;
        await batch.write({ sync: false });
        batch = this.#db.batch();
        bytes = 0;
      }
      await batch.write({ sync: this.#durable });
      await this.#db.compact(ALL_KEYS);
    });
  }

  async clear(): Promise<void> {
    await this.#changed(() => this.#db.clear(ALL_KEYS));
  }

  async #changed(act: () => Promise<void>): Promise<void> {
    try {
      await explained(act);
    } catch (error) {
      // The next start verifies its files, as after a kill.
      this.#hasFailed = true;
      throw error;
    }
  }

  close(): Promise<void> {
    this.#closing ??= explained(async () => {
      if (!this.#hasFailed) forgetOwner(this.#directory);
      await this.#db.close();
    });
    return this.#closing;
  }
}

async function explained<Result>(act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    throw asStorageError(error);
  }
}
