import { LOCKTIME_THRESHOLD } from "../limits.ts";
import { SEQUENCE_FINAL, type Transaction } from "../transaction.ts";

/**
 * Whether the lock time lets a transaction into a block. Core: IsFinalTx.
 * @param height of that block
 * @param time median time past of its parent (BIP-0113); before that rule, its own time. Seconds.
 */
export function isFinalTransaction(
  { lockTime, inputs }: Transaction,
  height: number,
  time: number,
): boolean {
  if (lockTime === 0) return true;
  if (lockTime < (lockTime < LOCKTIME_THRESHOLD ? height : time)) return true;
  return inputs.every(({ sequence }) => sequence === SEQUENCE_FINAL);
}
