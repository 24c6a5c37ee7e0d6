import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { equalBytes } from "@chain/core";
import { ClassicLevel } from "classic-level";
import { StorageError } from "../errors.ts";
import { noteOwner, ownerOf } from "./owner.ts";
import {
  BLOCKS_DIRECTORY,
  FORMAT_NAME,
  FORMAT_VALUE,
  INDEX_DIRECTORY,
  META,
  SCHEMA_VERSION,
} from "./schema.ts";
import { syncDirectory } from "./syncDirectory.ts";

export type Database = ClassicLevel<Uint8Array, Uint8Array>;
export type Batch = ReturnType<Database["batch"]>;

/** What LevelDB leaves where it is killed before its database exists. */
const BEGINNINGS = /^(LOCK|LOG|LOG\.old|MANIFEST-\d+|\d+\.dbtmp)$/;

/** Opens LevelDB, and makes sure that it is one of ours and that nobody else has it. Nothing of others is touched. */
export async function openDatabase(directory: string, cacheSize: number): Promise<Database> {
  refuseForeign(directory);
  const db: Database = new ClassicLevel(join(directory, INDEX_DIRECTORY), {
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
    return db;
  } catch (error) {
    await db.close();
    throw error;
  }
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

async function checkFormat(db: Database, directory: string): Promise<void> {
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
    if (name !== FORMAT_NAME || !(Number(version) > SCHEMA_VERSION)) throw foreign(directory);
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
  const code = cause?.code === "LEVEL_CORRUPTION" ? "corrupt" : "io";
  return new StorageError(code, `can't open ${directory}: ${message}`, { cause: error });
}
