import type { BlockHash } from "@chain/core";
import type { ChainManager } from "@chain/engine";

/** Blocks of which it is remembered how many were begun on them. */
const MAX_REMEMBERED = 1000;

/**
 * Numbers for coinbases: on each block from 0 on, because two blocks with equal coinbases on one block would be equal, of
 * which one counts.
 */
export function extraNonces(chain: Pick<ChainManager, "tip">): () => number {
  const begun = new Map<BlockHash, number>();
  return () => {
    const { hash } = chain.tip;
    const number = begun.get(hash) ?? 0;
    begun.delete(hash);
    begun.set(hash, number + 1);
    for (const oldest of begun.keys()) {
      if (begun.size <= MAX_REMEMBERED) break;
      begun.delete(oldest);
    }
    return number;
  };
}
