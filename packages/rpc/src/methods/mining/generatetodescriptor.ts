import { defineMethod, type Method } from "../../define/method.ts";
import { hex, list } from "../../define/result.ts";
import { integer, string } from "../../define/types.ts";
import {
  RPC_INVALID_ADDRESS_OR_KEY,
  RPC_INVALID_PARAMETER,
  RPC_MISC_ERROR,
  RpcError,
} from "../../errors.ts";
import { requireDescriptors, scriptOfDescriptor } from "../descriptors.ts";
import { mineBlocks } from "../mineBlocks.ts";

export const generatetodescriptor: Method = defineMethod({
  name: "generatetodescriptor",
  category: "hidden",
  description: "Mine to a specified descriptor and return the block hashes.",
  arguments: [
    integer("num_blocks", { text: "How many blocks are generated." }),
    string("descriptor", { text: "The descriptor to send the newly generated bitcoin to." }),
    integer("maxtries", {
      text: "How many iterations to try, all blocks together.",
      hint: "as many as it takes",
    }),
  ],
  results: [{ schema: list(hex("The block hash"), "Hashes of blocks generated") }],
  errors: [
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "it is no descriptor: the message says why" },
    { code: RPC_INVALID_PARAMETER, when: "it stands for more than one script" },
    { code: RPC_MISC_ERROR, when: "no block can be made now: the message says why" },
  ],
  examples: [[11, "mydesc"]],
  run: ({ num_blocks: count, descriptor, maxtries: maxTries }, host, { signal }) => {
    const { params } = host.chain;
    requireDescriptors(descriptor, params);
    const script = scriptOfDescriptor(descriptor, params);
    if (script === undefined) {
      throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, "the descriptor has no script");
    }
    return mineBlocks({ count, payTo: script, maxTries }, host, signal);
  },
});
