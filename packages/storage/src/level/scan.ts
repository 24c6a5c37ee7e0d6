import type { Database } from "./checked.ts";
import { ALL_BLOCKS } from "./schema.ts";

/** Entries that LevelDB hands out at a time, and no more than so many bytes. */
const AT_A_TIME = 1000;
const BYTES_AT_A_TIME = 512 * 1024;

/**
 * Hands out every index entry in the order of keys, with its key. The next entries are read on another thread while
 * these are looked at, and go around LevelDB's cache: they are read once.
 */
export async function scanEntries(
  db: Database,
  take: (key: Uint8Array, value: Uint8Array) => void,
): Promise<void> {
  const options = { ...ALL_BLOCKS, fillCache: false, highWaterMarkBytes: BYTES_AT_A_TIME };
  const iterator = db.iterator(options);
  try {
    let next = iterator.nextv(AT_A_TIME);
    while (true) {
      const entries = await next;
      if (entries.length === 0) return;
      next = iterator.nextv(AT_A_TIME);
      next.catch(() => {}); // where `take` throws, nobody waits for it
      for (const [key, value] of entries) take(key, value);
    }
  } finally {
    await iterator.close();
  }
}
