import { defineMethod, type Method } from "../../define/method.ts";
import { none } from "../../define/result.ts";
import { blockHash } from "../../define/types.ts";
import { RPC_INVALID_ADDRESS_OR_KEY } from "../../errors.ts";
import { headerOf } from "../blocks.ts";
import { EXAMPLE_BLOCK } from "../examples.ts";

export const invalidateblock: Method = defineMethod({
  name: "invalidateblock",
  category: "blockchain",
  description: "Permanently marks a block as invalid, as if it violated a consensus rule.",
  arguments: [blockHash("blockhash", { text: "the hash of the block to mark as invalid" })],
  results: [{ schema: none() }],
  errors: [{ code: RPC_INVALID_ADDRESS_OR_KEY, when: "no such block is known" }],
  examples: [[EXAMPLE_BLOCK]],
  run: async ({ blockhash }, host) => {
    await host.chain.invalidateBlock(headerOf(host, blockhash));
    return null;
  },
});
