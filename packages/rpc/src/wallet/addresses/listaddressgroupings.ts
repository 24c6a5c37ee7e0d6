import { hexToBytes } from "@chain/core";
import { addressOfScript } from "@chain/wallet";
import type { Method } from "../../define/method.ts";
import { anything, list } from "../../define/result.ts";
import { coinsNumber } from "../../json/number.ts";
import { walletMethod } from "../method.ts";
import { addressBalances, addressGroups } from "./groupings.ts";

export const listaddressgroupings: Method = walletMethod({
  name: "listaddressgroupings",
  description:
    "Lists groups of addresses which have had their common ownership\nmade public by common use as inputs or as the resulting change\nin past transactions",
  arguments: [],
  results: [
    {
      schema: list(
        list(
          list(anything("The address, the amount, and the label where there is one"), "An address"),
          "A group",
        ),
        "The groups",
      ),
    },
  ],
  examples: [[]],
  run: (_, { ledger }, { host }) => {
    const balances = addressBalances(ledger);
    return addressGroups(ledger).map((group) =>
      [...group].flatMap((key) => {
        const script = hexToBytes(key);
        const address = addressOfScript(script, host.chain.params);
        if (address === undefined) return [];
        const label = ledger.addressEntry(script)?.label;
        const amount = coinsNumber(balances.get(key) ?? 0n);
        return [[address, amount, ...(label === undefined ? [] : [label])]];
      }),
    );
  },
});
