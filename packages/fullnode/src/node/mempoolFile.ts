/**
 * Unconfirmed transactions in a file, in the format of Core's `mempool.dat` (node/mempool_persist.cpp). Version 1 is
 * written; version 2, whose bytes are XORed with a key that stands in the file, is read as well.
 */
import { readFile, stat } from "node:fs/promises";
import {
  CoreError,
  idFromBytes,
  idToBytes,
  type Milliseconds,
  Reader,
  Transaction,
  type Txid,
  Writer,
} from "@chain/core";
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
  readonly time: Milliseconds;
  /** Whether it is our own, and no peer has shown to know it. */
  readonly unbroadcast: boolean;
}

/** Amounts that an operator has added to the fees of transactions, in base units (`prioritisetransaction`). */
export type FeeDeltas = ReadonlyMap<Txid, bigint>;

/** Replaces the file, whole or not at all. @param deltas of these transactions, or of others that may come */
export function writeMempoolFile(
  path: string,
  entries: readonly SavedTransaction[],
  deltas: FeeDeltas = new Map(),
): Promise<void> {
  return replaceFile(path, encode(entries, deltas));
}

function* encode(entries: readonly SavedTransaction[], deltas: FeeDeltas): Iterable<Uint8Array> {
  yield new Writer(HEAD_SIZE).u64(VERSION).u64(BigInt(entries.length)).finish();
  for (const { transaction, time } of entries) {
    const writer = new Writer(transaction.totalSize + ENTRY_EXTRA);
    transaction.write(writer);
    yield writer
      .i64(BigInt(Math.floor(time / 1000)))
      .i64(deltas.get(transaction.txid) ?? 0n)
      .finish();
  }
  const here = new Set(entries.map(({ transaction }) => transaction.txid));
  const others = [...deltas].filter(([txid]) => !here.has(txid));
  const unbroadcast = entries.filter((entry) => entry.unbroadcast);
  const tail = new Writer(18 + others.length * DELTA_SIZE + unbroadcast.length * 32);
  tail.compactSize(others.length);
  for (const [txid, delta] of others) tail.bytes(idToBytes(txid)).i64(delta);
  tail.compactSize(unbroadcast.length);
  for (const { transaction } of unbroadcast) tail.bytes(idToBytes(transaction.txid));
  yield tail.finish();
}

/** The contents of a file. */
export interface MempoolFile {
  readonly entries: readonly SavedTransaction[];
  readonly deltas: FeeDeltas;
  /** Where the file is damaged: what is wrong. `entries` are those before the damage. */
  readonly damage?: string;
}

const NOTHING: MempoolFile = { entries: [], deltas: new Map() };

/**
 * Reads the file; nothing where there is none. Of a damaged one it reads the part before the damage.
 * @param options.mustExist takes a missing file for a damaged one
 */
export async function readMempoolFile(
  path: string,
  { mustExist = false }: { readonly mustExist?: boolean } = {},
): Promise<MempoolFile> {
  let bytes: Uint8Array;
  try {
    const status = await stat(path);
    if (!status.isFile()) return { ...NOTHING, damage: "it is no file" };
    const { size } = status;
    if (size > MAX_SIZE) return { ...NOTHING, damage: "it is too long for a mempool" };
    bytes = await readFile(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT" && !mustExist) return NOTHING;
    return { ...NOTHING, damage: messageOf(error) };
  }
  return decode(bytes);
}

function decode(bytes: Uint8Array): MempoolFile {
  const entries: Omit<SavedTransaction, "unbroadcast">[] = [];
  const deltas = new Map<Txid, bigint>();
  const unbroadcast = new Set<string>();
  let damage: string | undefined;
  try {
    const reader = plainReader(bytes);
    for (let count = reader.u64(); count > 0n; count--) {
      const transaction = Transaction.read(reader);
      const time = Number(reader.i64()) * 1000;
      const delta = reader.i64();
      if (delta !== 0n) deltas.set(transaction.txid, delta);
      entries.push({ transaction, time });
    }
    for (let count = reader.compactSize(); count > 0; count--) {
      deltas.set(idFromBytes(reader.take(32)), reader.i64());
    }
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
    deltas,
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
