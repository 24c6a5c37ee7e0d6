/** Waiting transactions in a file, in the format of Core's `mempool.dat`, version 1 (node/mempool_persist.cpp). */
import { readFile, stat } from "node:fs/promises";
import { CoreError, idFromBytes, idToBytes, Reader, Transaction, Writer } from "@chain/core";
import { messageOf, systemCode, UserError } from "../errors.ts";
import { replaceFile } from "../files.ts";

const VERSION = 1n;
/** Version and count. */
const HEAD_SIZE = 16;
/** Time, fee delta. */
const ENTRY_EXTRA = 16;
/** An id and its fee delta. */
const DELTA_SIZE = 40;
/** More than any mempool holds. Bytes. */
const MAX_SIZE = 512 * 1024 * 1024;

export interface SavedTransaction {
  readonly transaction: Transaction;
  /** When it was accepted, in milliseconds since 1970; the file keeps whole seconds. */
  readonly time: number;
  /** Whether it is our own, and no peer has shown to know it. */
  readonly unbroadcast: boolean;
}

/** Replaces the file, whole or not at all. */
export function writeMempoolFile(
  path: string,
  entries: readonly SavedTransaction[],
): Promise<void> {
  return replaceFile(path, encode(entries));
}

function* encode(entries: readonly SavedTransaction[]): Iterable<Uint8Array> {
  yield new Writer(HEAD_SIZE).u64(VERSION).u64(BigInt(entries.length)).finish();
  for (const { transaction, time } of entries) {
    const writer = new Writer(transaction.totalSize + ENTRY_EXTRA);
    transaction.write(writer);
    yield writer
      .u64(BigInt(Math.floor(time / 1000)))
      .u64(0n)
      .finish();
  }
  const unbroadcast = entries.filter((entry) => entry.unbroadcast);
  const tail = new Writer(2 + 9 + unbroadcast.length * 32).compactSize(0); // no fee deltas
  tail.compactSize(unbroadcast.length);
  for (const { transaction } of unbroadcast) tail.bytes(idToBytes(transaction.txid));
  yield tail.finish();
}

/**
 * What the file holds; nothing where there is no file.
 * @throws UserError `damaged`, `io`.
 */
export async function readMempoolFile(path: string): Promise<readonly SavedTransaction[]> {
  let bytes: Uint8Array;
  try {
    const { size } = await stat(path);
    if (size > MAX_SIZE) throw new UserError("damaged", `${path} is too long for a mempool`);
    bytes = await readFile(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    if (error instanceof UserError) throw error;
    throw new UserError("io", messageOf(error), { cause: error });
  }
  try {
    return decode(bytes);
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    throw new UserError("damaged", `${path}: ${error.message}`, { cause: error });
  }
}

function decode(bytes: Uint8Array): SavedTransaction[] {
  const reader = new Reader(bytes);
  const version = reader.u64();
  if (version !== VERSION)
    throw new CoreError("out-of-range", `version ${version} of mempool file`);
  const entries: Omit<SavedTransaction, "unbroadcast">[] = [];
  for (let count = reader.u64(); count > 0n; count--) {
    const transaction = Transaction.read(reader);
    const time = Number(reader.u64()) * 1000;
    reader.u64(); // fee delta: ours are all 0
    entries.push({ transaction, time });
  }
  reader.take(reader.compactSize() * DELTA_SIZE);
  const unbroadcast = new Set<string>();
  for (let count = reader.compactSize(); count > 0; count--) {
    unbroadcast.add(idFromBytes(reader.take(32)));
  }
  return entries.map((entry) => ({
    ...entry,
    unbroadcast: unbroadcast.has(entry.transaction.txid),
  }));
}
