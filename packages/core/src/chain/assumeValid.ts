import { requireFields } from "../arguments.ts";
import type { ChainParams } from "../params.ts";
import { workOfBits } from "../pow.ts";
import { requireNode } from "../shapes.ts";
import type { Seconds } from "../units.ts";
import type { HeaderNode } from "./headerNode.ts";
import type { HeaderTree } from "./headerTree.ts";

/** Seconds of work that must lie on top of a block. Core: TWO_WEEKS_IN_SECONDS. */
const BURIED: Seconds = 14 * 24 * 60 * 60;

/**
 * Whether the scripts of a block need not be run: it is an ancestor of the block that the parameters assume to be
 * valid, and in the best chain of headers; that chain has the least work asked for, and two weeks of it on top of the
 * block. So an attacker that makes a user assume a false block to be valid must also bury it under that work, where all
 * can see it. All other rules are checked as ever. Core: ConnectBlock.
 *
 * @example scriptsAssumedValid(tree.genesis, tree, params) // false: nothing stands on it yet
 */
export function scriptsAssumedValid(
  node: HeaderNode,
  tree: Pick<HeaderTree, "get" | "bestHeader">,
  params: Pick<ChainParams, "assumeValid" | "minimumChainWork" | "targetSpacing">,
): boolean {
  requireNode(node, "node");
  requireFields(tree, "tree", { get: "function", bestHeader: "object" });
  requireFields(params, "params", {
    assumeValid: "string?",
    minimumChainWork: "bigint",
    targetSpacing: "number",
  });

  const { assumeValid, minimumChainWork, targetSpacing } = params;
  const assumed = assumeValid === undefined ? undefined : tree.get(assumeValid);
  const best = tree.bestHeader;
  if (assumed?.ancestor(node.height) !== node || best.ancestor(node.height) !== node) return false;
  if (best.chainWork < minimumChainWork) return false;
  // Core: GetBlockProofEquivalentTime, at the rate of the best header.
  const above = best.chainWork - node.chainWork;
  return (above * BigInt(targetSpacing)) / workOfBits(best.header.bits) > BigInt(BURIED);
}
