/** @module @chain/storage */
export type { StorageErrorCode } from "./errors.ts";
export { StorageError } from "./errors.ts";
export type {
  KeyOrder,
  KeyRange,
  KeyValueChange,
  KeyValueRecord,
  KeyValueStore,
} from "./keyValue.ts";
export { keysWith } from "./keyValue.ts";
export { MemoryStore, type MemoryStoreOptions } from "./memory.ts";
export { MemoryKeyValueStore } from "./memoryKeyValue.ts";
export type { SnapshotHeader, SnapshotNetwork } from "./snapshot/snapshotFile.ts";
export { SnapshotReader, snapshotBytes } from "./snapshot/snapshotFile.ts";
export { coinStatisticsOf } from "./statistics.ts";
export type {
  BackgroundCoins,
  BlockRecord,
  BlockStatus,
  ChainStore,
  ChainUpdate,
  CoinHash,
  CoinStatistics,
  LoadedCoins,
  PrunedBlocks,
  PruneOptions,
  RawRecord,
} from "./store.ts";
