/** The lock time of a payment. Core: DiscourageFeeSniping (wallet/spend.cpp). */

import {
  requireBoolean,
  requireFields,
  requireFunction,
  requireInteger,
} from "@chain/core/arguments";
import type { RandomBytes } from "../keys.ts";
import { Random } from "./random.ts";
import type { SpendTip } from "./request.ts";

/**
 * The height of the tip, so that only the next block can have the payment: a miner that mines the tip again to take its
 * fees cannot take those of newer payments. One in ten is up to 99 blocks lower, because payments that are delayed
 * after they were signed would stand out otherwise. 0 where the tip is not current, because a lagging height would tell
 * this node from others.
 */
export function discourageFeeSniping({ height, isCurrent }: SpendTip, random: Random): number {
  if (!isCurrent) return 0;
  return random.below(10) === 0 ? Math.max(0, height - random.below(100)) : height;
}

/**
 * The same for a transaction that was made otherwise, whose sequences leave the lock time in force.
 * @param randomBytes default: the system's generator
 * @example antiFeeSnipingLockTime({ height: 100, isCurrent: false }) // 0
 */
export function antiFeeSnipingLockTime(tip: SpendTip, randomBytes?: RandomBytes): number {
  requireFields(tip, "tip", { height: "number" });
  requireInteger(tip.height, "tip.height", 0);
  requireBoolean(tip.isCurrent, "tip.isCurrent");
  if (randomBytes !== undefined) requireFunction(randomBytes, "randomBytes");
  return discourageFeeSniping(tip, new Random(randomBytes));
}
