import { defineMethod, type Method } from "../../define/method.ts";
import { integer } from "../../define/types.ts";
import { RPC_MISC_ERROR } from "../../errors.ts";
import { blockReferenceResult, TIMEOUT, waitForTip } from "../waiting.ts";

export const waitforblockheight: Method = defineMethod({
  name: "waitforblockheight",
  category: "blockchain",
  description:
    "Waits for (at least) block height and returns the height and hash of the current tip.\nReturns the current block on timeout or exit.",
  arguments: [integer("height", { text: "Block height to wait for." }), TIMEOUT],
  results: [{ schema: blockReferenceResult }],
  errors: [{ code: RPC_MISC_ERROR, when: "the time is negative" }],
  examples: [[100, 1000]],
  run: ({ height, timeout }, _, call) => waitForTip(call, (tip) => tip.height >= height, timeout),
});
