/**
 * Everything that stands in the database. All keys begin with one of these letters; numbers in keys are big-endian, so
 * that the order of keys is the order of numbers.
 *
 *     m <name>                                    what there is once: see META
 *     b <block hash, 32>                          index entry of a block: see records.ts
 *     c <generation, 1> <txid, 32> <vout, 4>      coin
 *     s <generation, 1> <sha256 of script, 32> <txid, 32> <vout, 4>   the same coin, by its output script
 *
 * The generation changes when the coins are made anew: one write, and the old ones are no longer there.
 */
import { type BlockHash, concatBytes, idToBytes, type Outpoint, sha256 } from "@chain/core";
import { outpointToKey } from "../keys.ts";

/** Goes up with every change that an older program could not read. */
export const SCHEMA_VERSION = 1;
/** What tells our databases from others. */
export const MAGIC = "chain-storage";

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

const META_PREFIX = "m";
const BLOCK_PREFIX = 0x62; // b
const COIN_PREFIX = 0x63; // c
const SCRIPT_PREFIX = 0x73; // s

export const META = {
  /** MAGIC and SCHEMA_VERSION, as `name:version`. */
  format: ascii(`${META_PREFIX}format`),
  /** Raw genesis block. */
  genesis: ascii(`${META_PREFIX}genesis`),
  /** Hash of the last connected block, 32 bytes; absent while no block is connected. */
  tip: ascii(`${META_PREFIX}tip`),
  /** Generation of the coins, 1 byte. */
  generation: ascii(`${META_PREFIX}generation`),
  /** How far block and undo files are in use, and how far they are known to be safe on the disk. */
  files: ascii(`${META_PREFIX}files`),
} as const;

export const FORMAT_VALUE: Uint8Array = ascii(`${MAGIC}:${SCHEMA_VERSION}`);

export function blockKey(hash: BlockHash): Uint8Array {
  return concatBytes(Uint8Array.of(BLOCK_PREFIX), idToBytes(hash));
}

export function coinKey(generation: number, outpoint: Outpoint): Uint8Array {
  return concatBytes(Uint8Array.of(COIN_PREFIX, generation), outpointToKey(outpoint));
}

/** What the key of a script begins with. */
export function scriptPrefix(generation: number, scriptPubKey: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(SCRIPT_PREFIX, generation), sha256(scriptPubKey));
}

export function scriptKey(
  generation: number,
  scriptPubKey: Uint8Array,
  outpoint: Outpoint,
): Uint8Array {
  return concatBytes(scriptPrefix(generation, scriptPubKey), outpointToKey(outpoint));
}

/** From the first to behind the last key that begins so. */
export interface KeyRange {
  readonly gte: Uint8Array;
  readonly lt: Uint8Array;
}

/** All keys that begin with these bytes. */
export function range(prefix: Uint8Array): KeyRange {
  const end = prefix.slice();
  // No prefix of ours ends in 0xff bytes only.
  let last = end.length - 1;
  while (end[last] === 0xff) last--;
  end[last] = (end[last] as number) + 1;
  return { gte: prefix, lt: end.subarray(0, last + 1) };
}

export const ALL_BLOCKS: KeyRange = range(Uint8Array.of(BLOCK_PREFIX));
export const coinsOf = (generation: number): KeyRange =>
  range(Uint8Array.of(COIN_PREFIX, generation));
export const scriptsOf = (generation: number): KeyRange =>
  range(Uint8Array.of(SCRIPT_PREFIX, generation));
