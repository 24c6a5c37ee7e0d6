/** Private keys, and their text form WIF. */

import type { ChainParams } from "@chain/core";
import { ArgumentError, hash160, p2pkhScript } from "@chain/core";
import {
  requireBytes,
  requireFields,
  requireFunction,
  requireOptions,
  requireString,
} from "@chain/core/arguments";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { randomBytes as secureRandomBytes } from "@noble/hashes/utils.js";
import * as secp256k1 from "@noble/secp256k1";
import { decodeBase58check, encodeBase58check } from "./base58check.ts";
import { type Refused, refused, WalletError } from "./errors.ts";

/** Returns this many bytes that can't be guessed. */
export type RandomBytes = (length: number) => Uint8Array;

/**
 * Signs with secp256k1, for a `PrivateKey`. Every backend gives the same bytes, because the nonce is that of RFC 6979.
 * `@chain/signatures` has a native one and one in WebAssembly.
 */
export interface EcdsaSigner {
  readonly name: string;
  /**
   * @param extraEntropy 32 bytes for another nonce, the "additional data" of RFC 6979, section 3.6
   * @returns 64 bytes, r‖s, with low s
   */
  sign(hash32: Uint8Array, privateKey32: Uint8Array, extraEntropy?: Uint8Array): Uint8Array;
}

/** Signs in JavaScript, wherever JavaScript runs: about 5 ms a signature. */
export const nobleSigner: EcdsaSigner = /* @__PURE__ */ Object.freeze({
  name: "noble",
  sign: (hash32: Uint8Array, privateKey32: Uint8Array, extraEntropy?: Uint8Array) =>
    withHmac(() =>
      secp256k1.sign(hash32, privateKey32, {
        prehash: false,
        ...(extraEntropy === undefined ? {} : { extraEntropy }),
      }),
    ),
});

/**
 * A secp256k1 private key. Immutable; its bytes are in a private field, so printing or serialising one shows nothing.
 *
 * @example
 * const key = new PrivateKey(new Uint8Array(32).fill(7));
 * key.publicKey.length // 33
 * key.script.length // 25: pay to its hash
 */
export class PrivateKey {
  /** Whether its public key goes into scripts in 33 bytes, or in 65 as before 2012: another hash, another address. */
  readonly compressed: boolean;
  readonly #bytes: Uint8Array;
  #publicKey: Uint8Array | undefined;

  /** @throws WalletError `invalid-key` unless 32 bytes from 1 to the order of the group less 1. */
  constructor(bytes: Uint8Array, options: { readonly compressed?: boolean } = {}) {
    requireBytes(bytes, "bytes");
    requireOptions(options, "options", { compressed: "boolean?" });

    if (!secp256k1.utils.isValidSecretKey(bytes)) {
      throw new WalletError(
        "invalid-key",
        "a private key has 32 bytes and is below the curve order",
      );
    }
    this.#bytes = bytes.slice();
    this.compressed = options.compressed ?? true;
  }

  /** A copy of the 32 secret bytes. */
  toBytes(): Uint8Array {
    return this.#bytes.slice();
  }

  /** 33 or 65 bytes, as scripts hold it. Computed once. */
  get publicKey(): Uint8Array {
    this.#publicKey ??= secp256k1.getPublicKey(this.#bytes, this.compressed);
    return this.#publicKey;
  }

  /** The output script that pays this key's hash (P2PKH). */
  get script(): Uint8Array {
    return p2pkhScript(hash160(this.publicKey));
  }

  /**
   * Signs 32 bytes: deterministic (RFC 6979), low s (BIP-0146), and low r: as Core does, other nonces are tried until
   * r needs no padding in DER, so that the size of a signature, and with it the fee, is known beforehand. Core:
   * CKey::Sign.
   * @param signer the backend that computes it; the signature is the same
   * @returns 64 bytes, r‖s
   */
  sign(hash32: Uint8Array, signer: EcdsaSigner = nobleSigner): Uint8Array {
    requireBytes(hash32, "hash32");
    requireFields(signer, "signer", { name: "string", sign: "function" });

    if (hash32.length !== 32) throw new WalletError("invalid-length", "a hash has 32 bytes");
    let signature = signer.sign(hash32, this.#bytes);
    for (let counter = 1; (signature[0] as number) >= 0x80; counter++) {
      const extraEntropy = new Uint8Array(32);
      new DataView(extraEntropy.buffer).setUint32(0, counter, true);
      signature = signer.sign(hash32, this.#bytes, extraEntropy);
    }
    return signature;
  }
}

/**
 * The library signs only with an HMAC that stands in a variable of its own. It stands there for as long as we sign:
 * other code does not notice, and what other code puts there does not change our signatures.
 */
function withHmac<T>(action: () => T): T {
  const { hashes } = secp256k1;
  const previous = hashes.hmacSha256;
  hashes.hmacSha256 = (key, message) => hmac(sha256, key, message);
  try {
    return action();
  } finally {
    hashes.hmacSha256 = previous;
  }
}

/**
 * Whether these bytes are a public key on the curve, compressed or not. Core: CPubKey::IsFullyValid, without hybrid
 * keys.
 */
export function isPublicKey(bytes: Uint8Array): boolean {
  return (bytes.length === 33 || bytes.length === 65) && secp256k1.utils.isValidPublicKey(bytes);
}

/**
 * A new key. @param randomBytes the system's generator unless told otherwise
 * @example generateKey().publicKey.length // 33
 */
export function generateKey(randomBytes: RandomBytes = secureRandomBytes): PrivateKey {
  requireFunction(randomBytes, "randomBytes");

  // The chance that 32 random bytes are no key is 2^-128: a generator that does so again and again is broken.
  for (let attempt = 0; attempt < 3; attempt++) {
    const bytes = randomBytes(32);
    if (secp256k1.utils.isValidSecretKey(bytes)) return new PrivateKey(bytes);
  }
  throw new WalletError("invalid-key", "the random generator yields no keys");
}

/**
 * Wallet import format: version byte, 32 bytes, 01 where the public key is compressed; Base58Check.
 * @example toWif(key, regtest) // "cMpM…"
 */
export function toWif(key: PrivateKey, params: Pick<ChainParams, "wifPrefix">): string {
  requireKey(key, "key");
  requireFields(params, "params", { wifPrefix: "number" });

  const payload = new Uint8Array(key.compressed ? 34 : 33);
  payload[0] = params.wifPrefix;
  payload.set(key.toBytes(), 1);
  if (key.compressed) payload[33] = 1;
  return encodeBase58check(payload);
}

export type WifProblem = "not-wif" | "other-network" | "invalid-key";
export type ParsedWif = { readonly ok: true; readonly key: PrivateKey } | Refused<WifProblem>;

/**
 * The key of a WIF text that a user typed. The reason of a refusal never repeats the text: it may be a secret.
 * @example fromWif(toWif(key, params), params).ok // true
 */
export function fromWif(text: string, params: Pick<ChainParams, "name" | "wifPrefix">): ParsedWif {
  requireString(text, "text");
  requireFields(params, "params", { name: "string", wifPrefix: "number" });

  // A WIF has 51 or 52 characters; decoding takes the square of the length.
  const payload = text.length > 60 ? undefined : decodeBase58check(text);
  const compressed = payload?.length === 34 && payload[33] === 1;
  if (payload === undefined || !(compressed || payload.length === 33)) {
    return refused("not-wif", "not a private key in wallet import format, or mistyped");
  }
  if (payload[0] !== params.wifPrefix) {
    return refused("other-network", `not a private key of ${params.name}`);
  }
  const bytes = payload.subarray(1, 33);
  if (!secp256k1.utils.isValidSecretKey(bytes)) {
    return refused("invalid-key", "the number in this private key is out of range");
  }
  return { ok: true, key: new PrivateKey(bytes, { compressed }) };
}

export function requireKey(value: unknown, name: string): void {
  if (typeof (value as Partial<PrivateKey> | null | undefined)?.sign !== "function") {
    throw new ArgumentError(name, "a PrivateKey (generateKey makes one)", value);
  }
}
