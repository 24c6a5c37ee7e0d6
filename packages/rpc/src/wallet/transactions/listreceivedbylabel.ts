import type { Method } from "../../define/method.ts";
import { coins, list, num, obj, text } from "../../define/result.ts";
import { boolean, integer } from "../../define/types.ts";
import { coinsNumber } from "../../json/number.ts";
import { walletMethod } from "../method.ts";
import { listReceived } from "./listReceived.ts";

export const listreceivedbylabel: Method = walletMethod({
  name: "listreceivedbylabel",
  description: "List received transactions by label.",
  arguments: [
    integer("minconf", {
      text: "The minimum number of confirmations before payments are included.",
      fallback: 1,
    }),
    boolean("include_empty", {
      text: "Whether to include addresses that haven't received any payments.",
      fallback: false,
    }),
    boolean("include_watchonly", { text: "(DEPRECATED) No longer used", fallback: false }),
    boolean("include_immature_coinbase", {
      text: "Include immature coinbase transactions.",
      fallback: false,
    }),
  ],
  results: [
    {
      schema: list(
        obj({
          amount: coins("The total amount received by addresses with this label"),
          confirmations: num("The number of confirmations of the most recent transaction included"),
          label: text('The label of the receiving address. The default label is ""'),
        }),
        "The labels",
      ),
    },
  ],
  examples: [[], [6, true]],
  run: (given, wallet) => {
    const received = listReceived(wallet, {
      minDepth: given.minconf,
      includeEmpty: given.include_empty,
      includeImmature: given.include_immature_coinbase,
    });
    const labels = new Map<string, { amount: bigint; depth: number }>();
    for (const { label, amount, confirmations, txids } of received) {
      const sum = labels.get(label) ?? { amount: 0n, depth: Number.POSITIVE_INFINITY };
      labels.set(label, sum);
      sum.amount += amount;
      // An address without payments has no say.
      if (txids.length > 0) sum.depth = Math.min(sum.depth, confirmations);
    }
    return [...labels]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([label, { amount, depth }]) => ({
        amount: coinsNumber(amount),
        confirmations: depth === Number.POSITIVE_INFINITY ? 0 : depth,
        label,
      }));
  },
});
