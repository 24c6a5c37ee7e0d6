/** @module @chain/storage/level */
export { type Guard, takeGuard } from "./level/guard.ts";
export type { KeyValueOptions } from "./level/keyValue.ts";
export { openLevelKeyValueStore } from "./level/keyValue.ts";
export type { LevelStoreOptions, Recovery } from "./level/open.ts";
export { openLevelStore } from "./level/open.ts";
export type { RebuildOptions, Rebuilt } from "./level/rebuild.ts";
export { rebuildLevelStore } from "./level/rebuild.ts";
export type { ScanProgress } from "./level/scanFiles.ts";
