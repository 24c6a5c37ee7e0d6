/**
 * Headers that came many at a time, in one record each time: an index entry for each would make a start read a million
 * records, and a download write them. A run holds headers of which each is the parent of the next, one behind the other,
 * and behind them the hash of the last one. The hashes of the others stand in the headers that follow them.
 *
 * A run is never changed. A new state of one of its blocks is written as an index entry, which counts in its place.
 */
import { type BlockHeader, concatBytes, HEADER_SIZE } from "@chain/core";
import { StorageError } from "../errors.ts";
import type { RawRecord } from "../store.ts";
import type { Batch } from "./checked.ts";
import { heightOfRun, runKey } from "./schema.ts";

/** Fewer headers than that are written as index entries. */
export const LEAST_RUN = 50;
/** Headers in a run at most: as many as a message of a peer has. */
export const MAX_RUN = 2_000;

const HASH_SIZE = 32;
/** Where a header has the hash of its parent. */
const PREVIOUS_HASH = 4;

/** @param headers each the parent of the next */
export function putRun(batch: Batch, headers: readonly BlockHeader[], height: number): void {
  const [first] = headers;
  if (first === undefined) return;
  const last = headers.at(-1)?.hashBytes ?? new Uint8Array(HASH_SIZE);
  const run = concatBytes(...headers.map(({ bytes }) => bytes), last);
  batch.put(runKey(height, first.hashBytes), run);
}

/** Hands out the headers of a run, from the first on. @throws StorageError `corrupt`. */
export function decodeRun(
  key: Uint8Array,
  value: Uint8Array,
  take: (record: RawRecord) => void,
): void {
  const count = countOf(value);
  const record = recordAt(value, 0, heightOfRun(key));
  for (let i = 0; i < count; i++) {
    take(record);
    record.height++;
    record.headerStart += HEADER_SIZE;
    record.hashStart = hashOf(i + 1, count);
  }
}

/** The header with this hash, if it stands in a run. @throws StorageError `corrupt`. */
export function findInRun(
  key: Uint8Array,
  value: Uint8Array,
  hash: Uint8Array,
): RawRecord | undefined {
  const count = countOf(value);
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
  // The hash in the first header is that of a header in another run.
  let at = bytes.indexOf(hash, HEADER_SIZE);
  for (; at !== -1; at = bytes.indexOf(hash, at + 1)) {
    const i = at === count * HEADER_SIZE ? count - 1 : (at - PREVIOUS_HASH) / HEADER_SIZE - 1;
    if (Number.isInteger(i)) return recordAt(value, i, heightOfRun(key) + i);
  }
  return undefined;
}

function recordAt(value: Uint8Array, i: number, height: number) {
  return {
    header: value,
    headerStart: i * HEADER_SIZE,
    hash: value,
    hashStart: hashOf(i, countOf(value)),
    height,
    status: "header" as const,
    hasBody: false,
    transactionCount: 0,
    invalidReason: undefined,
  };
}

/** Where the hash of a header stands in its run. */
function hashOf(i: number, count: number): number {
  return (i + 1) * HEADER_SIZE + (i + 1 < count ? PREVIOUS_HASH : 0);
}

function countOf(value: Uint8Array): number {
  const size = value.length - HASH_SIZE;
  if (size >= HEADER_SIZE && size % HEADER_SIZE === 0) return size / HEADER_SIZE;
  throw new StorageError("corrupt", "the database holds a damaged run of headers");
}
