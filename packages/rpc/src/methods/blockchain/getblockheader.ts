import { type BlockHash, bytesToHex } from "@chain/core";
import { argument } from "../../define/argument.ts";
import { defineMethod, type Method } from "../../define/method.ts";
import { hex, obj } from "../../define/result.ts";
import { boolean, hashType } from "../../define/types.ts";
import { describeHeader, headerShape } from "../../describe/header.ts";
import { RPC_INVALID_ADDRESS_OR_KEY } from "../../errors.ts";
import type { HeaderHost } from "../../host.ts";
import { headerOf } from "../blocks.ts";
import { EXAMPLE_BLOCK } from "../examples.ts";

export const getblockheader: Method<HeaderHost> = defineMethod({
  name: "getblockheader",
  category: "blockchain",
  description:
    "Returns a block header.\nIf verbose is false, as hex. If verbose is true, as an object with what is known of the block.",
  arguments: [
    // Core's error calls it by another name than its help does.
    argument("blockhash", hashType<BlockHash>("hash"), { text: "The block hash" }),
    boolean("verbose", {
      text: "true for a json object, false for the hex-encoded data",
      fallback: true,
    }),
  ],
  results: [
    { when: "for verbose = true", given: { verbose: [true] }, schema: obj(headerShape) },
    {
      when: "for verbose = false",
      given: { verbose: [false] },
      schema: hex("The serialized header"),
    },
  ],
  errors: [{ code: RPC_INVALID_ADDRESS_OR_KEY, when: "no such header is known" }],
  examples: [[EXAMPLE_BLOCK]],
  run: ({ blockhash, verbose }, host) => {
    const node = headerOf(host, blockhash);
    return verbose ? describeHeader(node, host.chain.headers) : bytesToHex(node.header.toBytes());
  },
});
