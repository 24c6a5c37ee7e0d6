/**
 * Which tables LevelDB's database consists of: a killed process leaves others, half written, which LevelDB deletes when
 * it opens. CURRENT names the manifest; that is a log of edits, each with a masked CRC-32C. Formats: doc/log_format.md
 * of LevelDB, and its db/version_edit.cc.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { StorageError } from "../errors.ts";
import { maskedCrc32c } from "./crc32c.ts";
import { VarintReader } from "./varint.ts";

/** A log is a sequence of blocks of this size; no record begins in the last bytes of one. */
const BLOCK_SIZE = 32_768;
/** Checksum, length and type before each piece of a record. */
const HEADER_SIZE = 7;
const FULL = 1;
const FIRST = 2;
const LAST = 4;

/** The files of LevelDB's database in a directory. */
interface Manifest {
  /** Numbers of its tables, and their sizes in bytes. */
  readonly tables: Map<number, number>;
  /** Logs with this number or a higher one hold what is in no table yet. */
  logNumber: number;
}

/**
 * The tables of the database in this directory: their numbers, and their sizes in bytes. None where it does not exist.
 * @throws StorageError `corrupt` where CURRENT or the manifest is damaged
 */
export async function liveTables(directory: string): Promise<ReadonlyMap<number, number>> {
  return (await readManifest(directory))?.tables ?? new Map();
}

/**
 * Verifies the logs of a database whose last process closed it: LevelDB would leave out what is damaged in them and go
 * on, at an earlier state. (After a kill a log may end in the middle of a record; see journal.ts for what is found then.)
 * @throws StorageError `corrupt`
 */
export async function verifyLogs(directory: string): Promise<void> {
  const manifest = await readManifest(directory);
  if (manifest === undefined) return;
  for (const name of await readdir(directory)) {
    const number = Number(/^(\d+)\.log$/.exec(name)?.[1] ?? -1);
    if (number < manifest.logNumber) continue;
    const bytes = await readFile(join(directory, name));
    try {
      const records = logRecords(bytes);
      let next = records.next();
      while (next.done !== true) next = records.next();
      if (next.value) throw new StorageError("corrupt", "its end is missing");
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      throw damaged(directory, `${name}: ${error.message}`, error);
    }
  }
}

/** `undefined` where there is no database. @throws StorageError `corrupt` */
async function readManifest(directory: string): Promise<Manifest | undefined> {
  let current: string;
  try {
    current = await readFile(join(directory, "CURRENT"), "latin1");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  if (!/^MANIFEST-\d+\n$/.test(current)) throw damaged(directory, "CURRENT names no manifest");
  const name = current.trim();
  let bytes: Uint8Array;
  try {
    bytes = await readFile(join(directory, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw damaged(directory, `${name} is missing`, error);
  }
  const manifest: Manifest = { tables: new Map(), logNumber: 0 };
  try {
    for (const record of logRecords(bytes)) applyEdit(record, manifest);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    throw damaged(directory, `${name}: ${error.message}`, error);
  }
  return manifest;
}

function damaged(directory: string, what: string, cause?: unknown): StorageError {
  return new StorageError("corrupt", `${directory} is damaged: ${what}`, { cause });
}

/**
 * A last record that is not complete was being written when the process ended, and counts for nothing.
 * @returns whether there is such a one
 */
function* logRecords(bytes: Uint8Array): Generator<Uint8Array, boolean> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let parts: Uint8Array[] = [];
  let at = 0;
  while (at + HEADER_SIZE <= bytes.length) {
    const left = BLOCK_SIZE - (at % BLOCK_SIZE);
    if (left < HEADER_SIZE) {
      at += left;
      continue;
    }
    const length = view.getUint16(at + 4, true);
    const type = bytes[at + 6] as number;
    const end = at + HEADER_SIZE + length;
    if (end > bytes.length && at + left >= bytes.length) return true;
    if (HEADER_SIZE + length > left)
      throw new StorageError("corrupt", `a record at ${at} is too long`);
    const checked = bytes.subarray(at + 6, end); // the type is covered as well
    if (view.getUint32(at, true) !== maskedCrc32c(checked)) {
      throw new StorageError("corrupt", `wrong checksum of the record at ${at}`);
    }
    const isStart = type === FULL || type === FIRST;
    if (isStart !== (parts.length === 0) || type < FULL || type > LAST) {
      throw new StorageError("corrupt", `the record at ${at} is out of order`);
    }
    parts.push(bytes.subarray(at + HEADER_SIZE, end));
    if (type === FULL || type === LAST) {
      yield Buffer.concat(parts);
      parts = [];
    }
    at = end;
  }
  return at < bytes.length || parts.length > 0;
}

/** Tags of version_edit.cc. */
const COMPARATOR = 1;
const LOG_NUMBER = 2;
const NUMBERS: ReadonlySet<number> = new Set([3, 4, 9]); // of next file, last change, log before
const COMPACT_POINTER = 5;
const DELETED_FILE = 6;
const NEW_FILE = 7;

function applyEdit(record: Uint8Array, manifest: Manifest): void {
  const { tables } = manifest;
  const reader = new VarintReader(record);
  while (reader.position < record.length) {
    const tag = reader.varint();
    if (tag === COMPARATOR) reader.take(reader.varint());
    else if (tag === LOG_NUMBER) manifest.logNumber = reader.varint();
    else if (NUMBERS.has(tag)) reader.varint();
    else if (tag === COMPACT_POINTER) {
      reader.varint();
      reader.take(reader.varint());
    } else if (tag === DELETED_FILE) {
      reader.varint();
      tables.delete(reader.varint());
    } else if (tag === NEW_FILE) {
      reader.varint();
      tables.set(reader.varint(), reader.varint());
      reader.take(reader.varint()); // least and greatest key
      reader.take(reader.varint());
    } else throw new StorageError("corrupt", `an edit has the unknown tag ${tag}`);
  }
}
