import { defineMethod, type Method } from "../../define/method.ts";
import { none } from "../../define/result.ts";
import { integer } from "../../define/types.ts";
import { DEV_ERRORS, withDev } from "./devMethod.ts";

export const chain_setblockinterval: Method = defineMethod({
  name: "chain_setblockinterval",
  category: "hidden",
  description: "Sets the seconds between the times of blocks, to which the clock moves.",
  arguments: [integer("seconds", { text: "Without it the clock says", optional: true })],
  results: [{ schema: none() }],
  errors: DEV_ERRORS,
  examples: [[600]],
  run: withDev(({ seconds }, dev) => {
    dev.setBlockInterval(seconds);
    return null;
  }),
});
