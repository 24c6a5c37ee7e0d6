import { defineMethod, type Method } from "../../define/method.ts";
import { hex, list } from "../../define/result.ts";
import { integer, string } from "../../define/types.ts";
import { RPC_INVALID_ADDRESS_OR_KEY, RPC_MISC_ERROR } from "../../errors.ts";
import { requireScript } from "../addresses.ts";
import { EXAMPLE_ADDRESS } from "../examples.ts";
import { mineBlocks } from "../mineBlocks.ts";

export const generatetoaddress: Method = defineMethod({
  name: "generatetoaddress",
  category: "hidden",
  description:
    "Mine to a specified address and return the block hashes.\nA caller ends a long call by closing its connection.",
  arguments: [
    integer("nblocks", { text: "How many blocks are generated." }),
    string("address", { text: "The address to send the newly generated bitcoin to." }),
    integer("maxtries", {
      text: "How many iterations to try, all blocks together.",
      hint: "as many as it takes",
    }),
  ],
  results: [{ schema: list(hex("The block hash"), "The hashes of blocks generated") }],
  errors: [
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "the address is none of this network" },
    { code: RPC_MISC_ERROR, when: "no block can be made now: the message says why" },
  ],
  examples: [[11, EXAMPLE_ADDRESS]],
  run: ({ nblocks: count, address, maxtries: maxTries }, host, { signal }) =>
    mineBlocks({ count, payTo: requireScript(address, host), maxTries }, host, signal),
});
