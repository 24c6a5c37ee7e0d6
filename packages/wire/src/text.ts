/** Text on the wire is bytes of no stated encoding. Here one character stands for one byte, so nothing is lost. */

import type { Reader, Writer } from "@chain/core";
import { requireString } from "@chain/core/arguments";
import { WireError } from "./errors.ts";

/** A length and that many bytes, as characters U+0000 to U+00FF. */
export function readText(reader: Reader, max: number): string {
  return bytesToText(reader.varBytes(max));
}

/** @throws WireError `unencodable` for a character above U+00FF or more than `max` of them. */
export function writeText(writer: Writer, text: string, max: number): void {
  if (text.length > max) {
    throw new WireError("unencodable", `text of ${text.length} bytes, above ${max}`);
  }
  writer.varBytes(textToBytes(text));
}

export function bytesToText(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

export function textToBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => {
    const code = character.charCodeAt(0);
    if (code > 0xff) throw new WireError("unencodable", `not a byte: ${JSON.stringify(character)}`);
    return code;
  });
}

/**
 * A text of a peer, made safe to show in a terminal or a log: every other character is left out. Core: SanitizeString.
 * @example sanitizeText("/evil:1.0/\u001b[2J") // "/evil:1.0/2J"
 */
export function sanitizeText(text: string): string {
  requireString(text, "text");

  return text.replace(/[^A-Za-z0-9 .,;\-_/:?@()]/g, "");
}
