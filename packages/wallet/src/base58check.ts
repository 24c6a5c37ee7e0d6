/** Base58Check, in which old addresses and keys are written: Base58 with the first four bytes of a double hash. */
import bs58check from "bs58check";

export function encodeBase58check(payload: Uint8Array): string {
  return bs58check.encode(payload);
}

/** @returns `undefined` for another character, and for a checksum that does not match */
export function decodeBase58check(text: string): Uint8Array | undefined {
  return bs58check.decodeUnsafe(text);
}
