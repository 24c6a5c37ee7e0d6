/** @module @chain/storage/level */
export type { LevelStoreOptions, Recovery } from "./level/open.ts";
export { openLevelStore } from "./level/open.ts";
export type { RebuildOptions, Rebuilt } from "./level/rebuild.ts";
export { rebuildLevelStore } from "./level/rebuild.ts";
export type { ScanProgress } from "./level/scanFiles.ts";
