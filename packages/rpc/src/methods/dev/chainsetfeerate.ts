import { defineMethod, type Method } from "../../define/method.ts";
import { none } from "../../define/result.ts";
import { real } from "../../define/types.ts";
import { DEV_ERRORS, withDev } from "./devMethod.ts";

export const chain_setfeerate: Method = defineMethod({
  name: "chain_setfeerate",
  category: "hidden",
  description: "Sets the fee rate that estimatesmartfee answers, and that payments here pay.",
  arguments: [
    real("fee_rate", {
      text: "Satoshis for a virtual byte; without it, what the mempool asks",
      optional: true,
    }),
  ],
  results: [{ schema: none() }],
  errors: DEV_ERRORS,
  examples: [[5]],
  run: withDev(({ fee_rate: rate }, dev) => {
    dev.setFeeRate(rate);
    return null;
  }),
});
