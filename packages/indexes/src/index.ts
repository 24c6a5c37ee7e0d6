/** @module @chain/indexes */
export type { FilterSummary } from "./blockFilterIndex.ts";
export { BlockFilterIndex } from "./blockFilterIndex.ts";
export type { ChainIndex, IndexedBlock, IndexRecords } from "./chainIndex.ts";
export type { BlockCoinStatistics, UnspendableValues } from "./coinStatisticsIndex.ts";
export { CoinStatisticsIndex } from "./coinStatisticsIndex.ts";
export type { IndexErrorCode } from "./errors.ts";
export { IndexError } from "./errors.ts";
export type { FollowOptions, RunningIndex } from "./followChain.ts";
export { followChain } from "./followChain.ts";
export type { Indexes, IndexName } from "./indexes.ts";
export { allIndexes } from "./indexes.ts";
export type {
  FeeHistogram,
  LocatedTransaction,
  LookupChain,
  LookupIndexes,
  LookupOptions,
  Spender,
} from "./lookup/chainLookup.ts";
export { ChainLookup } from "./lookup/chainLookup.ts";
export type { FoundTransaction } from "./place.ts";
export type { HistoryOptions, UnspentOptions } from "./scriptHistory/options.ts";
export type { Place } from "./scriptHistory/records.ts";
export type {
  ConfirmedTouch,
  ScriptBalance,
  ScriptHistory,
  ScriptsChain,
  ScriptUnspent,
  UnspentOutput,
} from "./scriptHistory/scriptHistoryIndex.ts";
export { ScriptHistoryIndex } from "./scriptHistory/scriptHistoryIndex.ts";
export type {
  Funding,
  ScriptSum,
  ScriptTotals,
  Spending,
  Touch,
} from "./scriptHistory/touches.ts";
export { scriptHashOf } from "./scriptHistory/touches.ts";
export type { UnconfirmedTouch } from "./scriptHistory/unconfirmed.ts";
export { SpenderIndex } from "./spenderIndex.ts";
export { TransactionIndex } from "./transactionIndex.ts";
