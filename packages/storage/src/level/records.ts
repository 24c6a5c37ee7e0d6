/** The values of the database. */
import {
  BlockHeader,
  type Coin,
  HEADER_SIZE,
  type LocatedCoin,
  Reader,
  readCoin,
  Writer,
  writeCoin,
} from "@chain/core";
import { StorageError } from "../errors.ts";
import { OUTPOINT_KEY_SIZE, outpointFromKey } from "../keys.ts";
import type { BlockRecord, BlockStatus, RawRecord } from "../store.ts";
import type { FilePosition, Location } from "./appendFile.ts";

/** An index entry, and where its bytes are. */
export interface BlockEntry {
  readonly record: BlockRecord;
  readonly body: Location | undefined;
  readonly undo: Location | undefined;
}

/** How far things have come. Written with every batch. */
export interface Marks {
  /** Number of the first batch that the journal must remember. */
  readonly journalStart: number;
  /** Number of the last batch. */
  readonly batch: number;
  /** Ends of the files. */
  readonly body: FilePosition;
  readonly undo: FilePosition;
  /** How much of the files is known to be safe from a power cut. */
  readonly safeBody: FilePosition;
  readonly safeUndo: FilePosition;
}

const STATUSES: readonly BlockStatus[] = ["header", "body", "connected", "invalid"];
const HASH_SIZE = 32;
// Where things stand in an index entry: after the header its height, status, count of transactions, body and undo.
const STATUS_OFFSET = HEADER_SIZE + 4;
const BODY_OFFSET = STATUS_OFFSET + 5;
const LEAST_ENTRY = BODY_OFFSET + 3;
/** Far more than any reject reason of Core has. */
const MAX_REASON = 1000;

export function encodeEntry({ record, body, undo }: BlockEntry): Uint8Array {
  const writer = new Writer(160);
  record.header.write(writer);
  writer.u32(record.height).u8(STATUSES.indexOf(record.status)).u32(record.transactionCount);
  writeLocation(writer, body);
  writeLocation(writer, undo);
  const reason = new TextEncoder().encode(record.reason ?? "").subarray(0, MAX_REASON);
  return writer.varBytes(reason).finish();
}

/** @throws StorageError `corrupt`. */
export const decodeEntry: (bytes: Uint8Array) => BlockEntry = decoder("index entry", (reader) => {
  const header = BlockHeader.read(reader);
  const height = reader.u32();
  const status = STATUSES[reader.u8()];
  if (status === undefined) throw new StorageError("corrupt", "index entry: unknown status");
  const transactionCount = reader.u32();
  const body = readLocation(reader);
  const undo = readLocation(reader);
  const reason = new TextDecoder().decode(reader.varBytes(MAX_REASON));
  const record = { header, height, status, hasBody: false, transactionCount };
  return asStored({ record: reason === "" ? record : { ...record, reason }, body, undo });
});

/** An entry as it is read back: whether there is a body, and the transactions in it, go by its place. */
export function asStored({ record, body, undo }: BlockEntry): BlockEntry {
  const hasBody = body !== undefined;
  const transactionCount = hasBody || record.status === "connected" ? record.transactionCount : 0;
  return { record: { ...record, hasBody, transactionCount }, body, undo };
}

/**
 * The part of an entry that a start needs, in a third of the time that all of it takes. The hash is the key's: the header need
 * not be hashed.
 * @throws StorageError `corrupt`.
 */
export function decodeRaw(key: Uint8Array, value: Uint8Array): RawRecord {
  const hashStart = key.length - HASH_SIZE;
  const status = STATUSES[value[STATUS_OFFSET] ?? STATUSES.length];
  if (hashStart < 0 || status === undefined || value.length < LEAST_ENTRY) {
    throw new StorageError("corrupt", "the database holds a damaged index entry");
  }
  const hasBody = value[BODY_OFFSET] !== 0;
  return {
    header: value,
    headerStart: 0,
    hash: key,
    hashStart,
    height: u32(value, HEADER_SIZE),
    status,
    hasBody,
    transactionCount: hasBody || status === "connected" ? u32(value, STATUS_OFFSET + 1) : 0,
    invalidReason:
      status === "invalid" ? (decodeEntry(value).record.reason ?? "bad-prevblk") : undefined,
  };
}

/** Where the files have the body and the undo data of an entry, without the rest of it. @throws StorageError `corrupt`. */
export const decodeLocations: (bytes: Uint8Array) => {
  readonly body: Location | undefined;
  readonly undo: Location | undefined;
} = (bytes) => {
  if (bytes.length < LEAST_ENTRY) {
    throw new StorageError("corrupt", "the database holds a damaged index entry");
  }
  const reader = new Reader(bytes, BODY_OFFSET);
  return { body: readLocation(reader), undo: readLocation(reader) };
};

function u32(bytes: Uint8Array, offset: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = [
    bytes[offset],
    bytes[offset + 1],
    bytes[offset + 2],
    bytes[offset + 3],
  ];
  return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
}

function writeLocation(writer: Writer, location: Location | undefined): void {
  writer.u8(location === undefined ? 0 : 1);
  if (location === undefined) return;
  writer.u32(location.file).u32(location.offset).u32(location.length);
}

function readLocation(reader: Reader): Location | undefined {
  if (reader.u8() === 0) return undefined;
  return { file: reader.u32(), offset: reader.u32(), length: reader.u32() };
}

export function encodeCoin(coin: Coin): Uint8Array {
  const writer = new Writer(48);
  writeCoin(writer, coin);
  return writer.finish();
}

/** @throws StorageError `corrupt`. */
export const decodeCoin: (bytes: Uint8Array) => Coin = decoder("coin", readCoin);

/** A coin whose key ends in its outpoint. @throws StorageError `corrupt`. */
export function decodeLocated([key, value]: readonly [Uint8Array, Uint8Array]): LocatedCoin {
  const outpoint = outpointFromKey(key.subarray(key.length - OUTPOINT_KEY_SIZE));
  return { outpoint, coin: decodeCoin(value) };
}

export function encodeMarks(marks: Marks): Uint8Array {
  const writer = new Writer(48);
  writer.u64(BigInt(marks.journalStart)).u64(BigInt(marks.batch));
  for (const { file, offset } of [marks.body, marks.undo, marks.safeBody, marks.safeUndo]) {
    writer.u32(file).u32(offset);
  }
  return writer.finish();
}

/** @throws StorageError `corrupt`. */
export const decodeMarks: (bytes: Uint8Array) => Marks = decoder("marks", (reader) => {
  const position = (): FilePosition => ({ file: reader.u32(), offset: reader.u32() });
  return {
    journalStart: Number(reader.u64()),
    batch: Number(reader.u64()),
    body: position(),
    undo: position(),
    safeBody: position(),
    safeUndo: position(),
  };
});

export function encodeBatchNumber(number: number): Uint8Array {
  return new Writer(8).u64(BigInt(number)).finish();
}

/** @throws StorageError `corrupt`. */
export const decodeBatchNumber: (bytes: Uint8Array) => number = decoder("journal", (reader) =>
  Number(reader.u64()),
);

/** Reads exactly one value. Its checksum was right, so a value that fails here is a defect or another's work. */
function decoder<Value>(
  what: string,
  read: (reader: Reader) => Value,
): (bytes: Uint8Array) => Value {
  return (bytes) => {
    try {
      const reader = new Reader(bytes);
      const value = read(reader);
      reader.finish();
      return value;
    } catch (error) {
      if (error instanceof StorageError) throw error;
      throw new StorageError("corrupt", `the database holds a damaged ${what}`, { cause: error });
    }
  };
}
