import type { Method } from "../../define/method.ts";
import { flag as flagResult, maybe, obj, text } from "../../define/result.ts";
import { boolean, string } from "../../define/types.ts";
import { RPC_INVALID_PARAMETER, RpcError } from "../../errors.ts";
import { walletMethod } from "../method.ts";
import { WALLET_FLAGS } from "./flags.ts";

/** The only one that may change. Core: MUTABLE_WALLET_FLAGS. */
const MUTABLE = "avoid_reuse";
const CAVEAT =
  "You need to rescan the blockchain in order to correctly mark used destinations in the past. Until this is done, some destinations may be considered unused, even if the opposite is the case.";

export const setwalletflag: Method = walletMethod({
  name: "setwalletflag",
  description: "Change the state of the given wallet flag for a wallet.",
  arguments: [
    string("flag", {
      text: `The name of the flag to change. Current available flags: ${MUTABLE}`,
    }),
    boolean("value", { text: "The new state.", fallback: true }),
  ],
  results: [
    {
      schema: obj({
        flag_name: text("The name of the flag that was modified"),
        flag_state: flagResult("The new state of the flag"),
        warnings: maybe(text("Any warnings associated with the change")),
      }),
    },
  ],
  errors: [
    { code: RPC_INVALID_PARAMETER, when: "the flag is none, can't be changed, or is set so" },
  ],
  examples: [["avoid_reuse"]],
  waits: false,
  run: async ({ flag, value }, wallet) => {
    if (!WALLET_FLAGS.includes(flag)) throw invalid(`Unknown wallet flag: ${flag}`);
    if (flag !== MUTABLE) throw invalid(`Wallet flag is immutable: ${flag}`);
    if (wallet.ledger.hasFlag("avoidReuse") === value) {
      throw invalid(`Wallet flag is already set to ${value}: ${flag}`);
    }
    wallet.ledger.setAvoidReuse(value);
    await wallet.save();
    return { flag_name: flag, flag_state: value, ...(value && { warnings: CAVEAT }) };
  },
});

function invalid(message: string): RpcError {
  return new RpcError(RPC_INVALID_PARAMETER, message);
}
