import type { BlockHash } from "@chain/core";
import { StorageError } from "../errors.ts";
import { type AppendFile, type FilePosition, isBefore, type Location } from "./appendFile.ts";
import type { Database } from "./checked.ts";
import { isWhole, seal } from "./journal.ts";
import { type BlockEntry, decodeEntry, encodeEntry, type Marks } from "./records.ts";
import { scanEntries } from "./scan.ts";
import { blockKey, keysOfOthers, META } from "./schema.ts";

/** What a store knows by heart. */
export interface StoreState {
  readonly marks: Marks;
  readonly generation: number;
}

export interface Files {
  readonly bodies: AppendFile;
  readonly undos: AppendFile;
}

/** All index entries, parents first. */
async function loadEntries(db: Database): Promise<BlockEntry[]> {
  const entries: BlockEntry[] = [];
  await scanEntries(db, (_, value) => entries.push(decodeEntry(value)));
  return entries.sort((a, b) => a.record.height - b.record.height);
}

/**
 * Finds what a power cut or a damaged disk took, and makes one consistent state of the rest. A mere kill takes nothing:
 * the system keeps what a process wrote.
 *
 * 1. Records of the files behind the last durable write are read; behind the end of a file there are none.
 * 2. Blocks whose body is gone are headers again; those whose undo data is gone are no longer connected.
 * 3. If one of them was connected, or a batch is missing from the journal, the coins can't be trusted or not be undone:
 *    they are forgotten, to be made anew from the blocks that are left.
 *
 * All of it is one batch, so that a kill in here changes nothing.
 */
export async function recover(
  db: Database,
  { bodies, undos }: Files,
  state: StoreState,
): Promise<StoreState> {
  const { marks, generation } = state;
  const whole = await isWhole(db, marks);
  const hasUnsafe = isBefore(marks.safeBody, marks.body) || isBefore(marks.safeUndo, marks.undo);
  if (whole && !hasUnsafe && !bodies.isShort && !undos.isShort) return state;

  const genesis = await db.get(META.genesis);
  const kept = new Set<BlockHash>();
  const changed: BlockEntry[] = [];
  const dropped: BlockHash[] = [];
  let distrust = !whole;
  for (const entry of await loadEntries(db)) {
    const { record, body, undo } = entry;
    const { hash, previousHash } = record.header;
    const isGenesis = record.height === 0;
    if (isGenesis ? genesis === undefined : !kept.has(previousHash)) {
      dropped.push(hash);
      continue;
    }
    kept.add(hash);
    const hasBody = await isIntact(bodies, body, marks.safeBody);
    const hasUndo = await isIntact(undos, undo, marks.safeUndo);
    if (hasBody && hasUndo) continue;
    distrust ||= record.status === "connected";
    // The genesis block comes from nobody else, so the database has it too.
    const rewritten = isGenesis && genesis && !hasBody ? await bodies.append(genesis) : undefined;
    const status = hasBody || rewritten ? "body" : "header";
    changed.push({
      record: { ...record, status: record.status === "invalid" ? "invalid" : status },
      body: hasBody ? body : rewritten,
      undo: hasUndo ? undo : undefined,
    });
  }

  await bodies.sync();
  await undos.sync();
  const next = distrust ? (generation + 1) % 256 : generation;
  if (distrust) for (const keys of keysOfOthers(generation)) await db.clear(keys);
  const batch = db.batch();
  for (const hash of dropped) batch.del(blockKey(hash));
  for (const entry of changed) batch.put(blockKey(entry.record.header.hash), encodeEntry(entry));
  if (distrust) batch.del(META.tip).put(META.generation, Uint8Array.of(next));
  const recovered: Marks = {
    journalStart: whole ? marks.journalStart : marks.batch + 1,
    batch: marks.batch + 1,
    body: bodies.end,
    undo: undos.end,
    safeBody: bodies.end,
    safeUndo: undos.end,
  };
  await seal(batch, recovered).write({ sync: true });
  return { marks: recovered, generation: next };
}

/** Whether a record is there. Before the `safe` position it is enough that the file is long enough. */
async function isIntact(
  file: AppendFile,
  location: Location | undefined,
  safe: FilePosition,
): Promise<boolean> {
  if (location === undefined) return true;
  if (!file.contains(location)) return false;
  if (isBefore(location, safe)) return true;
  try {
    await file.read(location);
    return true;
  } catch (error) {
    if (error instanceof StorageError && error.code === "corrupt") return false;
    throw error;
  }
}
