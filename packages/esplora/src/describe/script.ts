import { bytesToHex, type ChainParams, Opcode, outputTemplate } from "@chain/core";
import { addressOfScript } from "@chain/wallet";
import { scriptAsm } from "./asm.ts";

/** An output, as Esplora shows it. */
export interface OutputDescription {
  readonly scriptpubkey: string;
  readonly scriptpubkey_asm: string;
  readonly scriptpubkey_type: string;
  readonly scriptpubkey_address?: string;
  /** Base units. */
  readonly value: number;
}

export function describeOutput(
  { scriptPubKey, value }: { readonly scriptPubKey: Uint8Array; readonly value: bigint },
  params: ChainParams,
): OutputDescription {
  const address = addressOfScript(scriptPubKey, params);
  return {
    scriptpubkey: bytesToHex(scriptPubKey),
    scriptpubkey_asm: scriptAsm(scriptPubKey),
    scriptpubkey_type: scriptType(scriptPubKey),
    ...(address !== undefined && { scriptpubkey_address: address }),
    value: Number(value),
  };
}

/** The names of electrs; `multisig` and `anchor` are those of mempool.space's. */
function scriptType(script: Uint8Array): string {
  const first = script[0];
  if (first === undefined) return "empty";
  if (first === Opcode.OP_RETURN) return "op_return";
  const { type } = outputTemplate(script);
  switch (type) {
    case "pubkey":
      return "p2pk";
    case "pubkeyhash":
      return "p2pkh";
    case "scripthash":
      return "p2sh";
    case "witness_v0_keyhash":
      return "v0_p2wpkh";
    case "witness_v0_scripthash":
      return "v0_p2wsh";
    case "witness_v1_taproot":
      return "v1_p2tr";
    case "anchor":
    case "multisig":
      return type;
    case "nulldata":
      return "op_return";
    case "witness_unknown":
      return "unknown";
    case "nonstandard":
      return FAILING.has(first) || first >= FIRST_UNKNOWN ? "provably_unspendable" : "unknown";
    default:
      return type satisfies never;
  }
}

/** Opcodes that fail wherever they are run, or stand: rust-bitcoin, Class::ReturnOp and Class::IllegalOp. */
const FAILING: ReadonlySet<number> = /* @__PURE__ */ (() =>
  new Set<number>([
    Opcode.OP_RESERVED,
    Opcode.OP_VER,
    Opcode.OP_VERIF,
    Opcode.OP_VERNOTIF,
    Opcode.OP_CAT,
    Opcode.OP_SUBSTR,
    Opcode.OP_LEFT,
    Opcode.OP_RIGHT,
    Opcode.OP_INVERT,
    Opcode.OP_AND,
    Opcode.OP_OR,
    Opcode.OP_XOR,
    Opcode.OP_RESERVED1,
    Opcode.OP_RESERVED2,
    Opcode.OP_2MUL,
    Opcode.OP_2DIV,
    Opcode.OP_MUL,
    Opcode.OP_DIV,
    Opcode.OP_MOD,
    Opcode.OP_LSHIFT,
    Opcode.OP_RSHIFT,
  ]))();
/** From here on opcodes have no meaning outside of tapscript. */
const FIRST_UNKNOWN: number = /* @__PURE__ */ (() => Opcode.OP_NOP10 + 1)();
