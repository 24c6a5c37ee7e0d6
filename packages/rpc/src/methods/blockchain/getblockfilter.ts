import { bytesToHex } from "@chain/core";
import { defineMethod, type Method } from "../../define/method.ts";
import { hex, obj } from "../../define/result.ts";
import { blockHash, string } from "../../define/types.ts";
import { RPC_INTERNAL_ERROR, RPC_INVALID_ADDRESS_OR_KEY, RPC_MISC_ERROR } from "../../errors.ts";
import { BASIC, filterIndexOf, filterOf } from "../blockFilters.ts";
import { headerOf } from "../blocks.ts";
import { EXAMPLE_BLOCK } from "../examples.ts";

export const getblockfilter: Method = defineMethod({
  name: "getblockfilter",
  category: "blockchain",
  description: "Retrieve a BIP 157 content filter for a particular block.",
  arguments: [
    blockHash("blockhash", { text: "The hash of the block" }),
    string("filtertype", { text: "The type name of the filter", fallback: BASIC }),
  ],
  results: [
    {
      schema: obj({
        filter: hex("The hex-encoded filter data"),
        header: hex("The hex-encoded filter header"),
      }),
    },
  ],
  errors: [
    {
      code: RPC_INVALID_ADDRESS_OR_KEY,
      when: "the type or the block is unknown, or the block was never in the best chain",
    },
    { code: RPC_MISC_ERROR, when: "the index of filters is off, or still built" },
    { code: RPC_INTERNAL_ERROR, when: "the index has lost the filter" },
  ],
  examples: [[EXAMPLE_BLOCK, BASIC]],
  run: async ({ blockhash, filtertype }, host) => {
    const running = filterIndexOf(host, filtertype);
    const { hash } = headerOf(host, blockhash);
    const { filter, header } = await filterOf(host, running, hash);
    return { filter: bytesToHex(filter), header };
  },
});
