import {
  hash160,
  hasValidOpcodes,
  isUnspendable,
  Opcode,
  type OutputTemplate,
  outputTemplate,
  p2shScript,
  p2wpkhScript,
  p2wshScript,
  ScriptReader,
  sha256,
} from "@chain/core";
import { addressOfScript } from "@chain/wallet";
import { inferDescriptor, SigningProvider } from "@chain/wallet/descriptors";
import { defineMethod, type Method } from "../../define/method.ts";
import { hex, maybe, obj, text } from "../../define/result.ts";
import { hexText, readHex } from "../../define/types.ts";
import { describeScript } from "../../describe/script.ts";
import { RPC_INVALID_PARAMETER } from "../../errors.ts";
import type { HeaderHost } from "../../host.ts";

export const decodescript: Method<HeaderHost> = defineMethod({
  name: "decodescript",
  category: "rawtransactions",
  description: "Decode a hex-encoded script.",
  arguments: [hexText("hexstring", { text: "the hex-encoded script" })],
  results: [
    {
      schema: obj({
        asm: text("Disassembly of the script"),
        desc: text("Inferred descriptor for the script"),
        address: maybe(text("The address, where there is one")),
        type: text("The type, such as witness_v0_keyhash"),
        p2sh: maybe(text("Address of the P2SH script that wraps it, where that makes sense")),
        segwit: maybe(
          obj(
            {
              asm: text("Disassembly of the output script"),
              desc: text("Inferred descriptor for it"),
              hex: hex("The raw output script bytes"),
              address: maybe(text("Its address")),
              type: text("Its type"),
              "p2sh-segwit": text("Address of the P2SH script that wraps it"),
            },
            "The witness program that wraps it, where that makes sense",
          ),
        ),
      }),
    },
  ],
  errors: [{ code: RPC_INVALID_PARAMETER, when: "the script is not in hex" }],
  examples: [["51"]],
  run: ({ hexstring }, { chain: { params } }) => {
    const script = hexstring === "" ? new Uint8Array(0) : readHex(hexstring, "argument");
    const { hex: _, ...description } = describeScript(script, params);
    const template = outputTemplate(script);
    if (!canWrap(script, template)) return description;
    const p2sh = addressOfScript(p2shScript(hash160(script)), params) ?? "";
    const program = witnessProgramOf(script, template);
    if (program === undefined) return { ...description, p2sh };
    const provider = new SigningProvider();
    provider.addScript(script);
    const segwit = {
      ...describeScript(program, params),
      desc: inferDescriptor(program, params, provider).toString(),
      "p2sh-segwit": addressOfScript(p2shScript(hash160(program)), params) ?? "",
    };
    return { ...description, p2sh, segwit };
  },
});

/** Core: can_wrap in decodescript. */
function canWrap(script: Uint8Array, { type }: OutputTemplate): boolean {
  switch (type) {
    case "nulldata":
    case "scripthash":
    case "witness_unknown":
    case "witness_v1_taproot":
    case "anchor":
      return false;
    default:
      return hasValidOpcodes(script) && !isUnspendable(script) && !hasTapscriptOpcode(script);
  }
}

/** Opcodes that mean something in Taproot alone. Core: IsOpSuccess, OP_CHECKSIGADD. */
function hasTapscriptOpcode(script: Uint8Array): boolean {
  const reader = new ScriptReader(script);
  for (let operation = reader.next(); operation !== undefined; operation = reader.next()) {
    const { opcode } = operation;
    if (opcode === Opcode.OP_CHECKSIGADD || isSuccess(opcode)) return true;
  }
  return false;
}

/** BIP-0342. */
function isSuccess(opcode: number): boolean {
  return (
    opcode === 80 ||
    opcode === 98 ||
    (opcode >= 126 && opcode <= 129) ||
    (opcode >= 131 && opcode <= 134) ||
    (opcode >= 137 && opcode <= 138) ||
    (opcode >= 141 && opcode <= 142) ||
    (opcode >= 149 && opcode <= 153) ||
    (opcode >= 187 && opcode <= 254)
  );
}

/** The witness program of a script; `undefined` where it is one, or has a key that SegWit refuses. */
function witnessProgramOf(script: Uint8Array, template: OutputTemplate): Uint8Array | undefined {
  switch (template.type) {
    case "pubkey":
      return isCompressed(template.publicKey)
        ? p2wpkhScript(hash160(template.publicKey))
        : undefined;
    case "pubkeyhash":
      return p2wpkhScript(template.hash);
    case "multisig":
      return template.publicKeys.every(isCompressed) ? p2wshScript(sha256(script)) : undefined;
    case "nonstandard":
      return p2wshScript(sha256(script));
    default:
      return undefined;
  }
}

function isCompressed(publicKey: Uint8Array): boolean {
  return publicKey.length === 33;
}
