import { outpointKey } from "@chain/core";
import type { Method } from "../../define/method.ts";
import { coins, obj } from "../../define/result.ts";
import { boolean, hexText, list, options } from "../../define/types.ts";
import { RPC_DESERIALIZATION_ERROR } from "../../errors.ts";
import { coinsNumber } from "../../json/number.ts";
import { decodeTransaction } from "../../methods/decode.ts";
import { findCoins } from "../../methods/previousOutputs.ts";
import { walletMethod } from "../method.ts";
import { invalid } from "./control.ts";

export const simulaterawtransaction: Method = walletMethod({
  name: "simulaterawtransaction",
  description:
    "Calculate the balance change resulting in the signing and broadcasting of the given transaction(s).",
  arguments: [
    list("rawtxs", hexText("rawtx", { text: "A raw transaction" }), {
      text: "An array of hex strings of raw transactions.",
      optional: true,
    }),
    options(
      "options",
      [boolean("include_watchonly", { text: "(DEPRECATED) No longer used", fallback: false })],
      { text: "No longer used", optional: true, oneLine: "options" },
    ),
  ],
  results: [
    {
      schema: obj({
        balance_change: coins("The wallet balance change (negative means decrease)."),
      }),
    },
  ],
  errors: [
    { code: RPC_DESERIALIZATION_ERROR, when: "a text is no transaction" },
    { code: -8, when: "an input is missing, or spent already, or spent twice" },
  ],
  examples: [[["myhex"]]],
  run: async ({ rawtxs = [] }, { ledger }, { host }) => {
    const isMine = (script: Uint8Array) => ledger.ownerOf(script) !== undefined;
    const made = new Map<string, bigint>();
    const spent = new Set<string>();
    let change = 0n;
    for (const text of rawtxs) {
      const message = "Transaction hex string decoding failure.";
      const { txid, inputs, outputs } = decodeTransaction(text, { withoutWitness: true, message });
      const found = await findCoins(
        inputs.map(({ prevout }) => prevout),
        host,
      );
      for (const [index, { prevout }] of inputs.entries()) {
        const name = outpointKey(prevout);
        if (spent.has(name)) {
          throw invalid("Transaction(s) are spending the same output more than once");
        }
        spent.add(name);
        const own = made.get(name);
        const coin = found[index];
        if (own === undefined && coin === undefined) {
          throw invalid("One or more transaction inputs are missing or have been spent already");
        }
        if (own !== undefined) change -= own;
        else if (coin !== undefined && isMine(coin.scriptPubKey)) change -= coin.value;
      }
      for (const [vout, { value, scriptPubKey }] of outputs.entries()) {
        const own = isMine(scriptPubKey) ? value : 0n;
        made.set(outpointKey({ txid, vout }), own);
        change += own;
      }
    }
    return { balance_change: coinsNumber(change) };
  },
});
