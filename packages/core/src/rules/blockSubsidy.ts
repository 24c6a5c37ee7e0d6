import type { ChainParams } from "../params.ts";

/** Base units that the miner of the block at this height may create. Core: GetBlockSubsidy. */
export function blockSubsidy(
  height: number,
  { initialSubsidy, halvingInterval }: Pick<ChainParams, "initialSubsidy" | "halvingInterval">,
): bigint {
  const halvings = halvingInterval === 0 ? 0 : Math.floor(height / halvingInterval);
  return initialSubsidy >> BigInt(halvings);
}
