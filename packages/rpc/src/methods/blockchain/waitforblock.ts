import { defineMethod, type Method } from "../../define/method.ts";
import { blockHash } from "../../define/types.ts";
import { RPC_MISC_ERROR } from "../../errors.ts";
import { EXAMPLE_BLOCK } from "../examples.ts";
import { blockReferenceResult, TIMEOUT, waitForTip } from "../waiting.ts";

export const waitforblock: Method = defineMethod({
  name: "waitforblock",
  category: "blockchain",
  description:
    "Waits for a specific new block and returns useful info about it.\nReturns the current block on timeout or exit.",
  arguments: [blockHash("blockhash", { text: "Block hash to wait for." }), TIMEOUT],
  results: [{ schema: blockReferenceResult }],
  errors: [{ code: RPC_MISC_ERROR, when: "the time is negative" }],
  examples: [[EXAMPLE_BLOCK, 1000]],
  run: ({ blockhash, timeout }, _, call) =>
    waitForTip(call, ({ hash }) => hash === blockhash, timeout),
});
