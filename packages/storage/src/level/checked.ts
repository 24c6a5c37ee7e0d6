/**
 * LevelDB with a checksum of ours on each record. LevelDB has checksums too, but its binding does not verify them, and
 * a flipped bit in a table is then read as if it had been written. Ours is CRC-32 over key and value (zlib's, which is
 * native), four bytes behind each value, checked at each read. It finds a value that is wrong, or that stands under
 * another key. A record that is absent leaves nothing to check: for that, see tables.ts.
 */

import { crc32 } from "node:zlib";
import { present } from "@chain/core/arguments";
import type { ClassicLevel, Iterator as LevelIterator } from "classic-level";
import { StorageError } from "../errors.ts";
import type { Guard } from "./guard.ts";
import type { KeyRange } from "./schema.ts";

/** LevelDB without our checksums. */
export type RawDatabase = ClassicLevel<Uint8Array, Uint8Array>;

const CHECKSUM_SIZE = 4;

/** The bytes that are stored for a value. */
function withChecksum(key: Uint8Array, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(value.length + CHECKSUM_SIZE);
  bytes.set(value);
  const checksum = crc32(value, crc32(key));
  new DataView(bytes.buffer).setUint32(value.length, checksum, true);
  return bytes;
}

/** The value of stored bytes. @throws StorageError `corrupt`. */
function withoutChecksum(key: Uint8Array, stored: Uint8Array): Uint8Array {
  const length = stored.length - CHECKSUM_SIZE;
  if (length < 0) throw corrupt(key);
  // LevelDB returns Buffers, whose `slice` does not copy; callers expect the `slice` of a Uint8Array.
  const value = new Uint8Array(stored.buffer, stored.byteOffset, length);
  const view = new DataView(stored.buffer, stored.byteOffset, stored.length);
  if (crc32(value, crc32(key)) !== view.getUint32(length, true)) throw corrupt(key);
  return value;
}

function corrupt(key: Uint8Array): StorageError {
  const name = Buffer.from(key).toString("hex");
  return new StorageError("corrupt", `the database holds a damaged record (key ${name})`);
}

export interface RangeOptions extends KeyRange {
  readonly limit?: number;
  readonly fillCache?: boolean;
  readonly highWaterMarkBytes?: number;
}

/** Its methods throw StorageError `corrupt` for a record that is not as it was written, and errors of classic-level. */
export class Database {
  readonly #db: RawDatabase;
  readonly #guard: Guard | undefined;

  /** @param guard released when it is closed */
  constructor(db: RawDatabase, guard?: Guard) {
    this.#db = db;
    this.#guard = guard;
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    const stored = await this.#db.get(key);
    return stored && withoutChecksum(key, stored);
  }

  getSync(key: Uint8Array): Uint8Array | undefined {
    const stored = this.#db.getSync(key);
    return stored && withoutChecksum(key, stored);
  }

  /** All of one moment. */
  async getMany(keys: Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    const stored = await this.#db.getMany(keys);
    return stored.map((bytes, i) => bytes && withoutChecksum(present(keys[i], "keys[i]"), bytes));
  }

  async firstKey(range: KeyRange): Promise<Uint8Array | undefined> {
    const [first] = await this.#db.keys({ ...range, limit: 1 }).all();
    return first;
  }

  iterator(range: RangeOptions): Records {
    return new Records(this.#db.iterator(range));
  }

  /** Bytes on disk, an estimate: records that were written lately may not count yet. */
  size({ gte, lt }: KeyRange): Promise<number> {
    return this.#db.approximateSize(gte, lt);
  }

  /** Writes the log into tables, and merges tables of the range. */
  compact({ gte, lt }: KeyRange): Promise<void> {
    return this.#db.compactRange(gte, lt);
  }

  clear(range: RangeOptions): Promise<void> {
    return this.#db.clear(range);
  }

  batch(): Batch {
    return new Batch(this.#db.batch());
  }

  async close(): Promise<void> {
    try {
      await this.#db.close();
    } finally {
      await this.#guard?.release();
    }
  }
}

/** Changes that are written together or not at all. */
export class Batch {
  readonly #batch: ReturnType<RawDatabase["batch"]>;

  constructor(batch: ReturnType<RawDatabase["batch"]>) {
    this.#batch = batch;
  }

  put(key: Uint8Array, value: Uint8Array): this {
    this.#batch.put(key, withChecksum(key, value));
    return this;
  }

  del(key: Uint8Array): this {
    this.#batch.del(key);
    return this;
  }

  write(options: { readonly sync: boolean }): Promise<void> {
    return this.#batch.write(options);
  }
}

export type Entry = [key: Uint8Array, value: Uint8Array];

/** Records in the order of their keys, as they were when it was made. Close it, or read it to its end. */
export class Records {
  readonly #iterator: LevelIterator<RawDatabase, Uint8Array, Uint8Array>;

  constructor(iterator: LevelIterator<RawDatabase, Uint8Array, Uint8Array>) {
    this.#iterator = iterator;
  }

  /** The next ones, up to `size`; none at the end. */
  async nextv(size: number): Promise<readonly Entry[]> {
    return (await this.#iterator.nextv(size)).map(([key, stored]): Entry => {
      return [key, withoutChecksum(key, stored)];
    });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Entry> {
    for await (const [key, stored] of this.#iterator) yield [key, withoutChecksum(key, stored)];
  }

  close(): Promise<void> {
    return this.#iterator.close();
  }
}
