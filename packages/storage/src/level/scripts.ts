/**
 * The index by output script is there or not, and is switched when a store is opened. `m scripts` holds one byte:
 *
 *     0   there is none; records may be left of one, which are deleted in the background (generations.ts)
 *     1   it is complete, as where this record is absent
 *     2   it is being made of the coins, in the order of their keys; the key of the last one follows that is in it
 *
 * Every batch counts in the journal, so that a hole that a power cut leaves is found: the coins are forgotten then, and
 * no index of those that come after them lacks any.
 */
import { compareBytes, concatBytes } from "@chain/core";
import { StorageError } from "../errors.ts";
import type { Batch, Database } from "./checked.ts";
import { seal } from "./journal.ts";
import { decodeLocated, type Marks } from "./records.ts";
import type { StoreState } from "./recover.ts";
import { scan } from "./scan.ts";
import { ALL_SCRIPTS, coinsOf, META, scriptKey } from "./schema.ts";

const NONE = 0;
const COMPLETE = 1;
const UNFINISHED = 2;
/** The letter and the generation of a coin's key; the id of a transaction follows, whose bytes are as good as random. */
const ID_OFFSET = 2;

interface Wanted {
  readonly scripts?: boolean;
  readonly onScriptsProgress?: (part: number) => void;
}

/** Whether a store keeps the index, by its record. @throws StorageError `corrupt` */
export function hasScripts(record: Uint8Array | undefined): boolean {
  return stateOf(record) !== NONE;
}

function stateOf(record: Uint8Array | undefined): number {
  const state = record === undefined ? COMPLETE : (record[0] ?? -1);
  if (state === NONE || state === COMPLETE || state === UNFINISHED) return state;
  throw new StorageError("corrupt", "the database holds a damaged record of its index by script");
}

/** Switches the index on or off where that is wanted, and finishes one that a killed process began. */
export async function settleScripts(
  db: Database,
  state: StoreState,
  { scripts: wanted, onScriptsProgress = () => {} }: Wanted,
): Promise<StoreState> {
  const record = await db.get(META.scripts);
  const found = stateOf(record);
  const scripts = wanted ?? found !== NONE;
  const writer = new SealedWriter(state.marks);
  if (!scripts) {
    if (found !== NONE) await writer.write(mark(db, NONE), true);
  } else if (found !== COMPLETE) {
    let done = record?.subarray(1) ?? new Uint8Array(0);
    if (found === NONE) {
      await deleteAll(db, writer);
      done = new Uint8Array(0);
      await writer.write(mark(db, UNFINISHED), true);
    }
    await makeIndex(db, { state, writer, done, onScriptsProgress });
    await writer.write(mark(db, COMPLETE), true);
  }
  return { ...state, marks: writer.marks, scripts };
}

function mark(db: Database, state: number, done: Uint8Array = new Uint8Array(0)): Batch {
  return db.batch().put(META.scripts, concatBytes(Uint8Array.of(state), done));
}

/** The records that are left may be those of coins that were spent since. */
async function deleteAll(db: Database, writer: SealedWriter): Promise<void> {
  for await (const records of scan(db, ALL_SCRIPTS)) {
    const batch = db.batch();
    for (const [key] of records) batch.del(key);
    await writer.write(batch, false);
  }
}

interface Making {
  readonly state: StoreState;
  readonly writer: SealedWriter;
  /** Coins up to this key are in it. */
  readonly done: Uint8Array;
  readonly onScriptsProgress: (part: number) => void;
}

async function makeIndex(
  db: Database,
  { state, writer, done, onScriptsProgress }: Making,
): Promise<void> {
  const { generation: active, background } = state;
  const generations = [active, ...(background === undefined ? [] : [background.generation])];
  const sorted = generations.toSorted((a, b) => a - b);
  for (const [i, generation] of sorted.entries()) {
    const all = coinsOf(generation);
    const after = concatBytes(done, Uint8Array.of(0));
    const isAfter = done.length > 0 && compareBytes(after, all.gte) > 0;
    if (isAfter && compareBytes(after, all.lt) >= 0) continue;
    for await (const records of scan(db, isAfter ? { ...all, gte: after } : all)) {
      const last = records.at(-1)?.[0] ?? all.gte;
      const batch = mark(db, UNFINISHED, last);
      for (const record of records) {
        const { outpoint, coin } = decodeLocated(record);
        batch.put(scriptKey(generation, coin.scriptPubKey, outpoint), record[1]);
      }
      await writer.write(batch, false);
      const part = ((last[ID_OFFSET] ?? 0) * 256 + (last[ID_OFFSET + 1] ?? 0)) / 65_536;
      onScriptsProgress((i + part) / sorted.length);
    }
  }
}

/** Writes batches that count in the journal. */
class SealedWriter {
  marks: Marks;

  constructor(marks: Marks) {
    this.marks = marks;
  }

  async write(batch: Batch, sync: boolean): Promise<void> {
    const marks = { ...this.marks, batch: this.marks.batch + 1 };
    await seal(batch, marks).write({ sync });
    this.marks = marks;
  }
}
