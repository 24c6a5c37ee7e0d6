import { defineMethod, type Method } from "../../define/method.ts";
import { num } from "../../define/result.ts";
import { DEV_ERRORS, withDev } from "./devMethod.ts";

export const chain_snapshot: Method = defineMethod({
  name: "chain_snapshot",
  category: "hidden",
  description: "Remembers chain, mempool and clock.",
  arguments: [],
  results: [{ schema: num("A number for chain_revert") }],
  errors: DEV_ERRORS,
  examples: [[]],
  run: withDev((_, dev) => dev.snapshot()),
});
