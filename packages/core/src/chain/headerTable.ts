import { HEADER_SIZE } from "../header.ts";
import type { BlockHash } from "../ids.ts";
import { workOfBits } from "../pow.ts";

/** Stands for a parent, child or sibling that does not exist. */
export const NO_SLOT: number = -1;

// A row, in words of 32 bits. A multiple of 64 bits, so that numbers of 64 bits are aligned. It begins with the header,
// but for the hash of its parent, which the parent's row has. Until a header is linked, that stands in place of its work.
const HASH = (HEADER_SIZE - 32) / 4;
const WORK = HASH + 8;
const CHAIN_TRANSACTIONS = WORK + 8; // 64 bits
const PARENT = CHAIN_TRANSACTIONS + 2;
const SKIP = PARENT + 1;
const FIRST_CHILD = SKIP + 1;
const NEXT_SIBLING = FIRST_CHILD + 1;
const HEIGHT = NEXT_SIBLING + 1;
const SEQUENCE = HEIGHT + 1;
const BODY_SEQUENCE = SEQUENCE + 1;
const TRANSACTIONS = BODY_SEQUENCE + 1;
const ROW = TRANSACTIONS + 1;

const HASH_SIZE = 32;
// In bytes: where a header has the hash of its parent, what is behind it in the header and in a row, and that in a row.
const PREVIOUS_HASH = 4;
const REST = PREVIOUS_HASH + HASH_SIZE;
const ROW_REST = PREVIOUS_HASH;
const TIME = 68 - HASH_SIZE;
const BITS = 72 - HASH_SIZE;

const WORK_WORDS = 8;
const CHUNK_BITS = 12;
/** Rows of a chunk: a table grows by one, so that nothing is ever copied to make room. */
const CHUNK_ROWS = 1 << CHUNK_BITS;
/** Rows of the first chunk at first: thousands of small trees must stay small. */
const FIRST_ROWS = 32;

/** Rows in one piece of memory, and the ways to look at it. */
interface Chunk {
  readonly rows: number;
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly links: Int32Array;
  readonly doubles: Float64Array;
  readonly view: DataView;
}

/**
 * The headers of a tree as rows of bytes, found by their slot (0, 1, 2 …) or their hash. A million headers as objects
 * with strings take 800 bytes each and are walked by every garbage collection; here they take 152 bytes outside the
 * heap, and the hash table 6 to 12.
 */
export class HeaderTable {
  readonly #chunks: Chunk[] = [];
  #size = 0;
  /** Open addressing: slot + 1, or 0 where nothing is. At most two thirds are taken. */
  #slots = new Int32Array(64);
  /** A hash that is looked for. */
  readonly #wanted = new Uint8Array(HASH_SIZE);
  /** The parent that the root names. */
  #rootPrevious = new Uint8Array(HASH_SIZE);
  /** The work of one block with these bits: nearly all blocks have the bits of the one before. */
  #bits: number | undefined;
  readonly #work = new Uint32Array(WORK_WORDS);

  /** Number of headers. */
  get size(): number {
    return this.#size;
  }

  /** Slot of the header with this hash; `NO_SLOT` if there is none. */
  find(hash: BlockHash): number {
    if (hash.length !== 2 * HASH_SIZE) return NO_SLOT;
    for (let i = 0; i < HASH_SIZE; i++) {
      const at = 2 * (HASH_SIZE - 1 - i);
      this.#wanted[i] = (digit(hash.charCodeAt(at)) << 4) | digit(hash.charCodeAt(at + 1));
    }
    return this.findBytes(this.#wanted, 0);
  }

  /** The same by the 32 bytes of a hash, which begin at `offset`. */
  findBytes(bytes: Uint8Array, offset: number): number {
    const slot = this.#slots[this.#place(bytes, offset)] as number;
    return slot - 1;
  }

  /** Slot of the header that a header names as its parent: of one that is not linked yet. */
  findPrevious(slot: number): number {
    const { bytes } = this.#chunk(slot);
    const offset = 4 * (this.#row(slot) + WORK);
    // Most come right behind their parents, and the hash table is far too large for the processor's caches.
    if (slot > 0 && this.#hasHash(slot - 1, bytes, offset)) return slot - 1;
    return this.findBytes(bytes, offset);
  }

  /**
   * Adds a header without links, unless it is there. Its bytes and those of its hash begin at the offsets.
   * @returns its slot: `size` before, where it is new
   */
  add(header: Uint8Array, headerStart: number, hash: Uint8Array, hashStart: number): number {
    if (3 * (this.#size + 1) > 2 * this.#slots.length) this.#rehash(2 * this.#slots.length);
    const place = this.#place(hash, hashStart);
    const known = this.#slots[place] as number;
    if (known !== 0) return known - 1;
    const slot = this.#size;
    this.#makeRoom(slot);
    const { bytes, links } = this.#chunk(slot);
    const row = this.#row(slot);
    copy(header, headerStart, bytes, 4 * row, PREVIOUS_HASH);
    copy(header, headerStart + PREVIOUS_HASH, bytes, 4 * (row + WORK), HASH_SIZE);
    copy(header, headerStart + REST, bytes, 4 * row + ROW_REST, HEADER_SIZE - REST);
    copy(hash, hashStart, bytes, 4 * (row + HASH), HASH_SIZE);
    links.fill(NO_SLOT, row + PARENT, row + NEXT_SIBLING + 1);
    this.#slots[place] = slot + 1;
    this.#size++;
    return slot;
  }

  /** Makes a header the child of another, or the root of all: sets links, height and chain work. */
  link(slot: number, parent: number, sequence: number): void {
    const { links, words, view } = this.#chunk(slot);
    const row = this.#row(slot);
    const height = parent === NO_SLOT ? 0 : this.height(parent) + 1;
    links[row + HEIGHT] = height;
    links[row + SEQUENCE] = sequence;
    this.#workOf(view.getUint32(4 * row + BITS, true));
    const own = this.#work;
    if (parent === NO_SLOT) {
      copy(this.#chunk(slot).bytes, 4 * (row + WORK), this.#rootPrevious, 0, HASH_SIZE);
      words.set(own, row + WORK);
      return;
    }
    links[row + PARENT] = parent;
    links[row + SKIP] = this.ancestor(parent, skipHeight(height));
    const above = this.#chunk(parent);
    const aboveRow = this.#row(parent);
    links[row + NEXT_SIBLING] = above.links[aboveRow + FIRST_CHILD] as number;
    above.links[aboveRow + FIRST_CHILD] = slot;
    let carry = 0;
    for (let i = 0; i < WORK_WORDS; i++) {
      const sum = (above.words[aboveRow + WORK + i] as number) + (own[i] as number) + carry;
      words[row + WORK + i] = sum; // modulo 2^32
      carry = sum > 0xffff_ffff ? 1 : 0;
    }
  }

  /**
   * Takes a header without children out of the hash table, and from its parent: it is found no more. Its row stays, for
   * those who hold its slot.
   */
  remove(slot: number): void {
    const parent = this.parent(slot);
    const next = this.nextSibling(slot);
    let before = NO_SLOT;
    for (let at = this.firstChild(parent); at !== slot; at = this.nextSibling(at)) before = at;
    const column = before === NO_SLOT ? FIRST_CHILD : NEXT_SIBLING;
    const holder = before === NO_SLOT ? parent : before;
    this.#chunk(holder).links[this.#row(holder) + column] = next;

    // Entries behind an empty place in the same run would not be found any more: they move up.
    const mask = this.#slots.length - 1;
    let hole = this.#place(this.hash(slot), 0);
    for (let at = (hole + 1) & mask; this.#slots[at] !== 0; at = (at + 1) & mask) {
      const wanted = startOf(this.hash((this.#slots[at] as number) - 1), 0) & mask;
      if (((at - wanted) & mask) < ((at - hole) & mask)) continue;
      this.#slots[hole] = this.#slots[at] as number;
      hole = at;
    }
    this.#slots[hole] = 0;
  }

  /** The 80 bytes of a header that is linked. */
  header(slot: number): Uint8Array {
    const row = this.#chunk(slot).bytes;
    const start = 4 * this.#row(slot);
    const parent = this.parent(slot);
    const header = new Uint8Array(HEADER_SIZE);
    copy(row, start, header, 0, PREVIOUS_HASH);
    header.set(parent === NO_SLOT ? this.#rootPrevious : this.hash(parent), PREVIOUS_HASH);
    copy(row, start + ROW_REST, header, REST, HEADER_SIZE - REST);
    return header;
  }

  /** The 32 bytes of its hash: a view, valid until the next header is added. */
  hash(slot: number): Uint8Array {
    const start = 4 * (this.#row(slot) + HASH);
    return this.#chunk(slot).bytes.subarray(start, start + HASH_SIZE);
  }

  version(slot: number): number {
    return this.#chunk(slot).view.getInt32(4 * this.#row(slot), true);
  }

  time(slot: number): number {
    return this.#chunk(slot).view.getUint32(4 * this.#row(slot) + TIME, true);
  }

  bits(slot: number): number {
    return this.#chunk(slot).view.getUint32(4 * this.#row(slot) + BITS, true);
  }

  chainWork(slot: number): bigint {
    const { words } = this.#chunk(slot);
    const first = this.#row(slot) + WORK;
    let work = 0n;
    for (let i = WORK_WORDS - 1; i >= 0; i--) {
      const word = words[first + i] as number;
      if (word !== 0 || work !== 0n) work = (work << 32n) | BigInt(word);
    }
    return work;
  }

  /** Below, at or above 0 as `a` has less, the same or more chain work than `b`. */
  compareWork(a: number, b: number): number {
    const left = this.#chunk(a).words;
    const right = this.#chunk(b).words;
    const leftRow = this.#row(a) + WORK;
    const rightRow = this.#row(b) + WORK;
    for (let i = WORK_WORDS - 1; i >= 0; i--) {
      const difference = (left[leftRow + i] as number) - (right[rightRow + i] as number);
      if (difference !== 0) return difference;
    }
    return 0;
  }

  parent(slot: number): number {
    return this.#link(slot, PARENT);
  }

  /** An ancestor far back, so that any other is reached in a few steps. Core: CBlockIndex::pskip. */
  skip(slot: number): number {
    return this.#link(slot, SKIP);
  }

  firstChild(slot: number): number {
    return this.#link(slot, FIRST_CHILD);
  }

  nextSibling(slot: number): number {
    return this.#link(slot, NEXT_SIBLING);
  }

  height(slot: number): number {
    return this.#link(slot, HEIGHT);
  }

  /** For headers that are not linked yet. */
  setHeight(slot: number, height: number): void {
    this.#chunk(slot).links[this.#row(slot) + HEIGHT] = height;
  }

  /** When the header came: the earlier wins among equal work. */
  sequence(slot: number): number {
    return this.#link(slot, SEQUENCE);
  }

  /** When the bodies up to it were complete: the earlier wins among equal work. */
  bodySequence(slot: number): number {
    return this.#link(slot, BODY_SEQUENCE);
  }

  setBodySequence(slot: number, sequence: number): void {
    this.#chunk(slot).links[this.#row(slot) + BODY_SEQUENCE] = sequence;
  }

  transactionCount(slot: number): number {
    return this.#chunk(slot).words[this.#row(slot) + TRANSACTIONS] as number;
  }

  setTransactionCount(slot: number, count: number): void {
    this.#chunk(slot).words[this.#row(slot) + TRANSACTIONS] = count;
  }

  chainTransactionCount(slot: number): number {
    return this.#chunk(slot).doubles[(this.#row(slot) + CHAIN_TRANSACTIONS) / 2] as number;
  }

  setChainTransactionCount(slot: number, count: number): void {
    this.#chunk(slot).doubles[(this.#row(slot) + CHAIN_TRANSACTIONS) / 2] = count;
  }

  /**
   * In O(log height) steps: takes the skip link unless the parent's would lead closer. Core: GetAncestor.
   * @param height from 0 to that of the header itself
   */
  ancestor(slot: number, height: number): number {
    let at = slot;
    let reached = this.height(at);
    while (reached > height) {
      const far = skipHeight(reached);
      const farFromParent = skipHeight(reached - 1);
      const parentIsBetter = farFromParent < far - 2 && farFromParent >= height;
      const skips = far === height || (far > height && !parentIsBetter);
      at = skips ? this.skip(at) : this.parent(at);
      reached = skips ? far : reached - 1;
    }
    return at;
  }

  #link(slot: number, column: number): number {
    return this.#chunk(slot).links[this.#row(slot) + column] as number;
  }

  #chunk(slot: number): Chunk {
    return this.#chunks[slot >> CHUNK_BITS] as Chunk;
  }

  /** Where a row begins in its chunk, in words. */
  #row(slot: number): number {
    return (slot & (CHUNK_ROWS - 1)) * ROW;
  }

  #makeRoom(slot: number): void {
    const number = slot >> CHUNK_BITS;
    const chunk = this.#chunks[number];
    if (chunk === undefined) {
      this.#chunks.push(makeChunk(number === 0 ? FIRST_ROWS : CHUNK_ROWS));
    } else if ((slot & (CHUNK_ROWS - 1)) >= chunk.rows) {
      const grown = makeChunk(2 * chunk.rows);
      grown.bytes.set(chunk.bytes);
      this.#chunks[number] = grown;
    }
  }

  /** Where a hash stands in the hash table, or the empty place where it would. */
  #place(bytes: Uint8Array, offset: number): number {
    const mask = this.#slots.length - 1;
    let place = startOf(bytes, offset) & mask;
    while (true) {
      const slot = this.#slots[place] as number;
      if (slot === 0 || this.#hasHash(slot - 1, bytes, offset)) return place;
      place = (place + 1) & mask;
    }
  }

  #hasHash(slot: number, bytes: Uint8Array, offset: number): boolean {
    const own = this.#chunk(slot).bytes;
    const start = 4 * (this.#row(slot) + HASH);
    for (let i = 0; i < HASH_SIZE; i++) if (own[start + i] !== bytes[offset + i]) return false;
    return true;
  }

  #rehash(length: number): void {
    const slots = new Int32Array(length);
    for (let slot = 0; slot < this.#size; slot++) {
      const start = 4 * (this.#row(slot) + HASH);
      let place = startOf(this.#chunk(slot).bytes, start) & (length - 1);
      while (slots[place] !== 0) place = (place + 1) & (length - 1);
      slots[place] = slot + 1;
    }
    this.#slots = slots;
  }

  #workOf(bits: number): void {
    if (bits === this.#bits) return;
    this.#bits = bits;
    let work = workOfBits(bits);
    for (let i = 0; i < WORK_WORDS; i++) {
      this.#work[i] = Number(work & 0xffff_ffffn);
      work >>= 32n;
    }
  }
}

function makeChunk(rows: number): Chunk {
  const buffer = new ArrayBuffer(rows * ROW * 4);
  return {
    rows,
    bytes: new Uint8Array(buffer),
    words: new Uint32Array(buffer),
    links: new Int32Array(buffer),
    doubles: new Float64Array(buffer),
    view: new DataView(buffer),
  };
}

/** As `set` and `subarray`, without the object that a view is. */
function copy(from: Uint8Array, start: number, to: Uint8Array, at: number, count: number): void {
  for (let i = 0; i < count; i++) to[at + i] = from[start + i] as number;
}

/** The first bytes of a hash spread well; the last are zeros, which proof of work made. Core: BlockHasher. */
function startOf(bytes: Uint8Array, offset: number): number {
  return (
    (bytes[offset] as number) |
    ((bytes[offset + 1] as number) << 8) |
    ((bytes[offset + 2] as number) << 16) |
    ((bytes[offset + 3] as number) << 24)
  );
}

function digit(charCode: number): number {
  return charCode <= 57 ? charCode - 48 : charCode - 87;
}

/** Height of the block that the skip link of a block at `height` leads to. Core: GetSkipHeight. */
function skipHeight(height: number): number {
  if (height < 2) return 0;
  return height % 2 === 1 ? clearLowestBit(clearLowestBit(height - 1)) + 1 : clearLowestBit(height);
}

function clearLowestBit(n: number): number {
  return n & (n - 1);
}
