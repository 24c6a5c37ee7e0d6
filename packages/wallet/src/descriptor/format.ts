/** Descriptors as text. Core: ToStringHelper (descriptor.cpp). */

import { bytesToHex } from "@chain/core";
import { present } from "@chain/core/arguments";
import type { KeyExpression } from "./keyExpression.ts";
import { formatMiniscript } from "./miniscript/text.ts";
import type { DescriptorNode, TreeLeaf } from "./node.ts";
import type { DescriptorParams } from "./params.ts";

/** The text of an expression, its keys written by the given function. */
export function formatNode(
  node: DescriptorNode,
  params: DescriptorParams,
  keyText: (key: KeyExpression) => string,
): string {
  const inside = (inner: DescriptorNode) => formatNode(inner, params, keyText);
  switch (node.type) {
    case "pk":
    case "pkh":
    case "wpkh":
    case "combo":
    case "rawtr":
      return `${node.type}(${keyText(node.key)})`;
    case "multi":
    case "sortedmulti":
    case "multi_a":
    case "sortedmulti_a":
      return `${node.type}(${[node.required, ...node.keys.map(keyText)].join(",")})`;
    case "sh":
    case "wsh":
      return `${node.type}(${inside(node.inner)})`;
    case "tr": {
      const tree = formatTree(node.leaves, inside);
      return `tr(${keyText(node.key)}${tree === "" ? "" : `,${tree}`})`;
    }
    case "miniscript":
      return formatMiniscript(node.expression, (place) =>
        keyText(present(node.keys[place], "node.keys[place]")),
      );
    case "addr":
      return `addr(${node.address})`;
    case "raw":
      return `raw(${bytesToHex(node.script)})`;
    default:
      return node satisfies never;
  }
}

function formatTree(leaves: readonly TreeLeaf[], inside: (node: DescriptorNode) => string): string {
  let text = "";
  const inRight: boolean[] = [];
  for (const [i, { depth, node }] of leaves.entries()) {
    if (i > 0) text += ",";
    while (inRight.length <= depth) {
      if (inRight.length > 0) text += "{";
      inRight.push(false);
    }
    text += inside(node);
    while (inRight.at(-1) === true) {
      if (inRight.length > 1) text += "}";
      inRight.pop();
    }
    if (inRight.length > 0) inRight[inRight.length - 1] = true;
  }
  return text;
}
