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
import { type SipHashState, sipHashState, sipHashWith } from "./sipHash.ts";
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
  const { numbers, wanted } = opened(filter, blockHash, scripts);
  let at = 0;
  while (numbers.left > 0 && at < wanted.length) {
    const number = numbers.next();
    while (at < wanted.length && (wanted[at] ?? 0) < number) at++;
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
  const { numbers, wanted } = opened(filter, blockHash, scripts);
  let at = 0;
  while (numbers.left > 0) {
    const number = numbers.next();
    while (wanted[at] === number) at++;
    if ((wanted[at] ?? Number.POSITIVE_INFINITY) < number) return false;
  }
  return at === wanted.length;
}

/** The numbers of a filter, and those of scripts that are looked up in it. @throws CoreError `truncated`, `oversized` */
function opened(filter: Uint8Array, blockHash: BlockHash, scripts: readonly Uint8Array[]) {
  requireBytes(filter, "filter");
  requireId(blockHash, "blockHash");
  requireByteArrays(scripts, "scripts");

  const numbers = new FilterNumbers(filter);
  return { numbers, wanted: toNumbers(scripts, numbers.left, keyOf(blockHash)) };
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
function keyOf(hash: BlockHash): SipHashState {
  const bytes = idToBytes(hash);
  requireBytesOf(32, bytes, "blockHash");
  const view = new DataView(bytes.buffer);
  return sipHashState({ k0: view.getBigUint64(0, true), k1: view.getBigUint64(8, true) });
}

/** Spreads scripts evenly over `count` times the rarity, and sorts. Core: HashToRange. */
function toNumbers(scripts: readonly Uint8Array[], count: number, key: SipHashState): Float64Array {
  const range = count * RARITY;
  const numbers = new Float64Array(scripts.length);
  for (const [i, script] of scripts.entries()) {
    const { high, low } = sipHashWith(key, script);
    numbers[i] = inRange(high, low, range);
  }
  return numbers.sort();
}

const TWO_32 = 2 ** 32;

/**
 * A hash of 64 bits, times a range, divided by 2^64: an even spread without a division. In 32-bit halves, because BigInt
 * is several times slower. Core: FastRange64.
 * @param range less than 2^52, so that no number here leaves what a double holds exactly
 */
export function inRange(high: number, low: number, range: number): number {
  const rangeHigh = Math.floor(range / TWO_32);
  const rangeLow = range >>> 0;
  const crossed = low * rangeHigh;
  const middle = (Math.imul(high, rangeLow) >>> 0) + (crossed % TWO_32) + upperHalf(low, rangeLow);
  return (
    high * rangeHigh +
    upperHalf(high, rangeLow) +
    Math.floor(crossed / TWO_32) +
    Math.floor(middle / TWO_32)
  );
}

/** The upper 32 bits of the product of two numbers of 32 bits. */
function upperHalf(a: number, b: number): number {
  const below = (a & 0xffff) * b;
  return Math.floor(((a >>> 16) * b + Math.floor(below / 65_536)) / 65_536);
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

/** The numbers in a filter, the least first. */
class FilterNumbers {
  /** How many there are still. */
  left: number;
  readonly #bits: BitReader;
  #last = 0;

  constructor(filter: Uint8Array) {
    const reader = new Reader(filter);
    const count = Number(reader.compactSize64());
    if (count > MAX_SCRIPTS) throw new CoreError("oversized", `a filter of ${count} scripts`);
    this.left = count;
    this.#bits = new BitReader(filter.subarray(reader.position));
  }

  /** @throws CoreError `truncated` */
  next(): number {
    this.left--;
    this.#last += this.#bits.ones() * REMAINDERS + this.#bits.read(REMAINDER_BITS);
    return this.#last;
  }
}

class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #byte = 0;
  /** Bits of the byte that were not read. */
  #left = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
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
    for (let count = 0; ; ) {
      this.#fill();
      // The bits that are left, inverted, at the upper end of 32.
      const inverted = ~this.#byte << (32 - this.#left);
      const ones = Math.min(Math.clz32(inverted), this.#left);
      count += ones;
      this.#left -= ones;
      if (this.#left === 0) continue;
      this.#left--;
      return count;
    }
  }

  #fill(): void {
    if (this.#left > 0) return;
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new CoreError("truncated", "the filter ends too early");
    this.#byte = byte;
    this.#left = 8;
  }
}
