/**
 * Messages signed by the key of a P2PKH address. Core: common/signmessage.cpp.
 * @module @chain/wallet/message
 */
import { concatBytes, equalBytes, hash160, sha256d, Writer } from "@chain/core";
import { requireString } from "@chain/core/arguments";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import * as secp256k1 from "@noble/secp256k1";
import { base64 } from "@scure/base";
import { type AddressParams, decodeAddress } from "./address.ts";
import { type Refused, refused, WalletError } from "./errors.ts";
import { nobleSigner, type PrivateKey, requireKey } from "./keys.ts";

/** No transaction begins so, so that the signer of a message can't be made to sign a payment. */
const MAGIC = "Bitcoin Signed Message:\n";
/** The first byte of a signature says which key it is of, and how that is written. */
const HEADER = 27;
const COMPRESSED = 4;

function messageHash(message: string): Uint8Array {
  const writer = new Writer();
  for (const part of [MAGIC, message]) writer.varBytes(utf8ToBytes(part));
  return sha256d(writer.finish());
}

/**
 * Signs a message with a private key: deterministic, the same text as Core's. Source: Core, MessageSign, which
 * `signmessagewithprivkey` calls.
 * @returns base64 of 65 bytes, from which the public key can be computed
 * @throws WalletError `bad-signature` where the key can't be computed from it, because memory or arithmetic failed.
 * @example signMessage("hello", key).length // 88
 */
export function signMessage(message: string, key: PrivateKey): string {
  requireString(message, "message");
  requireKey(key, "key");

  const hash = messageHash(message);
  const signature = nobleSigner.sign(hash, key.toBytes());
  const own = secp256k1.getPublicKey(key.toBytes());
  for (let recovery = 0; recovery < 4; recovery++) {
    const found = recoverKey(recovery, signature, hash);
    if (found === undefined || !equalBytes(found, own)) continue;
    const header = HEADER + recovery + (key.compressed ? COMPRESSED : 0);
    return base64.encode(concatBytes(Uint8Array.of(header), signature));
  }
  throw new WalletError("bad-signature", "the signature of a message does not verify");
}

/** @returns 33 bytes; `undefined` where no key has this signature */
function recoverKey(
  recovery: number,
  signature64: Uint8Array,
  hash: Uint8Array,
): Uint8Array | undefined {
  try {
    const marked = concatBytes(Uint8Array.of(recovery), signature64);
    return secp256k1.recoverPublicKey(marked, hash, { prehash: false });
  } catch {
    return undefined;
  }
}

export type VerifiedMessage =
  | { readonly ok: true; readonly valid: boolean }
  | Refused<"invalid-address" | "no-key" | "not-base64">;

/**
 * Whether the key of a P2PKH address has signed a message. Reasons are Core's. Source: Core, MessageVerify, which
 * `verifymessage` calls.
 * @param signature base64
 * @example verifyMessage(address, signMessage("hello", key), "hello", regtest) // { ok: true, valid: true }
 */
export function verifyMessage(
  address: string,
  signature: string,
  message: string,
  params: AddressParams,
): VerifiedMessage {
  requireString(address, "address");
  requireString(signature, "signature");
  requireString(message, "message");

  const decoded = decodeAddress(address, params);
  if (!decoded.ok) return refused("invalid-address", "Invalid address");
  if (decoded.type !== "p2pkh") return refused("no-key", "Address does not refer to key");
  let bytes: Uint8Array;
  try {
    bytes = base64.decode(signature);
  } catch {
    return refused("not-base64", "Malformed base64 encoding");
  }
  const header = (bytes[0] ?? 0) - HEADER;
  const key =
    bytes.length === 65
      ? recoverKey(header & 3, bytes.subarray(1), messageHash(message))
      : undefined;
  if (key === undefined) return { ok: true, valid: false };
  const written = (header & COMPRESSED) !== 0 ? key : secp256k1.Point.fromBytes(key).toBytes(false);
  return { ok: true, valid: equalBytes(hash160(written), decoded.hash) };
}
