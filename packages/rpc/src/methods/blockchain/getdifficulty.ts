import { defineMethod, type Method } from "../../define/method.ts";
import { num } from "../../define/result.ts";
import { difficultyOf } from "../../describe/header.ts";
import type { HeaderHost } from "../../host.ts";

export const getdifficulty: Method<HeaderHost> = defineMethod({
  name: "getdifficulty",
  category: "blockchain",
  description: "Returns the proof-of-work difficulty as a multiple of the minimum difficulty.",
  arguments: [],
  results: [{ schema: num("The difficulty of the tip") }],
  examples: [[]],
  run: (_, { chain }) => difficultyOf(chain.tip.bits),
});
