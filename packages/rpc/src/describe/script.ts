/** Output scripts as Core's RPC shows them. Core: ScriptToUniv (core_io.cpp). */
import { bytesToHex, type ChainParams, outputTemplate, scriptToAsm } from "@chain/core";
import { addressOfScript } from "@chain/wallet";
import { inferDescriptor } from "@chain/wallet/descriptors";
import { hex, maybe, obj, type SchemaOf, text } from "../define/result.ts";

export interface ScriptDescription {
  readonly asm: string;
  readonly desc: string;
  readonly hex: string;
  readonly address?: string | undefined;
  readonly type: string;
}

export const scriptResult: SchemaOf<ScriptDescription> = obj(
  {
    asm: text("Disassembly of the output script"),
    desc: text("Inferred descriptor for the output"),
    hex: hex("The raw output script bytes"),
    address: maybe(text("The address, where there is one")),
    type: text("The type, such as witness_v0_keyhash"),
  },
  "The output script",
);

export function describeScript(script: Uint8Array, params: ChainParams): ScriptDescription {
  const { type } = outputTemplate(script);
  const desc = inferDescriptor(script, params).toString();
  // Most descriptors hold the address, and it takes two hashes to write one.
  const address = /^addr\((\w+)\)#/.exec(desc)?.[1] ?? addressOfScript(script, params);
  return {
    asm: scriptToAsm(script, { forDisplay: true }),
    desc,
    hex: bytesToHex(script),
    ...(address !== undefined && { address }),
    type,
  };
}
