import { defineMethod, type Method } from "../../define/method.ts";
import { coins, flag, num, obj } from "../../define/result.ts";
import { coinsNumber } from "../../json/number.ts";

export const getmempoolinfo: Method = defineMethod({
  name: "getmempoolinfo",
  category: "blockchain",
  description: "Returns details on the active state of the TX memory pool.",
  arguments: [],
  results: [
    {
      schema: obj({
        loaded: flag("Whether the transactions of the last run have been loaded"),
        size: num("Number of transactions"),
        bytes: num("Sum of all virtual transaction sizes"),
        usage: num("Total memory usage, in bytes as Core counts them"),
        total_fee: coins("Total fees, in coins, without deltas of priorities"),
        maxmempool: num("Maximum memory usage, in bytes"),
        mempoolminfee: coins("Least fee rate for a transaction to be accepted, in coins/kvB"),
        minrelaytxfee: coins("Current minimum relay fee rate, in coins/kvB"),
        incrementalrelayfee: coins("Minimum fee rate increment for replacement, in coins/kvB"),
        unbroadcastcount: num("Number of our own transactions that no peer has shown to know"),
        fullrbf: flag("Whether all transactions may be replaced, whatever they signal"),
        permitbaremultisig: flag("Whether transactions with bare multisig outputs are relayed"),
        maxdatacarriersize: num("Most bytes of an output script that begins with OP_RETURN"),
      }),
    },
  ],
  examples: [[]],
  run: (_, { chain, node, mempool: file }) => {
    const { mempool } = chain;
    const { policy } = mempool;
    let fees = 0n;
    let unbroadcast = 0;
    for (const { fee, transaction } of mempool.entries()) {
      fees += fee;
      if (node.unbroadcast.has(transaction.txid)) unbroadcast++;
    }
    return {
      loaded: file.isLoaded(),
      size: mempool.count,
      bytes: mempool.virtualSize,
      usage: mempool.memory,
      total_fee: coinsNumber(fees),
      maxmempool: mempool.limits.maxMemory,
      mempoolminfee: coinsNumber(mempool.minFeeRate(chain.now)),
      minrelaytxfee: coinsNumber(policy.minRelayFeeRate),
      incrementalrelayfee: coinsNumber(policy.incrementalRelayFeeRate),
      unbroadcastcount: unbroadcast,
      fullrbf: policy.replaceByFee === "full",
      permitbaremultisig: policy.permitBareMultisig,
      maxdatacarriersize: policy.maxDataCarrierSize,
    };
  },
});
