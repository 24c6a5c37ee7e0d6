/** Scripts as text. Core: ScriptToAsmStr (core_write.cpp) and ParseScript (core_read.cpp). */
import { bytesToHex, hexToBytes } from "../bytes.ts";
import { Writer } from "../encoding/writer.ts";
import { CoreError } from "../errors.ts";
import { ScriptFlag } from "./flags.ts";
import { checkSignatureEncoding } from "./interpreter/signatureChecks.ts";
import { Opcode } from "./opcodes.ts";
import { isUnspendable, pushData, pushNumber, ScriptReader } from "./script.ts";
import { decodeScriptNumber } from "./scriptNumber.ts";

/** Longer pushes are shown in hex, these as numbers. Bytes. */
const MAX_NUMBER_SIZE = 4;
/** Names that two opcodes had before they got a meaning; older vectors have them. */
const OLD_NAMES: Readonly<Record<string, number>> = {
  OP_NOP2: Opcode.OP_CHECKLOCKTIMEVERIFY,
  OP_NOP3: Opcode.OP_CHECKSEQUENCEVERIFY,
};

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
const OPCODES: ReadonlyMap<string, number> = new Map(
  [...Object.entries(Opcode), ...Object.entries(OLD_NAMES)].filter(
    ([, opcode]) =>
      opcode === Opcode.OP_RESERVED ||
      (opcode >= Opcode.OP_NOP && opcode !== Opcode.OP_INVALIDOPCODE),
  ),
);
const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(Opcode).map(([name, opcode]) => [opcode, name]),
);

/**
 * The name of an opcode: a number for those that push one, `OP_UNKNOWN` for those without a name. Core: GetOpName.
 * @example opcodeName(0x76) // "OP_DUP"
 */
export function opcodeName(opcode: number): string {
  if (opcode === Opcode.OP_0) return "0";
  if (opcode === Opcode.OP_1NEGATE) return "-1";
  if (opcode >= Opcode.OP_1 && opcode <= Opcode.OP_16) return String(opcode - Opcode.OP_1 + 1);
  return NAMES.get(opcode) ?? "OP_UNKNOWN";
}

/**
 * A script as people read it: pushes of up to four bytes as numbers, longer ones in hex, opcodes by name, `[error]` from
 * a push on that runs past the end. Core: ScriptToAsmStr.
 * @param options `hashTypes`: shows the hash type behind what looks like a signature, as Core does for a scriptSig
 * @example scriptToAsm(hexToBytes("76a914…88ac")) // "OP_DUP OP_HASH160 … OP_EQUALVERIFY OP_CHECKSIG"
 */
export function scriptToAsm(
  script: Uint8Array,
  { hashTypes = false }: { readonly hashTypes?: boolean } = {},
): string {
  const words: string[] = [];
  const reader = new ScriptReader(script);
  const decode = hashTypes && !isUnspendable(script);
  while (!reader.done) {
    const operation = reader.next();
    if (operation === undefined) {
      words.push("[error]");
      break;
    }
    const { opcode, data } = operation;
    if (data === undefined) words.push(opcodeName(opcode));
    else if (data.length <= MAX_NUMBER_SIZE) words.push(String(decodeScriptNumber(data, false)));
    else words.push(decode ? signatureToAsm(data) : bytesToHex(data));
  }
  return words.join(" ");
}

function signatureToAsm(data: Uint8Array): string {
  const hashType = HASH_TYPES[data.at(-1) as number];
  if (hashType === undefined || checkSignatureEncoding(data, ScriptFlag.STRICTENC) !== undefined) {
    return bytesToHex(data);
  }
  return `${bytesToHex(data.subarray(0, -1))}[${hashType}]`;
}

/**
 * The script of a text in the notation of Core's test vectors and of `bitcoin-tx`: numbers, `0x…` for raw bytes, `'…'`
 * for a push of text, opcodes with or without `OP_`. Core: ParseScript.
 * @throws CoreError `invalid-asm` for a word that is none of these.
 * @example scriptFromAsm("DUP HASH160 0x14 0x1234… EQUALVERIFY CHECKSIG")
 */
export function scriptFromAsm(text: string): Uint8Array {
  const script = new Writer();
  for (const word of text.split(/[ \t\n]+/)) if (word !== "") script.bytes(wordToScript(word));
  return script.finish();
}

function wordToScript(word: string): Uint8Array {
  if (/^-?[0-9]+$/.test(word)) {
    const number = Number(word);
    if (Math.abs(number) > MAX_NUMBER) {
      throw new CoreError("invalid-asm", `numbers from -0xffffffff to 0xffffffff only: ${word}`);
    }
    return pushNumber(number);
  }
  if (/^0x([0-9a-fA-F]{2})+$/.test(word)) return hexToBytes(word.slice(2));
  if (/^'.*'$/s.test(word) && word.length >= 2) {
    return pushData(Uint8Array.from(word.slice(1, -1), (character) => character.charCodeAt(0)));
  }
  const name = word.startsWith("OP_") ? word : `OP_${word}`;
  const opcode = OPCODES.get(name);
  if (opcode === undefined) throw new CoreError("invalid-asm", `not an opcode: ${word}`);
  return Uint8Array.of(opcode);
}
