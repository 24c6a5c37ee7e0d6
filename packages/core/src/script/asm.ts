/** Scripts as text, both ways. Core: ScriptToAsmStr (core_write.cpp) and ParseScript (core_read.cpp). */
import { requireBytes, requireNumber, requireString } from "../arguments.ts";
import { bytesToHex, equalBytes, hexToBytes } from "../bytes.ts";
import { Writer } from "../encoding/writer.ts";
import { CoreError } from "../errors.ts";
import { requireOptions } from "../shapes.ts";
import { ScriptFlag } from "./flags.ts";
import { checkSignatureEncoding } from "./interpreter/signatureChecks.ts";
import { Opcode } from "./opcodes.ts";
import { isUnspendable, type Operation, pushData, pushNumber, ScriptReader } from "./script.ts";
import { decodeScriptNumber } from "./scriptNumber.ts";

/** Longer pushes are shown in hex, these as numbers. Bytes. */
const MAX_NUMBER_SIZE = 4;
/** Names that two opcodes had before they got a meaning; older vectors have them. */
const OLD_NAMES: Readonly<Record<string, number>> = /* @__PURE__ */ (() => ({
  OP_NOP2: Opcode.OP_CHECKLOCKTIMEVERIFY,
  OP_NOP3: Opcode.OP_CHECKSEQUENCEVERIFY,
}))();

/** Numbers beyond this can't be meant for a script. */
const MAX_NUMBER = 0xffff_ffff;

const HASH_TYPES: Readonly<Record<number, string>> = {
  1: "ALL",
  2: "NONE",
  3: "SINGLE",
  129: "ALL|ANYONECANPAY",
  130: "NONE|ANYONECANPAY",
  131: "SINGLE|ANYONECANPAY",
};

/** Pushes have no names here, but for OP_RESERVED, which pushes nothing. */
const OPCODES: ReadonlyMap<string, number> = /* @__PURE__ */ (() =>
  new Map(
    [...Object.entries(Opcode), ...Object.entries(OLD_NAMES)].filter(
      ([, opcode]) =>
        opcode === Opcode.OP_RESERVED ||
        (opcode >= Opcode.OP_NOP && opcode !== Opcode.OP_INVALIDOPCODE),
    ),
  ))();
const NAMES: ReadonlyMap<number, string> = /* @__PURE__ */ (() =>
  new Map(Object.entries(Opcode).map(([name, opcode]) => [opcode, name])))();

/**
 * The name of an opcode: a number for those that push one, `OP_UNKNOWN` for those without a name. Core: GetOpName.
 * @example opcodeName(0x76) // "OP_DUP"
 */
export function opcodeName(opcode: number): string {
  requireNumber(opcode, "opcode");

  if (opcode === Opcode.OP_0) return "0";
  if (opcode === Opcode.OP_1NEGATE) return "-1";
  if (opcode >= Opcode.OP_1 && opcode <= Opcode.OP_16) return String(opcode - Opcode.OP_1 + 1);
  return NAMES.get(opcode) ?? "OP_UNKNOWN";
}

export interface AsmOptions {
  /**
   * Writes it as Core's RPC does, where different scripts can look alike: a number says nothing of how it was pushed,
   * ten digits may be a number or five bytes, and a push that runs past the end is `[error]`. Core: ScriptToAsmStr.
   */
  readonly forDisplay?: boolean;
  /** With `forDisplay`: shows the hash type behind what looks like a signature, as Core does for a scriptSig. */
  readonly hashTypes?: boolean;
}

/**
 * A script as people read it: pushes of up to four bytes as numbers, longer ones in hex, opcodes by name. An
 * operation that such a word does not determine, like a push that is longer than it need be, is written in raw bytes
 * (`0x0105`), so that {@link scriptFromAsm} reads the very same script.
 * @example scriptToAsm(p2pkhScript(hash)) // "OP_DUP OP_HASH160 …"
 */
export function scriptToAsm(script: Uint8Array, options: AsmOptions = {}): string {
  requireBytes(script, "script");
  requireOptions(options, "options", { forDisplay: "boolean?", hashTypes: "boolean?" });

  const { forDisplay = false, hashTypes = false } = options;
  const words: string[] = [];
  const reader = new ScriptReader(script);
  const decode = hashTypes && !isUnspendable(script);
  while (!reader.done) {
    const start = reader.position;
    const operation = reader.next();
    if (forDisplay) words.push(wordFor(operation, decode));
    else {
      const bytes = script.subarray(start, operation === undefined ? undefined : reader.position);
      words.push(exactWordFor(operation, bytes));
    }
    if (operation === undefined) break;
  }
  return words.join(" ");
}

/** @param operation `undefined`: a push that runs past the end */
function wordFor(operation: Operation | undefined, decode: boolean): string {
  if (operation === undefined) return "[error]";
  const { opcode, data } = operation;
  if (data === undefined) return opcodeName(opcode);
  if (data.length <= MAX_NUMBER_SIZE) return String(decodeScriptNumber(data, false));
  return decode ? signatureToAsm(data) : bytesToHex(data);
}

function exactWordFor(operation: Operation | undefined, bytes: Uint8Array): string {
  const word = wordFor(operation, false);
  const read = operation === undefined ? undefined : readWord(word);
  return read !== undefined && equalBytes(read, bytes) ? word : `0x${bytesToHex(bytes)}`;
}

function signatureToAsm(data: Uint8Array): string {
  const hashType = HASH_TYPES[data.at(-1) as number];
  if (hashType === undefined || checkSignatureEncoding(data, ScriptFlag.STRICTENC) !== undefined) {
    return bytesToHex(data);
  }
  return `${bytesToHex(data.subarray(0, -1))}[${hashType}]`;
}

/**
 * The script of a text as {@link scriptToAsm} and Core's test vectors have it: numbers (pushed as Core pushes them),
 * hex of at least five bytes for a push of these, `0x…` for raw bytes, `'…'` for a push of text, opcodes with or
 * without `OP_`. Up to ten decimal digits are a number, more are hex. Core: ParseScript, which has no pushes in hex.
 * @throws CoreError `invalid-asm` for a word that is none of these.
 * @example
 * equalBytes(scriptFromAsm(`DUP HASH160 0x14 0x${bytesToHex(hash)} EQUALVERIFY CHECKSIG`), p2pkhScript(hash))
 * scriptFromAsm("ADD 5 EQUAL") // Uint8Array.of(0x93, 0x55, 0x87)
 */
export function scriptFromAsm(text: string): Uint8Array {
  requireString(text, "text");

  const script = new Writer();
  for (const word of text.split(/[ \t\n]+/)) if (word !== "") script.bytes(wordToScript(word));
  return script.finish();
}

function wordToScript(word: string): Uint8Array {
  const bytes = readWord(word);
  if (bytes !== undefined) return bytes;
  const problem = NUMBER.test(word)
    ? `numbers from -0xffffffff to 0xffffffff only: ${word}`
    : `not an opcode: ${word}`;
  throw new CoreError("invalid-asm", problem);
}

const NUMBER = /^-?[0-9]+$/;
/** Longest text of a number that can be meant for a script, its sign not counted. */
const MAX_DIGITS = 10;

function isHex(text: string): boolean {
  return text.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(text);
}

function readWord(word: string): Uint8Array | undefined {
  if (NUMBER.test(word) && word.replace("-", "").length <= MAX_DIGITS) {
    const number = Number(word);
    return Math.abs(number) > MAX_NUMBER ? undefined : pushNumber(number);
  }
  if (word.length >= MAX_DIGITS && isHex(word)) return pushData(hexToBytes(word));
  if (word.length > 2 && word.startsWith("0x") && isHex(word.slice(2))) {
    return hexToBytes(word.slice(2));
  }
  if (/^'.*'$/s.test(word) && word.length >= 2) {
    return pushData(Uint8Array.from(word.slice(1, -1), (character) => character.charCodeAt(0)));
  }
  const opcode = OPCODES.get(word.startsWith("OP_") ? word : `OP_${word}`);
  return opcode === undefined ? undefined : Uint8Array.of(opcode);
}
