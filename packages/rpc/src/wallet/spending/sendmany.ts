import type { Method } from "../../define/method.ts";
import { any, boolean, integer, list, readObject, string } from "../../define/types.ts";
import { RPC_INVALID_PARAMETER, RpcError } from "../../errors.ts";
import { outputPairs, outputsOf } from "../../methods/construct.ts";
import { EXAMPLE_ADDRESS } from "../../methods/examples.ts";
import { requireUnlocked, walletMethod } from "../method.ts";
import {
  CONF_TARGET,
  CoinControl,
  ESTIMATE_MODE,
  FEE_RATE,
  REPLACEABLE,
  readFeePayers,
  setFeeWishes,
} from "./control.ts";
import { SENDING_ERRORS, SENT, sendMoney } from "./sendMoney.ts";
import { payeeOf } from "./sendtoaddress.ts";

export const sendmany: Method = walletMethod({
  name: "sendmany",
  description:
    "Send multiple times. Amounts are double-precision floating point numbers.\nRequires wallet passphrase to be set with walletpassphrase call if wallet is encrypted.",
  arguments: [
    string("dummy", { text: 'Must be set to "" for backwards compatibility.', fallback: "" }),
    any("amounts", { text: "The addresses and amounts, as an object" }),
    integer("minconf", { text: "Ignored dummy value", optional: true }),
    string("comment", { text: "A comment", optional: true }),
    list("subtractfeefrom", any("address", { text: "Subtract fee from this address" }), {
      text: "The addresses.\nThe fee will be equally deducted from the amount of each selected address.\nThose recipients will receive less bitcoins than you enter in their corresponding amount field.\nIf no addresses are specified here, the sender pays the fee.",
      optional: true,
    }),
    REPLACEABLE,
    CONF_TARGET,
    ESTIMATE_MODE,
    FEE_RATE,
    boolean("verbose", {
      text: "If true, return extra information about the transaction.",
      fallback: false,
    }),
  ],
  results: SENT,
  errors: SENDING_ERRORS,
  examples: [["", { [EXAMPLE_ADDRESS]: 0.01 }]],
  run: async (given, wallet, { host }) => {
    const { dummy, amounts, comment, verbose } = given;
    if (dummy !== "") {
      throw new RpcError(RPC_INVALID_PARAMETER, 'Dummy value must be set to ""');
    }
    const pairs = outputPairs(readObject(amounts));
    const control = new CoinControl();
    control.signalsReplacement = given.replaceable;
    const fees = { confTarget: given.conf_target, estimateMode: given.estimate_mode };
    setFeeWishes(control, { ...fees, feeRate: given.fee_rate }, false);
    const outputs = outputsOf(pairs, host);
    const payers = readFeePayers(
      given.subtractfeefrom ?? [],
      pairs.map(([name]) => name),
    );
    const payees = outputs.map((output, index) => payeeOf(output, payers.has(index)));
    requireUnlocked(wallet);
    return sendMoney(wallet, host, control, payees, { verbose, ...(comment && { comment }) });
  },
});
