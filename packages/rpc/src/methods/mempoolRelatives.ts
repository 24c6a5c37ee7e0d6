import { type MempoolEntry, relatives } from "@chain/engine";
import { defineMethod, type Method } from "../define/method.ts";
import { dict, hex, list } from "../define/result.ts";
import { boolean, txid } from "../define/types.ts";
import { describeEntry, entryOf, entryResult } from "../describe/entry.ts";
import { RPC_INVALID_ADDRESS_OR_KEY } from "../errors.ts";
import { EXAMPLE_TXID } from "./examples.ts";

/** A method that tells the unconfirmed ancestors or descendants of a transaction. */
export function relativesMethod(name: string, direction: "parents" | "children"): Method {
  const what = direction === "parents" ? "ancestors" : "descendants";
  return defineMethod({
    name,
    category: "blockchain",
    description: `If txid is in the mempool, returns all its unconfirmed ${what}.`,
    arguments: [
      txid("txid", { text: "The transaction id (must be in mempool)" }),
      boolean("verbose", {
        text: "True for a json object, false for array of transaction ids",
        fallback: false,
      }),
    ],
    results: [
      {
        when: "for verbose = false",
        given: { verbose: [false] },
        schema: list(hex("The transaction id"), `The unconfirmed ${what}`),
      },
      {
        when: "for verbose = true",
        given: { verbose: [true] },
        schema: dict(entryResult, `The unconfirmed ${what} by transaction id`, "transactionid"),
      },
    ],
    errors: [{ code: RPC_INVALID_ADDRESS_OR_KEY, when: "the transaction is not in the mempool" }],
    examples: [[EXAMPLE_TXID]],
    run: (params, host) => {
      const entry = entryOf(host, params.txid);
      const family: readonly MempoolEntry[] = [...relatives([entry], direction)].filter(
        (each) => each !== entry,
      );
      if (!params.verbose) return family.map(({ transaction }) => transaction.txid);
      return Object.fromEntries(
        family.map((each) => [each.transaction.txid, describeEntry(each, host)]),
      );
    },
  });
}
