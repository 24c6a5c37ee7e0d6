import { bytesToHex } from "@chain/core";
import type { Method } from "../../define/method.ts";
import { coins, hex, num, obj } from "../../define/result.ts";
import { any, boolean, hexText, readList } from "../../define/types.ts";
import { RPC_DESERIALIZATION_ERROR } from "../../errors.ts";
import { coinsNumber } from "../../json/number.ts";
import { typeName } from "../../json/parse.ts";
import { decodeTransaction } from "../../methods/decode.ts";
import { walletMethod } from "../method.ts";
import { CoinControl, readFeePayers } from "./control.ts";
import { fundTransaction, type Options, prepareFunding, readFunding } from "./fund.ts";
import { SENDING_ERRORS } from "./sendMoney.ts";
import { payeeOf } from "./sendtoaddress.ts";

export const fundrawtransaction: Method = walletMethod({
  name: "fundrawtransaction",
  description:
    'If the transaction has no inputs, they will be automatically selected to meet its out value.\nIt will add at most one change output to the outputs.\nNo existing outputs will be modified unless "subtractFeeFromOutputs" is specified.\nNote that inputs which were signed may need to be resigned after completion since in/outputs have been added.\nThe inputs added will not be signed, use signrawtransactionwithkey\nor signrawtransactionwithwallet for that.\nAll existing inputs must either have their previous output transaction be in the wallet\nor be in the UTXO set. Solving data must be provided for non-wallet inputs.',
  arguments: [
    hexText("hexstring", { text: "The hex string of the raw transaction" }),
    any("options", {
      text: "An object of options: add_inputs, include_unsafe, minconf, maxconf, changeAddress, changePosition, change_type, lockUnspents, fee_rate (sat/vB), feeRate (BTC/kvB), subtractFeeFromOutputs, input_weights, max_tx_weight, conf_target, estimate_mode, replaceable, solving_data.\nFor backward compatibility: a boolean is taken and does nothing",
      optional: true,
    }),
    boolean("iswitness", {
      text: "Whether the transaction hex is a serialized witness transaction.\nIf iswitness is not present, heuristic tests will be used in decoding.",
      hint: "depends on heuristic tests",
    }),
  ],
  results: [
    {
      schema: obj({
        hex: hex("The resulting raw transaction (hex-encoded string)"),
        fee: coins("Fee in BTC the resulting transaction pays"),
        changepos: num("The position of the added change output, or -1"),
      }),
    },
  ],
  errors: [
    { code: RPC_DESERIALIZATION_ERROR, when: "the text is no transaction" },
    ...SENDING_ERRORS.filter(({ code }) => code !== -6 && code !== -13),
  ],
  examples: [["rawtransactionhex"]],
  run: async ({ hexstring, options, iswitness }, wallet, { host }) => {
    const decoding = { withWitness: iswitness !== false, withoutWitness: iswitness !== true };
    const transaction = decodeTransaction(hexstring, decoding);
    const given = typeName(options ?? null) === "object" ? (options as Options) : undefined;
    const { outputs } = transaction;
    const payers = readFeePayers(
      readList(given?.["subtractFeeFromOutputs"] ?? []),
      outputs.map(() => "dummy"),
    );
    const payees = outputs.map((output, index) => payeeOf(output, payers.has(index)));
    const control = new CoinControl();
    control.allowsOtherInputs = true;
    if (given !== undefined) readFunding(given, control, payees.length, host, true);
    const unfunded = await prepareFunding(wallet, host, transaction, payees, control);
    const spend = fundTransaction(wallet, host, unfunded);
    await wallet.save();
    return {
      hex: bytesToHex(spend.transaction.toBytes()),
      fee: coinsNumber(spend.fee),
      changepos: spend.changePosition ?? -1,
    };
  },
});
