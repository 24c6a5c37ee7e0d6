/** Many calls at once that pay from one wallet: no coin is spent by two of them. */
import type { Txid } from "@chain/core";
import type { WalletLedger } from "@chain/wallet/ledger";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Json } from "../src/json/parse.ts";
import { FOREIGN, startWallet } from "./support/spending.ts";

/** A call, and a number that chooses its amount or its coin. */
type Wish = readonly [kind: "address" | "send" | "named" | "many" | "all" | "bump", n: number];

const wishes = fc.array(
  fc.tuple(
    fc.constantFrom<Wish[0]>("address", "send", "send", "named", "many", "all", "bump", "bump"),
    fc.nat(99),
  ),
  { minLength: 4, maxLength: 8 },
);

/** Pairs of transactions that spend one coin, where neither replaces the other. */
function doubleSpends(ledger: WalletLedger): readonly string[] {
  const replaced = (txid: Txid): readonly Txid[] => {
    const replaces = ledger.transaction(txid)?.notes.replaces;
    return replaces === undefined ? [] : [replaces, ...replaced(replaces)];
  };
  return ledger.transactions().flatMap(({ txid }) =>
    ledger
      .conflicts(txid)
      .filter((other) => !replaced(txid).includes(other) && !replaced(other).includes(txid))
      .map((other) => `${txid} and ${other}`),
  );
}

test("no two of them spend one coin, unless one replaces the other", async () => {
  await fc.assert(
    fc.asyncProperty(wishes, fc.array(fc.nat(9), { minLength: 1 }), async (wished, waits) => {
      let turn = 0;
      const { call, ledger } = await startWallet({
        blocks: 4,
        // Calls overtake each other.
        pause: async () => {
          for (let n = waits[turn++ % waits.length] ?? 0; n > 0; n--) await Promise.resolve();
        },
      });
      const coins = ledger.coins().map(({ outpoint: { txid, vout } }) => ({ txid, vout }));
      const old = [
        await call<string>("sendtoaddress", FOREIGN, 1),
        await call<string>("sendtoaddress", FOREIGN, 60),
      ];
      const before = ledger.transactions().length;
      const ask = ([kind, n]: Wish): Promise<unknown> => {
        const amount = 1 + (n % 70);
        const rate = [null, null, 30 + n] as const;
        switch (kind) {
          case "address":
            return call("sendtoaddress", FOREIGN, amount);
          case "send":
            return call("send", { [FOREIGN]: amount }, ...rate);
          case "named": {
            const options = { inputs: [coins[n % coins.length]], add_inputs: true } as Json;
            return call("send", { [FOREIGN]: amount }, ...rate, options);
          }
          case "many":
            return call("sendmany", "", { [FOREIGN]: amount });
          case "all":
            return call("sendall", [FOREIGN], ...rate);
          default:
            return call("bumpfee", old[n % 2] ?? "", {
              ...{ fee_rate: 40 + n, outputs: [{ [FOREIGN]: 40 + (n % 60) }] },
            });
        }
      };
      const answers = await Promise.allSettled(wished.map(ask));
      expect(doubleSpends(ledger)).toEqual([]);
      const paid = answers.filter(({ status }) => status === "fulfilled");
      const refused = answers.flatMap((answer, i) =>
        answer.status === "rejected" ? [[wished[i]?.[0], `${answer.reason}`]] : [],
      );
      // Where the wallet chooses the coins, it chooses none that another call has.
      const clashes = refused.filter(([, message]) => /conflict/i.test(message ?? ""));
      expect(clashes.filter(([kind]) => kind !== "named")).toEqual([]);
      expect(ledger.transactions()).toHaveLength(before + paid.length);
    }),
    { numRuns: 12 },
  );
});
