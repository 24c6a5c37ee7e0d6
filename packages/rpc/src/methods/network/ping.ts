import { defineMethod, type Method } from "../../define/method.ts";
import { none } from "../../define/result.ts";

export const ping: Method = defineMethod({
  name: "ping",
  category: "network",
  description:
    "Requests that a ping be sent to all other nodes, to measure ping time.\nResults provided in getpeerinfo, pingtime and pingwait fields are decimal seconds.",
  arguments: [],
  results: [{ schema: none() }],
  examples: [[]],
  run: (_, { node }) => {
    node.ping();
    return null;
  },
});
