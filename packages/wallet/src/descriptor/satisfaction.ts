/** The most that spending an output takes, told from its descriptor. Core: MaxSatisfactionWeight (descriptor.cpp). */

import { compactSizeLength, pushNumber, WITNESS_SCALE_FACTOR } from "@chain/core";
import { keySize } from "./keyExpression.ts";
import { kindOf } from "./kindOf.ts";
import type { Miniscript } from "./miniscript/model.ts";
import { has } from "./miniscript/type.ts";
import { maxWitnessSize } from "./miniscript/witnessSize.ts";
import type { AddressKind, DescriptorNode } from "./node.ts";

/** The size of what spends an output, at most. */
export interface MaxSatisfaction {
  /** Weight units of the scriptSig and the witness items, without their counts and the scriptSig's length. */
  readonly weight: number;
  /** Items of the witness, or of the scriptSig where there is none. */
  readonly elements: number;
  /** The type of its address, if it has one. Core: OutputType. */
  readonly kind: AddressKind | undefined;
  /** Whether it is spent by a witness. */
  readonly isSegwit: boolean;
}

export interface SatisfactionOptions {
  /** Whether ECDSA signatures may have 72 bytes: those of others may, ours have 71, because their R is low. */
  readonly maxSignatures?: boolean;
  /** Whether a Taproot output may be spent by its largest script, and not by its key. Core counts the key alone. */
  readonly scriptPath?: boolean;
}

/** Bytes and items inside an expression. */
interface Size {
  readonly bytes: number;
  readonly elements: number;
}

/** `undefined`: it can't be told how the output is spent, or nothing spends it. */
export function maxSatisfaction(
  node: DescriptorNode,
  options: SatisfactionOptions,
): MaxSatisfaction | undefined {
  const kind = kindOf(node);
  const isSegwit = kind !== undefined && kind !== "legacy";
  const size = node.type === "tr" ? taprootSize(node, options) : sizeOf(node, options);
  if (size === undefined) return undefined;
  const { elements } = size;
  if (node.type !== "sh") {
    const scale = isSegwit ? 1 : WITNESS_SCALE_FACTOR;
    return { weight: size.bytes * scale, elements, kind, isSegwit };
  }
  // The redeem script is never in the witness.
  const redeemScript = scriptSize(node.inner);
  if (redeemScript === undefined) return undefined;
  const scale = isSegwit ? 1 : WITNESS_SCALE_FACTOR;
  const weight = (1 + redeemScript) * WITNESS_SCALE_FACTOR + size.bytes * scale;
  return { weight, elements: elements + 1, kind, isSegwit };
}

/** Core: MaxSatSize, MaxSatisfactionElems. */
function sizeOf(node: DescriptorNode, options: SatisfactionOptions): Size | undefined {
  const signature = 1 + (options.maxSignatures ? 72 : 71);
  switch (node.type) {
    case "pk":
      return { bytes: node.xOnly ? 1 + 65 : signature, elements: 1 };
    case "pkh":
    case "wpkh":
      return { bytes: signature + 1 + keySize(node.key), elements: 2 };
    case "multi":
    case "sortedmulti":
      return { bytes: 1 + signature * node.required, elements: 1 + node.required };
    case "multi_a":
    case "sortedmulti_a": {
      const { keys, required } = node;
      return { bytes: (1 + 65) * required + keys.length - required, elements: keys.length };
    }
    case "miniscript":
      return miniscriptSize(node.expression);
    case "sh":
      return sizeOf(node.inner, options);
    case "wsh": {
      const inner = sizeOf(node.inner, options);
      const script = scriptSize(node.inner);
      if (inner === undefined || script === undefined) return undefined;
      const bytes = compactSizeLength(script) + script + inner.bytes;
      return { bytes, elements: inner.elements + 1 };
    }
    case "tr":
    case "rawtr":
      return { bytes: 1 + 65, elements: 1 };
    case "combo":
    case "addr":
    case "raw":
      return undefined;
    default:
      return node satisfies never;
  }
}

/** Core: GetWitnessSize, GetStackSize (miniscript.h). */
function miniscriptSize(expression: Miniscript): Size | undefined {
  const bytes = maxWitnessSize(expression);
  const stack = expression.limits.stack.satisfied;
  if (bytes === undefined || stack === undefined) return undefined;
  const left = ["B", "K", "W"].some((type) => has(expression.type, type)) ? 1 : 0;
  return { bytes, elements: stack.taken + left };
}

/** By the key; or by the leaf that takes most. */
function taprootSize(
  node: DescriptorNode & { readonly type: "tr" },
  options: SatisfactionOptions,
): Size | undefined {
  let largest = sizeOf(node, options);
  if (!options.scriptPath) return largest;
  for (const leaf of node.leaves) {
    const [inner, script] = [sizeOf(leaf.node, options), scriptSize(leaf.node)];
    if (inner === undefined || script === undefined) continue;
    const control = 33 + 32 * leaf.depth;
    const revealed = compactSizeLength(script) + script + compactSizeLength(control) + control;
    const size = { bytes: inner.bytes + revealed, elements: inner.elements + 2 };
    if (largest === undefined || size.bytes > largest.bytes) largest = size;
  }
  return largest;
}

/** Bytes of its script. Core: ScriptSize. */
function scriptSize(node: DescriptorNode): number | undefined {
  switch (node.type) {
    case "pk":
      return 1 + (node.xOnly ? 32 : keySize(node.key)) + 1;
    case "pkh":
      return 25;
    case "wpkh":
      return 22;
    case "multi":
    case "sortedmulti": {
      const keys = node.keys.reduce((sum, key) => sum + 1 + keySize(key), 0);
      return 1 + pushNumber(node.keys.length).length + pushNumber(node.required).length + keys;
    }
    case "multi_a":
    case "sortedmulti_a":
      return 34 * node.keys.length + pushNumber(node.required).length + 1;
    case "miniscript":
      return node.expression.scriptSize;
    case "sh":
      return 23;
    case "wsh":
    case "tr":
    case "rawtr":
      return 34;
    case "combo":
    case "addr":
    case "raw":
      return undefined;
    default:
      return node satisfies never;
  }
}
