import { WireError } from "./errors.ts";
import { bytesToText, textToBytes } from "./text.ts";

/** Bytes of a command in a frame's header. */
export const COMMAND_SIZE = 12;

/**
 * The command in 12 bytes: printable ASCII, then only zeros. Core: CMessageHeader::IsMessageTypeValid.
 * @returns undefined for other bytes.
 */
export function readCommand(bytes: Uint8Array): string | undefined {
  const zero = bytes.indexOf(0);
  const end = zero < 0 ? COMMAND_SIZE : zero;
  const name = bytes.subarray(0, end);
  const valid = name.every(isPrintable) && bytes.subarray(end).every((byte) => byte === 0);
  return valid ? bytesToText(name) : undefined;
}

/** @throws WireError `unencodable` for what is not printable ASCII of at most 12 characters. */
export function commandBytes(command: string): Uint8Array {
  const name = textToBytes(command);
  if (name.length > COMMAND_SIZE || !name.every(isPrintable)) {
    throw new WireError("unencodable", `not a command: ${JSON.stringify(command)}`);
  }
  const bytes = new Uint8Array(COMMAND_SIZE);
  bytes.set(name);
  return bytes;
}

function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte <= 0x7e;
}
