import { defineMethod, type Method } from "../../define/method.ts";
import { none } from "../../define/result.ts";
import { blockHash } from "../../define/types.ts";
import { RPC_INVALID_ADDRESS_OR_KEY } from "../../errors.ts";
import { headerOf } from "../blocks.ts";
import { EXAMPLE_BLOCK } from "../examples.ts";

export const preciousblock: Method = defineMethod({
  name: "preciousblock",
  category: "blockchain",
  description:
    "Treats a block as if it were received before others with the same work.\nA later call overrides an earlier one; none outlives the node",
  arguments: [blockHash("blockhash", { text: "the hash of the block to mark as precious" })],
  results: [{ schema: none() }],
  errors: [{ code: RPC_INVALID_ADDRESS_OR_KEY, when: "no such block is known" }],
  examples: [[EXAMPLE_BLOCK]],
  run: async ({ blockhash }, host) => {
    await host.chain.preferBlock(headerOf(host, blockhash));
    return null;
  },
});
