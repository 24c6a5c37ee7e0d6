import { ripemd160 } from "@noble/hashes/legacy.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";

/** SHA-256. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return nobleSha256(bytes);
}

/** SHA-256 of SHA-256: Bitcoin's hash for transactions, headers, merkle nodes and message checksums. */
export function sha256d(bytes: Uint8Array): Uint8Array {
  return nobleSha256(nobleSha256(bytes));
}

/** RIPEMD-160 of SHA-256: the 20 bytes that stand for a public key or a script in an address. */
export function hash160(bytes: Uint8Array): Uint8Array {
  return ripemd160(nobleSha256(bytes));
}
