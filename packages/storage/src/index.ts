/** @module @chain/storage */
export type { StorageErrorCode } from "./errors.ts";
export { StorageError } from "./errors.ts";
export { MemoryStore } from "./memory.ts";
export type {
  BlockRecord,
  BlockStatus,
  ChainStore,
  ChainUpdate,
  CoinStatistics,
  RawRecord,
} from "./store.ts";
