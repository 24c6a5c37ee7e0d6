import { join } from "node:path";
import { requireOptions, requirePath } from "@chain/core/arguments";
import { StorageError } from "../errors.ts";
import type { ChainStore } from "../store.ts";
import { adopt, straysBehind, straysOf } from "./adopt.ts";
import { AppendFile, type FilePosition, holdsRecord, isShort } from "./appendFile.ts";
import { decodeBackground } from "./background.ts";
import { openDatabase } from "./database.ts";
import { asStorageError } from "./failure.ts";
import { forgetOwner } from "./owner.ts";
import { decodeMarks, type Marks } from "./records.ts";
import { recover } from "./recover.ts";
import { BLOCKS_DIRECTORY, META } from "./schema.ts";
import { hasScripts, settleScripts } from "./scripts.ts";
import { LevelStore } from "./store.ts";

const START: FilePosition = { file: 0, offset: 0 };
const NO_MARKS: Marks = {
  journalStart: 1,
  batch: 0,
  body: START,
  undo: START,
  safeBody: START,
  safeUndo: START,
};
export interface LevelStoreOptions {
  /** Memory for LevelDB's cache of what it read, in bytes. Default 32 MiB. */
  readonly cacheSize?: number;
  /**
   * Memory for changes that need not be durable, in bytes: they are written once they take more, after ten seconds, or
   * with the next that must be durable, many blocks in one batch. A kill takes back the steps that wait; their blocks
   * stay, so that nothing has to be downloaded again. Default 0: each is written at once. Core: -dbcache.
   */
  readonly writeBackSize?: number;
  /** A file of blocks or undo data grows to so many bytes before the next begins. Default 128 MiB, as in Core. */
  readonly fileSize?: number;
  /**
   * Whether the unspent outputs are indexed by script. Without that index the store takes half the space for its coins,
   * and `unspentByScript` reads all of them. Where an index was switched off, its records are deleted in the
   * background; where it is switched on, this opening makes it of the coins, and goes on after a kill. Default: as the
   * store was kept last; a new one has it.
   */
  readonly scripts?: boolean;
  /** Hears how far the index by script is that is being made: a part of 1. */
  readonly onScriptsProgress?: (part: number) => void;
  /** Hears what a kill, a power cut or a damaged disk took, where that is more than a record that was being written. */
  readonly onRecovery?: (recovery: Recovery) => void;
}

/** The outcome for a store whose last process did not close it. */
export interface Recovery {
  /** Blocks of the block files that the index had lost, and that are in it again. */
  readonly adopted: number;
  /** Blocks that were stored, and can't be read any more: they have to be downloaded again. */
  readonly lost: number;
  /** Whether the coins are made again from the blocks. */
  readonly forgetsCoins: boolean;
  /** Whether the coins below a snapshot are, while those of the snapshot stay. */
  readonly forgetsBelow: boolean;
}

/**
 * Opens or makes a store in a directory: block index and coins in LevelDB, blocks and undo data in append-only files.
 * The directory may be copied while no process has it open.
 * @throws StorageError `in-use`, `foreign`, `newer-version`, `corrupt`, `io`.
 * @example
 * const store = await openLevelStore(path);
 * await store.readTip() // undefined: nothing was written yet
 * await store.close();
 */
export async function openLevelStore(
  directory: string,
  options: LevelStoreOptions = {},
): Promise<ChainStore> {
  requirePath(directory, "directory");
  requireOptions(options, "options", {
    cacheSize: "number?",
    fileSize: "number?",
    writeBackSize: "number?",
    scripts: "boolean?",
    onScriptsProgress: "function?",
    onRecovery: "function?",
  });

  try {
    const { db, tables, wasClosed } = await openDatabase(
      directory,
      options.cacheSize ?? 32 * 1024 * 1024,
    );
    try {
      const stored = await db.get(META.marks);
      const marks = stored === undefined ? NO_MARKS : decodeMarks(stored);
      const [generation = 0] = (await db.get(META.generation)) ?? [];
      const background = decodeBackground(await db.get(META.background));
      const blocks = join(directory, BLOCKS_DIRECTORY);
      // A process that closes the store has referred to each record, and lacks none. Bytes behind the marks are cut
      // off below, and after a clean end they can only be there because the database has lost its last changes.
      if (
        wasClosed &&
        (holdsRecord(blocks, "blk", marks.body) || holdsRecord(blocks, "rev", marks.undo))
      ) {
        throw new StorageError("corrupt", `${directory}: the database lacks its last changes`);
      }
      // After a kill or a power cut, blocks that are missing are headers again (recover.ts).
      if (wasClosed && isShort(blocks, "blk", marks.body)) {
        throw new StorageError("corrupt", `${blocks} lacks its last blocks`);
      }
      const strays = await straysBehind(blocks, marks.body);
      // A genesis block alone is what a killed `initialize` leaves.
      if (strays.blocks.length > 1 && (await db.get(META.genesis)) === undefined) {
        throw new StorageError("corrupt", `${directory}: the database lacks its first changes`);
      }
      const bodies = new AppendFile(blocks, "blk", strays.end, options.fileSize);
      const undos = new AppendFile(blocks, "rev", marks.undo, options.fileSize);
      const files = { bodies, undos };
      const { isWhole, lost, forgetsCoins, forgetsBelow, ...recovered } = await recover(db, files, {
        marks,
        generation,
        background,
        scripts: hasScripts(await db.get(META.scripts)),
      });
      // Where changes are missing in the middle, all coins are made again, so that to read all blocks costs little.
      const found = isWhole ? strays.blocks : await straysOf(db, blocks);
      const { adopted, state: whole } = await adopt(db, bodies, found, recovered.state);
      if (adopted > 0 || lost > 0 || forgetsCoins || forgetsBelow) {
        options.onRecovery?.({ adopted, lost, forgetsCoins, forgetsBelow });
      }
      const state = await settleScripts(db, whole, options);
      return new LevelStore(directory, db, files, state, tables, options.writeBackSize ?? 0);
    } catch (error) {
      // A failure must not make the next start believe that the last end was unclean: it would look at less.
      if (wasClosed) forgetOwner(directory);
      await db.close();
      throw error;
    }
  } catch (error) {
    throw asStorageError(error);
  }
}
