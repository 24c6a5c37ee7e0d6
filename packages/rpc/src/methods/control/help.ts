import { helpOf } from "../../define/help.ts";
import { defineMethod, type Method } from "../../define/method.ts";
import { text } from "../../define/result.ts";
import { string } from "../../define/types.ts";
import type { HeaderHost } from "../../host.ts";

export const help: Method<HeaderHost> = defineMethod({
  name: "help",
  category: "control",
  description: "List all commands, or get help for a specified command.",
  arguments: [string("command", { text: "The command to get help on", hint: "all commands" })],
  results: [{ schema: text("The help text") }],
  examples: [[], ["getblock"]],
  run: ({ command = "" }, _, { methods }) => helpOf(methods, command),
});
