import { defineMethod, type Method } from "../../define/method.ts";
import { text } from "../../define/result.ts";
import { DEV_ERRORS, withDev } from "./devMethod.ts";

export const chain_dump: Method = defineMethod({
  name: "chain_dump",
  category: "hidden",
  description: "Returns the whole chain as text, with which a new one goes on.",
  arguments: [],
  results: [{ schema: text("Blocks, mempool and clock, as JSON in a text") }],
  errors: DEV_ERRORS,
  examples: [[]],
  run: withDev((_, dev) => dev.dump()),
});
