import type { Refusal, Transaction, Wtxid } from "@chain/core";
import type { TestedPackage, TestedTransaction } from "@chain/engine";
import { defineMethod, type Method } from "../../define/method.ts";
import { coins, flag, hex, list as listOf, maybe, num, obj, text } from "../../define/result.ts";
import { hexText, list, rawAmount, readFeeRate } from "../../define/types.ts";
import { refusalText } from "../../describe/refusal.ts";
import { RPC_DESERIALIZATION_ERROR, RPC_INVALID_PARAMETER, RpcError } from "../../errors.ts";
import type { RpcHost } from "../../host.ts";
import { coinsNumber } from "../../json/number.ts";
import { decodeTransaction } from "../decode.ts";
import { isTooMuch, MAX_FEE_RATE } from "../feeLimit.ts";

/** Core: MAX_PACKAGE_COUNT. */
const MAX_PACKAGE_COUNT = 25;

export const testmempoolaccept: Method = defineMethod({
  name: "testmempoolaccept",
  category: "rawtransactions",
  description: `Returns result of mempool acceptance tests indicating if raw transaction(s) (serialized, hex-encoded) would be accepted by mempool.\nIf multiple transactions are passed in, parents must come before children and package policies apply: the transactions cannot conflict with any mempool transactions or each other.\nIf one transaction fails, other transactions may not be fully validated (the 'allowed' key will be blank).\nThe maximum number of transactions allowed is ${MAX_PACKAGE_COUNT}.`,
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
          "package-error": maybe(
            text("The fault of all together (only if there was more than 1 transaction)"),
          ),
          allowed: maybe(
            flag(
              "Whether this tx would be accepted to the mempool; not there: another one failed before it was fully tested",
            ),
          ),
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
    { code: RPC_INVALID_PARAMETER, when: `there are not 1 to ${MAX_PACKAGE_COUNT} transactions` },
    { code: RPC_DESERIALIZATION_ERROR, when: "the text is no transaction" },
  ],
  examples: [[["signedhex"]]],
  run: async ({ rawtxs, maxfeerate }, { chain }) => {
    if (rawtxs.length < 1 || rawtxs.length > MAX_PACKAGE_COUNT) {
      const message = `Array must contain between 1 and ${MAX_PACKAGE_COUNT} transactions.`;
      throw new RpcError(RPC_INVALID_PARAMETER, message);
    }
    const maxFeeRate = readFeeRate(maxfeerate);
    const transactions = rawtxs.map((rawtx = "") => {
      const message = `TX decode failed: ${rawtx} Make sure the tx has at least one input.`;
      return decodeTransaction(rawtx, { message });
    });
    const { refusal, results } = await test(transactions, chain);
    let isOver = false;
    return transactions.map(({ txid, wtxid }) => {
      const ids = {
        txid,
        wtxid,
        ...(refusal !== undefined && { "package-error": refusalText(refusal) }),
      };
      const verdict = results.get(wtxid);
      if (isOver || verdict === undefined) return ids;
      if (!verdict.ok) return { ...ids, allowed: false, ...refused(verdict) };
      if (isTooMuch(verdict, maxFeeRate)) {
        // Later transactions may depend on it, so they would not be handed in either.
        isOver = true;
        return { ...ids, allowed: false, "reject-reason": "max-fee-exceeded" };
      }
      return { ...ids, allowed: true, vsize: verdict.size, fees: feesOf(verdict, wtxid) };
    });
  },
});

async function test(
  transactions: readonly Transaction[],
  chain: RpcHost["chain"],
): Promise<TestedPackage> {
  const [transaction, ...others] = transactions;
  if (transaction === undefined || others.length > 0) return chain.testPackage(transactions);
  const verdict = await chain.testTransaction(transaction);
  return { results: new Map([[transaction.wtxid, verdict]]) };
}

function refused(refusal: Refusal) {
  if (refusal.kind === "missing-inputs") return { "reject-reason": "missing-inputs" };
  return { "reject-reason": refusal.reason, "reject-details": refusalText(refusal) };
}

function feesOf({ fee, modifiedFee, size }: TestedTransaction, wtxid: Wtxid) {
  return {
    base: coinsNumber(fee),
    "effective-feerate": coinsNumber((modifiedFee * 1000n) / BigInt(size)),
    "effective-includes": [wtxid],
  };
}
