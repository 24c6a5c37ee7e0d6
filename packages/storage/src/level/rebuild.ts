import { existsSync } from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Block, BlockHash } from "@chain/core";
import {
  optional,
  present,
  requireBlock,
  requireOptions,
  requirePath,
} from "@chain/core/arguments";
import { ClassicLevel } from "classic-level";
import { StorageError } from "../errors.ts";
import { AppendFile, type FilePosition, type Location } from "./appendFile.ts";
import { Database, type RawDatabase } from "./checked.ts";
import { asStorageError } from "./failure.ts";
import { isLocked, takeGuard } from "./guard.ts";
import { seal } from "./journal.ts";
import { forgetOwner, noteOwner } from "./owner.ts";
import { encodeEntry, type Marks } from "./records.ts";
import { type PeekedBlock, peekBlock, type ScanProgress, scanBlockFiles } from "./scanFiles.ts";
import { BLOCKS_DIRECTORY, blockKey, FORMAT_VALUE, INDEX_DIRECTORY, META } from "./schema.ts";
import { syncDirectory } from "./syncDirectory.ts";
import { TableVerifier } from "./tables.ts";

/** The new index, until it is complete. */
const DRAFT = `${INDEX_DIRECTORY}.new`;
/** Entries written at a time. */
const AT_A_TIME = 5_000;

export interface RebuildOptions {
  /** The genesis block, where its record in the block files may be damaged. */
  readonly genesis?: Block | undefined;
  readonly onProgress?: (progress: ScanProgress) => void;
}

export interface Rebuilt {
  /** Blocks that are in the index again. */
  readonly blocks: number;
  /** Stretches of the block files that could not be read. */
  readonly damaged: number;
  /** Blocks that were read, but whose ancestors were not: they are fetched again as all others are. */
  readonly orphans: number;
}

/**
 * Makes the block index of a store again from its block files, even if all the rest is lost: no other file has to be
 * whole. Only a genesis block that they have lost is taken from the old index, if that can be read. Coins and undo data are forgotten; a chain manager that opens the store makes them again, and checks every block
 * on the way. Blocks that can't be read are left out. A process that is killed on the way leaves a store that has to be
 * rebuilt again, and whose blocks are all still there.
 * @param directory of a store that no process has open
 * @throws StorageError `in-use`, `foreign` where there are no block files, `no-genesis` where that block is lost, `io`.
 * @example
 * await (await openLevelStore(path)).close();
 * const { blocks, damaged } = await rebuildLevelStore(path, { genesis: regtest.genesis });
 * [blocks, damaged] // [1, 0]
 */
export async function rebuildLevelStore(
  directory: string,
  options: RebuildOptions = {},
): Promise<Rebuilt> {
  requirePath(directory, "directory");
  requireOptions(options, "options", { genesis: "object?", onProgress: "function?" });
  optional(options.genesis, "options.genesis", requireBlock);

  try {
    if (!existsSync(join(directory, BLOCKS_DIRECTORY))) {
      throw new StorageError("foreign", `${directory} holds no block files`);
    }
    // From the first byte that is read: what another process appends meanwhile would be cut off.
    const guard = await takeGuard(directory);
    try {
      noteOwner(directory);
      const rebuilt = await rebuild(directory, options);
      forgetOwner(directory);
      return rebuilt;
    } finally {
      await guard.release();
    }
  } catch (error) {
    throw asStorageError(error);
  }
}

async function rebuild(
  directory: string,
  { genesis, onProgress = () => {} }: RebuildOptions,
): Promise<Rebuilt> {
  const blocksDirectory = join(directory, BLOCKS_DIRECTORY);
  const found = new Map<BlockHash, Found>();
  let first: Uint8Array | undefined;
  const { damaged, end } = await scanBlockFiles(
    blocksDirectory,
    ({ location, payload }) => {
      const block = peekBlock(payload);
      if (block === undefined) return;
      first ??= payload.slice();
      found.set(block.header.hash, { ...block, location });
    },
    onProgress,
  );
  // A genesis block has no parent: if the first record is another block, that of the genesis is lost.
  const isRoot = (bytes: Uint8Array | undefined) =>
    bytes !== undefined && !/[^0]/.test(peekBlock(bytes)?.header.previousHash ?? "none");
  const start = genesis?.toBytes() ?? (isRoot(first) ? first : await genesisOf(directory));
  const root = start && peekBlock(start);
  if (start === undefined || root === undefined || !isRoot(start)) {
    const hint = "name it, or copy the database of another node of this chain";
    throw new StorageError("no-genesis", `${directory}: the genesis block can't be read: ${hint}`);
  }
  const { hash } = root.header;
  const bodies = new AppendFile(blocksDirectory, "blk", end);
  const known = found.get(hash);
  // No peer can give us the genesis block.
  found.set(hash, known ?? { ...root, location: await bodies.append(start) });
  await bodies.sync();
  await bodies.close();
  const placed = inOrder(present(found.get(hash), "found.get(hash)"), found);
  const draft = join(directory, DRAFT);
  await rm(draft, { recursive: true, force: true });
  await writeIndex(draft, start, placed, bodies.end);
  // Undo data is made again as well, and nothing may refer to the old. Before the index goes, because a disk that refuses
  // to delete must not cost it; without undo data the old index is still good for the blocks.
  for (const name of await readdir(blocksDirectory)) {
    if (/^rev\d+\.dat$/.test(name)) await rm(join(blocksDirectory, name));
  }
  await destroyIndex(directory);
  await rename(draft, join(directory, INDEX_DIRECTORY));
  await syncDirectory(directory);
  return { blocks: placed.length, damaged, orphans: found.size - placed.length };
}

/** As the old index has it, if that can still be read, because no peer can give us the genesis block. */
async function genesisOf(directory: string): Promise<Uint8Array | undefined> {
  const index = join(directory, INDEX_DIRECTORY);
  try {
    // Some damage would make LevelDB end the process.
    await new TableVerifier(index).verify("whole");
    const raw: RawDatabase = new ClassicLevel(index, {
      keyEncoding: "view",
      valueEncoding: "view",
      createIfMissing: false,
    });
    await raw.open();
    try {
      return await new Database(raw).get(META.genesis);
    } finally {
      await raw.close();
    }
  } catch {
    return undefined; // the damage that is about to be repaired
  }
}

interface Found extends PeekedBlock {
  readonly location: Location;
}

interface Placed extends Found {
  readonly height: number;
}

/** Takes LevelDB's lock for that, which a program that knows nothing of ours may have: then nothing is deleted. */
async function destroyIndex(directory: string): Promise<void> {
  const index = join(directory, INDEX_DIRECTORY);
  if (!existsSync(index)) return;
  try {
    await ClassicLevel.destroy(index);
  } catch (error) {
    if (!isLocked(error)) throw error;
    const message = `${directory} is in use by another process`;
    throw new StorageError("in-use", message, { cause: error });
  }
  await rm(index, { recursive: true, force: true }); // files that LevelDB does not know for its own
}

/** The blocks that descend from the genesis block, parents first. */
function inOrder(genesis: Found, found: ReadonlyMap<BlockHash, Found>): readonly Placed[] {
  const children = new Map<BlockHash, Found[]>();
  for (const block of found.values()) {
    const siblings = children.get(block.header.previousHash);
    if (siblings === undefined) children.set(block.header.previousHash, [block]);
    else siblings.push(block);
  }
  const placed: Placed[] = [{ ...genesis, height: 0 }];
  for (const { header, height } of placed) {
    for (const child of children.get(header.hash) ?? []) {
      placed.push({ ...child, height: height + 1 });
    }
  }
  return placed;
}

async function writeIndex(
  directory: string,
  genesis: Uint8Array,
  placed: readonly Placed[],
  end: FilePosition,
): Promise<void> {
  const raw: RawDatabase = new ClassicLevel(directory, {
    keyEncoding: "view",
    valueEncoding: "view",
    compression: false,
  });
  await raw.open();
  try {
    await raw.put(META.format, FORMAT_VALUE, { sync: true });
    const db = new Database(raw);
    for (let from = 0; from < placed.length; from += AT_A_TIME) {
      const batch = db.batch();
      for (const block of placed.slice(from, from + AT_A_TIME)) {
        const { header, height, transactionCount, location } = block;
        const record = { header, height, status: "body", hasBody: true, transactionCount } as const;
        batch.put(blockKey(header.hash), encodeEntry({ record, body: location, undo: undefined }));
      }
      await batch.write({ sync: false });
    }
    const none = { file: 0, offset: 0 };
    const marks: Marks = {
      journalStart: 1,
      batch: 1,
      body: end,
      undo: none,
      safeBody: end,
      safeUndo: none,
    };
    await seal(db.batch().put(META.genesis, genesis), marks).write({ sync: true });
  } finally {
    await raw.close();
  }
}
