import { present } from "@chain/core/arguments";
import { type ScriptTotals, scriptHashOf } from "@chain/indexes";
import { defineMethod, type Method } from "../../define/method.ts";
import { coins, hex, num, obj } from "../../define/result.ts";
import { hexText, readHex } from "../../define/types.ts";
import { RPC_INVALID_PARAMETER, RPC_MISC_ERROR } from "../../errors.ts";
import { coinsNumber } from "../../json/number.ts";
import { askScriptHistory, EXAMPLE_SCRIPT } from "../scriptHistories.ts";

const totals = (description: string) =>
  obj(
    {
      transactions: num("How many transactions touch the script"),
      funded_count: num("How many outputs pay it"),
      funded: coins("Their value"),
      spent_count: num("How many inputs spend such outputs"),
      spent: coins("The value of these"),
      balance: coins("The difference of both values"),
    },
    description,
  );

export const getscriptbalance: Method = defineMethod({
  name: "getscriptbalance",
  category: "chain",
  description:
    "Returns what an output script was paid and has spent, in blocks and in the mempool, from the index of script histories (-scripthistoryindex).",
  arguments: [hexText("script", { text: "The output script" })],
  results: [
    {
      schema: obj({
        height: num("The height of the last block that is counted"),
        bestblock: hex("Its hash"),
        confirmed: totals("In blocks of the best chain"),
        unconfirmed: totals("In the mempool, on top of that"),
      }),
    },
  ],
  errors: [
    { code: RPC_INVALID_PARAMETER, when: "the script is not in hex" },
    { code: RPC_MISC_ERROR, when: "the index is off, is being built, or has failed" },
  ],
  examples: [[EXAMPLE_SCRIPT]],
  run: async ({ script }, host) => {
    const hash = scriptHashOf(readHex(script, "script"));
    const { tip, confirmed, unconfirmed } = await askScriptHistory(host, (index) =>
      index.scriptBalance(hash),
    );
    return {
      height: present(tip, "tip").height,
      bestblock: present(tip, "tip").hash,
      confirmed: described(confirmed),
      unconfirmed: described(unconfirmed),
    };
  },
});

function described({ transactions, funded, spent }: ScriptTotals) {
  return {
    transactions,
    funded_count: funded.count,
    funded: coinsNumber(funded.value),
    spent_count: spent.count,
    spent: coinsNumber(spent.value),
    balance: coinsNumber(funded.value - spent.value),
  };
}
