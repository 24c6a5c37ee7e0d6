import { defineMethod, type Method } from "../../define/method.ts";
import { none } from "../../define/result.ts";
import { DEV_ERRORS, withDev } from "./devMethod.ts";

export const chain_settled: Method = defineMethod({
  name: "chain_settled",
  category: "hidden",
  description: "Answers when nothing is under way: blocks that are mined at once have been mined.",
  arguments: [],
  results: [{ schema: none() }],
  errors: DEV_ERRORS,
  examples: [[]],
  run: withDev(async (_, dev) => {
    await dev.settled();
    return null;
  }),
});
