import type { ChainManager } from "@chain/engine";
import { UserError } from "../errors.ts";

/** Peers would be told that all blocks are here. Core: LoadChainstate. */
export function refuseUnpruned({ prunedHeight, pruning }: ChainManager): void {
  if (prunedHeight === undefined || pruning !== undefined) return;
  const fact = `blocks up to height ${prunedHeight} were pruned`;
  const hint =
    "start with pruning, or begin again with an empty database, which downloads all blocks";
  throw new UserError("refused", `${fact}: ${hint}`, { data: { option: "prune" } });
}

/** The index of transactions says where in its block each is. Core: AppInitParameterInteraction. */
export function refusePrunedIndex(
  prune: object | undefined,
  transactions: boolean | undefined,
): void {
  if (prune === undefined || transactions !== true) return;
  const message =
    "blocks that are pruned can't be looked up in an index of transactions: leave out one of both";
  throw new UserError("usage", message, { data: { option: "prune" } });
}
