import type { Payee } from "@chain/wallet/spending";
import type { Method } from "../../define/method.ts";
import { boolean, rawAmount, string } from "../../define/types.ts";
import { outputsOf } from "../../methods/construct.ts";
import { EXAMPLE_ADDRESS } from "../../methods/examples.ts";
import { avoidsReuse, requireUnlocked, walletMethod } from "../method.ts";
import {
  CONF_TARGET,
  CoinControl,
  ESTIMATE_MODE,
  FEE_RATE,
  REPLACEABLE,
  setFeeWishes,
} from "./control.ts";
import { SENDING_ERRORS, SENT, sendMoney } from "./sendMoney.ts";

export const sendtoaddress: Method = walletMethod({
  name: "sendtoaddress",
  description:
    "Send an amount to a given address.\nRequires wallet passphrase to be set with walletpassphrase call if wallet is encrypted.",
  arguments: [
    string("address", { text: "The bitcoin address to send to." }),
    rawAmount("amount", { text: "The amount in BTC to send. eg 0.1" }),
    string("comment", {
      text: "A comment used to store what the transaction is for.\nThis is not part of the transaction, just kept in your wallet.",
      optional: true,
    }),
    string("comment_to", {
      text: "A comment to store the name of the person or organization\nto which you're sending the transaction. This is not part of the \ntransaction, just kept in your wallet.",
      optional: true,
    }),
    boolean("subtractfeefromamount", {
      text: "The fee will be deducted from the amount being sent.\nThe recipient will receive less bitcoins than you enter in the amount field.",
      fallback: false,
    }),
    REPLACEABLE,
    CONF_TARGET,
    ESTIMATE_MODE,
    boolean("avoid_reuse", {
      text: "(only available if avoid_reuse wallet flag is set) Avoid spending from dirty addresses; addresses are considered\ndirty if they have previously been used in a transaction. If true, this also activates avoidpartialspends, grouping outputs by their addresses.",
      hint: "true",
    }),
    FEE_RATE,
    boolean("verbose", {
      text: "If true, return extra information about the transaction.",
      fallback: false,
    }),
  ],
  results: SENT,
  errors: SENDING_ERRORS,
  examples: [
    [EXAMPLE_ADDRESS, 0.1],
    [EXAMPLE_ADDRESS, 0.1, "donation", "sean's outpost", false, true, 6, "economical"],
  ],
  run: async (given, wallet, { host }) => {
    const { address, amount, comment, comment_to: to, verbose } = given;
    const control = new CoinControl();
    control.signalsReplacement = given.replaceable;
    control.avoidsReuse = avoidsReuse(wallet, given.avoid_reuse);
    control.avoidsPartialSpends = control.avoidsReuse;
    const fees = { confTarget: given.conf_target, estimateMode: given.estimate_mode };
    setFeeWishes(control, { ...fees, feeRate: given.fee_rate }, false);
    requireUnlocked(wallet);
    const [output] = outputsOf([[address, amount]], host);
    const payees = output === undefined ? [] : [payeeOf(output, given.subtractfeefromamount)];
    return sendMoney(wallet, host, control, payees, {
      verbose,
      ...(comment && { comment }),
      ...(to && { to }),
    });
  },
});

/** Core: CRecipient. */
export function payeeOf(
  { value, scriptPubKey }: { readonly value: bigint; readonly scriptPubKey: Uint8Array },
  subtractsFee: boolean,
): Payee {
  return { script: scriptPubKey, amount: value, subtractsFee };
}
