import { defineMethod, type Method } from "../../define/method.ts";
import { dict, flag, maybe, num, obj } from "../../define/result.ts";
import { bigNumber } from "../../json/number.ts";

export const getprioritisedtransactions: Method = defineMethod({
  name: "getprioritisedtransactions",
  category: "mining",
  description:
    "Returns a map of all user-created (see prioritisetransaction) fee deltas by txid, and whether the tx is present in mempool.",
  arguments: [],
  results: [
    {
      schema: dict(
        obj({
          fee_delta: num("transaction fee delta in satoshis"),
          in_mempool: flag("whether this transaction is currently in mempool"),
          modified_fee: maybe(num("modified fee in satoshis. Only returned if in_mempool=true")),
        }),
        "prioritisation keyed by txid",
        "transactionid",
      ),
    },
  ],
  examples: [[]],
  run: (_, { chain: { mempool } }) =>
    Object.fromEntries(
      [...mempool.feeDeltas()].map(([txid, delta]) => {
        const entry = mempool.get(txid);
        return [
          txid,
          {
            fee_delta: bigNumber(delta),
            in_mempool: entry !== undefined,
            ...(entry !== undefined && { modified_fee: bigNumber(entry.modifiedFee) }),
          },
        ];
      }),
    ),
});
