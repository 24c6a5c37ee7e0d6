/** A descriptor as a tree. Core: the classes behind DescriptorImpl (descriptor.cpp). */
import type { KeyExpression } from "./keyExpression.ts";
import type { Miniscript } from "./miniscript/model.ts";

/** A type of address, by the name that Bitcoin Core has for it. Core: OutputType. */
export type AddressKind = "legacy" | "p2sh-segwit" | "bech32" | "bech32m";

/** Where in a descriptor a script stands, because not every function is allowed everywhere. */
export type Context = "top" | "sh" | "wpkh" | "wsh" | "tr";

/** A script expression. */
export type DescriptorNode =
  | { readonly type: "pk"; readonly key: KeyExpression /** Tapscript. */; readonly xOnly: boolean }
  | { readonly type: "pkh" | "wpkh" | "combo" | "rawtr"; readonly key: KeyExpression }
  | {
      readonly type: "multi" | "sortedmulti" | "multi_a" | "sortedmulti_a";
      /** Signatures that it takes. */
      readonly required: number;
      readonly keys: readonly KeyExpression[];
    }
  | { readonly type: "sh" | "wsh"; readonly inner: DescriptorNode }
  | { readonly type: "tr"; readonly key: KeyExpression; readonly leaves: readonly TreeLeaf[] }
  | {
      /** Inside `wsh()` and `tr()`. */
      readonly type: "miniscript";
      readonly expression: Miniscript;
      /** By the places that the expression names. */
      readonly keys: readonly KeyExpression[];
    }
  | { readonly type: "addr"; readonly script: Uint8Array; readonly address: string }
  | { readonly type: "raw"; readonly script: Uint8Array };

/** A script in the tree of `tr()`, from left to right. */
export interface TreeLeaf {
  /** Steps from the root. */
  readonly depth: number;
  readonly node: DescriptorNode;
}

/** The keys and the expressions inside one. */
export function partsOf(node: DescriptorNode): {
  readonly keys: readonly KeyExpression[];
  readonly nodes: readonly DescriptorNode[];
} {
  switch (node.type) {
    case "pk":
    case "pkh":
    case "wpkh":
    case "combo":
    case "rawtr":
      return { keys: [node.key], nodes: [] };
    case "multi":
    case "sortedmulti":
    case "multi_a":
    case "sortedmulti_a":
    case "miniscript":
      return { keys: node.keys, nodes: [] };
    case "sh":
    case "wsh":
      return { keys: [], nodes: [node.inner] };
    case "tr":
      return { keys: [node.key], nodes: node.leaves.map((leaf) => leaf.node) };
    case "addr":
    case "raw":
      return { keys: [], nodes: [] };
    default:
      return node satisfies never;
  }
}
