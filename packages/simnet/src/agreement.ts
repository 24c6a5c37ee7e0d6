import { type BlockHash, blockSubsidy, type ChainParams } from "@chain/core";
import type { SimNode } from "./simNode.ts";

/** Whether all have one tip. No node knows of more work then, because its tip would be another. */
export function agreed(nodes: readonly SimNode[]): boolean {
  const tip = nodes[0]?.chain.tip.hash;
  return nodes.every(({ chain }) => chain.tip.hash === tip);
}

/** Whether no node is behind; there may be several tips. */
export function haveEqualWork(nodes: readonly SimNode[]): boolean {
  const work = nodes[0]?.chain.tip.chainWork;
  return nodes.every(({ chain }) => chain.tip.chainWork === work);
}

/** The tips and the nodes that have them, as text for people. */
export function describeTips(nodes: readonly SimNode[]): string {
  const counts = new Map<string, number>();
  for (const { chain } of nodes) {
    const tip = `${chain.tip.hash.slice(0, 16)}… at ${chain.tip.height}`;
    counts.set(tip, (counts.get(tip) ?? 0) + 1);
  }
  return [...counts].map(([tip, count]) => `${count} on ${tip}`).join(", ");
}

/** The coins of nodes with one tip, and the fault that was found in them. */
export interface CoinComparison {
  readonly tip: BlockHash;
  readonly count: number;
  readonly problem: string | undefined;
}

/** Looks at every coin of every node: all must have the same, worth as much as all blocks have made. */
export async function compareCoins([first, ...others]: readonly SimNode[]): Promise<
  CoinComparison | undefined
> {
  if (first === undefined) return undefined;
  const { tip, count, total, hash } = await first.chain.coinStatistics();
  const found = (problem?: string): CoinComparison => ({ tip: tip.hash, count, problem });
  const supply = supplyAt(tip.height, first.chain.params);
  if (total !== supply) {
    return found(`${first.name} has coins of ${total}, where ${supply} were made`);
  }
  for (const { name, chain } of others) {
    const theirs = await chain.coinStatistics();
    if (theirs.hash !== hash) return found(`${name} has other coins than ${first.name}`);
  }
  return found();
}

/** All that the blocks up to a height make. */
function supplyAt(height: number, params: ChainParams): bigint {
  let supply = params.genesisSpendable ? 0n : -blockSubsidy(0, params);
  for (let at = 0; at <= height; at++) supply += blockSubsidy(at, params);
  return supply;
}
