import {
  type Block,
  type ChainParams,
  checkBlock,
  checkBlockContext,
  type HeaderNode,
  type Refusal,
} from "@chain/core";

/**
 * Whether a block is valid as far as it alone tells. `mutated` says that its body may not be the one that the header
 * really belongs to. A failure says nothing of the header, which stays as it was: peers that announce a child of it are
 * not to blame. Core: CheckBlock, which ProcessNewBlock asks before anything is stored.
 */
export function checkAlone(block: Block, params: ChainParams): Refusal | undefined {
  const verdict = checkBlock(block, params);
  if (verdict.ok) return undefined;
  return mayBeTreeNodes(block) ? { ...verdict, kind: "mutated" } : verdict;
}

/**
 * Whether the body of a block is valid where it stands, as far as that can be said without its coins. Core:
 * ContextualCheckBlock.
 */
export function checkInPlace(
  block: Block,
  node: HeaderNode,
  params: ChainParams,
): Refusal | undefined {
  if (node.parent === undefined) return undefined;
  const placed = checkBlockContext(block, node.parent, params);
  return placed.ok ? undefined : placed;
}

/**
 * Whether the transactions may be inner nodes of the merkle tree of another body, passed off as transactions of 64
 * bytes: its sender wants a good block to be remembered as bad. Core: IsBlockMutated.
 */
function mayBeTreeNodes({ transactions }: Block): boolean {
  return (
    transactions[0]?.isCoinbase !== true && transactions.some(({ baseSize }) => baseSize === 64)
  );
}
