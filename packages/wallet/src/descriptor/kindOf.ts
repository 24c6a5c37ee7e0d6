/** Types of address of descriptors and scripts. */
import { isP2pkh, isP2sh, witnessProgram } from "@chain/core";
import type { AddressKind, DescriptorNode } from "./node.ts";

/** Core: GetOutputType. */
export function kindOf(node: DescriptorNode): AddressKind | undefined {
  switch (node.type) {
    case "pkh":
      return "legacy";
    case "wpkh":
    case "wsh":
      return "bech32";
    case "sh":
      return node.inner.type === "wpkh" || node.inner.type === "wsh" ? "p2sh-segwit" : "legacy";
    case "tr":
    case "rawtr":
      return "bech32m";
    case "addr":
    case "raw":
      return kindOfScript(node.script);
    default:
      return undefined;
  }
}

/** Core: OutputTypeFromDestination. */
export function kindOfScript(script: Uint8Array): AddressKind | undefined {
  if (isP2pkh(script) || isP2sh(script)) return "legacy";
  const program = witnessProgram(script);
  if (program === undefined) return undefined;
  return program.version === 0 ? "bech32" : "bech32m";
}
