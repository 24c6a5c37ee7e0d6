/** Relative lock times (BIP-0068). Core: CalculateSequenceLocks, EvaluateSequenceLocks. */

import { requireArray, requireFields } from "../arguments.ts";
import type { AncestorView } from "../chain/ancestorView.ts";
import type { Coin } from "../coin.ts";
import { CoreError } from "../errors.ts";
import { requireAncestor, requireTransaction } from "../shapes.ts";
import type { Transaction } from "../transaction.ts";
import type { Seconds } from "../units.ts";

/** Set: the sequence is no lock. */
const DISABLE_FLAG = 0x8000_0000;
/** Set: the lock counts time, not blocks. */
const TYPE_FLAG = 0x0040_0000;
const VALUE_MASK = 0xffff;
/** Time locks count in steps of 512 seconds. */
const GRANULARITY = 9;

/** Last height and last time at which the locks still hold; -1 where nothing is locked. */
export interface SequenceLocks {
  readonly height: number;
  /** Compared with the median time past of the parent. Seconds. */
  readonly time: Seconds;
}

/**
 * The locks that the sequences of a transaction put on it.
 * @param coins the coins that its inputs spend, in order; one that is not in a block yet has the height of the next
 * @param parent the block before the one that is to hold the transaction
 * @example sequenceLocks(transaction, coins, parent) // { height: -1, time: -1 }: version 1 has none
 */
export function sequenceLocks(
  transaction: Transaction,
  coins: readonly Pick<Coin, "height">[],
  parent: AncestorView,
): SequenceLocks {
  requireTransaction(transaction, "transaction");
  requireArray(coins, "coins", requireHeight);
  requireAncestor(parent, "parent");

  let lockHeight = -1;
  let lockTime = -1;
  // Core compares the version as an unsigned number.
  if (transaction.version >>> 0 < 2) return { height: lockHeight, time: lockTime };
  transaction.inputs.forEach(({ sequence }, i) => {
    if ((sequence & DISABLE_FLAG) !== 0) return;
    const coinHeight = coins[i]?.height;
    if (coinHeight === undefined) throw new CoreError("out-of-range", `no coin for input ${i}`);
    const value = sequence & VALUE_MASK;
    if ((sequence & TYPE_FLAG) === 0) {
      lockHeight = Math.max(lockHeight, coinHeight + value - 1);
      return;
    }
    // From the time that the block before the coin's had, as a coin's own time is not known before it is mined.
    const before = parent.ancestor(Math.max(coinHeight - 1, 0));
    if (before === undefined) throw new CoreError("out-of-range", `a coin of height ${coinHeight}`);
    lockTime = Math.max(lockTime, before.medianTimePast + (value << GRANULARITY) - 1);
  });
  return { height: lockHeight, time: lockTime };
}

/**
 * Whether the relative lock times let a transaction into the block after `parent`. Arguments as above.
 * @example isSequenceFinal(transaction, coins, parent) // true
 */
export function isSequenceFinal(
  transaction: Transaction,
  coins: readonly Pick<Coin, "height">[],
  parent: AncestorView,
): boolean {
  requireTransaction(transaction, "transaction");
  requireAncestor(parent, "parent");

  const locks = sequenceLocks(transaction, coins, parent);
  return locks.height < parent.height + 1 && locks.time < parent.medianTimePast;
}

function requireHeight(value: unknown, name: string): void {
  requireFields(value, name, { height: "number" });
}
