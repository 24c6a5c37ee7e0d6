import { defineMethod, type Method } from "../../define/method.ts";
import { none } from "../../define/result.ts";
import { integer } from "../../define/types.ts";
import { DEV_ERRORS, withDev } from "./devMethod.ts";

export const chain_rollback: Method = defineMethod({
  name: "chain_rollback",
  category: "hidden",
  description: "Forgets the last blocks, with their transactions.",
  arguments: [integer("depth", { text: "How many", fallback: 1 })],
  results: [{ schema: none() }],
  errors: DEV_ERRORS,
  examples: [[2]],
  run: withDev(async ({ depth }, dev) => {
    await dev.rollback(depth);
    return null;
  }),
});
