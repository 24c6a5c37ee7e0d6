/** Bloom filters, by which a light client names what may concern it without saying it (BIP-0037). */
import { requireBytes, requireFields, requireInteger } from "./arguments.ts";
import { Writer } from "./encoding/writer.ts";
import { idToBytes } from "./ids.ts";
import { type Outpoint, writeOutpoint } from "./outpoint.ts";
import { ScriptReader } from "./script/script.ts";
import { outputTemplate } from "./script/templates.ts";
import { requireTransaction } from "./shapes.ts";
import type { Transaction } from "./transaction.ts";

/** Between the seeds of two hash functions. */
const SEED_STEP = 0xfba4c795;
/** Which outpoints are added when an output matches. BIP-0037: BLOOM_UPDATE_ALL, BLOOM_UPDATE_P2PUBKEY_ONLY. */
const UPDATE_MASK = 3;
const UPDATE_ALL = 1;
const UPDATE_PUBLIC_KEYS = 2;

/** The parameters of a filter, as `filterload` has them. */
export interface BloomFilterFields {
  /** The bits, the lowest of each byte first. None: everything matches. */
  readonly data: Uint8Array;
  readonly hashFunctions: number;
  /** Added to the seed of each hash function. */
  readonly tweak: number;
  /** Which outpoints are added when an output matches: 0 none, 1 all, 2 those of public keys. */
  readonly flags: number;
}

/**
 * A set of bytes that contains what was inserted, and with some chance anything else. Core: CBloomFilter.
 * @example
 * const filter = new BloomFilter({ data: new Uint8Array(3), hashFunctions: 5, tweak: 0, flags: 0 });
 * filter.insert(hexToBytes("99108ad8ed9bb6274d3980bab5a85c048f0950c8"));
 * filter.contains(hexToBytes("99108ad8ed9bb6274d3980bab5a85c048f0950c8")) // true
 * filter.contains(hexToBytes("19108ad8ed9bb6274d3980bab5a85c048f0950c8")) // false
 */
export class BloomFilter {
  readonly #data: Uint8Array;
  readonly #hashFunctions: number;
  readonly #tweak: number;
  readonly #flags: number;

  constructor(fields: BloomFilterFields) {
    requireFields(fields, "fields", {
      data: "bytes",
      hashFunctions: "number",
      tweak: "number",
      flags: "number",
    });
    requireInteger(fields.hashFunctions, "fields.hashFunctions", 0);

    this.#data = fields.data.slice();
    this.#hashFunctions = fields.hashFunctions;
    this.#tweak = fields.tweak;
    this.#flags = fields.flags;
  }

  /** The bits as they are now. */
  get data(): Uint8Array {
    return this.#data.slice();
  }

  insert(bytes: Uint8Array): void {
    requireBytes(bytes, "bytes");

    for (let i = 0; i < this.#hashFunctions && this.#data.length > 0; i++) {
      const bit = this.#bit(i, bytes);
      this.#data[bit >>> 3] = (this.#data[bit >>> 3] ?? 0) | (1 << (bit & 7));
    }
  }

  contains(bytes: Uint8Array): boolean {
    requireBytes(bytes, "bytes");

    for (let i = 0; i < this.#hashFunctions && this.#data.length > 0; i++) {
      const bit = this.#bit(i, bytes);
      if (((this.#data[bit >>> 3] ?? 0) & (1 << (bit & 7))) === 0) return false;
    }
    return true;
  }

  /**
   * Whether a transaction may concern the owner: by its id, by what its scripts push, or by what it spends. Outputs that
   * match are added where the flags say so, so that what spends them matches as well. Core: IsRelevantAndUpdate.
   */
  matches(transaction: Transaction): boolean {
    requireTransaction(transaction, "transaction");

    if (this.#data.length === 0) return true;
    const { txid, inputs, outputs } = transaction;
    let isFound = this.contains(idToBytes(txid));
    for (const [vout, { scriptPubKey }] of outputs.entries()) {
      if (!this.#containsPush(scriptPubKey)) continue;
      isFound = true;
      if (this.#adds(scriptPubKey)) this.insert(encoded({ txid, vout }));
    }
    return (
      isFound ||
      inputs.some(({ prevout, scriptSig }) => {
        return this.contains(encoded(prevout)) || this.#containsPush(scriptSig);
      })
    );
  }

  #containsPush(script: Uint8Array): boolean {
    const reader = new ScriptReader(script);
    for (let next = reader.next(); next !== undefined; next = reader.next()) {
      const { data } = next;
      if (data !== undefined && data.length > 0 && this.contains(data)) return true;
    }
    return false;
  }

  #adds(script: Uint8Array): boolean {
    const update = this.#flags & UPDATE_MASK;
    if (update === UPDATE_ALL) return true;
    if (update !== UPDATE_PUBLIC_KEYS) return false;
    const { type } = outputTemplate(script);
    return type === "pubkey" || type === "multisig";
  }

  #bit(hashFunction: number, bytes: Uint8Array): number {
    const seed = (Math.imul(hashFunction, SEED_STEP) + this.#tweak) >>> 0;
    return murmurHash3(seed, bytes) % (this.#data.length * 8);
  }
}

function encoded(outpoint: Outpoint): Uint8Array {
  const writer = new Writer(36);
  writeOutpoint(writer, outpoint);
  return writer.finish();
}

/** MurmurHash3 (x86, 32 bits). Core: MurmurHash3. */
function murmurHash3(seed: number, bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const whole = bytes.length & ~3;
  let hash = seed;
  for (let i = 0; i < whole; i += 4) {
    hash = rotate(hash ^ scramble(view.getUint32(i, true)), 13);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let i = bytes.length - 1; i >= whole; i--) tail = (tail << 8) | (bytes[i] ?? 0);
  if (bytes.length > whole) hash ^= scramble(tail);
  hash ^= bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function scramble(block: number): number {
  return Math.imul(rotate(Math.imul(block, 0xcc9e2d51), 15), 0x1b873593);
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
