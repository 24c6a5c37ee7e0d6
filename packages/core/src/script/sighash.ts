/** What a signature signs, before SegWit. Core: SignatureHash for SigVersion::BASE. */
import { Writer } from "../encoding/writer.ts";
import { CoreError } from "../errors.ts";
import { sha256d } from "../hash.ts";
import { writeOutpoint } from "../outpoint.ts";
import { type Transaction, writeOutput } from "../transaction.ts";
import { OP_CODESEPARATOR } from "./opcodes.ts";
import { ScriptReader } from "./script.ts";

/** Signs all outputs. */
export const SIGHASH_ALL = 1;
/** Signs no output. */
export const SIGHASH_NONE = 2;
/** Signs the output of the same index as the input. */
export const SIGHASH_SINGLE = 3;
/** Added to one of the others: signs this input alone. */
export const SIGHASH_ANYONECANPAY = 0x80;

const NO_SCRIPT = new Uint8Array(0);

/**
 * The 32 bytes that an input's signature signs.
 * @param scriptCode the script that is run, from the last OP_CODESEPARATOR on, without the signature itself
 * @param hashType the signature's last byte, or any signed 32-bit number: all of it is hashed
 * @throws CoreError `out-of-range` where the transaction has no such input.
 * @example legacySighash(transaction, 0, coin.scriptPubKey, SIGHASH_ALL)
 */
export function legacySighash(
  transaction: Transaction,
  inputIndex: number,
  scriptCode: Uint8Array,
  hashType: number,
): Uint8Array {
  const { inputs, outputs } = transaction;
  if (inputs[inputIndex] === undefined) {
    throw new CoreError("out-of-range", `the transaction has no input ${inputIndex}`);
  }
  const none = (hashType & 0x1f) === SIGHASH_NONE;
  const single = (hashType & 0x1f) === SIGHASH_SINGLE;
  const own = outputs[inputIndex];
  if (single && own === undefined) {
    // Satoshi's client returned the number 1 here for an error, and signed it. So must we.
    const one = new Uint8Array(32);
    one[0] = 1;
    return one;
  }
  const writer = new Writer(transaction.baseSize + scriptCode.length + 16);
  writer.i32(transaction.version);

  const alone = (hashType & SIGHASH_ANYONECANPAY) !== 0;
  writer.compactSize(alone ? 1 : inputs.length);
  inputs.forEach(({ prevout, sequence }, i) => {
    const signed = i === inputIndex;
    if (alone && !signed) return;
    writeOutpoint(writer, prevout);
    if (signed) writeScriptCode(writer, scriptCode);
    else writer.varBytes(NO_SCRIPT);
    writer.u32(!signed && (none || single) ? 0 : sequence);
  });

  if (none) {
    writer.compactSize(0);
  } else if (single && own !== undefined) {
    writer.compactSize(inputIndex + 1);
    for (let i = 0; i < inputIndex; i++) writer.i64(-1n).varBytes(NO_SCRIPT);
    writeOutput(writer, own);
  } else {
    writer.compactSize(outputs.length);
    for (const output of outputs) writeOutput(writer, output);
  }
  return sha256d(writer.u32(transaction.lockTime).i32(hashType).finish());
}

/**
 * The script without its OP_CODESEPARATORs. From a push that runs past the end on, nothing is written, though the
 * length counts it: Core does so, and such a script fails anyway.
 */
function writeScriptCode(writer: Writer, script: Uint8Array): void {
  if (!script.includes(OP_CODESEPARATOR)) {
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
    if (operation.opcode !== OP_CODESEPARATOR) continue;
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
