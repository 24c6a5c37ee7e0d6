/** Trees of headers, and the questions that tests ask of what a state machine wants sent. */

import { type ChainParams, type HeaderNode, HeaderTree } from "@chain/core";
import { easyDevnet, makeBlock } from "@chain/testing/blockFactory";
import type { NetAction } from "../../src/net/kit/actions.ts";

export const params: ChainParams = easyDevnet();

/** A tree with so many headers above the genesis block, none of them with a body. */
export function treeOf(count: number): { readonly tree: HeaderTree; readonly nodes: HeaderNode[] } {
  const tree = new HeaderTree(params.genesis.header);
  const nodes: HeaderNode[] = [tree.genesis];
  for (let i = 0; i < count; i++) {
    const parent = nodes.at(-1) as HeaderNode;
    nodes.push(tree.add(makeBlock({ parent, params }).header));
  }
  return { tree, nodes };
}

export const commandsTo = (actions: readonly NetAction[], peer: number): string[] =>
  actions.flatMap((action) =>
    action.peer !== peer ? [] : [action.type === "send" ? action.message.command : action.reason],
  );

export function askedFor(actions: readonly NetAction[], peer: number): string[] {
  return actions.flatMap((action) =>
    action.peer === peer && action.type === "send" && action.message.command === "getdata"
      ? action.message.items.map(({ hash }) => hash)
      : [],
  );
}
