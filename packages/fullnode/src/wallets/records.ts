/** Reads a store of records whole, a part at a time. */
import { concatBytes } from "@chain/core";
import type { KeyValueRecord, KeyValueStore } from "@chain/storage";

/** Records that are read at a time. */
const AT_ONCE = 10_000;
/** Behind every key. */
const END = new Uint8Array(64).fill(0xff);

export async function* recordsOf(store: KeyValueStore): AsyncGenerator<KeyValueRecord> {
  // Keys have two bytes at least.
  let from: Uint8Array = Uint8Array.of(0, 0);
  for (;;) {
    const records = await store.range({ from, end: END }, AT_ONCE);
    yield* records;
    const last = records.at(-1);
    if (last === undefined || records.length < AT_ONCE) return;
    from = concatBytes(last.key, Uint8Array.of(0));
  }
}
