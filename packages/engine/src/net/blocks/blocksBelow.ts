import type { BlockHash, HeaderNode, HeaderTree } from "@chain/core";
import type { SnapshotProgress } from "../../chain/backgroundChain.ts";

/** How far beyond the last checked block is asked. Core: BLOCK_DOWNLOAD_WINDOW. */
const WINDOW = 1024;

interface Range {
  /** The best header that the peer is known to have. */
  readonly best: HeaderNode | undefined;
  /** The blocks below a snapshot that are to be checked: those up to `base`, above `tip`. */
  readonly progress: SnapshotProgress | undefined;
  /** From where on blocks have witnesses (BIP-0141). */
  readonly segwitHeight: number;
}

/**
 * The blocks below a snapshot that a peer may be asked for when it has none for the tip, the lowest first. Core:
 * TryDownloadingHistoricalBlocks.
 */
export function blocksBelow(
  tree: HeaderTree,
  peer: {
    readonly witness: boolean;
    readonly pruned: boolean;
    readonly serves: boolean;
    /** Blocks that it said it does not have. */
    readonly lacking: { has(hash: BlockHash): boolean };
  },
  { best, progress, segwitHeight }: Range,
  isFree: (hash: BlockHash) => boolean,
): readonly HeaderNode[] {
  if (progress === undefined || !peer.serves || peer.pruned) return [];
  const { base, tip } = progress;
  if (best?.ancestor(base.height) !== base) return [];
  const { height: start } = tree.forkPoint(tip, base);
  const wanted: HeaderNode[] = [];
  let at = base.ancestor(Math.min(base.height, start + WINDOW));
  for (; at !== undefined && at.height > start; at = at.parent) {
    // A peer without witness support would send the block without them.
    const isWhole = peer.witness || at.height < segwitHeight;
    const isMissing = at.transactionCount === 0 && !peer.lacking.has(at.hash);
    if (isWhole && isMissing && isFree(at.hash)) wanted.push(at);
  }
  return wanted.reverse();
}
