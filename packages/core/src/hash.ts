import { ripemd160 as nobleRipemd160, sha1 as nobleSha1 } from "@noble/hashes/legacy.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { requireBytes, requireString } from "./arguments.ts";
import { requireByteArrays } from "./shapes.ts";

/**
 * SHA-256.
 * @example bytesToHex(sha256(new Uint8Array())) // "e3b0c44298fc1c14…"
 */
export function sha256(bytes: Uint8Array): Uint8Array {
  requireBytes(bytes, "bytes");

  return nobleSha256(bytes);
}

/** A SHA-256 that takes its input piece by piece. */
export interface RunningSha256 {
  update(bytes: Uint8Array): RunningSha256;
  /** Another that goes on from here on its own. */
  clone(): RunningSha256;
  /** Ends it. */
  digest(): Uint8Array;
}

export function runningSha256(): RunningSha256 {
  return nobleSha256.create();
}

/**
 * SHA-256 of SHA-256: Bitcoin's hash for transactions, headers, merkle nodes and message checksums.
 * @example reversedHex(sha256d(block.header.toBytes())) === block.hash // true
 */
export function sha256d(bytes: Uint8Array): Uint8Array {
  requireBytes(bytes, "bytes");

  return nobleSha256(nobleSha256(bytes));
}

/**
 * RIPEMD-160.
 * @example bytesToHex(ripemd160(new Uint8Array())) // "9c1185a5c5e9fc54612808977ee8f548b2258d31"
 */
export function ripemd160(bytes: Uint8Array): Uint8Array {
  requireBytes(bytes, "bytes");

  return nobleRipemd160(bytes);
}

/**
 * SHA-1: broken, and used for nothing but the opcode of that name.
 * @example bytesToHex(sha1(new Uint8Array())) // "da39a3ee5e6b4b0d3255bfef95601890afd80709"
 */
export function sha1(bytes: Uint8Array): Uint8Array {
  requireBytes(bytes, "bytes");

  return nobleSha1(bytes);
}

/**
 * RIPEMD-160 of SHA-256: the 20 bytes that stand for a public key or a script in an address.
 * @example p2pkhScript(hash160(publicKey)).length // 25
 */
export function hash160(bytes: Uint8Array): Uint8Array {
  requireBytes(bytes, "bytes");

  return nobleRipemd160(nobleSha256(bytes));
}

/**
 * SHA-256 under a name of its own, so that a hash made for one purpose is never one for another (BIP-0340).
 * @param tag ASCII
 * @param parts hashed one after the other
 * @example taggedHash("TapBranch", new Uint8Array(32), new Uint8Array(32)).length // 32
 */
export function taggedHash(tag: string, ...parts: readonly Uint8Array[]): Uint8Array {
  requireString(tag, "tag");
  requireByteArrays(parts, "parts");

  const prefix = nobleSha256(Uint8Array.from(tag, (character) => character.charCodeAt(0)));
  const hash = nobleSha256.create().update(prefix).update(prefix);
  for (const part of parts) hash.update(part);
  return hash.digest();
}
