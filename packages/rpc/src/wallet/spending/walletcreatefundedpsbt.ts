import { formatPsbt } from "@chain/wallet/psbt";
import type { Method } from "../../define/method.ts";
import { coins, num, obj, text } from "../../define/result.ts";
import {
  any,
  boolean,
  list,
  long,
  options as optionsOf,
  readBoolean,
  readList,
  readObject,
  unsigned,
} from "../../define/types.ts";
import { coinsNumber } from "../../json/number.ts";
import { constructTransaction, OUTPUTS, outputPairs } from "../../methods/construct.ts";
import { EXAMPLE_TXID } from "../../methods/examples.ts";
import { walletMethod } from "../method.ts";
import { CoinControl, readFeePayers } from "./control.ts";
import {
  FUND_FIELDS,
  fundTransaction,
  prepareFunding,
  readFunding,
  withInputWeights,
} from "./fund.ts";
import { SENDING_ERRORS } from "./sendMoney.ts";
import { payeeOf } from "./sendtoaddress.ts";
import { blankPsbt, fillPsbt } from "./walletPsbt.ts";

export const walletcreatefundedpsbt: Method = walletMethod({
  name: "walletcreatefundedpsbt",
  description:
    "Creates and funds a transaction in the Partially Signed Transaction format.\nImplements the Creator and Updater roles.\nAll existing inputs must either have their previous output transaction be in the wallet\nor be in the UTXO set. Solving data must be provided for non-wallet inputs.",
  arguments: [
    list("inputs", any("input", { text: "txid, vout, and perhaps sequence and weight" }), {
      text: "Leave empty to add inputs automatically. See add_inputs option.",
      optional: true,
    }),
    OUTPUTS,
    long("locktime", {
      text: "Raw locktime. Non-0 value also locktime-activates inputs",
      fallback: 0,
    }),
    optionsOf(
      "options",
      FUND_FIELDS,
      { text: "How it is made", optional: true, oneLine: "options" },
      false,
    ),
    boolean("bip32derivs", {
      text: "Include BIP 32 derivation paths for public keys if we know them",
      fallback: true,
    }),
    unsigned("version", { text: "Transaction version", fallback: 2 }),
  ],
  results: [
    {
      schema: obj({
        psbt: text("The resulting raw transaction (base64-encoded string)"),
        fee: coins("Fee in BTC the resulting transaction pays"),
        changepos: num("The position of the added change output, or -1"),
      }),
    },
  ],
  errors: SENDING_ERRORS.filter(({ code }) => code !== -6 && code !== -13),
  examples: [[[{ txid: EXAMPLE_TXID, vout: 0 }], [{ data: "00010203" }]]],
  run: async (given, wallet, { host }) => {
    const options = given.options ?? {};
    const { replaceable = null } = options;
    const inputs = (given.inputs ?? []).map((input) => readObject(input ?? null));
    const transaction = constructTransaction(
      {
        ...{ inputs, outputs: given.outputs, locktime: given.locktime, version: given.version },
        replaceable: replaceable === null ? wallet.settings.rbf : readBoolean(replaceable),
      },
      host,
    );
    const payers = readFeePayers(
      readList(options["subtractFeeFromOutputs"] ?? []),
      outputPairs(given.outputs).map(([name]) => name),
    );
    const payees = transaction.outputs.map((output, index) => payeeOf(output, payers.has(index)));
    const control = new CoinControl();
    control.allowsOtherInputs = inputs.length === 0;
    readFunding(withInputWeights(inputs, options), control, payees.length, host, true);
    const unfunded = await prepareFunding(wallet, host, transaction, payees, control);
    const spend = fundTransaction(wallet, host, unfunded);
    const { bip32derivs } = given;
    const { psbt } = fillPsbt(wallet.ledger, blankPsbt(spend.transaction), {
      ...{ sign: false, bip32derivs },
    });
    await wallet.save();
    return {
      psbt: formatPsbt(psbt),
      fee: coinsNumber(spend.fee),
      changepos: spend.changePosition ?? -1,
    };
  },
});
