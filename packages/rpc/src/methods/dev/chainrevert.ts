import { defineMethod, type Method } from "../../define/method.ts";
import { none } from "../../define/result.ts";
import { integer } from "../../define/types.ts";
import { DEV_ERRORS, withDev } from "./devMethod.ts";

export const chain_revert: Method = defineMethod({
  name: "chain_revert",
  category: "hidden",
  description:
    "Goes back to a snapshot, which can be used again. Blocks that have come since are forgotten.",
  arguments: [integer("snapshot", { text: "The number of the snapshot" })],
  results: [{ schema: none() }],
  errors: DEV_ERRORS,
  examples: [[1]],
  run: withDev(async ({ snapshot }, dev) => {
    await dev.revert(snapshot);
    return null;
  }),
});
