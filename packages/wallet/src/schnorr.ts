/** Schnorr signatures (BIP-0340), as Taproot spends them (BIP-0341). */
import { concatBytes, nobleVerifier, taggedHash, taptweakHash } from "@chain/core";
import * as secp256k1 from "@noble/secp256k1";
import { WalletError } from "./errors.ts";
import type { PrivateKey } from "./keys.ts";

const N = /* @__PURE__ */ (() => secp256k1.Point.CURVE().n)();
const toNumber = (bytes: Uint8Array): bigint => secp256k1.etc.bytesToNumberBE(bytes);
const toBytes = (number: bigint): Uint8Array => secp256k1.etc.numberToBytesBE(number);

/**
 * Signs 32 bytes with Schnorr (BIP-0340), deterministically: the auxiliary randomness is zero, as in Core, so equal
 * input gives equal bytes. The signature is verified before it is handed out, because one that a fault spoils gives
 * the key away. Core: CKey::SignSchnorr.
 * @param merkleRoot tweaks the key first, as a spend of an output by its key needs (BIP-0341); empty: no scripts
 * @returns 64 bytes
 * @throws WalletError `bad-signature` where it does not verify, `invalid-length` for a hash that has not 32 bytes.
 * @example signSchnorr(new Uint8Array(32), key).length // 64
 */
export function signSchnorr(
  hash32: Uint8Array,
  key: PrivateKey,
  merkleRoot?: Uint8Array,
): Uint8Array {
  if (hash32.length !== 32) throw new WalletError("invalid-length", "a hash has 32 bytes");
  let secret = withEvenY(toNumber(key.toBytes()));
  if (merkleRoot !== undefined) {
    const x = xOf(secp256k1.Point.BASE.multiply(secret));
    secret = withEvenY((secret + toNumber(taptweakHash(x, merkleRoot))) % N);
  }
  const publicKey = xOf(secp256k1.Point.BASE.multiply(secret));
  const mask = taggedHash("BIP0340/aux", new Uint8Array(32));
  const masked = toBytes(secret).map((byte, i) => byte ^ (mask[i] as number));
  const nonce = withEvenY(toNumber(taggedHash("BIP0340/nonce", masked, publicKey, hash32)) % N);
  const r = xOf(secp256k1.Point.BASE.multiply(nonce));
  const challenge = toNumber(taggedHash("BIP0340/challenge", r, publicKey, hash32)) % N;
  const signature = concatBytes(r, toBytes((nonce + challenge * secret) % N));
  if (!nobleVerifier.verifySchnorr(signature, hash32, publicKey)) {
    throw new WalletError("bad-signature", "a Schnorr signature does not verify");
  }
  return signature;
}

/** The number, or its negative, whose point has an even y. */
function withEvenY(secret: bigint): bigint {
  const odd = secp256k1.Point.BASE.multiply(secret).toBytes()[0] === 3;
  return odd ? N - secret : secret;
}

const xOf = (point: secp256k1.Point): Uint8Array => point.toBytes().slice(1);
