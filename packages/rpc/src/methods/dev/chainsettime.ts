import { defineMethod, type Method } from "../../define/method.ts";
import { none } from "../../define/result.ts";
import { integer } from "../../define/types.ts";
import { DEV_ERRORS, withDev } from "./devMethod.ts";

export const chain_settime: Method = defineMethod({
  name: "chain_settime",
  category: "hidden",
  description: "Sets the clock, which goes on as before.",
  arguments: [integer("time", { text: "Seconds since 1970" })],
  results: [{ schema: none() }],
  errors: DEV_ERRORS,
  examples: [[1_900_000_000]],
  run: withDev(({ time }, dev) => {
    dev.setTime(time);
    return null;
  }),
});
