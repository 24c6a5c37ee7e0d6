import { defineMethod, type Method } from "../../define/method.ts";
import { dict, hex, list, num, obj } from "../../define/result.ts";
import { boolean } from "../../define/types.ts";
import { describeEntry, entryResult } from "../../describe/entry.ts";
import { RPC_INVALID_PARAMETER, RpcError } from "../../errors.ts";

const txids = list(hex("The transaction id"), "The transactions");

export const getrawmempool: Method = defineMethod({
  name: "getrawmempool",
  category: "blockchain",
  description:
    "Returns all transaction ids in memory pool as a json array of string transaction ids.\nHint: use getmempoolentry to fetch a specific transaction from the mempool.",
  arguments: [
    boolean("verbose", {
      text: "True for a json object, false for array of transaction ids",
      fallback: false,
    }),
    boolean("mempool_sequence", {
      text: "If verbose=false, returns a json object with transaction list and mempool sequence number attached.",
      fallback: false,
    }),
  ],
  results: [
    {
      when: "for verbose = false",
      given: { verbose: [false], mempool_sequence: [false] },
      schema: txids,
    },
    {
      when: "for verbose = true",
      given: { verbose: [true], mempool_sequence: [false] },
      schema: dict(entryResult, "The transactions by id", "transactionid"),
    },
    {
      when: "for verbose = false and mempool_sequence = true",
      given: { verbose: [false], mempool_sequence: [true] },
      schema: obj({
        txids,
        mempool_sequence: num("Counts up with each change of the mempool or of the chain"),
      }),
    },
  ],
  errors: [{ code: RPC_INVALID_PARAMETER, when: "both arguments are true" }],
  examples: [[], [true]],
  run: ({ verbose, mempool_sequence: sequence }, host) => {
    const { chain } = host;
    const { mempool } = chain;
    if (verbose && sequence) {
      const message = "Verbose results cannot contain mempool sequence values.";
      throw new RpcError(RPC_INVALID_PARAMETER, message);
    }
    if (verbose) {
      return Object.fromEntries(
        [...mempool.entries()].map((entry) => [entry.transaction.txid, describeEntry(entry, host)]),
      );
    }
    const names = () => [...mempool.entries()].map(({ transaction }) => transaction.txid);
    if (!sequence) return names();
    // Not in the middle of an operation, which changes the mempool first and counts then.
    return chain.run(async () => ({ txids: names(), mempool_sequence: chain.mempoolSequence }));
  },
});
