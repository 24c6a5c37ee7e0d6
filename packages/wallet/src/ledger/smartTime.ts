/** When a transaction was most likely made. */
import type { Seconds } from "@chain/core";

/** A transaction may be dated so much after the wallet saw it. */
const TOLERATED_SECONDS = 300;

/** When the block of a transaction was made. */
export interface BlockTime {
  readonly time: Seconds;
  /** In a rescan: the highest time of the block and all before it. */
  readonly maxTime?: Seconds | undefined;
}

/** @param ordered the wallet's other transactions, as it saw them. Core: ComputeTimeSmart. */
export function smartTime(
  ordered: readonly { readonly time: Seconds }[],
  received: Seconds,
  block: BlockTime | undefined,
): Seconds {
  if (block === undefined) return received;
  if (block.maxTime !== undefined) return block.maxTime;
  const before = ordered.findLast(({ time }) => time <= received + TOLERATED_SECONDS);
  const latest = Math.max(received, before?.time ?? 0);
  return Math.max(before?.time ?? 0, Math.min(block.time, latest));
}
