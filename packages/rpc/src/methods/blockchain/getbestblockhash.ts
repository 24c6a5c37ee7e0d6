import { defineMethod, type Method } from "../../define/method.ts";
import { hex } from "../../define/result.ts";
import type { HeaderHost } from "../../host.ts";

export const getbestblockhash: Method<HeaderHost> = defineMethod({
  name: "getbestblockhash",
  category: "blockchain",
  description: "Returns the hash of the best (tip) block in the most-work fully-validated chain.",
  arguments: [],
  results: [{ schema: hex("The block hash") }],
  examples: [[]],
  run: (_, { chain }) => chain.tip.hash,
});
