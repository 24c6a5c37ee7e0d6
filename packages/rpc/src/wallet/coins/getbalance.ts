import type { Method } from "../../define/method.ts";
import { coins } from "../../define/result.ts";
import { boolean, integer, string } from "../../define/types.ts";
import { RPC_METHOD_DEPRECATED, RPC_WALLET_ERROR, RpcError } from "../../errors.ts";
import { coinsNumber } from "../../json/number.ts";
import type { RpcWallet } from "../host.ts";
import { avoidsReuse, walletMethod } from "../method.ts";

const NO_ACCOUNTS = 'dummy first argument must be excluded or set to "*".';

export const getbalance: Method = walletMethod({
  name: "getbalance",
  description:
    "Returns the total available balance.\nThe available balance is what the wallet considers currently spendable, and is\nthus affected by options which limit spendability such as -spendzeroconfchange.",
  arguments: [
    string("dummy", {
      text: 'Remains for backward compatibility. Must be excluded or set to "*".',
      optional: true,
    }),
    integer("minconf", {
      text: "Only include transactions confirmed at least this many times.",
      fallback: 0,
    }),
    boolean("include_watchonly", { text: "No longer used", fallback: false }),
    boolean("avoid_reuse", {
      text: "(only available if avoid_reuse wallet flag is set) Do not include balance in dirty outputs; addresses are considered dirty if they have previously been used in a transaction.",
      hint: "true",
    }),
  ],
  results: [{ schema: coins("The total amount received for this wallet.") }],
  errors: [
    { code: RPC_METHOD_DEPRECATED, when: "the first argument is an account" },
    { code: RPC_WALLET_ERROR, when: "the wallet does not tell used addresses" },
  ],
  examples: [[], ["*", 6]],
  run: ({ dummy = "*", minconf, avoid_reuse }, wallet) => {
    if (dummy !== "*") throw new RpcError(RPC_METHOD_DEPRECATED, NO_ACCOUNTS);
    const avoidReuse = avoidsReuse(wallet, avoid_reuse);
    const { ledger } = wallet;
    const { trusted } = ledger.balances(minconf);
    // The balance of a wallet that avoids reuse leaves such coins out.
    const isWhole = avoidReuse || !ledger.hasFlag("avoidReuse");
    return coinsNumber(isWhole ? trusted : trusted + reusedBalance(wallet, minconf));
  },
});

/** The trusted coins of addresses that were spent from before. */
function reusedBalance({ ledger }: RpcWallet, minDepth: number): bigint {
  const all = ledger.coins({
    minDepth,
    includeUnsafe: true,
    includeReused: true,
    includeLocked: true,
  });
  return all
    .filter(({ isReused, outpoint }) => isReused && ledger.isTrusted(outpoint.txid))
    .reduce((sum, { value }) => sum + value, 0n);
}
