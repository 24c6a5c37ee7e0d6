import { Block, type BlockHash, HeaderTree, idFromBytes, idToBytes } from "@chain/core";
import { present } from "@chain/core/arguments";
import { StorageError } from "../errors.ts";
import { prunedRecord } from "../prunedRecord.ts";
import { type AppendFile, type FilePosition, isBefore, type Location } from "./appendFile.ts";
import { type Background, freeGeneration, putBackground } from "./background.ts";
import type { Batch, Database } from "./checked.ts";
import { isWhole, seal } from "./journal.ts";
import {
  type BlockEntry,
  decodeEntry,
  decodeLocations,
  encodeEntry,
  type Marks,
} from "./records.ts";
import { findHeader, scan, scanIndex } from "./scan.ts";
import { ALL_BLOCKS, ALL_RUNS, blockKey, hashOfKey, keysOfOthers, META } from "./schema.ts";

/** The state that a store keeps in memory. */
export interface StoreState {
  readonly marks: Marks;
  readonly generation: number;
  /** The coins below a snapshot. */
  readonly background: Background | undefined;
  /** Whether coins are indexed by script. */
  readonly scripts: boolean;
}

export interface Files {
  readonly bodies: AppendFile;
  readonly undos: AppendFile;
}

export interface Recovered {
  readonly state: StoreState;
  /** Whether LevelDB has lost none of the changes before its last one. */
  readonly isWhole: boolean;
  /** Blocks that were stored, and can't be read any more. */
  readonly lost: number;
  /** Whether the coins are to be made again. */
  readonly forgetsCoins: boolean;
  /** Whether the coins below a snapshot are. */
  readonly forgetsBelow: boolean;
}

/**
 * Finds what a power cut or a damaged disk took, and makes one consistent state of the rest. A mere kill takes nothing:
 * the system keeps what a process wrote.
 *
 * 1. Records of the files behind the last durable write are read; behind the end of a file there are none.
 * 2. Blocks whose body is gone are headers again; those whose undo data is gone are no longer connected.
 * 3. If one of them was connected, or a batch is missing from the journal, the coins can't be trusted or not be undone:
 *    they are forgotten, and made again from the blocks that are left. Where all of them are below a snapshot, the coins
 *    of the snapshot stay, and those that are checked below it are made again from the genesis block on.
 *
 * All of it is one batch, so that a kill in here changes nothing.
 */
export async function recover(
  db: Database,
  { bodies, undos }: Files,
  state: StoreState,
): Promise<Recovered> {
  const { marks, generation, background, scripts } = state;
  const whole = await isWhole(db, marks);
  if (whole && !hasUnsafe(marks) && !bodies.isShort && !undos.isShort) {
    return { state, isWhole: true, lost: 0, forgetsCoins: false, forgetsBelow: false };
  }

  const genesis = await db.get(META.genesis);
  const isLost = await findLost(db, genesis, whole);
  const batch = db.batch();
  for await (const runs of scan(db, ALL_RUNS)) {
    // All headers of a run descend from the first.
    for (const [key] of runs) if (isLost(hashOfKey(key))) batch.del(key);
  }
  const bodyCheck = new RecordCheck(bodies, marks.safeBody);
  const undoCheck = new RecordCheck(undos, marks.safeUndo);
  const base = background && (await heightOf(db, background.base));
  let distrust = !whole;
  let distrustBelow = false;
  let lost = 0;
  for await (const entries of scan(db, ALL_BLOCKS)) {
    for (const [key, value] of entries) {
      if (isLost(hashOfKey(key))) {
        batch.del(key);
        continue;
      }
      const { body, undo } = decodeLocations(value);
      // Nothing is waited for where nothing is to be read: that is so of nearly all.
      if (bodyCheck.isSafe(body) && undoCheck.isSafe(undo)) continue;
      const hasBody = await bodyCheck.isIntact(body);
      const hasUndo = await undoCheck.isIntact(undo);
      if (hasBody && hasUndo) continue;
      const { record } = decodeEntry(value);
      const isBelow = base !== undefined && record.height <= base;
      distrust ||= record.status === "connected" && !isBelow;
      distrustBelow ||= record.status === "connected" && isBelow;
      if (!hasBody) lost++;
      // No peer can give us the genesis block, so the database has it too.
      const own = record.height === 0 && !hasBody ? genesis : undefined;
      const rewritten = own && (await bodies.append(own));
      const status = hasBody || rewritten ? "body" : "header";
      const changed: BlockEntry = {
        record: { ...record, status: record.status === "invalid" ? "invalid" : status },
        body: hasBody ? body : rewritten,
        undo: hasUndo ? undo : undefined,
      };
      batch.put(key, encodeEntry(changed));
    }
  }

  // The coins are made again from the first block on, so that pruned blocks are needed once more.
  if (distrust || distrustBelow) await forgetPruned(db, batch, isLost);
  for (const file of [bodies, undos]) {
    await file.distrust();
    await file.sync();
  }
  const forgetsBelow = distrustBelow && !distrust && background !== undefined;
  const below = forgetsBelow ? await forgetBelow(db, batch, state, background) : background;
  const next = distrust ? await forgetCoins(db, batch, state) : generation;
  const recovered = marksAfter(marks, { bodies, undos }, whole);
  await seal(batch, recovered).write({ sync: true });
  const coins = { generation: next, background: distrust ? undefined : below };
  const after: StoreState = { marks: recovered, scripts, ...coins };
  return { state: after, isWhole: whole, lost, forgetsCoins: distrust, forgetsBelow };
}

/** Whether the files end in something that the disk was not waited for. */
function hasUnsafe({ safeBody, body, safeUndo, undo }: Marks): boolean {
  return isBefore(safeBody, body) || isBefore(safeUndo, undo);
}

/** The height of a block of the index; `undefined` where it is none. */
async function heightOf(db: Database, hash: BlockHash): Promise<number | undefined> {
  const entry = db.getSync(blockKey(hash));
  if (entry !== undefined) return decodeEntry(entry).record.height;
  return (await findHeader(db, idToBytes(hash)))?.height;
}

/** Forgets the coins below a snapshot: they begin again after the genesis block, whose coins the chain manager adds. */
async function forgetBelow(
  db: Database,
  batch: Batch,
  { generation, scripts }: StoreState,
  background: Background,
): Promise<Background> {
  const kept = [generation, background.generation];
  for (const keys of keysOfOthers(kept, scripts)) await db.clear(keys);
  const genesis = present(await db.get(META.genesis), "genesis");
  const tip = Block.fromBytes(genesis).hash;
  const next = { ...background, generation: freeGeneration(kept), tip };
  putBackground(batch, next);
  return next;
}

/** Forgets all coins. @returns the generation of those that are made again */
async function forgetCoins(
  db: Database,
  batch: Batch,
  { generation, background, scripts }: StoreState,
): Promise<number> {
  const kept = [generation, ...(background === undefined ? [] : [background.generation])];
  for (const keys of keysOfOthers(kept, scripts)) await db.clear(keys);
  const next = freeGeneration(kept);
  putBackground(batch, undefined).del(META.tip).put(META.generation, Uint8Array.of(next));
  return next;
}

/** Makes headers again of the connected blocks whose bodies were pruned. */
async function forgetPruned(
  db: Database,
  batch: Batch,
  isLost: (hash: Uint8Array) => boolean,
): Promise<void> {
  for await (const entries of scan(db, ALL_BLOCKS)) {
    for (const [key, value] of entries) {
      if (isLost(hashOfKey(key))) continue;
      const { record, body, undo } = decodeEntry(value);
      if (record.status !== "connected" || body !== undefined) continue;
      batch.put(key, encodeEntry({ record: prunedRecord(record, false), body, undo }));
    }
  }
}

/** Marks of a store whose files are on disk to their ends. */
function marksAfter(marks: Marks, { bodies, undos }: Files, whole: boolean): Marks {
  return {
    journalStart: whole ? marks.journalStart : marks.batch + 1,
    batch: marks.batch + 1,
    body: bodies.end,
    undo: undos.end,
    safeBody: bodies.end,
    safeUndo: undos.end,
  };
}

/** Tells whether the entry of a block lacks one of its ancestors. That takes a batch that is missing. */
async function findLost(
  db: Database,
  genesis: Uint8Array | undefined,
  whole: boolean,
): Promise<(hash: Uint8Array) => boolean> {
  if (genesis === undefined) return () => true;
  if (whole) return () => false;
  const restorer = new HeaderTree(Block.fromBytes(genesis).header).restore();
  await scanIndex(db, (record) => restorer.add(record));
  const lost = new Set(restorer.lost().map((hash) => idFromBytes<BlockHash>(hash)));
  return (hash) => lost.size > 0 && lost.has(idFromBytes<BlockHash>(hash));
}

/** Looks whether records of files are there. */
class RecordCheck {
  readonly #file: AppendFile;
  readonly #safe: FilePosition;
  /** By number: the system need not be asked for each of a million records. */
  readonly #sizes = new Map<number, number>();

  /** @param safe before it, a power cut has taken nothing as long as the file is long enough */
  constructor(file: AppendFile, safe: FilePosition) {
    this.#file = file;
    this.#safe = safe;
  }

  /** Whether a record is there for certain, or there is to be none. */
  isSafe(location: Location | undefined): boolean {
    return location === undefined || (isBefore(location, this.#safe) && this.#contains(location));
  }

  async isIntact(location: Location | undefined): Promise<boolean> {
    if (location === undefined || this.isSafe(location)) return true;
    if (!this.#contains(location) || isBefore(location, this.#safe)) return false;
    try {
      await this.#file.read(location);
      return true;
    } catch (error) {
      if (error instanceof StorageError && error.code === "corrupt") return false;
      throw error;
    }
  }

  #contains(location: Location): boolean {
    const { file } = location;
    const size = this.#sizes.get(file) ?? this.#file.sizeOf(file);
    this.#sizes.set(file, size);
    return this.#file.contains(location, size);
  }
}
