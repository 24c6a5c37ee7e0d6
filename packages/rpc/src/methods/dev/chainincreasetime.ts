import { defineMethod, type Method } from "../../define/method.ts";
import { num } from "../../define/result.ts";
import { integer } from "../../define/types.ts";
import { DEV_ERRORS, withDev } from "./devMethod.ts";

export const chain_increasetime: Method = defineMethod({
  name: "chain_increasetime",
  category: "hidden",
  description: "Moves the clock.",
  arguments: [integer("seconds", { text: "By how much" })],
  results: [{ schema: num("The new time in seconds since 1970") }],
  errors: DEV_ERRORS,
  examples: [[86_400]],
  run: withDev(({ seconds }, dev) => dev.increaseTime(seconds)),
});
