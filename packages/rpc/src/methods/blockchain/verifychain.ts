import { defineMethod, type Method } from "../../define/method.ts";
import { flag } from "../../define/result.ts";
import { integer } from "../../define/types.ts";

/** Core: DEFAULT_CHECKLEVEL, DEFAULT_CHECKBLOCKS, and the deepest level. */
const LEVEL = 3;
const BLOCKS = 6;
const MAX_LEVEL = 4;

export const verifychain: Method = defineMethod({
  name: "verifychain",
  category: "blockchain",
  description: "Verifies blockchain database.",
  arguments: [
    integer("checklevel", {
      text: "How thorough the block verification is:\n- level 0 reads the blocks from disk\n- level 1 verifies block validity\n- level 2 verifies undo data\n- level 3 checks disconnection of tip blocks\n- level 4 tries to reconnect the blocks\n- each level includes the checks of the previous levels",
      fallback: LEVEL,
    }),
    integer("nblocks", { text: "The number of blocks to check (0 = all).", fallback: BLOCKS }),
  ],
  results: [
    {
      schema: flag("Verification finished successfully. If false, check the log for reason."),
    },
  ],
  examples: [[], [4, 10]],
  run: async ({ checklevel, nblocks }, { chain, log }, { signal }) => {
    const level = Math.min(Math.max(checklevel, 0), MAX_LEVEL);
    const blocks = Math.max(nblocks, 0);
    const result = await chain.verify({ level, blocks, signal });
    if (!result.ok) {
      const { height, hash } = result.node;
      const fields = { event: "verification-failed", height, hash };
      log("error", "chain", `verification fails at block ${hash}: ${result.why}`, fields);
      return false;
    }
    if (!result.isComplete) {
      const done = `${result.blocks} blocks, ${result.disconnected} of them with their coins`;
      log("warn", "chain", `verification is not complete: ${done}`);
    }
    return result.isComplete;
  },
});
