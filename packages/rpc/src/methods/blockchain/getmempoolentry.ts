import { defineMethod, type Method } from "../../define/method.ts";
import { txid } from "../../define/types.ts";
import { describeEntry, entryOf, entryResult } from "../../describe/entry.ts";
import { RPC_INVALID_ADDRESS_OR_KEY } from "../../errors.ts";
import { EXAMPLE_TXID } from "../examples.ts";

export const getmempoolentry: Method = defineMethod({
  name: "getmempoolentry",
  category: "blockchain",
  description: "Returns mempool data for given transaction.",
  arguments: [txid("txid", { text: "The transaction id (must be in mempool)" })],
  results: [{ schema: entryResult }],
  errors: [{ code: RPC_INVALID_ADDRESS_OR_KEY, when: "the transaction is not in the mempool" }],
  examples: [[EXAMPLE_TXID]],
  run: (params, host) => describeEntry(entryOf(host, params.txid), host),
});
