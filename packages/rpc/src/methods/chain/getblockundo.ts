import { bytesToHex, encodeUndo } from "@chain/core";
import { defineMethod, type Method } from "../../define/method.ts";
import { hex, none } from "../../define/result.ts";
import { blockHash } from "../../define/types.ts";
import { RPC_INVALID_ADDRESS_OR_KEY } from "../../errors.ts";
import { headerOf, undoOf } from "../blocks.ts";
import { EXAMPLE_BLOCK } from "../examples.ts";

export const getblockundo: Method = defineMethod({
  name: "getblockundo",
  category: "chain",
  description: "Returns the coins that a block spent, in the form that undo data has.",
  arguments: [blockHash("blockhash", { text: "The block hash" })],
  results: [
    { when: "for a block that was connected once", schema: hex("The undo data") },
    { when: "otherwise", schema: none() },
  ],
  errors: [{ code: RPC_INVALID_ADDRESS_OR_KEY, when: "no such block is known" }],
  examples: [[EXAMPLE_BLOCK]],
  run: async ({ blockhash }, host) => {
    const undo = await undoOf(host, headerOf(host, blockhash).hash);
    return undo === undefined ? null : bytesToHex(encodeUndo(undo));
  },
});
