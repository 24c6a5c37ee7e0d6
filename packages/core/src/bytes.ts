import { requireBytes, requireString } from "./arguments.ts";
import { CoreError } from "./errors.ts";
import { requireByteArrays } from "./shapes.ts";

/** Character codes of the hex digits. */
const DIGITS: readonly number[] = /* @__PURE__ */ (() =>
  Array.from("0123456789abcdef", (digit) => digit.charCodeAt(0)))();
/** Bytes turned at a time: as many arguments as every engine takes. */
const CHUNK = 4096;

/**
 * Lower-case hex of the bytes in the order they stand in memory. For hashes people read, see `ids.ts`.
 * @example bytesToHex(Uint8Array.of(1, 171)) // "01ab"
 */
export function bytesToHex(bytes: Uint8Array): string {
  requireBytes(bytes, "bytes");

  if (bytes.length <= CHUNK) return hexOf(bytes);
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += CHUNK) parts.push(hexOf(bytes.subarray(i, i + CHUNK)));
  return parts.join("");
}

/**
 * Hex of the bytes from last to first: how Bitcoin shows hashes.
 * @example reversedHex(Uint8Array.of(1, 171)) // "ab01"
 */
export function reversedHex(bytes: Uint8Array): string {
  requireBytes(bytes, "bytes");

  if (bytes.length > CHUNK) return bytesToHex(bytes.toReversed());
  const codes = new Array<number>(2 * bytes.length);
  let at = codes.length;
  for (const byte of bytes) {
    codes[--at] = DIGITS[byte & 15] as number;
    codes[--at] = DIGITS[byte >> 4] as number;
  }
  return String.fromCharCode(...codes);
}

// Made in one piece, not added up: V8 keeps the pieces of a string that was added up, ten times its size for an id.
function hexOf(bytes: Uint8Array): string {
  const codes: number[] = [];
  for (const byte of bytes) {
    codes.push(DIGITS[byte >> 4] as number, DIGITS[byte & 15] as number);
  }
  return String.fromCharCode(...codes);
}

function nibble(charCode: number): number {
  if (charCode >= 48 && charCode <= 57) return charCode - 48; // 0-9
  if (charCode >= 97 && charCode <= 102) return charCode - 87; // a-f
  if (charCode >= 65 && charCode <= 70) return charCode - 55; // A-F
  return -1;
}

/**
 * Bytes of a hex string, upper or lower case.
 * @throws CoreError `invalid-hex` for an odd length or another character.
 * @example hexToBytes("01AB") // Uint8Array.of(1, 171)
 */
export function hexToBytes(hex: string): Uint8Array {
  requireString(hex, "hex");

  if (hex.length % 2 !== 0) throw new CoreError("invalid-hex", "hex string of odd length");
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    const high = nibble(hex.charCodeAt(2 * i));
    const low = nibble(hex.charCodeAt(2 * i + 1));
    if (high < 0 || low < 0) {
      throw new CoreError("invalid-hex", `not a hex digit at position ${2 * i}`);
    }
    bytes[i] = high * 16 + low;
  }
  return bytes;
}

/**
 * Whether both hold the same bytes. Not constant-time: never use it on secrets.
 * @example equalBytes(hexToBytes("01ab"), Uint8Array.of(1, 171)) // true
 */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  requireBytes(a, "a");
  requireBytes(b, "b");

  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * Order of two byte strings, as `memcmp`, the shorter first where one begins the other.
 * @example compareBytes(Uint8Array.of(1), Uint8Array.of(1, 0)) < 0 // true
 */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  requireBytes(a, "a");
  requireBytes(b, "b");

  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/**
 * One array with the bytes of all, in order.
 * @example concatBytes(Uint8Array.of(1), Uint8Array.of(2, 3)) // Uint8Array.of(1, 2, 3)
 */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  requireByteArrays(parts, "parts");

  let length = 0;
  for (const part of parts) length += part.length;
  const all = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}
