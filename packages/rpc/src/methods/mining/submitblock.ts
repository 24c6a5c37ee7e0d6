import { type Block, checkBlock, withCoinbaseWitness } from "@chain/core";
import { defineMethod, type Method } from "../../define/method.ts";
import { none, text } from "../../define/result.ts";
import { any, hexText } from "../../define/types.ts";
import { RPC_DESERIALIZATION_ERROR } from "../../errors.ts";
import type { RpcHost } from "../../host.ts";
import { decodeBlock } from "../decode.ts";

export const submitblock: Method = defineMethod({
  name: "submitblock",
  category: "mining",
  description:
    "Attempts to submit new block to network.\nSee https://en.bitcoin.it/wiki/BIP_0022 for full specification.",
  arguments: [
    hexText("hexdata", { text: "the hex-encoded block data to submit" }),
    any("dummy", {
      text: "dummy value, for compatibility with BIP22. This value is ignored.",
      hint: "ignored",
    }),
  ],
  results: [
    { when: "If the block was accepted", schema: none() },
    { when: "Otherwise", schema: text("According to BIP22: why not") },
  ],
  errors: [{ code: RPC_DESERIALIZATION_ERROR, when: "the text is no block" }],
  examples: [["mydata"]],
  run: ({ hexdata }, host) => submit(decodeBlock(hexdata), host),
});

/** @returns `null` where the block is part of the best chain now, `inconclusive` where it is only stored, or stored again */
async function submit(given: Block, { chain, node }: RpcHost): Promise<string | null> {
  const { params } = chain;
  const parent = chain.headers.get(given.header.previousHash);
  const isSegwit = parent !== undefined && parent.height + 1 >= params.deployments.segwit;
  const block = withCoinbaseWitness(given, isSegwit);
  // Before its header is looked up: another body with the header of a good block is not a duplicate of it, and says
  // nothing against it. Core: ProcessNewBlock.
  const alone = checkBlock(block, params);
  if (!alone.ok) return alone.reason;
  const verdict = await node.submitBlock(block);
  if (!verdict.ok) return verdict.reason;
  // Core judges such a block no second time, so that it has no answer.
  if (verdict.restored) return "inconclusive";
  if (!verdict.fresh) return "duplicate";
  return verdict.connected ? null : "inconclusive";
}
