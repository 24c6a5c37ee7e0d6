import fc from "fast-check";
import { test } from "vitest";
import { tell } from "./story.ts";

const step = fc.tuple(fc.nat(8), fc.nat(60), fc.nat(60));
const steps = fc.array(step, { minLength: 5, maxLength: 30 });

test("a ledger agrees with a twin that looks at the whole chain each time", () => {
  fc.assert(
    fc.property(steps, fc.boolean(), (steps, avoidReuse) => {
      tell(steps, avoidReuse);
    }),
    { numRuns: 12 },
  );
});
