import { requireBytes } from "@chain/core/arguments";

/** A record to write: without a value, one to delete. */
export interface KeyValueChange {
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
}

/** Keys from `from` on, up to the one before `end`. */
export interface KeyRange {
  readonly from: Uint8Array;
  readonly end: Uint8Array;
}

/** The order in which the records of a range are read. */
export type KeyOrder = "ascending" | "descending";

export interface KeyValueRecord {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** Keys have at least so many bytes: shorter ones are a backend's own. */
export const MIN_KEY_SIZE = 2;

/**
 * Records by key, in the order of keys, byte by byte: what an index of the chain keeps. One writer; what is thrown is a
 * StorageError. `MemoryKeyValueStore` keeps them in memory, `openLevelKeyValueStore` in LevelDB.
 */
export interface KeyValueStore {
  get(key: Uint8Array): Promise<Uint8Array | undefined>;
  /** The same for several, all of one moment. */
  getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]>;
  /** The first records of a range, up to `limit`; descending: the last ones, the last of them first. */
  range(range: KeyRange, limit: number, order?: KeyOrder): Promise<readonly KeyValueRecord[]>;
  /** Writes all changes or none. Of two changes of one key, the last one counts. */
  write(changes: readonly KeyValueChange[]): Promise<void>;
  /** Sees to it that no file holds a value any more that was written over: secrets that are sealed now. */
  rewrite(): Promise<void>;
  /** Deletes all records. Killed meanwhile, it may leave some. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/**
 * All keys that begin with these bytes, which must not all be 0xff.
 * @example keysWith(Uint8Array.of(1, 0xff)) // { from: Uint8Array.of(1, 0xff), end: Uint8Array.of(2) }
 */
export function keysWith(prefix: Uint8Array): KeyRange {
  requireBytes(prefix, "prefix");
  let last = prefix.length - 1;
  while (prefix[last] === 0xff) last--;
  const end = prefix.slice(0, last + 1);
  end[last] = (end[last] ?? 0) + 1;
  return { from: prefix, end };
}
