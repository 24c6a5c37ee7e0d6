import { defineMethod, type Method } from "../../define/method.ts";
import { coins, list, maybe, num, obj, text } from "../../define/result.ts";
import { integer, string } from "../../define/types.ts";
import { RPC_INTERNAL_ERROR, RPC_INVALID_PARAMETER, RpcError } from "../../errors.ts";
import { coinsNumber } from "../../json/number.ts";

/** Core: LONG_BLOCK_PERIODS times LONG_SCALE (policy/fees/block_policy_estimator.h). */
const MOST_BLOCKS = 1008;
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
        blocks: num("Number of blocks for which the estimate is valid"),
      }),
    },
  ],
  errors: [
    { code: RPC_INTERNAL_ERROR, when: "the node estimates no fees" },
    { code: RPC_INVALID_PARAMETER, when: "the target or the mode is none" },
  ],
  examples: [[6]],
  run: ({ conf_target: target, estimate_mode: mode }, { chain, fees }) => {
    if (fees === undefined) throw new RpcError(RPC_INTERNAL_ERROR, "Fee estimation disabled");
    if (target < 1 || target > MOST_BLOCKS) {
      const message = `Invalid conf_target, must be between 1 and ${MOST_BLOCKS}`;
      throw new RpcError(RPC_INVALID_PARAMETER, message);
    }
    if (!MODES.includes(mode.toLowerCase())) {
      const message = `Invalid estimate_mode parameter, must be one of: "${MODES.join('", "')}"`;
      throw new RpcError(RPC_INVALID_PARAMETER, message);
    }
    const least = chain.mempool.minFeeRate(chain.now);
    const { rate = least } = fees;
    const isTooLow = rate < least;
    return {
      feerate: coinsNumber(isTooLow ? least : rate),
      blocks: Math.max(target, LEAST_BLOCKS),
    };
  },
});
