import type { HeaderTree } from "@chain/core";
import { present } from "@chain/core/arguments";
import { BLOCKS_TO_KEEP } from "@chain/engine";
import { defineMethod, type Method } from "../../define/method.ts";
import { num } from "../../define/result.ts";
import { integer } from "../../define/types.ts";
import { RPC_INVALID_PARAMETER, RPC_MISC_ERROR, RpcError } from "../../errors.ts";
import type { RpcHost } from "../../host.ts";

/** Greater numbers are times. Core: pruneblockchain. */
const LEAST_TIME = 1_000_000_000;
/** Seconds by which the time of a block may be off. Core: TIMESTAMP_WINDOW. */
const TIMESTAMP_WINDOW = 7200;

export const pruneblockchain: Method = defineMethod({
  name: "pruneblockchain",
  category: "blockchain",
  description:
    "Attempts to delete block and undo data up to a specified height or timestamp, if eligible for pruning.\nRequires `-prune` to be enabled at startup. While pruned data may be re-fetched in some cases (e.g., via `getblockfrompeer`), local deletion is irreversible.",
  arguments: [
    integer("height", {
      text: "The block height to prune up to. May be set to a discrete height, or to a UNIX epoch time to prune blocks whose block time is at least 2 hours older than the provided timestamp.",
    }),
  ],
  results: [{ schema: num("Height of the last block pruned") }],
  errors: [
    { code: RPC_MISC_ERROR, when: "blocks are not pruned, or the chain is too short" },
    { code: RPC_INVALID_PARAMETER, when: "the height is negative, or none of the chain" },
  ],
  examples: [[1000]],
  run: async ({ height }, { chain }: RpcHost) => {
    const { pruning, tip } = chain;
    if (pruning === undefined) {
      const message = "Cannot prune blocks because node is not in prune mode.";
      throw new RpcError(RPC_MISC_ERROR, message);
    }
    if (height < 0) throw invalid("Negative block height.");
    const wanted = height > LEAST_TIME ? heightAtTime(chain.headers, height) : height;
    if (tip.height < pruning.afterHeight) {
      throw new RpcError(RPC_MISC_ERROR, "Blockchain is too short for pruning.");
    }
    if (wanted > tip.height) {
      throw invalid("Blockchain is shorter than the attempted prune height.");
    }
    await chain.prune(Math.max(0, Math.min(wanted, tip.height - BLOCKS_TO_KEEP)));
    return chain.prunedHeight ?? -1;
  },
});

/** The first block that is not older, two hours aside, in the chain. Core: FindEarliestAtLeast. */
function heightAtTime(tree: HeaderTree, time: number): number {
  const wanted = time - TIMESTAMP_WINDOW;
  for (let height = 0; height <= tree.tip.height; height++) {
    const { time: own } = present(tree.activeAt(height), `the active header at height ${height}`);
    if (own >= wanted) return height;
  }
  throw invalid("Could not find block with at least the specified timestamp.");
}

function invalid(message: string): RpcError {
  return new RpcError(RPC_INVALID_PARAMETER, message);
}
