export type { LevelStoreOptions } from "./level/open.ts";
export { openLevelStore } from "./level/open.ts";
