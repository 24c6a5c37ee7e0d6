import {
  type Block,
  type ChainParams,
  checkBlock,
  checkBlockContext,
  type HeaderNode,
  type Refusal,
} from "@chain/core";

/**
 * Whether the body of a block is valid as far as that can be said without its coins. `mutated` says that it may not be
 * the body that the header really belongs to.
 */
export function checkBody(
  block: Block,
  node: HeaderNode,
  params: ChainParams,
): Refusal | undefined {
  const verdict = checkBlock(block, params);
  if (!verdict.ok) return mayBeTreeNodes(block) ? { ...verdict, kind: "mutated" } : verdict;
  if (node.parent === undefined) return undefined;
  const placed = checkBlockContext(block, node.parent, params);
  return placed.ok ? undefined : placed;
}

/**
 * Whether the transactions may be inner nodes of the merkle tree of another body, passed off as transactions of 64
 * bytes: whoever sends such a thing wants a good block to be remembered as bad. Core: IsBlockMutated.
 */
function mayBeTreeNodes({ transactions }: Block): boolean {
  return (
    transactions[0]?.isCoinbase !== true && transactions.some(({ baseSize }) => baseSize === 64)
  );
}
