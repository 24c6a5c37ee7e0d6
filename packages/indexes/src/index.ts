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
export type { FoundTransaction } from "./place.ts";
export { SpenderIndex } from "./spenderIndex.ts";
export { TransactionIndex } from "./transactionIndex.ts";
