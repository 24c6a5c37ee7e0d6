import { requireNumber } from "../arguments.ts";
import { LOCKTIME_THRESHOLD } from "../limits.ts";
import { requireTransaction } from "../shapes.ts";
import { SEQUENCE_FINAL, type Transaction } from "../transaction.ts";

/**
 * Whether the lock time lets a transaction into a block. Core: IsFinalTx.
 * @param height of that block
 * @param time median time past of its parent (BIP-0113); before that rule, its own time. Seconds.
 */
export function isFinalTransaction(
  transaction: Transaction,
  height: number,
  time: number,
): boolean {
  requireTransaction(transaction, "transaction");
  requireNumber(height, "height");
  requireNumber(time, "time");
  const { lockTime, inputs } = transaction;

  if (lockTime === 0) return true;
  if (lockTime < (lockTime < LOCKTIME_THRESHOLD ? height : time)) return true;
  return inputs.every(({ sequence }) => sequence === SEQUENCE_FINAL);
}
