import { defineMethod, type Method } from "../../define/method.ts";
import { flag } from "../../define/result.ts";
import { boolean } from "../../define/types.ts";

export const setnetworkactive: Method = defineMethod({
  name: "setnetworkactive",
  category: "network",
  description: "Disable/enable all p2p network activity.",
  arguments: [boolean("state", { text: "true to enable networking, false to disable" })],
  results: [{ schema: flag("The value that was passed in") }],
  examples: [[true]],
  run: ({ state }, { node }) => {
    node.setNetworkActive(state);
    return node.networkActive;
  },
});
