import { defineMethod, type Method } from "../../define/method.ts";
import { text } from "../../define/result.ts";
import { string } from "../../define/types.ts";

export const echoipc: Method = defineMethod({
  name: "echoipc",
  category: "hidden",
  description:
    "Echo back the input argument. In builds of Bitcoin Core with several processes, another process does; here there is one.",
  arguments: [string("arg", { text: "The string to echo" })],
  results: [{ schema: text("The echoed string.") }],
  examples: [["hello"]],
  run: ({ arg }) => arg,
});
