import { defineMethod, type Method } from "../../define/method.ts";
import { hex } from "../../define/result.ts";
import { hexText, readFeeRate } from "../../define/types.ts";
import {
  RPC_DESERIALIZATION_ERROR,
  RPC_VERIFY_ERROR,
  RPC_VERIFY_REJECTED,
  RpcError,
} from "../../errors.ts";
import { decodeTransaction } from "../decode.ts";
import { isTooMuch, MAX_FEE_RATE, tooMuch } from "../feeLimit.ts";

export const submitpayment: Method = defineMethod({
  name: "submitpayment",
  category: "chain",
  description:
    "Submits a new payment.\nUnlike sendrawtransaction it refuses one that is known already or that would replace another: of two programs that spend the same coins, or make the same payment, one has to choose again.",
  arguments: [hexText("hexstring", { text: "The hex string of the raw transaction" })],
  results: [{ schema: hex("The transaction id") }],
  errors: [
    { code: RPC_DESERIALIZATION_ERROR, when: "the text is no transaction" },
    { code: RPC_VERIFY_ERROR, when: "its fee is above 0.1 coins/kvB" },
    { code: RPC_VERIFY_REJECTED, when: "it breaks a rule, or is known, or replaces another" },
  ],
  examples: [["signedhex"]],
  run: async ({ hexstring }, { chain, node, mempool }) => {
    const transaction = decodeTransaction(hexstring);
    const tested = await chain.testTransaction(transaction);
    if (tested.ok && isTooMuch(tested, readFeeRate(MAX_FEE_RATE))) throw tooMuch();
    const verdict = await node.submitTransaction(transaction, { mayReplace: false });
    if (!verdict.ok) throw new RpcError(RPC_VERIFY_REJECTED, verdict.reason);
    await mempool.keep(transaction);
    return transaction.txid;
  },
});
