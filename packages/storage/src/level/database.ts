import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { equalBytes } from "@chain/core";
import { ClassicLevel } from "classic-level";
import { StorageError } from "../errors.ts";
import { Database, type RawDatabase } from "./checked.ts";
import { causeOf, isLocked, takeGuard } from "./guard.ts";
import { verifyLogs } from "./manifest.ts";
import { forgetOwner, noteOwner, wasLeft } from "./owner.ts";
import {
  BLOCKS_DIRECTORY,
  FORMAT_NAME,
  FORMAT_VALUE,
  GUARD_DIRECTORY,
  INDEX_DIRECTORY,
  META,
  OLDEST_VERSION,
  SCHEMA_VERSION,
} from "./schema.ts";
import { syncDirectory } from "./syncDirectory.ts";
import { TableVerifier, tableBytes } from "./tables.ts";

/** The files that LevelDB leaves where it is killed before its database exists. */
const BEGINNINGS = /^(LOCK|LOG|LOG\.old|MANIFEST-\d+|\d+\.dbtmp)$/;

interface OpenDatabase {
  readonly db: Database;
  readonly tables: TableVerifier;
  /** Whether the last process that had it open closed it: then nothing was being written. */
  readonly wasClosed: boolean;
}

/** Opens LevelDB, and makes sure that it is one of ours and that no other process has it. Other databases are not touched. */
export async function openDatabase(directory: string, cacheSize: number): Promise<OpenDatabase> {
  refuseForeign(directory);
  return openGuarded(directory, cacheSize, {
    beforeOpening: () => refuseMissing(directory),
    checkFormat: (db) => checkFormat(db, directory),
  });
}

/** The checks that differ from one kind of database to another. */
interface FormatChecks {
  /** Looks at the files, with the lock taken. */
  readonly beforeOpening?: () => void;
  /** Looks for the name of the format, or writes it into a new database. */
  readonly checkFormat: (db: RawDatabase) => Promise<void>;
}

/**
 * Opens a LevelDB that no other process has. Its lock is taken first, and its tables are verified before LevelDB reads
 * them, because some damage makes it end the process. Where something is wrong the lock is released.
 */
export async function openGuarded(
  directory: string,
  cacheSize: number,
  { beforeOpening, checkFormat: check }: FormatChecks,
): Promise<OpenDatabase> {
  const guard = await takeGuard(directory);
  const wasClosed = !wasLeft(directory);
  noteOwner(directory);
  try {
    beforeOpening?.();
    const tables = new TableVerifier(join(directory, INDEX_DIRECTORY));
    await verifyTables(directory, tables, wasClosed);
    const db = await openLevel(directory, cacheSize);
    try {
      await check(db);
    } catch (error) {
      await db.close();
      throw error;
    }
    return { db: new Database(db, guard), tables, wasClosed };
  } catch (error) {
    if (wasClosed) forgetOwner(directory);
    await guard.release();
    throw error;
  }
}

/** Opens LevelDB in a directory of ours. */
async function openLevel(directory: string, cacheSize: number): Promise<RawDatabase> {
  const db: RawDatabase = new ClassicLevel(join(directory, INDEX_DIRECTORY), {
    keyEncoding: "view",
    valueEncoding: "view",
    cacheSize,
    compression: false, // hashes do not compress
  });
  try {
    await db.open();
    return db;
  } catch (error) {
    throw whyNotOpen(error, directory);
  }
}

/** Tables of so many bytes are verified whole at each start: in about a second. */
const MAX_WHOLE = 256 * 1024 * 1024;

/** After an unclean end all of them are, because a power cut may have taken tables that no read would miss. */
async function verifyTables(
  directory: string,
  tables: TableVerifier,
  wasClosed: boolean,
): Promise<void> {
  const index = join(directory, INDEX_DIRECTORY);
  if (namesIn(index).length === 0) return;
  if (wasClosed) await verifyLogs(index);
  const isWhole = !wasClosed || (await tableBytes(index)) <= MAX_WHOLE;
  await tables.verify(isWhole ? "whole" : "structure");
}

function refuseForeign(directory: string): void {
  const index = namesIn(join(directory, INDEX_DIRECTORY));
  if (index.includes("CURRENT") || hasBlocks(directory)) return;
  const ours = [INDEX_DIRECTORY, BLOCKS_DIRECTORY, GUARD_DIRECTORY, "process.pid"];
  const others = namesIn(directory).some((name) => !ours.includes(name));
  if (others || index.some((name) => !BEGINNINGS.test(name))) {
    throw new StorageError("foreign", `${directory} holds something else than a chain`);
  }
}

/** LevelDB would begin a new database, and delete the tables of the old one. */
function refuseMissing(directory: string): void {
  const isThere = namesIn(join(directory, INDEX_DIRECTORY)).includes("CURRENT");
  if (isThere || !hasBlocks(directory)) return;
  throw new StorageError("corrupt", `${directory} holds blocks, but the database is missing`);
}

function hasBlocks(directory: string): boolean {
  return namesIn(join(directory, BLOCKS_DIRECTORY)).length > 0;
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

async function checkFormat(db: RawDatabase, directory: string): Promise<void> {
  const format = await db.get(META.format);
  if (format === undefined) {
    const [any] = await db.keys({ limit: 1 }).all();
    if (any !== undefined) throw foreign(directory);
    if (hasBlocks(directory)) {
      throw new StorageError("corrupt", `${directory} holds blocks, but the database is empty`);
    }
    // Before any block is written: blocks without a format are damage.
    await db.put(META.format, FORMAT_VALUE, { sync: true });
  } else if (!equalBytes(format, FORMAT_VALUE)) {
    const [name, version] = new TextDecoder().decode(format).split(":");
    if (name !== FORMAT_NAME || !(Number(version) >= 1)) throw foreign(directory);
    if (Number(version) >= OLDEST_VERSION && Number(version) < SCHEMA_VERSION) {
      // From now on there may be records that an older program does not know.
      await db.put(META.format, FORMAT_VALUE, { sync: true });
    } else if (Number(version) < SCHEMA_VERSION) {
      const what = `schema ${version}, this one knows ${OLDEST_VERSION} to ${SCHEMA_VERSION}`;
      throw new StorageError(
        "older-version",
        `${directory} was written by an older version (${what})`,
      );
    } else {
      const versions = `schema ${version}, this one knows ${SCHEMA_VERSION}`;
      throw new StorageError(
        "newer-version",
        `${directory} was written by a newer version (${versions})`,
      );
    }
  }
  mkdirSync(join(directory, BLOCKS_DIRECTORY), { recursive: true });
  await syncDirectory(directory);
}

function foreign(directory: string): StorageError {
  return new StorageError("foreign", `${directory} holds a database of another program`);
}

function whyNotOpen(error: unknown, directory: string): StorageError {
  const message = causeOf(error)?.message ?? String(error);
  // A program that knows nothing of our lock.
  if (isLocked(error)) {
    return new StorageError("in-use", `${directory} is in use by another process`, {
      cause: error,
    });
  }
  // Databases of browsers sort their keys in a way of their own.
  if (message.includes("comparator")) return foreign(directory);
  // A file that the others name, and that is not there, is damage as well.
  const isCorrupt =
    causeOf(error)?.code === "LEVEL_CORRUPTION" || /No such file|NotFound/i.test(message);
  const code = isCorrupt ? "corrupt" : "io";
  return new StorageError(code, `can't open ${directory}: ${message}`, { cause: error });
}
