import { EngineError } from "@chain/engine";
import { StorageError } from "@chain/storage";

/** The commands that repair a damaged database, as the last part of a sentence. */
export const REPAIR = "chain-node reindex makes it again from the stored blocks";

/**
 * Whether what a store or the chain manager threw is damage that `REPAIR` is the answer to.
 * @example isRepairable(new Error("no damage")) // false
 */
export function isRepairable(error: unknown): boolean {
  if (error instanceof EngineError) return error.code === "missing-data";
  if (!(error instanceof StorageError)) return false;
  return error.code === "corrupt" || error.code === "older-version";
}
