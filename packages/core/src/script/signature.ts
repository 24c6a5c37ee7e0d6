/** ECDSA signatures between DER, as scripts hold them, and 64 bytes r‖s, as verifiers take them. */
import { requireBytes, requireBytesOf } from "../arguments.ts";
import { concatBytes } from "../bytes.ts";
import { CoreError } from "../errors.ts";

/** Order of the secp256k1 group. */
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const HALF_N = N >> 1n;
const INTEGER = 0x02;
const SEQUENCE = 0x30;

/**
 * Whether a signature with its hash-type byte is in the one form that BIP-0066 allows: at most 73 bytes, lengths that
 * fit, integers positive and without padding. Says nothing on the hash type or the size of the numbers.
 * Core: IsValidSignatureEncoding.
 * @example isStrictDer(signature) // true
 */
export function isStrictDer(signature: Uint8Array): boolean {
  requireBytes(signature, "signature");

  if (signature.length < 9 || signature.length > 73) return false;
  if (signature[0] !== SEQUENCE || signature[1] !== signature.length - 3) return false;
  const rLength = signature[3] as number;
  const sTag = 4 + rLength;
  if (sTag + 1 >= signature.length) return false;
  const sLength = signature[sTag + 1] as number;
  if (rLength + sLength + 7 !== signature.length) return false;
  return (
    isStrictInteger(signature.subarray(2, sTag)) &&
    isStrictInteger(signature.subarray(sTag, sTag + 2 + sLength))
  );
}

/** Tag, length and number: positive, no zero in front but where it hides a sign bit. */
function isStrictInteger(encoded: Uint8Array): boolean {
  const [tag, length, first, second] = encoded;
  if (tag !== INTEGER || length === 0 || first === undefined || first >= 0x80) return false;
  return !(first === 0 && second !== undefined && second < 0x80);
}

/**
 * The 64 bytes r‖s of a strict DER signature without hash type; `undefined` for any other form. Numbers that no
 * signature can have come as zeros, which never verify.
 * @example parseDerSignature(signature.subarray(0, -1))?.length // 64
 */
export function parseDerSignature(der: Uint8Array): Uint8Array | undefined {
  requireBytes(der, "der");

  return isStrictDer(concatBytes(der, Uint8Array.of(0))) ? parseDerSignatureLax(der) : undefined;
}

/**
 * The 64 bytes r‖s of anything that the OpenSSL of old took for a signature: lengths in long form and wrong lengths of
 * the whole, padded and negative integers, bytes behind the end. Blocks before BIP-0066 have such.
 * Core: ecdsa_signature_parse_der_lax.
 * @returns `undefined` where even that parser fails; zeros, which never verify, for numbers out of range
 * @example parseDerSignatureLax(concatBytes(signature, Uint8Array.of(0)))?.length // 64
 */
export function parseDerSignatureLax(der: Uint8Array): Uint8Array | undefined {
  requireBytes(der, "der");

  if (der[0] !== SEQUENCE || der.length < 2) return undefined;
  const lengthByte = der[1] as number;
  let position = 2;
  if (lengthByte >= 0x80) {
    // The length of the sequence is skipped, and not checked.
    if (lengthByte - 0x80 > der.length - position) return undefined;
    position += lengthByte - 0x80;
  }
  const r = readLaxInteger(der, position);
  const s = r && readLaxInteger(der, r.end);
  if (r === undefined || s === undefined) return undefined;
  const compact = new Uint8Array(64);
  if (r.digits.length > 32 || s.digits.length > 32) return compact;
  compact.set(r.digits, 32 - r.digits.length);
  compact.set(s.digits, 64 - s.digits.length);
  if (toNumber(compact, 0) >= N || toNumber(compact, 32) >= N) compact.fill(0);
  return compact;
}

/** An integer at this position: its bytes as an unsigned number without leading zeros, and where it ends. */
function readLaxInteger(
  der: Uint8Array,
  position: number,
): { readonly digits: Uint8Array; readonly end: number } | undefined {
  if (der[position] !== INTEGER) return undefined;
  let length = der[position + 1];
  if (length === undefined) return undefined;
  position += 2;
  if (length >= 0x80) {
    let size = length - 0x80;
    if (size > der.length - position) return undefined;
    for (; size > 0 && der[position] === 0; size--) position++;
    if (size >= 4) return undefined;
    length = 0;
    for (; size > 0; size--) length = length * 256 + (der[position++] as number);
  }
  const end = position + length;
  if (end > der.length) return undefined;
  while (position < end && der[position] === 0) position++;
  return { digits: der.subarray(position, end), end };
}

/**
 * DER of 64 bytes r‖s, without hash type. @throws CoreError `invalid-length`.
 * @example
 * const compact = parseDerSignature(signature.subarray(0, -1));
 * encodeDerSignature(compact) // signature.slice(0, -1)
 */
export function encodeDerSignature(compact: Uint8Array): Uint8Array {
  requireBytes(compact, "compact");

  if (compact.length !== 64) throw new CoreError("invalid-length", "r and s have 64 bytes");
  const r = derInteger(compact.subarray(0, 32));
  const s = derInteger(compact.subarray(32));
  return concatBytes(Uint8Array.of(SEQUENCE, r.length + s.length), r, s);
}

function derInteger(number: Uint8Array): Uint8Array {
  let start = 0;
  while (start < 31 && number[start] === 0) start++;
  const digits = number.subarray(start);
  const sign = (digits[0] as number) >= 0x80 ? [0] : [];
  return Uint8Array.of(INTEGER, digits.length + sign.length, ...sign, ...digits);
}

/**
 * Whether s is in the lower half of its range: of s and -s, both of which verify, the one to use (BIP-0062, 0146).
 * @example isLowS(parseDerSignature(signature.subarray(0, -1))) // true
 */
export function isLowS(compact: Uint8Array): boolean {
  requireBytesOf(64, compact, "compact");

  return toNumber(compact, 32) <= HALF_N;
}

/**
 * The same signature with low s. Verifiers take no other.
 * @example
 * const compact = parseDerSignature(signature.subarray(0, -1));
 * isLowS(normalizeS(compact)) // true
 */
export function normalizeS(compact: Uint8Array): Uint8Array {
  requireBytesOf(64, compact, "compact");

  const s = toNumber(compact, 32);
  if (s <= HALF_N) return compact;
  const normal = compact.slice();
  let rest = N - s;
  for (let i = 63; i >= 32; i--) {
    normal[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return normal;
}

function toNumber(bytes: Uint8Array, start: number): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, 32);
  let number = 0n;
  for (let i = 0; i < 32; i += 8) number = (number << 64n) | view.getBigUint64(i);
  return number;
}
