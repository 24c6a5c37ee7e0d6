import { defineMethod, type Method } from "../../define/method.ts";
import { flag } from "../../define/result.ts";
import { txid } from "../../define/types.ts";
import { DEV_ERRORS, withDev } from "./devMethod.ts";

export const chain_drop: Method = defineMethod({
  name: "chain_drop",
  category: "hidden",
  description: "Takes a transaction out of the mempool, with all that depend on it.",
  arguments: [txid("txid", { text: "The transaction id" })],
  results: [{ schema: flag("Whether it was there") }],
  errors: DEV_ERRORS,
  examples: [["00".repeat(32)]],
  run: withDev(({ txid: id }, dev) => dev.drop(id)),
});
