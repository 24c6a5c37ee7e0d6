import { defineMethod, type Method } from "../../define/method.ts";
import { none } from "../../define/result.ts";

/** The engine tells everybody of a change before the call that made it answers: what is running now is all that is left. */
export const syncwithvalidationinterfacequeue: Method = defineMethod({
  name: "syncwithvalidationinterfacequeue",
  category: "hidden",
  description:
    "Waits for the validation interface queue to catch up on everything that was there when we entered this function.",
  arguments: [],
  results: [{ schema: none() }],
  examples: [[]],
  run: (_, { chain }) => chain.run(async () => null),
});
