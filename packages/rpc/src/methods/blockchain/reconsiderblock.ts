import { defineMethod, type Method } from "../../define/method.ts";
import { none } from "../../define/result.ts";
import { blockHash } from "../../define/types.ts";
import { RPC_INVALID_ADDRESS_OR_KEY } from "../../errors.ts";
import { headerOf } from "../blocks.ts";
import { EXAMPLE_BLOCK } from "../examples.ts";

export const reconsiderblock: Method = defineMethod({
  name: "reconsiderblock",
  category: "blockchain",
  description:
    "Removes invalidity status of a block, its ancestors and its descendants, reconsider them for activation.\nThis can be used to undo the effects of invalidateblock.",
  arguments: [blockHash("blockhash", { text: "the hash of the block to reconsider" })],
  results: [{ schema: none() }],
  errors: [{ code: RPC_INVALID_ADDRESS_OR_KEY, when: "no such block is known" }],
  examples: [[EXAMPLE_BLOCK]],
  run: async ({ blockhash }, host) => {
    await host.chain.reconsiderBlock(headerOf(host, blockhash));
    return null;
  },
});
