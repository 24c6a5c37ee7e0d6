import type { Method } from "../../define/method.ts";
import { coins, maybe, obj } from "../../define/result.ts";
import { coinsNumber } from "../../json/number.ts";
import { LAST_BLOCK, lastBlock } from "../lastBlock.ts";
import { walletMethod } from "../method.ts";

export const getbalances: Method = walletMethod({
  name: "getbalances",
  description: "Returns an object with all balances.",
  arguments: [],
  results: [
    {
      schema: obj({
        mine: obj(
          {
            trusted: coins("trusted balance (outputs created by the wallet or confirmed outputs)"),
            untrusted_pending: coins(
              "untrusted pending balance (outputs created by others that are in the mempool)",
            ),
            immature: coins("balance from immature coinbase outputs"),
            used: maybe(
              coins(
                "(only present if avoid_reuse is set) balance from coins sent to addresses that were previously spent from (potentially privacy violating)",
              ),
            ),
          },
          "balances from outputs that the wallet can sign",
        ),
        lastprocessedblock: LAST_BLOCK,
      }),
    },
  ],
  examples: [[]],
  run: (_, { ledger }) => {
    const { trusted, untrustedPending, immature, used } = ledger.balances();
    return {
      mine: {
        trusted: coinsNumber(trusted),
        untrusted_pending: coinsNumber(untrustedPending),
        immature: coinsNumber(immature),
        ...(used !== undefined && { used: coinsNumber(used) }),
      },
      lastprocessedblock: lastBlock(ledger),
    };
  },
});
