/** Keys and values of the script history. A script is named by the first 20 bytes of its hash in all of them. */
import {
  concatBytes,
  idFromBytes,
  idToBytes,
  type Outpoint,
  type ScriptHash,
  type Txid,
} from "@chain/core";
import { IndexError } from "../errors.ts";
import { withPlace } from "../place.ts";
import type { ScriptTotals, Touch } from "./touches.ts";

/** As many as an address by hash has: two scripts of one name would take 2^80 tries. */
const NAME_SIZE = 20;
const ID_SIZE = 32;
/** Ids of transactions in one record. */
export const IDS_PER_RECORD = 64;

const HISTORY = 0x68; // h
const UNSPENT = 0x75; // u
const TOTALS = 0x62; // b, of balance
const IDS = 0x69; // i

/** The place of a transaction in the chain. */
export interface Place {
  readonly height: number;
  /** How many transactions of the block come before it. */
  readonly position: number;
}

/** An unspent output without its script. */
export interface UnspentRecord {
  /** Base units. */
  readonly value: bigint;
  readonly height: number;
  readonly coinbase: boolean;
}

function named(kind: number, script: ScriptHash): Uint8Array {
  const key = new Uint8Array(1 + NAME_SIZE);
  key[0] = kind;
  key.set(idToBytes(script).subarray(0, NAME_SIZE), 1);
  return key;
}

export function historyPrefix(script: ScriptHash): Uint8Array {
  return named(HISTORY, script);
}

export function historyKey(script: ScriptHash, { height, position }: Place): Uint8Array {
  return withPlace(historyPrefix(script), height, position);
}

export function placeOfKey(key: Uint8Array): Place {
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  const at = 1 + NAME_SIZE;
  const position = view.getUint8(at + 4) * 0x1_0000 + view.getUint16(at + 5);
  return { height: view.getUint32(at), position };
}

export function encodeTouch({ funding, spending }: Touch): Uint8Array {
  return encodeNumbers([
    BigInt(funding.length),
    ...funding.flatMap(({ vout, value }) => [BigInt(vout), value]),
    ...spending.flatMap(({ vin, value }) => [BigInt(vin), value]),
  ]);
}

export function decodeTouch(bytes: Uint8Array): Touch {
  const [count = 0n, ...numbers] = decodeNumbers(bytes);
  const pairs: { readonly at: number; readonly value: bigint }[] = [];
  for (let i = 0; i + 1 < numbers.length; i += 2) {
    pairs.push({ at: Number(numbers[i]), value: numbers[i + 1] ?? 0n });
  }
  return {
    funding: pairs.slice(0, Number(count)).map(({ at, value }) => ({ vout: at, value })),
    spending: pairs.slice(Number(count)).map(({ at, value }) => ({ vin: at, value })),
  };
}

export function unspentPrefix(script: ScriptHash): Uint8Array {
  return named(UNSPENT, script);
}

export function unspentKey(script: ScriptHash, { txid, vout }: Outpoint): Uint8Array {
  const number = Uint8Array.of(vout >>> 24, vout >>> 16, vout >>> 8, vout);
  return concatBytes(unspentPrefix(script), idToBytes(txid), number);
}

export function outpointOfKey(key: Uint8Array): Outpoint {
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  const at = 1 + NAME_SIZE;
  const txid = idFromBytes<Txid>(key.subarray(at, at + ID_SIZE));
  return { txid, vout: view.getUint32(at + ID_SIZE) };
}

export function encodeUnspent({ value, height, coinbase }: UnspentRecord): Uint8Array {
  return encodeNumbers([BigInt(2 * height + (coinbase ? 1 : 0)), value]);
}

export function decodeUnspent(bytes: Uint8Array): UnspentRecord {
  const [made = 0n, value = 0n] = decodeNumbers(bytes);
  return { value, height: Number(made >> 1n), coinbase: (made & 1n) === 1n };
}

export function totalsKey(script: ScriptHash): Uint8Array {
  return named(TOTALS, script);
}

export function encodeTotals({ transactions, funded, spent }: ScriptTotals): Uint8Array {
  const counts = [transactions, funded.count, spent.count].map(BigInt);
  return encodeNumbers([...counts, funded.value, spent.value]);
}

export function decodeTotals(bytes: Uint8Array): ScriptTotals {
  const [transactions = 0n, funded = 0n, spent = 0n, paid = 0n, taken = 0n] = decodeNumbers(bytes);
  return {
    transactions: Number(transactions),
    funded: { count: Number(funded), value: paid },
    spent: { count: Number(spent), value: taken },
  };
}

/** Of the record that holds the id of the transaction in this place. */
export function idsKey({ height, position }: Place): Uint8Array {
  return withPlace(Uint8Array.of(IDS), height, Math.floor(position / IDS_PER_RECORD));
}

export function encodeIds(ids: readonly Txid[]): Uint8Array {
  return concatBytes(...ids.map(idToBytes));
}

/** @throws IndexError `damaged` */
export function idIn(record: Uint8Array | undefined, { height, position }: Place): Txid {
  const at = (position % IDS_PER_RECORD) * ID_SIZE;
  if (record === undefined || record.length < at + ID_SIZE) {
    const what = `the id of transaction ${position} of the block at height ${height} is missing`;
    throw new IndexError("damaged", what);
  }
  return idFromBytes<Txid>(record.subarray(at, at + ID_SIZE));
}

/** Numbers of any size, 7 bits to a byte, the lowest first: most values take four or five bytes. */
function encodeNumbers(numbers: readonly bigint[]): Uint8Array {
  const bytes: number[] = [];
  for (const number of numbers) {
    let rest = number;
    for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
    bytes.push(Number(rest));
  }
  return Uint8Array.from(bytes);
}

/** @throws IndexError `damaged` */
function decodeNumbers(bytes: Uint8Array): readonly bigint[] {
  const numbers: bigint[] = [];
  let [number, shift] = [0n, 0n];
  for (const byte of bytes) {
    number |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (byte >= 0x80) continue;
    numbers.push(number);
    [number, shift] = [0n, 0n];
  }
  if (shift === 0n) return numbers;
  throw new IndexError("damaged", "a record of the script history is cut off");
}
