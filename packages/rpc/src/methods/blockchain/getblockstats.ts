import { argument } from "../../define/argument.ts";
import { defineMethod, type Method } from "../../define/method.ts";
import { hex, list as listOf, num, obj, time } from "../../define/result.ts";
import { hashOrHeightType, list, string } from "../../define/types.ts";
import { blockStatistics } from "../../describe/blockStatistics.ts";
import {
  RPC_INVALID_ADDRESS_OR_KEY,
  RPC_INVALID_PARAMETER,
  RPC_MISC_ERROR,
  RpcError,
} from "../../errors.ts";
import { blockOf, headerOfHashOrHeight, undoOf } from "../blocks.ts";
import { EXAMPLE_BLOCK } from "../examples.ts";

export const getblockstats: Method = defineMethod({
  name: "getblockstats",
  category: "blockchain",
  description: "Compute per block statistics for a given window. All amounts are in satoshis.",
  arguments: [
    argument("hash_or_height", hashOrHeightType, {
      text: "The block hash or height of the target block",
    }),
    list("stats", string("stat", { text: "Selected statistic", optional: true }), {
      text: "Values to plot (see result below)",
      hint: "all values",
      oneLine: "stats",
    }),
  ],
  results: [
    {
      schema: obj({
        avgfee: num("Average fee in the block"),
        avgfeerate: num("Average feerate (in satoshis per virtual byte)"),
        avgtxsize: num("Average transaction size"),
        blockhash: hex("The block hash (to check for potential reorgs)"),
        feerate_percentiles: listOf(
          num("A feerate in satoshis per virtual byte"),
          "Feerates at the 10th, 25th, 50th, 75th, and 90th percentile weight unit",
        ),
        height: num("The height of the block"),
        ins: num("The number of inputs (excluding coinbase)"),
        maxfee: num("Maximum fee in the block"),
        maxfeerate: num("Maximum feerate (in satoshis per virtual byte)"),
        maxtxsize: num("Maximum transaction size"),
        medianfee: num("Truncated median fee in the block"),
        mediantime: time("The block median time past"),
        mediantxsize: num("Truncated median transaction size"),
        minfee: num("Minimum fee in the block"),
        minfeerate: num("Minimum feerate (in satoshis per virtual byte)"),
        mintxsize: num("Minimum transaction size"),
        outs: num("The number of outputs"),
        subsidy: num("The block subsidy"),
        swtotal_size: num("Total size of all segwit transactions"),
        swtotal_weight: num("Total weight of all segwit transactions"),
        swtxs: num("The number of segwit transactions"),
        time: time("The block time"),
        total_out: num("Total amount in all outputs (excluding coinbase)"),
        total_size: num("Total size of all non-coinbase transactions"),
        total_weight: num("Total weight of all non-coinbase transactions"),
        totalfee: num("The fee total"),
        txs: num("The number of transactions (including coinbase)"),
        utxo_increase: num("The increase in the number of outputs, unspendable ones included"),
        utxo_size_inc: num("The increase in size for the utxo index, unspendable ones included"),
        utxo_increase_actual: num(
          "The increase in the number of outputs, without unspendable ones",
        ),
        utxo_size_inc_actual: num(
          "The increase in size for the utxo index, without unspendable ones",
        ),
      }).partial(),
    },
  ],
  errors: [
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "no such block is known" },
    { code: RPC_INVALID_PARAMETER, when: "the height, or the name of a statistic, is none" },
    { code: RPC_MISC_ERROR, when: "the block is not here, or was never connected" },
  ],
  examples: [
    [EXAMPLE_BLOCK, ["minfeerate", "avgfeerate"]],
    [1000, ["minfeerate", "avgfeerate"]],
  ],
  run: async ({ hash_or_height, stats = [] }, host) => {
    const node = headerOfHashOrHeight(host, hash_or_height);
    const block = await blockOf(host, node);
    const undo = await undoOf(host, node.hash);
    if (undo === undefined) {
      // Of a pruned block that a peer has sent again, the undo data stays away.
      const why = (await host.chain.wasConnected(node.hash)) ? " (pruned data)" : "";
      throw new RpcError(RPC_MISC_ERROR, `Undo data not available${why}`);
    }
    const all = blockStatistics(block, undo, node, host.chain.params);
    if (stats.length === 0) return all;
    const selected = new Map(Object.entries(all));
    // In the order of their names, as Core has them in a set.
    const wanted = [...new Set(stats.filter((name) => name !== undefined))].sort();
    return Object.fromEntries(
      wanted.map((name) => {
        const value = selected.get(name);
        if (value !== undefined) return [name, value];
        throw new RpcError(RPC_INVALID_PARAMETER, `Invalid selected statistic '${name}'`);
      }),
    );
  },
});
