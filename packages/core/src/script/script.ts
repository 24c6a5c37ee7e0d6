/** Reading and writing scripts as bytes. Core: script/script.cpp. */
import { requireBytes, requireFields, requireNumber } from "../arguments.ts";
import { concatBytes } from "../bytes.ts";
import { Opcode } from "./opcodes.ts";
import { encodeScriptNumber } from "./scriptNumber.ts";

/** A longer script can't run, so its output can't be spent. Bytes. */
export const MAX_SCRIPT_SIZE = 10_000;
/** Longest item that a push, or a witness, puts on the stack. Core: MAX_SCRIPT_ELEMENT_SIZE. Bytes. */
export const MAX_ITEM_SIZE = 520;

/** One step of a script. */
export interface Operation {
  readonly opcode: number;
  /** The bytes that a push pushes (a view); `undefined` for all other opcodes, OP_1 to OP_16 included. */
  readonly data: Uint8Array | undefined;
}

/**
 * Walks through a script, operation by operation. Core: GetScriptOp.
 * @example
 * const reader = new ScriptReader(p2pkhScript(hash));
 * reader.next()?.opcode === Opcode.OP_DUP // true
 * reader.done // false
 */
export class ScriptReader {
  readonly script: Uint8Array;
  /** Offset of the next byte. After a push that runs past the end: behind its length. */
  position = 0;

  constructor(script: Uint8Array) {
    requireBytes(script, "script");

    this.script = script;
  }

  get done(): boolean {
    return this.position >= this.script.length;
  }

  /**
   * The next operation; `undefined` at the end and for a push that runs past it: `done` before the call tells which.
   */
  next(): Operation | undefined {
    const opcode = this.script[this.position];
    if (opcode === undefined) return undefined;
    this.position++;
    if (opcode > Opcode.OP_PUSHDATA4) return { opcode, data: undefined };
    const length =
      opcode < Opcode.OP_PUSHDATA1 ? opcode : this.#length(1 << (opcode - Opcode.OP_PUSHDATA1));
    if (length === undefined || length > this.script.length - this.position) return undefined;
    const data = this.script.subarray(this.position, this.position + length);
    this.position += length;
    return { opcode, data };
  }

  /** A little-endian length of 1, 2 or 4 bytes. */
  #length(size: number): number | undefined {
    if (size > this.script.length - this.position) return undefined;
    let length = 0;
    for (let i = size - 1; i >= 0; i--) {
      length = length * 256 + (this.script[this.position + i] as number);
    }
    this.position += size;
    return length;
  }
}

/**
 * A push of these bytes with the shortest length prefix. Core: `CScript() << bytes`.
 * @example pushData(Uint8Array.of(1, 2, 3)) // Uint8Array.of(3, 1, 2, 3)
 */
export function pushData(data: Uint8Array): Uint8Array {
  requireBytes(data, "data");

  const { length } = data;
  if (length < Opcode.OP_PUSHDATA1) return concatBytes(Uint8Array.of(length), data);
  if (length <= 0xff) return concatBytes(Uint8Array.of(Opcode.OP_PUSHDATA1, length), data);
  if (length <= 0xffff) {
    return concatBytes(Uint8Array.of(Opcode.OP_PUSHDATA2, length & 0xff, length >> 8), data);
  }
  const prefix = new Uint8Array(5);
  prefix[0] = Opcode.OP_PUSHDATA4;
  new DataView(prefix.buffer).setUint32(1, length, true);
  return concatBytes(prefix, data);
}

/**
 * A push of a number, by an opcode of its own from -1 to 16. Core: `CScript() << n`. A coinbase begins with the push
 * of its height (BIP-0034).
 * @example bytesToHex(pushNumber(227_931)) // "035b7a03"
 */
export function pushNumber(value: number): Uint8Array {
  requireNumber(value, "value");

  if (value === 0) return Uint8Array.of(Opcode.OP_0);
  if (value === -1) return Uint8Array.of(Opcode.OP_1NEGATE);
  if (value >= 1 && value <= 16) return Uint8Array.of(Opcode.OP_1 + value - 1);
  return pushData(encodeScriptNumber(value));
}

const OPERATION = { opcode: "number", data: "bytes?" } as const;

/**
 * Whether no shorter operation pushes the same (BIP-0062). Core: CheckMinimalPush.
 * @example
 * const long = new ScriptReader(Uint8Array.of(Opcode.OP_PUSHDATA1, 1, 200)).next();
 * isMinimalPush(long) // false: one byte less does it
 */
export function isMinimalPush(operation: Operation): boolean {
  requireFields(operation, "operation", OPERATION);

  const { opcode, data } = operation;
  if (data === undefined) return true;
  const { length } = data;
  const [first = 0] = data;
  if (length === 0) return opcode === Opcode.OP_0;
  if (length === 1 && ((first >= 1 && first <= 16) || first === 0x81)) return false;
  if (length < Opcode.OP_PUSHDATA1) return opcode === length;
  if (length <= 0xff) return opcode === Opcode.OP_PUSHDATA1;
  return length > 0xffff || opcode === Opcode.OP_PUSHDATA2;
}

/**
 * Whether nothing in it does more than push. Core: IsPushOnly (which counts OP_RESERVED as a push).
 * @example isPushOnly(input.scriptSig) // true
 */
export function isPushOnly(script: Uint8Array): boolean {
  requireBytes(script, "script");

  const reader = new ScriptReader(script);
  while (!reader.done) {
    const operation = reader.next();
    if (operation === undefined || operation.opcode > Opcode.OP_16) return false;
  }
  return true;
}

/**
 * Whether it pays to a script hash (BIP-0016).
 * @example isP2sh(p2shScript(hash)) // true
 */
export function isP2sh(script: Uint8Array): boolean {
  requireBytes(script, "script");

  return (
    script.length === 23 &&
    script[0] === Opcode.OP_HASH160 &&
    script[1] === 20 &&
    script[22] === Opcode.OP_EQUAL
  );
}

/** A version from 0 to 16 and 2 to 40 bytes, whose meaning depends on it (BIP-0141). */
export interface WitnessProgram {
  readonly version: number;
  /** A view onto the script. */
  readonly program: Uint8Array;
}

/**
 * The witness program that an output script is; `undefined` for any other script. Core: IsWitnessProgram.
 * @example witnessProgram(p2wpkhScript(hash)) // { version: 0, program: hash }
 */
export function witnessProgram(script: Uint8Array): WitnessProgram | undefined {
  requireBytes(script, "script");

  const first = script[0];
  if (script.length < 4 || script.length > 42 || first === undefined) return undefined;
  if (first !== Opcode.OP_0 && (first < Opcode.OP_1 || first > Opcode.OP_16)) return undefined;
  if ((script[1] as number) + 2 !== script.length) return undefined;
  return {
    version: first === Opcode.OP_0 ? 0 : first - Opcode.OP_1 + 1,
    program: script.subarray(2),
  };
}

/**
 * Whether it pays to an anchor: an output that anyone can spend without a signature, to add to the fee
 * of the transaction that has it. Core, since 28: IsPayToAnchor.
 */
export function isPayToAnchor({ version, program }: WitnessProgram): boolean {
  return version === 1 && program.length === 2 && program[0] === 0x4e && program[1] === 0x73;
}

/**
 * Whether no input can ever spend it: such an output never becomes a coin. Core: IsUnspendable.
 * @example isUnspendable(nullDataScript(hash)) // true
 */
export function isUnspendable(script: Uint8Array): boolean {
  requireBytes(script, "script");

  return script[0] === Opcode.OP_RETURN || script.length > MAX_SCRIPT_SIZE;
}

/**
 * Whether it can be read to its end, with known opcodes and pushes that are not too long. Core: HasValidOps.
 * @example hasValidOpcodes(Uint8Array.of(0xff)) // false
 */
export function hasValidOpcodes(script: Uint8Array): boolean {
  requireBytes(script, "script");

  const reader = new ScriptReader(script);
  while (!reader.done) {
    const operation = reader.next();
    if (operation === undefined || operation.opcode > Opcode.OP_NOP10) return false;
    if ((operation.data?.length ?? 0) > MAX_ITEM_SIZE) return false;
  }
  return true;
}
