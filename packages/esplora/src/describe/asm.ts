/** Scripts as text, in the words of rust-bitcoin: Esplora's are not those of Core's RPC. */
import { bytesToHex, Opcode, opcodeName } from "@chain/core";

/** Names that differ from Core's. */
const NAMES: ReadonlyMap<number, string> = /* @__PURE__ */ (() =>
  new Map<number, string>([
    [Opcode.OP_0, "OP_0"],
    [Opcode.OP_1NEGATE, "OP_PUSHNUM_NEG1"],
    [Opcode.OP_CHECKLOCKTIMEVERIFY, "OP_CLTV"],
    [Opcode.OP_CHECKSEQUENCEVERIFY, "OP_CSV"],
    [Opcode.OP_INVALIDOPCODE, "OP_INVALIDOPCODE"],
  ]))();
/** Longest push whose opcode is its length. */
const MAX_DIRECT = 75;

/**
 * A script as electrs writes it.
 * @example scriptAsm(hexToBytes("5120" + "00".repeat(32))) // "OP_PUSHNUM_1 OP_PUSHBYTES_32 000000…"
 */
export function scriptAsm(script: Uint8Array): string {
  let text = "";
  for (let at = 0; at < script.length; ) {
    const opcode = script[at++] as number;
    const sizeBytes = lengthBytes(opcode);
    if (at + sizeBytes > script.length) return `${text}<unexpected end>`;
    let length = opcode <= MAX_DIRECT ? opcode : 0;
    for (let i = sizeBytes - 1; i >= 0; i--) length = length * 256 + (script[at + i] as number);
    at += sizeBytes;
    text += `${text === "" ? "" : " "}${nameOf(opcode)}`;
    if (length === 0) continue;
    if (at + length > script.length) return `${text} <push past end>`;
    text += ` ${bytesToHex(script.subarray(at, at + length))}`;
    at += length;
  }
  return text;
}

/** How many bytes after an opcode say how long its push is. */
function lengthBytes(opcode: number): number {
  if (opcode === Opcode.OP_PUSHDATA1) return 1;
  if (opcode === Opcode.OP_PUSHDATA2) return 2;
  return opcode === Opcode.OP_PUSHDATA4 ? 4 : 0;
}

function nameOf(opcode: number): string {
  const name = NAMES.get(opcode);
  if (name !== undefined) return name;
  if (opcode <= MAX_DIRECT) return `OP_PUSHBYTES_${opcode}`;
  if (opcode >= Opcode.OP_1 && opcode <= Opcode.OP_16) {
    return `OP_PUSHNUM_${opcode - Opcode.OP_1 + 1}`;
  }
  const known = opcodeName(opcode);
  // All that have no meaning fail, as OP_RETURN does.
  return known === "OP_UNKNOWN" ? `OP_RETURN_${opcode}` : known;
}
