/**
 * A number as scripts hold it: little-endian, as short as can be, the sign in the highest bit; zero has no bytes.
 * Core: CScriptNum::serialize.
 * @example encodeScriptNumber(-255) // ff 80
 */
export function encodeScriptNumber(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = Math.abs(value); rest > 0; rest = Math.floor(rest / 256)) bytes.push(rest % 256);
  const last = bytes.at(-1);
  if (last === undefined) return new Uint8Array(0);
  const sign = value < 0 ? 0x80 : 0;
  if (last >= 0x80) bytes.push(sign);
  else bytes[bytes.length - 1] = last | sign;
  return Uint8Array.from(bytes);
}
