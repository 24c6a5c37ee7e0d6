/** Reading and writing scripts as bytes. Core: script/script.cpp. */
import { concatBytes } from "../bytes.ts";
import { CoreError } from "../errors.ts";
import {
  OP_0,
  OP_1,
  OP_1NEGATE,
  OP_16,
  OP_CHECKSIG,
  OP_DUP,
  OP_EQUAL,
  OP_EQUALVERIFY,
  OP_HASH160,
  OP_PUSHDATA1,
  OP_PUSHDATA2,
  OP_PUSHDATA4,
  OP_RETURN,
} from "./opcodes.ts";
import { encodeScriptNumber } from "./scriptNumber.ts";

/** A longer script can't run, so its output can't be spent. Bytes. */
export const MAX_SCRIPT_SIZE = 10_000;

/** One step of a script. */
export interface Operation {
  readonly opcode: number;
  /** What a push of bytes pushes (a view); `undefined` for all other opcodes, OP_1 to OP_16 included. */
  readonly data: Uint8Array | undefined;
}

/** Walks through a script, operation by operation. Core: GetScriptOp. */
export class ScriptReader {
  readonly script: Uint8Array;
  /** Offset of the next byte. After a push that runs past the end: behind its length. */
  position = 0;

  constructor(script: Uint8Array) {
    this.script = script;
  }

  get done(): boolean {
    return this.position >= this.script.length;
  }

  /** The next operation; `undefined` at the end and for a push that runs past it: `done` before the call tells which. */
  next(): Operation | undefined {
    const opcode = this.script[this.position];
    if (opcode === undefined) return undefined;
    this.position++;
    if (opcode > OP_PUSHDATA4) return { opcode, data: undefined };
    const length = opcode < OP_PUSHDATA1 ? opcode : this.#length(1 << (opcode - OP_PUSHDATA1));
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

/** A push of these bytes with the shortest length prefix. Core: `CScript() << bytes`. */
export function pushData(data: Uint8Array): Uint8Array {
  const { length } = data;
  if (length < OP_PUSHDATA1) return concatBytes(Uint8Array.of(length), data);
  if (length <= 0xff) return concatBytes(Uint8Array.of(OP_PUSHDATA1, length), data);
  if (length <= 0xffff) {
    return concatBytes(Uint8Array.of(OP_PUSHDATA2, length & 0xff, length >> 8), data);
  }
  const prefix = new Uint8Array(5);
  prefix[0] = OP_PUSHDATA4;
  new DataView(prefix.buffer).setUint32(1, length, true);
  return concatBytes(prefix, data);
}

/**
 * A push of a number, by an opcode of its own from -1 to 16. Core: `CScript() << n`. A coinbase begins with the push
 * of its height (BIP-0034).
 * @example pushNumber(227_931) // 03 5b 7a 03
 */
export function pushNumber(value: number): Uint8Array {
  if (value === 0) return Uint8Array.of(OP_0);
  if (value === -1) return Uint8Array.of(OP_1NEGATE);
  if (value >= 1 && value <= 16) return Uint8Array.of(OP_1 + value - 1);
  return pushData(encodeScriptNumber(value));
}

/** Whether nothing in it does more than push. Core: IsPushOnly (which counts OP_RESERVED as a push). */
export function isPushOnly(script: Uint8Array): boolean {
  const reader = new ScriptReader(script);
  while (!reader.done) {
    const operation = reader.next();
    if (operation === undefined || operation.opcode > OP_16) return false;
  }
  return true;
}

/**
 * The output script that pays whoever has the key of this hash.
 * @param hash20 `hash160` of the public key
 */
export function p2pkhScript(hash20: Uint8Array): Uint8Array {
  if (hash20.length !== 20) throw new CoreError("invalid-length", "a public key hash has 20 bytes");
  return concatBytes(
    Uint8Array.of(OP_DUP, OP_HASH160, 20),
    hash20,
    Uint8Array.of(OP_EQUALVERIFY, OP_CHECKSIG),
  );
}

export function isP2pkh(script: Uint8Array): boolean {
  return (
    script.length === 25 &&
    script[0] === OP_DUP &&
    script[1] === OP_HASH160 &&
    script[2] === 20 &&
    script[23] === OP_EQUALVERIFY &&
    script[24] === OP_CHECKSIG
  );
}

export function isP2sh(script: Uint8Array): boolean {
  return (
    script.length === 23 && script[0] === OP_HASH160 && script[1] === 20 && script[22] === OP_EQUAL
  );
}

/** A witness program (BIP-0141): a version from 0 to 16 and 2 to 40 bytes. */
export function witnessProgram(
  script: Uint8Array,
): { readonly version: number; readonly program: Uint8Array } | undefined {
  const first = script[0];
  if (script.length < 4 || script.length > 42 || first === undefined) return undefined;
  if (first !== OP_0 && (first < OP_1 || first > OP_16)) return undefined;
  if ((script[1] as number) + 2 !== script.length) return undefined;
  return { version: first === OP_0 ? 0 : first - OP_1 + 1, program: script.subarray(2) };
}

/** Whether no input can ever spend it: such an output never becomes a coin. Core: IsUnspendable. */
export function isUnspendable(script: Uint8Array): boolean {
  return script[0] === OP_RETURN || script.length > MAX_SCRIPT_SIZE;
}
