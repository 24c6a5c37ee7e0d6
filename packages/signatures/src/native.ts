import { createHash } from "node:crypto";
import { equalBytes, type SignatureVerifier, taggedHash } from "@chain/core";
import { compressedKey, plainPublicKey } from "./publicKey.ts";
import { requireNative } from "./requireNative.ts";
import { checked } from "./selfTest.ts";

/** The functions of the package that are used here. Every one throws for what is no number or point. */
interface Secp256k1 {
  ecdsaVerify(signature64: Uint8Array, hash32: Uint8Array, publicKey: Uint8Array): boolean;
  publicKeyCreate(privateKey32: Uint8Array, compressed: boolean): Uint8Array;
  publicKeyTweakAdd(publicKey: Uint8Array, tweak32: Uint8Array, compressed: boolean): Uint8Array;
  publicKeyTweakMul(publicKey: Uint8Array, tweak32: Uint8Array, compressed: boolean): Uint8Array;
}

/** Order of the group, and what has to be subtracted from a hash that is not below it. */
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/**
 * libsecp256k1 as a native module, prebuilt inside the `secp256k1` package. That package falls back to another library
 * where its module does not load; this one does not: the module is asked for by name.
 *
 * The module has no Schnorr verification. Its equation, R = s·G - e·P, is computed by two calls that it has.
 * @throws SignaturesError `unavailable`, `wrong-answers`.
 * @example
 * const signature = loadNativeSigner().sign(hash, privateKey);
 * loadNativeVerifier().verifyEcdsa(signature, hash, key.publicKey) // true
 */
export function loadNativeVerifier(): SignatureVerifier {
  const secp256k1 = requireNative<Secp256k1>();
  return checked({
    name: "native",

    sha256Of(parts) {
      const hash = createHash("sha256");
      for (const part of parts) hash.update(part);
      return new Uint8Array(hash.digest());
    },

    verifyEcdsa(compact64, hash32, publicKey) {
      const key = plainPublicKey(publicKey);
      if (key === undefined) return false;
      try {
        return secp256k1.ecdsaVerify(compact64, hash32, key);
      } catch {
        return false;
      }
    },

    verifySchnorr(signature64, hash32, publicKey32) {
      if (signature64.length !== 64 || hash32.length !== 32 || publicKey32.length !== 32)
        return false;
      const r32 = signature64.subarray(0, 32);
      const s32 = signature64.subarray(32);
      const challenge = taggedHash("BIP0340/challenge", r32, publicKey32, hash32);
      try {
        const point = sum(secp256k1, s32, challenge, publicKey32);
        return point[0] === 2 && equalBytes(point.subarray(1), r32);
      } catch {
        return false; // s or P is none, or R is infinite
      }
    },

    checkTaprootTweak(outputKey32, parity, internalKey32, tweak32) {
      if (internalKey32.length !== 32) return false;
      try {
        const key = secp256k1.publicKeyTweakAdd(compressedKey(internalKey32, 0), tweak32, true);
        return key[0] === 2 + parity && equalBytes(key.subarray(1), outputKey32);
      } catch {
        return false;
      }
    },
  });
}

/** s·G - e·P, compressed. */
function sum(
  secp256k1: Secp256k1,
  s32: Uint8Array,
  challenge: Uint8Array,
  publicKey32: Uint8Array,
): Uint8Array {
  const e = BigInt(`0x${Buffer.from(challenge).toString("hex")}`) % N;
  const minusP = compressedKey(publicKey32, 1); // the even point of this x, negated
  if (e === 0n) {
    secp256k1.publicKeyTweakMul(minusP, ONE, true); // must be a point all the same
    return secp256k1.publicKeyCreate(s32, true);
  }
  const e32 = Buffer.from(e.toString(16).padStart(64, "0"), "hex");
  return secp256k1.publicKeyTweakAdd(secp256k1.publicKeyTweakMul(minusP, e32, true), s32, true);
}

const ONE = new Uint8Array(32).fill(1, 31);
