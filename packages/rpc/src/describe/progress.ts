import type { HeaderNode } from "@chain/core";
import type { ChainManager } from "@chain/engine";

/** The part of the blocks that is here, or up to a block, 0 to 1; before the first header nothing is known of how many there are. */
export function progressOf(
  { tip, bestHeader, initialDownload }: ChainManager,
  at: HeaderNode = tip,
): number {
  if (bestHeader.height === 0) return initialDownload ? 0 : 1;
  return at.height / bestHeader.height;
}
