/** The part of a script that signatures from before SegWit cover. Core: CTransactionSignatureSerializer, FindAndDelete. */
import { Writer } from "../encoding/writer.ts";
import { Opcode } from "./opcodes.ts";
import { ScriptReader } from "./script.ts";

/**
 * The script without its OP_CODESEPARATORs. From a push that runs past the end on, nothing is written, though the
 * length counts it: Core does so, and such a script fails anyway.
 */
export function writeScriptCode(writer: Writer, script: Uint8Array): void {
  if (!script.includes(Opcode.OP_CODESEPARATOR)) {
    const reader = new ScriptReader(script);
    while (reader.next() !== undefined);
    writer.compactSize(script.length).bytes(script.subarray(0, reader.position));
    return;
  }
  const parts: Uint8Array[] = [];
  const reader = new ScriptReader(script);
  let start = 0;
  let separators = 0;
  while (true) {
    const operation = reader.next();
    if (operation === undefined) break;
    if (operation.opcode !== Opcode.OP_CODESEPARATOR) continue;
    separators++;
    parts.push(script.subarray(start, reader.position - 1));
    start = reader.position;
  }
  parts.push(script.subarray(start, reader.position));
  writer.compactSize(script.length - separators);
  for (const part of parts) writer.bytes(part);
}

/**
 * A script without the pushes that hold exactly this signature: before SegWit a signature can't sign itself, so Core's
 * FindAndDelete takes it out wherever an operation begins.
 * @param pattern the push as bytes
 */
export function findAndDelete(script: Uint8Array, pattern: Uint8Array): Uint8Array {
  if (pattern.length === 0 || pattern.length > script.length) return script;
  const reader = new ScriptReader(script);
  const kept: Uint8Array[] = [];
  let start = 0;
  let found = false;
  do {
    while (startsWith(script, pattern, reader.position)) {
      kept.push(script.subarray(start, reader.position));
      reader.position += pattern.length;
      start = reader.position;
      found = true;
    }
  } while (reader.next() !== undefined);
  if (!found) return script;
  kept.push(script.subarray(start));
  const length = kept.reduce((sum, part) => sum + part.length, 0);
  const writer = new Writer(length);
  for (const part of kept) writer.bytes(part);
  return writer.finish();
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array, at: number): boolean {
  if (prefix.length > bytes.length - at) return false;
  for (let i = 0; i < prefix.length; i++) if (bytes[at + i] !== prefix[i]) return false;
  return true;
}
