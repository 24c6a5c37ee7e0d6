import { defineMethod, type Method } from "../../define/method.ts";
import { none } from "../../define/result.ts";

export const clearbanned: Method = defineMethod({
  name: "clearbanned",
  category: "network",
  description: "Clear all banned IPs.",
  arguments: [],
  results: [{ schema: none() }],
  examples: [[]],
  run: async (_, { node, control }) => {
    node.bans.clear();
    await control.keepBans();
    return null;
  },
});
