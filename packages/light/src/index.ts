/** @module @chain/light */
export type { Fate } from "./broadcasts.ts";
export { LightError, type LightErrorCode } from "./errors.ts";
export { type InclusionProof, inclusionProof, verifyInclusion } from "./inclusion.ts";
export { IndexedDbLightStore, type PlatformIndexedDb } from "./indexedDbStore.ts";
export { isFilterOf } from "./isFilterOf.ts";
export { LightNode } from "./lightNode.ts";
export { decodeMerkleBlock, encodeMerkleBlock, type MerklePath } from "./merkleBlock.ts";
export type { LightEvent, LightNodeOptions } from "./options.ts";
export type { LightPeer } from "./peerFacts.ts";
export type { Balance } from "./purse.ts";
export { type LightStore, MemoryLightStore } from "./store.ts";
export type { FoundTransaction, WatchedCoin, WatchedScripts } from "./watch.ts";
