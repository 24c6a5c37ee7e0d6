/** Hundreds of callers without the cookie at events, values and REST: the owner of the node is served all the same. */
import { expect, test } from "vitest";
import { besiege } from "./support/hostileCallers.ts";

test("hundreds of hostile callers keep neither the owner nor newcomers out, nor connections", async () => {
  const { connections, callers } = await besiege(30, 1);
  expect(callers).toBe(9 * 30);
  expect(connections).toBeLessThan(200);
});
