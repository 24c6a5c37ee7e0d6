/** Consensus constants that no network changes. Core: consensus/consensus.h, consensus/amount.h. */

import { COIN } from "./amount.ts";
import { requireBigint } from "./arguments.ts";
import type { Seconds } from "./units.ts";

/** No amount, and no sum of amounts, may be larger. Base units. */
export const MAX_MONEY: bigint = 21_000_000n * COIN;
/** Most weight units in a block (BIP-0141). */
export const MAX_BLOCK_WEIGHT = 4_000_000;
/** Most signature operations in a block, each legacy one counted four times (BIP-0141). */
export const MAX_BLOCK_SIGOPS_COST = 80_000;
/** Weight units of a byte that is not witness (BIP-0141). */
export const WITNESS_SCALE_FACTOR = 4;
/** Seconds that the time of a block may be ahead of ours. */
export const MAX_FUTURE_BLOCK_TIME: Seconds = 7200;
/** Seconds that the first block of a retargeting period may lie before its parent (BIP-0094). */
export const MAX_TIMEWARP = 600;
/** Lock times below are heights, others seconds since 1970. */
export const LOCKTIME_THRESHOLD = 500_000_000;

/**
 * Whether an amount can exist at all: not negative, not more than all money.
 * @example
 * isMoney(50_0000_0000n) // true
 * isMoney(-1n) // false
 */
export function isMoney(value: bigint): boolean {
  requireBigint(value, "value");

  return value >= 0n && value <= MAX_MONEY;
}
