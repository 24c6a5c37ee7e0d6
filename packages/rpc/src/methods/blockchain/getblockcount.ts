import { defineMethod, type Method } from "../../define/method.ts";
import { num } from "../../define/result.ts";
import type { HeaderHost } from "../../host.ts";

export const getblockcount: Method<HeaderHost> = defineMethod({
  name: "getblockcount",
  category: "blockchain",
  description:
    "Returns the height of the most-work fully-validated chain.\nThe genesis block has height 0.",
  arguments: [],
  results: [{ schema: num("The current block count") }],
  examples: [[]],
  run: (_, { chain }) => chain.tip.height,
});
