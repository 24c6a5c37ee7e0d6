import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { equalBytes } from "@chain/core";
import { ClassicLevel } from "classic-level";
import { StorageError } from "../errors.ts";
import { Database, type RawDatabase } from "./checked.ts";
import { verifyLogs } from "./manifest.ts";
import { forgetOwner, noteOwner, ownerOf, wasLeft } from "./owner.ts";
import {
  BLOCKS_DIRECTORY,
  FORMAT_NAME,
  FORMAT_VALUE,
  INDEX_DIRECTORY,
  META,
  SCHEMA_VERSION,
} from "./schema.ts";
import { syncDirectory } from "./syncDirectory.ts";
import { TableVerifier, tableBytes } from "./tables.ts";

/** What LevelDB leaves where it is killed before its database exists. */
const BEGINNINGS = /^(LOCK|LOG|LOG\.old|MANIFEST-\d+|\d+\.dbtmp)$/;

interface OpenDatabase {
  readonly db: Database;
  readonly tables: TableVerifier;
  /** Whether the last process that had it open closed it: then nothing was being written. */
  readonly wasClosed: boolean;
}

/** Opens LevelDB, and makes sure that it is one of ours and that nobody else has it. Nothing of others is touched. */
export async function openDatabase(directory: string, cacheSize: number): Promise<OpenDatabase> {
  refuseForeign(directory);
  const wasClosed = !wasLeft(directory);
  const tables = new TableVerifier(join(directory, INDEX_DIRECTORY));
  // Before LevelDB opens them, because some damage makes it end the process; not those that another process writes.
  const isHeld = ownerOf(directory) !== undefined;
  if (!isHeld) await verifyTables(directory, tables);
  const db: RawDatabase = new ClassicLevel(join(directory, INDEX_DIRECTORY), {
    keyEncoding: "view",
    valueEncoding: "view",
    cacheSize,
    compression: false, // hashes do not compress
  });
  try {
    await db.open();
  } catch (error) {
    throw whyNotOpen(error, directory);
  }
  try {
    noteOwner(directory);
    await checkFormat(db, directory);
    return { db: new Database(db), tables, wasClosed };
  } catch (error) {
    forgetOwner(directory);
    await db.close();
    throw error;
  }
}

/** Tables of so many bytes are verified whole at each start: in about a second. */
const MAX_WHOLE = 256 * 1024 * 1024;

/** After an unclean end all of them: a power cut may have taken what nobody would miss. */
async function verifyTables(directory: string, tables: TableVerifier): Promise<void> {
  const index = join(directory, INDEX_DIRECTORY);
  if (namesIn(index).length === 0) return;
  if (!wasLeft(directory)) await verifyLogs(index);
  const isWhole = wasLeft(directory) || (await tableBytes(index)) <= MAX_WHOLE;
  await tables.verify(isWhole ? "whole" : "structure");
}

function refuseForeign(directory: string): void {
  const names = namesIn(directory);
  const index = namesIn(join(directory, INDEX_DIRECTORY));
  // LevelDB would begin a new database, and delete the tables of the old one.
  const lacksDatabase = !index.includes("CURRENT");
  if (lacksDatabase && namesIn(join(directory, BLOCKS_DIRECTORY)).length > 0) {
    throw new StorageError("corrupt", `${directory} holds blocks, but the database is missing`);
  }
  const ours = [INDEX_DIRECTORY, BLOCKS_DIRECTORY, "process.pid"];
  const others = names.some((name) => !ours.includes(name));
  if (lacksDatabase && (others || index.some((name) => !BEGINNINGS.test(name)))) {
    throw new StorageError("foreign", `${directory} holds something else than a chain`);
  }
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
    if (namesIn(join(directory, BLOCKS_DIRECTORY)).length > 0) {
      throw new StorageError("corrupt", `${directory} holds blocks, but the database is empty`);
    }
    // Before any block is written: blocks without a format are damage.
    await db.put(META.format, FORMAT_VALUE, { sync: true });
  } else if (!equalBytes(format, FORMAT_VALUE)) {
    const [name, version] = new TextDecoder().decode(format).split(":");
    if (name !== FORMAT_NAME || !(Number(version) >= 1)) throw foreign(directory);
    if (Number(version) < SCHEMA_VERSION) {
      const what = `schema ${version}, this one knows ${SCHEMA_VERSION} alone`;
      throw new StorageError(
        "older-version",
        `${directory} was written by an older version (${what})`,
      );
    }
    const versions = `schema ${version}, this one knows ${SCHEMA_VERSION}`;
    throw new StorageError(
      "newer-version",
      `${directory} was written by a newer version (${versions})`,
    );
  }
  mkdirSync(join(directory, BLOCKS_DIRECTORY), { recursive: true });
  await syncDirectory(directory);
}

function foreign(directory: string): StorageError {
  return new StorageError("foreign", `${directory} holds a database of another program`);
}

function whyNotOpen(error: unknown, directory: string): StorageError {
  const cause = (error as { cause?: { code?: string; message?: string } }).cause;
  const message = cause?.message ?? String(error);
  if (cause?.code === "LEVEL_LOCKED") {
    const owner = ownerOf(directory);
    const who = owner === undefined ? "another process" : `process ${owner}`;
    return new StorageError("in-use", `${directory} is in use by ${who}`, { cause: error });
  }
  // Databases of browsers sort their keys in a way of their own.
  if (message.includes("comparator")) return foreign(directory);
  // A file that the others name, and that is not there, is damage as well.
  const isCorrupt = cause?.code === "LEVEL_CORRUPTION" || /No such file|NotFound/i.test(message);
  const code = isCorrupt ? "corrupt" : "io";
  return new StorageError(code, `can't open ${directory}: ${message}`, { cause: error });
}
