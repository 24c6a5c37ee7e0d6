import { defineMethod, type Method } from "../../define/method.ts";
import { obj } from "../../define/result.ts";
import { blockHash, long } from "../../define/types.ts";
import { RPC_MISC_ERROR, RpcError } from "../../errors.ts";
import { EXAMPLE_BLOCK } from "../examples.ts";

const REASONS = {
  asked: "Already requested from this peer",
  "no-peer": "Peer does not exist",
  "no-witness": "Pre-SegWit peer",
} as const;

const ONLY_SYNCED =
  "In prune mode, only blocks that the node has already synced previously can be fetched from a peer";

export const getblockfrompeer: Method = defineMethod({
  name: "getblockfrompeer",
  category: "blockchain",
  description:
    "Attempt to fetch block from a given peer.\n\nWe must have the header for this block, e.g. using submitheader.\nThe block will not have any undo data which can limit the usage of the block data in a context where the undo data is needed.\nSubsequent calls for the same block may cause the response from the previous peer to be ignored.\nPeers generally ignore requests for a stale block that they never fully verified, or one that is more than a month old.\nWhen a peer does not respond with a block, we will disconnect.\n\nReturns an empty JSON object if the request was successfully scheduled.",
  arguments: [
    blockHash("blockhash", { text: "The block hash to try to fetch" }),
    long("peer_id", { text: "The peer to fetch it from (see getpeerinfo for peer IDs)" }),
  ],
  results: [{ schema: obj({}) }],
  errors: [
    {
      code: RPC_MISC_ERROR,
      when: "the header is not known, the block is here, or the peer can't be asked for it",
    },
  ],
  examples: [[EXAMPLE_BLOCK, 0]],
  run: async ({ blockhash, peer_id }, { chain, node }) => {
    const header = chain.headers.get(blockhash);
    if (header === undefined) throw new RpcError(RPC_MISC_ERROR, "Block header missing");
    if (chain.pruning !== undefined && header.height > chain.tip.height) {
      throw new RpcError(RPC_MISC_ERROR, ONLY_SYNCED);
    }
    if (header.transactionCount > 0 && !(await chain.isPruned(header))) {
      throw new RpcError(RPC_MISC_ERROR, "Block already downloaded");
    }
    const answer = node.fetchBlock(Number(peer_id), header);
    if (answer !== "requested") throw new RpcError(RPC_MISC_ERROR, REASONS[answer]);
    return {};
  },
});
