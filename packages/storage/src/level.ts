export type { LevelStoreOptions } from "./level/store.ts";
export { openLevelStore } from "./level/store.ts";
