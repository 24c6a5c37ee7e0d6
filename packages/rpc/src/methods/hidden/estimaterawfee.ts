import { FEE_HORIZONS, type FeeRange, type RawFeeEstimate } from "@chain/engine";
import { defineMethod, type Method } from "../../define/method.ts";
import { coins, list, maybe, num, obj, text } from "../../define/result.ts";
import { integer, real } from "../../define/types.ts";
import { RPC_INTERNAL_ERROR, RPC_INVALID_PARAMETER, RpcError } from "../../errors.ts";
import { coinsNumber } from "../../json/number.ts";
import { checkConfirmTarget, estimatesDisabled } from "../confirmTarget.ts";

const range = (description: string) =>
  obj(
    {
      startrange: num("Start of feerate range"),
      endrange: num("End of feerate range"),
      withintarget: num(
        "Number of txs over history horizon in the feerate range that were confirmed within target",
      ),
      totalconfirmed: num(
        "Number of txs over history horizon in the feerate range that were confirmed at any point",
      ),
      inmempool: num(
        "Current number of txs in mempool in the feerate range unconfirmed for at least target blocks",
      ),
      leftmempool: num(
        "Number of txs over history horizon in the feerate range that left mempool unconfirmed after target",
      ),
    },
    description,
  );

const horizon = (length: string) =>
  obj(
    {
      feerate: maybe(coins("Estimated fee rate, in coins/kvB")),
      decay: num(
        "Exponential decay (per block) for historical moving average of confirmation data",
      ),
      scale: num("The resolution of confirmation targets at this time horizon"),
      pass: maybe(
        range("Information about the lowest range of feerates to succeed in meeting the threshold"),
      ),
      fail: maybe(
        range("Information about the highest range of feerates to fail to meet the threshold"),
      ),
      errors: maybe(list(text("An error"), "Errors encountered during processing, if any")),
    },
    `Estimate for ${length} time horizon`,
  );

/** Core: estimaterawfee (rpc/fees.cpp). */
export const estimaterawfee: Method = defineMethod({
  name: "estimaterawfee",
  category: "hidden",
  description:
    "WARNING: This interface is unstable and may disappear or change! Estimates the approximate fee per kilobyte needed for a transaction to begin confirmation within conf_target blocks if possible, with the figures that the estimate comes from. Results are returned for any horizon which tracks blocks up to the confirmation target.",
  arguments: [
    integer("conf_target", { text: "Confirmation target in blocks (1 - 1008)" }),
    real("threshold", {
      text: "The proportion of transactions in a given feerate range that must have been confirmed within conf_target in order to consider those feerates as high enough and proceed to check lower buckets",
      fallback: 0.95,
    }),
  ],
  results: [
    {
      schema: obj({
        short: maybe(horizon("short")),
        medium: maybe(horizon("medium")),
        long: maybe(horizon("long")),
      }),
    },
  ],
  errors: [
    { code: RPC_INTERNAL_ERROR, when: "the node estimates no fees" },
    { code: RPC_INVALID_PARAMETER, when: "the target or the threshold is none" },
  ],
  examples: [[6, 0.9]],
  run: ({ conf_target: target, threshold }, { fees }) => {
    const estimator = fees?.estimator;
    if (estimator === undefined) throw estimatesDisabled();
    checkConfirmTarget(target);
    if (threshold < 0 || threshold > 1) {
      throw new RpcError(RPC_INVALID_PARAMETER, "Invalid threshold");
    }
    const tracking = FEE_HORIZONS.filter((name) => target <= estimator.maxTarget(name));
    const told = tracking.map((name) => {
      return [name, describe(estimator.estimateRaw(name, target, threshold))];
    });
    return Object.fromEntries(told);
  },
});

function describe({ feeRate, decay, scale, pass, fail }: RawFeeEstimate) {
  const failed = fail && { fail: describeRange(fail) };
  if (feeRate === undefined) {
    const errors = ["Insufficient data or no feerate found which meets threshold"];
    return { decay, scale, ...failed, errors };
  }
  const passed = pass && { pass: describeRange(pass) };
  return { feerate: coinsNumber(feeRate), decay, scale, ...passed, ...failed };
}

function describeRange(range: FeeRange) {
  return {
    startrange: Math.round(range.start),
    endrange: Math.round(range.end),
    withintarget: hundredths(range.withinTarget),
    totalconfirmed: hundredths(range.totalConfirmed),
    inmempool: hundredths(range.inMempool),
    leftmempool: hundredths(range.leftMempool),
  };
}

function hundredths(count: number): number {
  return Math.round(count * 100) / 100;
}
