/** A hash of a set. Core: crypto/muhash.cpp. */
import { requireBytes, requireBytesOf } from "./arguments.ts";
import { bytesToHex, hexToBytes } from "./bytes.ts";
import { chaCha20Stream } from "./chaCha20.ts";
import { sha256 } from "./hash.ts";

const BITS = 3072n;
const SIZE = 384;
/** 2^3072 − 1103717, the largest prime below 2^3072. */
const DISTANCE = 1_103_717n;
const MASK = /* @__PURE__ */ (() => (1n << BITS) - 1n)();
const MODULUS = /* @__PURE__ */ (() => (1n << BITS) - DISTANCE)();
const BLOCKS = SIZE / 64;

/**
 * MuHash3072: elements are added and removed in any order, and equal sets have equal hashes. So the hash of all coins
 * follows the chain block by block. Each element is a number modulo a prime, and the set is their product.
 * @example
 * const [first, second] = [Uint8Array.of(1), Uint8Array.of(2)];
 * const set = new MuHash().add(first).add(second).remove(first);
 * bytesToHex(set.digest()) === bytesToHex(new MuHash().add(second).digest()) // true
 */
export class MuHash {
  #added = 1n;
  #removed = 1n;

  /** @returns itself */
  add(element: Uint8Array): this {
    requireBytes(element, "element");

    this.#added = product(this.#added, numberOf(element));
    return this;
  }

  /** Takes back an element that was added, or that will be. @returns itself */
  remove(element: Uint8Array): this {
    requireBytes(element, "element");

    this.#removed = product(this.#removed, numberOf(element));
    return this;
  }

  /** The hash of the set, 32 bytes. It takes some milliseconds, because it divides; more elements may come after it. */
  digest(): Uint8Array {
    // Divided out for good: until more is removed, the next time takes no division.
    if (this.#removed !== 1n) this.#added = product(this.#added, inverse(this.#removed));
    this.#removed = 1n;
    return sha256(toBytes(this.#added));
  }

  /** Its state, to go on later: 768 bytes. Core: MuHash3072::Serialize. */
  encode(): Uint8Array {
    const bytes = new Uint8Array(2 * SIZE);
    bytes.set(toBytes(this.#added));
    bytes.set(toBytes(this.#removed), SIZE);
    return bytes;
  }

  /** Goes on with such bytes. */
  static decode(bytes: Uint8Array): MuHash {
    requireBytesOf(2 * SIZE, bytes, "bytes");

    const hash = new MuHash();
    hash.#added = fromBytes(bytes.subarray(0, SIZE)) % MODULUS;
    hash.#removed = fromBytes(bytes.subarray(SIZE)) % MODULUS;
    return hash;
  }
}

function numberOf(element: Uint8Array): bigint {
  return fromBytes(chaCha20Stream(sha256(element), BLOCKS));
}

/** The modulus is close to a power of two, which makes two multiplications of a division. */
function product(a: bigint, b: bigint): bigint {
  let value = a * b;
  while (value > MASK) value = (value >> BITS) * DISTANCE + (value & MASK);
  return value >= MODULUS ? value - MODULUS : value;
}

/** By Euclid. 0, which no element that anybody can find has, stays 0. */
function inverse(value: bigint): bigint {
  let [a, b] = [MODULUS, value % MODULUS];
  let [x, y] = [0n, 1n];
  while (b > 0n) {
    const quotient = a / b;
    [a, b] = [b, a - quotient * b];
    [x, y] = [y, x - quotient * y];
  }
  if (value % MODULUS === 0n) return 0n;
  return x < 0n ? x + MODULUS : x;
}

function fromBytes(bytes: Uint8Array): bigint {
  return BigInt(`0x${bytesToHex(bytes.slice().reverse())}`);
}

function toBytes(value: bigint): Uint8Array {
  return hexToBytes(value.toString(16).padStart(2 * SIZE, "0")).reverse();
}
