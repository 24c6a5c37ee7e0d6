/**
 * The basic filter of a block (BIP-0158): the scripts of its outputs and of the coins that it spends, as a set of some 21
 * bits each. A script of the set always matches; any other one does in one of 784,931 cases.
 *
 * Its bytes are the number of scripts and a Golomb-Rice coded list: each script is hashed to a number, the numbers are
 * sorted, and the distance of each to the one before is written as a quotient in unary and 19 bits of remainder.
 */
import { requireArray, requireBytes, requireBytesOf } from "./arguments.ts";
import type { Block } from "./block.ts";
import { bytesToHex } from "./bytes.ts";
import { Reader } from "./encoding/reader.ts";
import { Writer } from "./encoding/writer.ts";
import { CoreError } from "./errors.ts";
import { sha256d } from "./hash.ts";
import {
  type BlockHash,
  type FilterHash,
  type FilterHeader,
  idFromBytes,
  idToBytes,
} from "./ids.ts";
import { Opcode } from "./script/opcodes.ts";
import { requireBlock, requireByteArrays, requireCoins, requireId } from "./shapes.ts";
import { type SipHashKey, sipHash } from "./sipHash.ts";
import type { BlockUndo } from "./undo.ts";

/** Bits of a remainder. BIP-0158: P. */
const REMAINDER_BITS = 19;
const REMAINDERS = 2 ** REMAINDER_BITS;
/** One over the share of other scripts that match. BIP-0158: M. */
const RARITY = 784_931;
/** Core takes no more, and this package can't count further: numbers go up to this, times the rarity. */
const MAX_SCRIPTS = 0xffff_ffff;

/**
 * The basic filter of a block. Core: BlockFilter with BasicFilterElements.
 * @param undo the coins that the block spends, for all transactions but the first
 * @example blockFilter(block, [[coin]])[0] // 3: three scripts
 */
export function blockFilter(block: Block, undo: BlockUndo): Uint8Array {
  requireBlock(block, "block");
  requireArray(undo, "undo", requireCoins);

  const scripts = scriptsOf(block, undo);
  const writer = new Writer(16 + scripts.length * 3).compactSize(scripts.length);
  const numbers = toNumbers(scripts, scripts.length, keyOf(block.hash));
  const bits = new BitWriter(writer);
  let last = 0;
  for (const number of numbers) {
    const distance = number - last;
    bits.ones(Math.floor(distance / REMAINDERS));
    bits.write(0, 1);
    bits.write(distance % REMAINDERS, REMAINDER_BITS);
    last = number;
  }
  bits.flush();
  return writer.finish();
}

/**
 * Whether one of some output scripts is in a block's filter, or looks as if it were: then only the block can tell. Core:
 * GCSFilter::MatchAny.
 * @throws CoreError `truncated`, `oversized` where the bytes are no filter
 * @example filterMatches(blockFilter(block, [[coin]]), block.hash, [coin.scriptPubKey]) // true
 */
export function filterMatches(
  filter: Uint8Array,
  blockHash: BlockHash,
  scripts: readonly Uint8Array[],
): boolean {
  requireBytes(filter, "filter");
  requireId(blockHash, "blockHash");
  requireByteArrays(scripts, "scripts");

  const reader = new Reader(filter);
  const count = scriptCount(reader);
  const wanted = toNumbers(scripts, count, keyOf(blockHash));
  let at = 0;
  for (const number of numbersIn(reader, count)) {
    while (at < wanted.length && (wanted[at] ?? 0) < number) at++;
    if (at === wanted.length) return false;
    if (wanted[at] === number) return true;
  }
  return false;
}

/**
 * Whether all of some output scripts are in a block's filter, or look as if they were: a filter that lacks a script of
 * its block was not made of that block.
 * @throws CoreError `truncated`, `oversized` where the bytes are no filter
 * @example filterMatchesAll(blockFilter(block, [[coin]]), block.hash, [coin.scriptPubKey]) // true
 */
export function filterMatchesAll(
  filter: Uint8Array,
  blockHash: BlockHash,
  scripts: readonly Uint8Array[],
): boolean {
  requireBytes(filter, "filter");
  requireId(blockHash, "blockHash");
  requireByteArrays(scripts, "scripts");

  const reader = new Reader(filter);
  const count = scriptCount(reader);
  const wanted = toNumbers(scripts, count, keyOf(blockHash));
  let at = 0;
  for (const number of numbersIn(reader, count)) {
    while (wanted[at] === number) at++;
    if ((wanted[at] ?? Number.POSITIVE_INFINITY) < number) return false;
  }
  return at === wanted.length;
}

function scriptCount(reader: Reader): number {
  const count = Number(reader.compactSize64());
  if (count > MAX_SCRIPTS) throw new CoreError("oversized", `a filter of ${count} scripts`);
  return count;
}

function* numbersIn(reader: Reader, count: number): Iterable<number> {
  const bits = new BitReader(reader);
  let number = 0;
  for (let i = 0; i < count; i++) {
    number += bits.ones() * REMAINDERS + bits.read(REMAINDER_BITS);
    yield number;
  }
}

/**
 * The hash of a filter, by which filters of different nodes are compared. Core: BlockFilter::GetHash.
 * @example filterHash(blockFilter(block, [[coin]])).length // 64
 */
export function filterHash(filter: Uint8Array): FilterHash {
  requireBytes(filter, "filter");
  return idFromBytes(sha256d(filter));
}

/**
 * The header of a filter, which commits to the filters of all blocks up to it. Core: BlockFilter::ComputeHeader.
 * @param previous that of the block before; 64 zeros before the first block
 * @example filterHeader(filterHash(blockFilter(block, [[coin]])), ZERO_FILTER_HEADER).length // 64
 */
export function filterHeader(hash: FilterHash, previous: FilterHeader): FilterHeader {
  requireId(hash, "hash");
  requireId(previous, "previous");
  return idFromBytes(sha256d(new Writer(64).hash(hash).hash(previous).finish()));
}

/** Each script once. */
function scriptsOf({ transactions }: Block, undo: BlockUndo): readonly Uint8Array[] {
  const scripts = new Map<string, Uint8Array>();
  const add = (script: Uint8Array) => void scripts.set(bytesToHex(script), script);
  for (const { outputs } of transactions) {
    for (const { scriptPubKey } of outputs) {
      if (scriptPubKey.length > 0 && scriptPubKey[0] !== Opcode.OP_RETURN) add(scriptPubKey);
    }
  }
  for (const { scriptPubKey } of undo.flat()) if (scriptPubKey.length > 0) add(scriptPubKey);
  return [...scripts.values()];
}

/** BIP-0158: the first 16 bytes of the block's hash. */
function keyOf(hash: BlockHash): SipHashKey {
  const bytes = idToBytes(hash);
  requireBytesOf(32, bytes, "blockHash");
  const view = new DataView(bytes.buffer);
  return { k0: view.getBigUint64(0, true), k1: view.getBigUint64(8, true) };
}

/** Spreads scripts evenly over `count` times the rarity, and sorts. Core: FastRange64 in HashToRange. */
function toNumbers(scripts: readonly Uint8Array[], count: number, key: SipHashKey): Float64Array {
  const range = BigInt(count) * BigInt(RARITY);
  const numbers = Float64Array.from(scripts, (script) => {
    const { high, low } = sipHash(key, script);
    return Number((((BigInt(high) << 32n) | BigInt(low)) * range) >> 64n);
  });
  return numbers.sort();
}

/** Bits, the highest of a byte first. */
class BitWriter {
  readonly #writer: Writer;
  #byte = 0;
  #used = 0;

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  write(value: number, count: number): void {
    for (let left = count; left > 0; ) {
      const taken = Math.min(left, 8 - this.#used);
      left -= taken;
      this.#byte = (this.#byte << taken) | ((value >>> left) & ((1 << taken) - 1));
      this.#used += taken;
      if (this.#used === 8) this.flush();
    }
  }

  ones(count: number): void {
    for (let left = count; left > 0; left -= 8) this.write(0xff, Math.min(left, 8));
  }

  /** Fills the last byte up with zeros. */
  flush(): void {
    if (this.#used > 0) this.#writer.u8(this.#byte << (8 - this.#used));
    this.#byte = 0;
    this.#used = 0;
  }
}

class BitReader {
  readonly #reader: Reader;
  #byte = 0;
  #left = 0;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** @throws CoreError `truncated` */
  read(count: number): number {
    let value = 0;
    for (let left = count; left > 0; ) {
      this.#fill();
      const taken = Math.min(left, this.#left);
      left -= taken;
      this.#left -= taken;
      value = (value << taken) | ((this.#byte >>> this.#left) & ((1 << taken) - 1));
    }
    return value;
  }

  /** How many ones there are before a zero, which is read as well. */
  ones(): number {
    let count = 0;
    while (this.read(1) === 1) count++;
    return count;
  }

  #fill(): void {
    if (this.#left > 0) return;
    this.#byte = this.#reader.u8();
    this.#left = 8;
  }
}
