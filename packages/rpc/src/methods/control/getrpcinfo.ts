import { defineMethod, type Method } from "../../define/method.ts";
import { list, num, obj, text } from "../../define/result.ts";
import type { HeaderHost } from "../../host.ts";

export const getrpcinfo: Method<HeaderHost> = defineMethod({
  name: "getrpcinfo",
  category: "control",
  description: "Returns details of the RPC server.",
  arguments: [],
  results: [
    {
      schema: obj({
        active_commands: list(
          obj({
            method: text("The name of the method"),
            duration: num("The running time in microseconds"),
          }),
          "All calls in progress, this one included",
        ),
        logpath: text("The complete file path to the debug log"),
      }),
    },
  ],
  examples: [[]],
  run: (_, { stopwatch, control }, { active }) => ({
    active_commands: active().map(({ method, startedAt }) => ({
      method,
      duration: Math.max(0, Math.floor((stopwatch() - startedAt) * 1000)),
    })),
    logpath: control.logPath,
  }),
});
