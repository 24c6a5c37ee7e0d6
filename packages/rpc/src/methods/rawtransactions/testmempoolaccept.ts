import type { Transaction } from "@chain/core";
import { defineMethod, type Method } from "../../define/method.ts";
import { coins, flag, hex, list as listOf, maybe, num, obj, text } from "../../define/result.ts";
import { hexText, list, rawAmount, readFeeRate } from "../../define/types.ts";
import { RPC_DESERIALIZATION_ERROR, RPC_INVALID_PARAMETER, RpcError } from "../../errors.ts";
import type { RpcHost } from "../../host.ts";
import { coinsNumber } from "../../json/number.ts";
import { decodeTransaction } from "../decode.ts";
import { isTooMuch, MAX_FEE_RATE } from "../feeLimit.ts";

export const testmempoolaccept: Method = defineMethod({
  name: "testmempoolaccept",
  category: "rawtransactions",
  description:
    "Returns whether a raw transaction (serialized, hex-encoded) would be accepted by the mempool.\nOne at a time: packages come later.",
  arguments: [
    list("rawtxs", hexText("rawtx", { text: "A raw transaction", optional: true }), {
      text: "An array of hex strings of raw transactions.",
    }),
    rawAmount("maxfeerate", {
      text: "Reject transactions whose fee rate is higher than the specified value, expressed in BTC/kvB.\nFee rates larger than 1BTC/kvB are rejected.\nSet to 0 to accept any fee rate.",
      fallback: MAX_FEE_RATE,
    }),
  ],
  results: [
    {
      schema: listOf(
        obj({
          txid: hex("The transaction hash"),
          wtxid: hex("The transaction witness hash"),
          allowed: flag("Whether this tx would be accepted to the mempool"),
          vsize: maybe(num("Virtual transaction size (only present when 'allowed' is true)")),
          fees: maybe(
            obj(
              {
                base: coins("The fee, in coins"),
                "effective-feerate": coins("The effective fee rate, in coins/kvB"),
                "effective-includes": listOf(hex("A wtxid"), "Transactions that it is of"),
              },
              "Transaction fees (only present if 'allowed' is true)",
            ),
          ),
          "reject-reason": maybe(text("Rejection reason (only present when 'allowed' is false)")),
          "reject-details": maybe(text("The same with what is known beside it")),
        }),
        "The result of each transaction",
      ),
    },
  ],
  errors: [
    { code: RPC_INVALID_PARAMETER, when: "there is not exactly one transaction" },
    { code: RPC_DESERIALIZATION_ERROR, when: "the text is no transaction" },
  ],
  examples: [[["signedhex"]]],
  run: async ({ rawtxs, maxfeerate }, host) => {
    const [hexstring, ...others] = rawtxs;
    if (hexstring === undefined || others.length > 0) {
      const message = "Array must contain exactly one raw transaction for now";
      throw new RpcError(RPC_INVALID_PARAMETER, message);
    }
    const maxFeeRate = readFeeRate(maxfeerate);
    const message = `TX decode failed: ${hexstring} Make sure the tx has at least one input.`;
    return [await test(decodeTransaction(hexstring, { message }), maxFeeRate, host)];
  },
});

/** @param maxFeeRate base units for 1,000 virtual bytes; 0: no limit */
async function test(transaction: Transaction, maxFeeRate: bigint, { chain }: RpcHost) {
  const verdict = await chain.testTransaction(transaction);
  const { txid, wtxid } = transaction;
  if (!verdict.ok) {
    const { kind, reason, debug } = verdict;
    if (kind === "missing-inputs") {
      return { txid, wtxid, allowed: false, "reject-reason": "missing-inputs" };
    }
    const details = debug === undefined || debug === "" ? reason : `${reason}, ${debug}`;
    return { txid, wtxid, allowed: false, "reject-reason": reason, "reject-details": details };
  }
  const { fee, modifiedFee, size } = verdict;
  if (isTooMuch(verdict, maxFeeRate)) {
    return { txid, wtxid, allowed: false, "reject-reason": "max-fee-exceeded" };
  }
  const fees = {
    base: coinsNumber(fee),
    "effective-feerate": coinsNumber((modifiedFee * 1000n) / BigInt(size)),
    "effective-includes": [wtxid],
  };
  return { txid, wtxid, allowed: true, vsize: size, fees };
}
