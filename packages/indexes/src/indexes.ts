import { requireFields } from "@chain/core/arguments";
import type { BlockFilterIndex } from "./blockFilterIndex.ts";
import type { RunningIndex } from "./followChain.ts";
import type { TransactionIndex } from "./transactionIndex.ts";

/** The indexes that a node keeps: one that is missing is switched off. */
export interface Indexes {
  readonly transactions?: RunningIndex<TransactionIndex>;
  readonly filters?: RunningIndex<BlockFilterIndex>;
}

/**
 * Those that are switched on.
 * @example allIndexes({}) // []
 */
export function allIndexes(indexes: Indexes): readonly RunningIndex[] {
  requireFields(indexes, "indexes", { transactions: "object?", filters: "object?" });

  const { transactions, filters } = indexes;
  return [transactions, filters].filter((each) => each !== undefined);
}
