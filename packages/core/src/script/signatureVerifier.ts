import * as secp256k1 from "@noble/secp256k1";
import { concatBytes, equalBytes } from "../bytes.ts";
import { taggedHash } from "../hash.ts";

/** SHA-256 of byte strings, one after the other. */
export type Sha256Of = (parts: readonly Uint8Array[]) => Uint8Array;

/**
 * Checks signatures: the one expensive step of validation, so it can be exchanged for a faster body (native,
 * WebAssembly, worker threads). All bodies give the same answers, and none ever throws.
 */
export interface SignatureVerifier {
  /** For logs and benchmarks. */
  readonly name: string;
  /**
   * @param compact64 r‖s with s already low; zeros and numbers out of range do not verify
   * @param hash32 the hash that was signed
   * @param publicKey 33 or 65 bytes as scripts hold them, hybrid ones (first byte 6 or 7) too; else false
   */
  verifyEcdsa(compact64: Uint8Array, hash32: Uint8Array, publicKey: Uint8Array): boolean;
  /**
   * BIP-0340.
   * @param publicKey32 x of the key; one that is on no point of the curve never verifies
   */
  verifySchnorr(signature64: Uint8Array, hash32: Uint8Array, publicKey32: Uint8Array): boolean;
  /**
   * Whether the output key is the internal key plus `tweak32` times G, with y of this parity (BIP-0341). Not for a tweak
   * that is no number below the order of the group, nor where the sum is infinite.
   * @param parity 1 for odd
   */
  checkTaprootTweak(
    outputKey32: Uint8Array,
    parity: number,
    internalKey32: Uint8Array,
    tweak32: Uint8Array,
  ): boolean;
  /**
   * The platform's SHA-256, where it is faster than JavaScript for long data. Before SegWit every signature of an input
   * may hash all of a transaction again, so that a block of 1 MB can make a node hash gigabytes.
   */
  readonly sha256Of?: Sha256Of;
}

const N = /* @__PURE__ */ (() => secp256k1.Point.CURVE().n)();

/** In plain JavaScript, so it runs everywhere; about 400 signatures a second. */
export const nobleVerifier: SignatureVerifier = /* @__PURE__ */ Object.freeze({
  name: "noble",

  verifyEcdsa(compact64: Uint8Array, hash32: Uint8Array, publicKey: Uint8Array): boolean {
    if (compact64.length !== 64 || hash32.length !== 32) return false;
    const key = withoutHybridPrefix(publicKey);
    if (key === undefined) return false;
    try {
      return secp256k1.verify(compact64, hash32, key, { prehash: false });
    } catch {
      return false;
    }
  },

  // Not the library's own: it refuses s = 0, which BIP-0340 does not, and wants a hash function set globally.
  verifySchnorr(signature64: Uint8Array, hash32: Uint8Array, publicKey32: Uint8Array): boolean {
    if (signature64.length !== 64 || hash32.length !== 32) return false;
    const key = liftX(publicKey32);
    const rx = signature64.subarray(0, 32);
    const s = toNumber(signature64.subarray(32));
    if (key === undefined || s >= N) return false;
    const e = toNumber(taggedHash("BIP0340/challenge", rx, publicKey32, hash32)) % N;
    const minusE = e === 0n ? 0n : N - e;
    const r = secp256k1.Point.BASE.multiplyUnsafe(s).add(key.multiplyUnsafe(minusE));
    return hasX(r, rx, 0);
  },

  checkTaprootTweak(
    outputKey32: Uint8Array,
    parity: number,
    internalKey32: Uint8Array,
    tweak32: Uint8Array,
  ): boolean {
    if (tweak32.length !== 32) return false;
    const key = liftX(internalKey32);
    const tweak = toNumber(tweak32);
    if (key === undefined || tweak >= N) return false;
    return hasX(key.add(secp256k1.Point.BASE.multiplyUnsafe(tweak)), outputKey32, parity);
  },
});

/** A hybrid key names the parity of y in its first byte on top of y itself; libsecp256k1 takes it where both agree. */
function withoutHybridPrefix(key: Uint8Array): Uint8Array | undefined {
  const [prefix] = key;
  if (key.length !== 65 || (prefix !== 6 && prefix !== 7)) return key;
  if (((key[64] as number) & 1) !== (prefix & 1)) return undefined;
  const plain = key.slice();
  plain[0] = 4;
  return plain;
}

/** The point of this x with even y (BIP-0340). */
function liftX(x32: Uint8Array): secp256k1.Point | undefined {
  try {
    return secp256k1.Point.fromBytes(concatBytes(Uint8Array.of(2), x32));
  } catch {
    return undefined;
  }
}

/** Whether a point is finite, has this x and y of this parity. */
function hasX(point: secp256k1.Point, x32: Uint8Array, parity: number): boolean {
  if (point.is0()) return false;
  const compressed = point.toBytes();
  return compressed[0] === 2 + parity && equalBytes(compressed.subarray(1), x32);
}

function toNumber(bytes: Uint8Array): bigint {
  return secp256k1.etc.bytesToNumberBE(bytes);
}
