import { requireFields, requireInteger } from "../arguments.ts";
import type { ChainParams } from "../params.ts";

/**
 * Base units that the miner of the block at this height may create. Core: GetBlockSubsidy.
 * @example
 * blockSubsidy(0, mainnet) // 50_0000_0000n
 * blockSubsidy(840_000, mainnet) // 3_1250_0000n
 */
export function blockSubsidy(
  height: number,
  params: Pick<ChainParams, "initialSubsidy" | "halvingInterval">,
): bigint {
  requireInteger(height, "height", 0);
  requireFields(params, "params", { initialSubsidy: "bigint", halvingInterval: "number" });
  const { initialSubsidy, halvingInterval } = params;

  const halvings = halvingInterval === 0 ? 0 : Math.floor(height / halvingInterval);
  return initialSubsidy >> BigInt(halvings);
}
