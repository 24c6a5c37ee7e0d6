import type { RawRecord } from "../store.ts";
import type { Database, Entry } from "./checked.ts";
import { decodeRaw } from "./records.ts";
import { decodeRun, findInRun } from "./runs.ts";
import { ALL_BLOCKS, ALL_RUNS, type KeyRange } from "./schema.ts";

/** Records that LevelDB hands out at a time, and no more than so many bytes. */
const AT_A_TIME = 1000;
const BYTES_AT_A_TIME = 512 * 1024;

/**
 * Hands out every header that is stored, with what is known of its block. A block that has an index entry and stands in
 * a run as well comes twice, and the entry, which comes later, is right.
 */
export async function scanIndex(db: Database, take: (record: RawRecord) => void): Promise<void> {
  for await (const records of scan(db, ALL_RUNS)) {
    for (const [key, value] of records) decodeRun(key, value, take);
  }
  for await (const records of scan(db, ALL_BLOCKS)) {
    for (const [key, value] of records) take(decodeRaw(key, value));
  }
}

/** A header that stands in a run. Reads as many runs as there are thousands of headers or so. */
export async function findHeader(db: Database, hash: Uint8Array): Promise<RawRecord | undefined> {
  for await (const records of scan(db, ALL_RUNS)) {
    for (const [key, value] of records) {
      const record = findInRun(key, value, hash);
      if (record !== undefined) return record;
    }
  }
  return undefined;
}

/**
 * Records in the order of their keys, some at a time. The next ones are read on another thread while these are looked
 * at, and go around LevelDB's cache: they are read once.
 */
export async function* scan(db: Database, range: KeyRange): AsyncGenerator<readonly Entry[]> {
  const options = { ...range, fillCache: false, highWaterMarkBytes: BYTES_AT_A_TIME };
  const iterator = db.iterator(options);
  try {
    let next = iterator.nextv(AT_A_TIME);
    while (true) {
      const entries = await next;
      if (entries.length === 0) return;
      next = iterator.nextv(AT_A_TIME);
      next.catch(() => {}); // a reader that ends here does not await it
      yield entries;
    }
  } finally {
    await iterator.close();
  }
}
