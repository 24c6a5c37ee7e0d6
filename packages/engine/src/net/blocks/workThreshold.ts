import { type BlockHeader, type ChainParams, type HeaderTree, workOfBits } from "@chain/core";

/** A branch may be so many blocks of work behind the tip and still be worth keeping. */
const BLOCKS_BEHIND = 144n;

/** Chain work below which headers that a stranger sends are not kept. Core: GetAntiDoSWorkThreshold. */
export function workThreshold(
  tree: HeaderTree,
  { minimumChainWork }: Pick<ChainParams, "minimumChainWork">,
): bigint {
  const { tip } = tree;
  const near = tip.chainWork - BLOCKS_BEHIND * workOfBits(tip.bits);
  return near > minimumChainWork ? near : minimumChainWork;
}

/** Work that the headers add. Core: CalculateClaimedHeadersWork. */
export function workOf(headers: readonly BlockHeader[]): bigint {
  return headers.reduce((sum, { bits }) => sum + workOfBits(bits), 0n);
}
