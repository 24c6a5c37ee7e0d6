import type { Method } from "../../define/method.ts";
import { hex, list, num, obj } from "../../define/result.ts";
import { walletMethod } from "../method.ts";

export const listlockunspent: Method = walletMethod({
  name: "listlockunspent",
  description:
    "Returns list of temporarily unspendable outputs.\nSee the lockunspent call to lock and unlock transactions for spending.",
  arguments: [],
  results: [
    {
      schema: list(
        obj({ txid: hex("The transaction id locked"), vout: num("The vout value") }),
        "The outputs",
      ),
    },
  ],
  examples: [[]],
  waits: false,
  run: (_, { ledger }) => ledger.lockedCoins().map(({ txid, vout }) => ({ txid, vout })),
});
