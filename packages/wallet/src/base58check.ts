/** Base58Check, as addresses and keys of old are written: Base58 with the first four bytes of a double hash. */
import { sha256 } from "@chain/core";
import { createBase58check } from "@scure/base";

export function encodeBase58check(payload: Uint8Array): string {
  return createBase58check(sha256).encode(payload);
}

/** @returns `undefined` for another character, and for a checksum that does not match */
export function decodeBase58check(text: string): Uint8Array | undefined {
  try {
    return createBase58check(sha256).decode(text);
  } catch {
    return undefined;
  }
}
