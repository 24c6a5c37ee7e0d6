import { defineMethod, type Method } from "../../define/method.ts";
import { anything, dict, num, obj, text, time } from "../../define/result.ts";
import { DEV_ERRORS, withDev } from "./devMethod.ts";

export const chain_info: Method = defineMethod({
  name: "chain_info",
  category: "hidden",
  description: "Tells how the chain was made, and where it can be called.",
  arguments: [],
  results: [
    {
      schema: obj({
        mnemonic: text("The words that the accounts come from"),
        accounts: num("How many have funds"),
        time: time("The time of the chain"),
        automine: anything("When blocks are mined by themselves, as chain_setautomine takes it"),
        doors: dict(text("A URL"), "Where programs can call", "name"),
      }),
    },
  ],
  errors: DEV_ERRORS,
  examples: [[]],
  run: withDev((_, dev) => {
    const { automine, ...facts } = dev.about();
    if (typeof automine === "boolean" || "delay" in automine) return { ...facts, automine };
    const { interval, onTransaction: ontransaction = false } = automine;
    return { ...facts, automine: { interval, ontransaction } };
  }),
});
