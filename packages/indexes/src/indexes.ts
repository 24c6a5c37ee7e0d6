import { requireFields } from "@chain/core/arguments";
import type { BlockFilterIndex } from "./blockFilterIndex.ts";
import type { CoinStatisticsIndex } from "./coinStatisticsIndex.ts";
import type { RunningIndex } from "./followChain.ts";
import type { ScriptHistoryIndex } from "./scriptHistory/scriptHistoryIndex.ts";
import type { SpenderIndex } from "./spenderIndex.ts";
import type { TransactionIndex } from "./transactionIndex.ts";

/** The indexes that a node keeps: one that is missing is switched off. */
export interface Indexes {
  readonly transactions?: RunningIndex<TransactionIndex>;
  readonly coinStats?: RunningIndex<CoinStatisticsIndex>;
  readonly blockFilters?: RunningIndex<BlockFilterIndex>;
  readonly spenders?: RunningIndex<SpenderIndex>;
  readonly scriptHistory?: RunningIndex<ScriptHistoryIndex>;
}

/** The name of an index in `Indexes`. */
export type IndexName = keyof Indexes;

/** In the order in which they are shown. */
const NAMES: readonly IndexName[] = [
  "transactions",
  "coinStats",
  "blockFilters",
  "spenders",
  "scriptHistory",
];

/**
 * Those that are switched on.
 * @example allIndexes({}) // []
 */
export function allIndexes(indexes: Indexes): readonly RunningIndex[] {
  requireFields(indexes, "indexes", {
    transactions: "object?",
    coinStats: "object?",
    blockFilters: "object?",
    spenders: "object?",
    scriptHistory: "object?",
  });

  return NAMES.map((name) => indexes[name]).filter((each) => each !== undefined);
}
