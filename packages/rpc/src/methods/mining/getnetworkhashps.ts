import { defineMethod, type Method } from "../../define/method.ts";
import { num } from "../../define/result.ts";
import { integer } from "../../define/types.ts";
import { networkHashRate } from "../../describe/hashRate.ts";
import { RPC_INVALID_PARAMETER } from "../../errors.ts";

export const getnetworkhashps: Method = defineMethod({
  name: "getnetworkhashps",
  category: "mining",
  description:
    "Returns the estimated network hashes per second based on the last n blocks.\nPass in [blocks] to override # of blocks, -1 specifies since last difficulty change.\nPass in [height] to estimate the network speed at the time when a certain block was found.",
  arguments: [
    integer("nblocks", {
      text: "The number of previous blocks to calculate estimate from, or -1 for blocks since last difficulty change.",
      fallback: 120,
    }),
    integer("height", { text: "To estimate at the time of the given height.", fallback: -1 }),
  ],
  results: [{ schema: num("Hashes per second estimated") }],
  errors: [{ code: RPC_INVALID_PARAMETER, when: "a number is out of range" }],
  examples: [[]],
  run: ({ nblocks, height }, { chain }) => networkHashRate(chain, nblocks, height),
});
