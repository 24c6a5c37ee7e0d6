import { defineMethod, type Method } from "../../define/method.ts";
import { text } from "../../define/result.ts";
import { integer } from "../../define/types.ts";
import type { HeaderHost } from "../../host.ts";

export const stop: Method<HeaderHost> = defineMethod({
  name: "stop",
  category: "control",
  description: "Request a graceful shutdown of the node.",
  arguments: [integer("wait", { text: "how long to wait in ms", optional: true, hidden: true })],
  results: [{ schema: text("A sentence for people") }],
  examples: [[]],
  run: async ({ wait = 0 }, { control, timers }) => {
    control.stop();
    if (wait > 0) await new Promise<void>((resolve) => timers.after(wait, resolve));
    return "Bitcoin Core stopping";
  },
});
