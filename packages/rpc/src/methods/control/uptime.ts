import { defineMethod, type Method } from "../../define/method.ts";
import { num } from "../../define/result.ts";
import type { HeaderHost } from "../../host.ts";

export const uptime: Method<HeaderHost> = defineMethod({
  name: "uptime",
  category: "control",
  description: "Returns the total uptime of the server.",
  arguments: [],
  results: [{ schema: num("The number of seconds that the server has been running") }],
  examples: [[]],
  // On the clock that tests may set, and not below 0 where they have set it back.
  run: (_, { chain, startedAt }) => Math.max(0, seconds(chain.now) - seconds(startedAt)),
});

/** Both times are whole seconds, as in Core, where a clock that is set has no fractions. */
function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
