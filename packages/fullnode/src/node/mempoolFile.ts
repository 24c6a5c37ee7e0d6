/**
 * Unconfirmed transactions in a file, in the format of Core's `mempool.dat` (node/mempool_persist.cpp). Version 1 is
 * written; version 2, whose bytes are XORed with a key that stands in the file, is read as well.
 */
import { readFile, stat } from "node:fs/promises";
import { CoreError, idFromBytes, idToBytes, Reader, Transaction, Writer } from "@chain/core";
import { messageOf, systemCode } from "../errors.ts";
import { replaceFile } from "../files.ts";

const VERSION = 1n;
const OBFUSCATED_VERSION = 2n;
/** Version and count. */
const HEAD_SIZE = 16;
/** Time, fee delta. */
const ENTRY_EXTRA = 16;
/** An id and its fee delta. */
const DELTA_SIZE = 40;
/** Core's keys have 8 bytes. */
const MAX_KEY_SIZE = 64;
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

/** What a file holds. */
export interface MempoolFile {
  readonly entries: readonly SavedTransaction[];
  /** Where the file is damaged: what is wrong. `entries` are those before the damage. */
  readonly damage?: string;
}

/**
 * What the file holds; nothing where there is no file. Of a damaged one, what stands before the damage.
 */
export async function readMempoolFile(path: string): Promise<MempoolFile> {
  let bytes: Uint8Array;
  try {
    const { size } = await stat(path);
    if (size > MAX_SIZE) return { entries: [], damage: "it is too long for a mempool" };
    bytes = await readFile(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return { entries: [] };
    return { entries: [], damage: messageOf(error) };
  }
  return decode(bytes);
}

function decode(bytes: Uint8Array): MempoolFile {
  const entries: Omit<SavedTransaction, "unbroadcast">[] = [];
  const unbroadcast = new Set<string>();
  let damage: string | undefined;
  try {
    const reader = plainReader(bytes);
    for (let count = reader.u64(); count > 0n; count--) {
      const transaction = Transaction.read(reader);
      const time = Number(reader.u64()) * 1000;
      reader.u64(); // fee delta: ours are all 0
      entries.push({ transaction, time });
    }
    reader.take(reader.compactSize() * DELTA_SIZE);
    for (let count = reader.compactSize(); count > 0; count--) {
      unbroadcast.add(idFromBytes(reader.take(32)));
    }
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    damage = error.message;
  }
  return {
    // Where the list of those is lost, each may be one: announced once too often does no harm.
    entries: entries.map((entry) => ({
      ...entry,
      unbroadcast: damage !== undefined || unbroadcast.has(entry.transaction.txid),
    })),
    ...(damage !== undefined && { damage }),
  };
}

/** Behind the version, and without the obfuscation. */
function plainReader(bytes: Uint8Array): Reader {
  const reader = new Reader(bytes);
  const version = reader.u64();
  if (version === VERSION) return reader;
  if (version !== OBFUSCATED_VERSION) {
    throw new CoreError("out-of-range", `version ${version} of the file is not known`);
  }
  const key = reader.varBytes(MAX_KEY_SIZE);
  const plain = bytes.slice();
  // Each byte of the file is XORed with the byte of the key at its place in the file.
  for (let i = reader.position; i < plain.length && key.length > 0; i++) {
    plain[i] = (plain[i] as number) ^ (key[i % key.length] as number);
  }
  const behind = new Reader(plain);
  behind.take(reader.position);
  return behind;
}
