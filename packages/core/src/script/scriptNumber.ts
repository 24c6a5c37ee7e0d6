/** Numbers as scripts hold them: little-endian, the sign in the highest bit; zero has no bytes. Core: CScriptNum. */
import { requireBoolean, requireBytes, requireInteger, requireNumber } from "../arguments.ts";

/** Most bytes of a number that an operation takes, with two exceptions: the lock times of BIP-0065 and BIP-0112. */
const MAX_NUMBER_SIZE = 4;

/**
 * A number in as few bytes as can be. Core: CScriptNum::serialize.
 * @example bytesToHex(encodeScriptNumber(-255)) // "ff80"
 */
export function encodeScriptNumber(value: number): Uint8Array {
  requireInteger(value, "value");

  const bytes: number[] = [];
  for (let rest = Math.abs(value); rest > 0; rest = Math.floor(rest / 256)) bytes.push(rest % 256);
  const last = bytes.at(-1);
  if (last === undefined) return new Uint8Array(0);
  const sign = value < 0 ? 0x80 : 0;
  if (last >= 0x80) bytes.push(sign);
  else bytes[bytes.length - 1] = last | sign;
  return Uint8Array.from(bytes);
}

/**
 * The number of these bytes; `undefined` where an operation does not take them for one.
 * @param minimal whether a form that is longer than it need be is refused (BIP-0062)
 * @param maxSize bytes
 * @example decodeScriptNumber(Uint8Array.of(0xff, 0x80), true) // -255
 */
export function decodeScriptNumber(
  bytes: Uint8Array,
  minimal: boolean,
  maxSize: number = MAX_NUMBER_SIZE,
): number | undefined {
  requireBytes(bytes, "bytes");
  requireBoolean(minimal, "minimal");
  requireNumber(maxSize, "maxSize");

  const { length } = bytes;
  if (length > maxSize || (minimal && !isMinimalNumber(bytes))) return undefined;
  if (length === 0) return 0;
  const last = bytes[length - 1] as number;
  let value = last & 0x7f;
  for (let i = length - 2; i >= 0; i--) value = value * 256 + (bytes[i] as number);
  return last >= 0x80 ? -value : value;
}

/** Whether the last byte is more than a sign, or keeps the sign out of the byte before. */
function isMinimalNumber(bytes: Uint8Array): boolean {
  const last = bytes.at(-1);
  if (last === undefined || (last & 0x7f) !== 0) return true;
  const before = bytes.at(-2);
  return before !== undefined && before >= 0x80;
}

/** Whether bytes stand for true: anything but zero, negative zero and zeros of any length. Core: CastToBool. */
export function isTrue(bytes: Uint8Array): boolean {
  const last = bytes.length - 1;
  return bytes.some((byte, i) => byte !== 0 && !(i === last && byte === 0x80));
}
