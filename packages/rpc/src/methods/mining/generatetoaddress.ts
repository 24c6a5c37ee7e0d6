import { defineMethod, type Method } from "../../define/method.ts";
import { hex, list } from "../../define/result.ts";
import { integer, string } from "../../define/types.ts";
import { RPC_INVALID_ADDRESS_OR_KEY, RPC_MISC_ERROR } from "../../errors.ts";
import { requireScript } from "../addresses.ts";
import { EXAMPLE_ADDRESS } from "../examples.ts";
import { mineBlocks } from "../mineBlocks.ts";

/** Core: DEFAULT_MAX_TRIES. */
const MAX_TRIES = 1_000_000;

export const generatetoaddress: Method = defineMethod({
  name: "generatetoaddress",
  category: "hidden",
  description:
    "Mine to a specified address and return the block hashes.\nA caller ends a long call by closing its connection.",
  arguments: [
    integer("nblocks", { text: "How many blocks are generated." }),
    string("address", { text: "The address to send the newly generated bitcoin to." }),
    integer("maxtries", {
      text: "How many iterations to try. Ignored here: the call ends with its blocks, or with its caller.",
      fallback: MAX_TRIES,
    }),
  ],
  results: [{ schema: list(hex("The block hash"), "The hashes of blocks generated") }],
  errors: [
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "the address is none of this network" },
    { code: RPC_MISC_ERROR, when: "no block can be made now: the message says why" },
  ],
  examples: [[11, EXAMPLE_ADDRESS]],
  run: ({ nblocks, address }, host, { signal }) =>
    mineBlocks(nblocks, requireScript(address, host), host, signal),
});
