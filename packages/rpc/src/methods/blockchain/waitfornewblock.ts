import { defineMethod, type Method } from "../../define/method.ts";
import { blockHash } from "../../define/types.ts";
import { RPC_MISC_ERROR } from "../../errors.ts";
import { blockReferenceResult, TIMEOUT, waitForTip } from "../waiting.ts";

export const waitfornewblock: Method = defineMethod({
  name: "waitfornewblock",
  category: "blockchain",
  description:
    "Waits for any new block and returns useful info about it.\nReturns the current block on timeout or exit.",
  arguments: [
    TIMEOUT,
    blockHash("current_tip", {
      text: "Method waits for the chain tip to differ from this.",
      optional: true,
    }),
  ],
  results: [{ schema: blockReferenceResult }],
  errors: [{ code: RPC_MISC_ERROR, when: "the time is negative" }],
  examples: [[1000]],
  run: ({ timeout, current_tip }, { chain }, call) => {
    const known = current_tip ?? chain.tip.hash;
    return waitForTip(call, ({ hash }) => hash !== known, timeout);
  },
});
