/**
 * After a kill or a power cut, LevelDB leaves out what is damaged at the end of its log, and goes on at an earlier state.
 * The block files may hold more than that state knows. Those blocks are taken into the index again instead of being cut
 * off, so that the chain is as long as before, with peers or without.
 */
import { type BlockHash, idFromBytes } from "@chain/core";
import type { AppendFile, FilePosition, Location } from "./appendFile.ts";
import type { Database } from "./checked.ts";
import { seal } from "./journal.ts";
import { decodeEntry, encodeEntry } from "./records.ts";
import type { StoreState } from "./recover.ts";
import { scanIndex } from "./scan.ts";
import {
  type PeekedBlock,
  peekBlock,
  RECORD_HEADER_SIZE,
  readBlocksFrom,
  scanBlockFiles,
} from "./scanFiles.ts";
import { blockKey } from "./schema.ts";

const HASH_SIZE = 32;

/** A block in the block files of which the index may know nothing. */
export interface StrayBlock extends PeekedBlock {
  readonly location: Location;
}

export interface Strays {
  readonly blocks: readonly StrayBlock[];
  /** Where the last of them ends. */
  readonly end: FilePosition;
}

/** The blocks behind a position of the block files, up to the first bytes that are no block. Reads only what is there. */
export async function straysBehind(directory: string, from: FilePosition): Promise<Strays> {
  const blocks: StrayBlock[] = [];
  let end = from;
  for await (const { location, payload } of readBlocksFrom(directory, from)) {
    const block = peekBlock(payload);
    if (block === undefined) break;
    blocks.push({ ...block, location });
    end = { file: location.file, offset: location.offset + RECORD_HEADER_SIZE + payload.length };
  }
  return { blocks, end };
}

/** All blocks of the block files that have no body in the index. Reads all of the files. */
export async function straysOf(db: Database, directory: string): Promise<readonly StrayBlock[]> {
  const blocks: StrayBlock[] = [];
  const take = ({ location, payload }: { location: Location; payload: Uint8Array }) => {
    const block = peekBlock(payload);
    if (block === undefined || knownOf(db, block.header.hash)?.hasBody) return;
    blocks.push({ ...block, location });
  };
  await scanBlockFiles(directory, take, () => {});
  return blocks;
}

/**
 * Enters blocks into the index whose ancestors are known. Each was checked before it was written to the file; its coins
 * are checked when it is connected. A block whose ancestors are not known stays in the file, for `reindex`.
 * @param bodies the block files, open, with all of these blocks in front of their end
 */
export async function adopt(
  db: Database,
  bodies: AppendFile,
  blocks: readonly StrayBlock[],
  state: StoreState,
): Promise<{ readonly state: StoreState; readonly adopted: number }> {
  const placed = await place(db, blocks);
  if (placed.length === 0) return { state, adopted: 0 };
  await bodies.distrust(); // the killed process may not have waited for the disk
  await bodies.sync();
  const batch = db.batch();
  for (const { header, transactionCount, location, height } of placed) {
    const value = db.getSync(blockKey(header.hash));
    const known = value && decodeEntry(value);
    // A pruned block that came again stays connected.
    const status = known?.record.status === "connected" ? "connected" : "body";
    const record = { header, height, status, hasBody: true, transactionCount } as const;
    batch.put(blockKey(header.hash), encodeEntry({ record, body: location, undo: known?.undo }));
  }
  const { batch: last } = state.marks;
  // `recover` has left no record that is not safe.
  const marks = { ...state.marks, batch: last + 1, body: bodies.end, safeBody: bodies.end };
  await seal(batch, marks).write({ sync: true });
  return { state: { ...state, marks }, adopted: placed.length };
}

/** The facts that the index has of a block. */
interface Known {
  readonly height: number;
  readonly hasBody: boolean;
  readonly isInvalid: boolean;
}

type PlacedBlock = StrayBlock & { readonly height: number };

/** The blocks that belong into the index. */
async function place(db: Database, blocks: readonly StrayBlock[]): Promise<readonly PlacedBlock[]> {
  const known = new Map<BlockHash, Known>();
  for (const { header } of blocks) {
    for (const hash of [header.hash, header.previousHash]) {
      const entry = known.has(hash) ? undefined : knownOf(db, hash);
      if (entry !== undefined) known.set(hash, entry);
    }
  }
  const placed: PlacedBlock[] = [];
  const left = placeKnown(blocks, known, placed);
  if (left.length === 0) return placed;
  // Their headers, or those of their parents, may stand in runs, which are searched once for all of them.
  const wanted = new Set(left.flatMap(({ header }) => [header.hash, header.previousHash]));
  await scanIndex(db, ({ hash, hashStart, height, status, transactionCount }) => {
    const id = idFromBytes<BlockHash>(hash.subarray(hashStart, hashStart + HASH_SIZE));
    if (!wanted.has(id)) return;
    known.set(id, { height, hasBody: transactionCount > 0, isInvalid: status === "invalid" });
  });
  placeKnown(left, known, placed);
  return placed;
}

/** @returns the blocks whose height nothing tells */
function placeKnown(
  blocks: readonly StrayBlock[],
  known: Map<BlockHash, Known>,
  placed: PlacedBlock[],
): readonly StrayBlock[] {
  const left: StrayBlock[] = [];
  for (const block of blocks) {
    const { hash, previousHash } = block.header;
    const own = known.get(hash);
    const parent = known.get(previousHash);
    if (own?.hasBody || own?.isInvalid || parent?.isInvalid) continue;
    const height = own?.height ?? (parent && parent.height + 1);
    if (height === undefined) {
      left.push(block);
      continue;
    }
    placed.push({ ...block, height });
    known.set(hash, { height, hasBody: true, isInvalid: false });
  }
  // A block may stand in front of its parent.
  return left.length > 0 && left.length < blocks.length ? placeKnown(left, known, placed) : left;
}

function knownOf(db: Database, hash: BlockHash): Known | undefined {
  const value = db.getSync(blockKey(hash));
  if (value === undefined) return undefined;
  const { height, hasBody, status } = decodeEntry(value).record;
  return { height, hasBody, isInvalid: status === "invalid" };
}
