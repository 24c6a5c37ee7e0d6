import fc from "fast-check";
import { expect, test } from "vitest";
import { tell } from "./story.ts";

const step = fc.tuple(fc.nat(8), fc.nat(60), fc.nat(60));
const steps = fc.array(step, { minLength: 15, maxLength: 45 });

test("long stories: a ledger agrees with a twin that looks at the whole chain each time", () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(steps, fc.boolean(), (steps, avoidReuse) => {
      const { ledger } = tell(steps, avoidReuse);
      for (const { state, mempoolConflicts } of ledger.transactions()) {
        const name = state.type === "inactive" && state.abandoned ? "abandoned" : state.type;
        seen.set(name, (seen.get(name) ?? 0) + 1);
        if (mempoolConflicts.size > 0) seen.set("replaced", (seen.get("replaced") ?? 0) + 1);
      }
    }),
    { numRuns: 60 },
  );
  // Stories in which nothing happens would prove nothing.
  const all = ["abandoned", "block-conflicted", "confirmed", "inactive", "mempool", "replaced"];
  expect([...seen.keys()].sort()).toEqual(all);
  expect(Math.min(...seen.values())).toBeGreaterThan(10);
});
