/** Secrets under a passphrase: scrypt (RFC 7914) makes the key, XChaCha20-Poly1305 seals. */
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { scryptAsync } from "@noble/hashes/scrypt.js";
import { WalletError } from "./errors.ts";

/** The cost of a guess at a passphrase by scrypt: 128·n·r bytes of memory, and time by n·r·p. */
export interface ScryptCost {
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

/** 128 MiB and about a second in JavaScript: OWASP's first choice. */
export const DEFAULT_SCRYPT_COST: ScryptCost = /* @__PURE__ */ Object.freeze({
  n: 2 ** 17,
  r: 8,
  p: 1,
});

/** Twice the default: a key file that asks for more is after our memory, 256 MiB, or our time. */
const MAX_SCRYPT_WORK = 2 ** 21;

export const SALT_SIZE = 16;
export const NONCE_SIZE = 24;

/** Whether a cost is one that scrypt defines and that we are ready to pay. */
export function isScryptCost({ n, r, p }: ScryptCost): boolean {
  const isPowerOfTwo = Number.isInteger(Math.log2(n)) && n >= 2;
  return isPowerOfTwo && r >= 1 && p >= 1 && n * r * p <= MAX_SCRYPT_WORK;
}

/**
 * The 32 bytes that seal and open. The passphrase is normalised first (NFKC): the same text typed on another system
 * may come in other bytes, a Korean one above all.
 * @throws WalletError `empty-passphrase`, `corrupt` for a cost out of bounds.
 */
export async function deriveKey(
  passphrase: string,
  salt: Uint8Array,
  cost: ScryptCost,
): Promise<Uint8Array> {
  if (passphrase === "") throw new WalletError("empty-passphrase", "the passphrase is empty");
  if (!isScryptCost(cost)) throw new WalletError("corrupt", "scrypt cost out of bounds");
  const { n, r, p } = cost;
  return await scryptAsync(passphrase.normalize("NFKC"), salt, { N: n, r, p, dkLen: 32 });
}

/** @param context bytes that are not secret but must not be changed either */
export function seal(
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  context: Uint8Array,
): Uint8Array {
  return xchacha20poly1305(key, nonce, context).encrypt(plaintext);
}

/** @throws WalletError `wrong-passphrase`: key, ciphertext and context do not belong together. */
export function unseal(
  key: Uint8Array,
  nonce: Uint8Array,
  ciphertext: Uint8Array,
  context: Uint8Array,
): Uint8Array {
  try {
    return xchacha20poly1305(key, nonce, context).decrypt(ciphertext);
  } catch (cause) {
    const message = "wrong passphrase, or the key file was tampered with";
    throw new WalletError("wrong-passphrase", message, { cause });
  }
}
