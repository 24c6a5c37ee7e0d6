import { defineMethod, type Method } from "../../define/method.ts";
import { hex, maybe, num, obj, time } from "../../define/result.ts";
import { blockHash, integer } from "../../define/types.ts";
import { RPC_INVALID_ADDRESS_OR_KEY, RPC_INVALID_PARAMETER, RpcError } from "../../errors.ts";
import { headerOf } from "../blocks.ts";

/** Seconds. */
const MONTH = 30 * 24 * 60 * 60;

export const getchaintxstats: Method = defineMethod({
  name: "getchaintxstats",
  category: "blockchain",
  description: "Computes statistics about the total number and rate of transactions in the chain.",
  arguments: [
    integer("nblocks", { text: "Size of the window in number of blocks", hint: "one month" }),
    blockHash("blockhash", {
      text: "The hash of the block that ends the window.",
      hint: "chain tip",
    }),
  ],
  results: [
    {
      schema: obj({
        time: time("The time of the final block in the window, in seconds since 1970"),
        txcount: maybe(num("The total number of transactions in the chain up to that point")),
        window_final_block_hash: hex("The hash of the final block in the window"),
        window_final_block_height: num("The height of the final block in the window"),
        window_block_count: num("Size of the window in number of blocks"),
        window_interval: maybe(num("The elapsed time in the window in seconds")),
        window_tx_count: maybe(num("The number of transactions in the window")),
        txrate: maybe(num("The average rate of transactions per second in the window")),
      }),
    },
  ],
  errors: [
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "no such block is known" },
    {
      code: RPC_INVALID_PARAMETER,
      when: "the block is not in the main chain, or the window is too long",
    },
  ],
  examples: [[], [2016]],
  run: ({ nblocks, blockhash }, host) => {
    const { headers, params, tip } = host.chain;
    const last = blockhash === undefined ? tip : headerOf(host, blockhash);
    if (!headers.isActive(last)) {
      throw new RpcError(RPC_INVALID_PARAMETER, "Block is not in main chain");
    }
    const month = Math.floor(MONTH / params.targetSpacing);
    const count = nblocks ?? Math.max(0, Math.min(month, last.height - 1));
    if (count < 0 || (count > 0 && count >= last.height)) {
      const message = "Invalid block count: should be between 0 and the block's height - 1";
      throw new RpcError(RPC_INVALID_PARAMETER, message);
    }
    const first = headers.activeAt(last.height - count) ?? last;
    const interval = last.medianTimePast - first.medianTimePast;
    // Core: m_chain_tx_count, which is 0 while blocks below a snapshot are missing.
    const [before, all] = [first.chainTransactionCount, last.chainTransactionCount];
    const isKnown = count > 0 && before > 0 && all > 0;
    return {
      time: last.time,
      ...(all > 0 && { txcount: all }),
      window_final_block_hash: last.hash,
      window_final_block_height: last.height,
      window_block_count: count,
      ...(count > 0 && { window_interval: interval }),
      ...(isKnown && { window_tx_count: all - before }),
      ...(isKnown && interval > 0 && { txrate: (all - before) / interval }),
    };
  },
});
