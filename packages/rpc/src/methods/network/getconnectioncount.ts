import { defineMethod, type Method } from "../../define/method.ts";
import { num } from "../../define/result.ts";

export const getconnectioncount: Method = defineMethod({
  name: "getconnectioncount",
  category: "network",
  description: "Returns the number of connections to other nodes.",
  arguments: [],
  results: [{ schema: num("The connection count") }],
  examples: [[]],
  run: (_, { node }) => node.peers().length,
});
