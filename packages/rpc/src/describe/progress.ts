import type { ChainManager } from "@chain/engine";

/** The part of the blocks that is here, 0 to 1; before the first header nothing is known of how many there are. */
export function progressOf({ tip, bestHeader, initialDownload }: ChainManager): number {
  if (bestHeader.height === 0) return initialDownload ? 0 : 1;
  return tip.height / bestHeader.height;
}
