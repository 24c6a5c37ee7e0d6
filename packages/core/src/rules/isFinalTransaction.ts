import { requireNumber } from "../arguments.ts";
import { LOCKTIME_THRESHOLD } from "../limits.ts";
import { requireTransaction } from "../shapes.ts";
import { SEQUENCE_FINAL, type Transaction } from "../transaction.ts";
import type { Seconds } from "../units.ts";

/**
 * Whether the lock time lets a transaction into a block. Core: IsFinalTx.
 * @param height of that block
 * @param time median time past of its parent (BIP-0113); before that rule, its own time. Seconds.
 * @example
 * const locked = new Transaction({ ...transaction, inputs: [{ ...input, sequence: 0 }], lockTime: 500 });
 * isFinalTransaction(locked, 500, 0) // false
 * isFinalTransaction(locked, 501, 0) // true
 */
export function isFinalTransaction(
  transaction: Transaction,
  height: number,
  time: Seconds,
): boolean {
  requireTransaction(transaction, "transaction");
  requireNumber(height, "height");
  requireNumber(time, "time");
  const { lockTime, inputs } = transaction;

  if (lockTime === 0) return true;
  if (lockTime < (lockTime < LOCKTIME_THRESHOLD ? height : time)) return true;
  return inputs.every(({ sequence }) => sequence === SEQUENCE_FINAL);
}
