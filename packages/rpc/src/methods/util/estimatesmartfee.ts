import { defineMethod, type Method } from "../../define/method.ts";
import { coins, list, maybe, num, obj, text } from "../../define/result.ts";
import { integer, string } from "../../define/types.ts";
import { RPC_INTERNAL_ERROR, RPC_INVALID_PARAMETER, RpcError } from "../../errors.ts";
import { coinsNumber } from "../../json/number.ts";
import { checkConfirmTarget, estimatesDisabled } from "../confirmTarget.ts";

/** Nothing is estimated for the next block alone. */
const LEAST_BLOCKS = 2;
const MODES = ["unset", "economical", "conservative"];

/** Core: estimatesmartfee (rpc/fees.cpp). */
export const estimatesmartfee: Method = defineMethod({
  name: "estimatesmartfee",
  category: "util",
  description:
    "Estimates the approximate fee per kilobyte needed for a transaction to begin confirmation within conf_target blocks if possible, and returns the number of blocks for which the estimate is valid. Uses virtual transaction size as defined in BIP 141 (witness data is discounted).",
  arguments: [
    integer("conf_target", { text: "Confirmation target in blocks (1 - 1008)" }),
    string("estimate_mode", {
      text: "The fee estimate mode: unset, economical or conservative",
      fallback: "economical",
    }),
  ],
  results: [
    {
      schema: obj({
        feerate: maybe(coins("Estimated fee rate, in coins/kvB; only where there are no errors")),
        errors: maybe(list(text("An error"), "Errors encountered during processing, if any")),
        blocks: num(
          "Number of blocks for which the estimate is valid: at least 2, and no more than half of the blocks that the node has seen",
        ),
      }),
    },
  ],
  errors: [
    { code: RPC_INTERNAL_ERROR, when: "the node estimates no fees" },
    { code: RPC_INVALID_PARAMETER, when: "the target or the mode is none" },
  ],
  examples: [[6]],
  run: ({ conf_target: target, estimate_mode: mode }, { chain, fees, mempool }) => {
    const { fixed, estimator } = fees ?? {};
    if (fixed === undefined && estimator === undefined) throw estimatesDisabled();
    checkConfirmTarget(target);
    if (!MODES.includes(mode.toLowerCase())) {
      const message = `Invalid estimate_mode parameter, must be one of: "${MODES.join('", "')}"`;
      throw new RpcError(RPC_INVALID_PARAMETER, message);
    }
    const isConservative = mode.toLowerCase() === "conservative";
    const answer =
      fixed === undefined
        ? estimator?.estimateSmart(target, isConservative)
        : { feeRate: fixed.rate ?? 0n, target: Math.max(target, LEAST_BLOCKS) };
    const blocks = answer?.target ?? 0;
    if (answer?.feeRate === undefined) {
      return { errors: ["Insufficient data or no feerate found"], blocks };
    }
    // Core 32: FeeRateEstimatorManager. The fees that were paid lately may be higher than needed now.
    const inMempool =
      fixed === undefined && mempool.isLoaded()
        ? fees?.mempoolFees?.estimate(isConservative)
        : undefined;
    const isLess = inMempool !== undefined && inMempool < answer.feeRate;
    const rate = isLess ? inMempool : answer.feeRate;
    // A transaction that pays less is not even taken.
    const least = chain.mempool.minFeeRate(chain.now);
    return { feerate: coinsNumber(rate < least ? least : rate), blocks };
  },
});
