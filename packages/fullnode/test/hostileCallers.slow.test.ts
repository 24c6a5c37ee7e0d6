/** Thousands of callers without the cookie at events, values and REST: memory has a bound, and the owner is served. */
import { expect, test } from "vitest";
import { besiege } from "./support/hostileCallers.ts";

/** Most bytes that they may leave in use. */
const LEFT = 256 * 1024 * 1024;

test("thousands of hostile callers keep nobody out, and neither memory nor connections", async () => {
  const { bytes, connections, callers } = await besiege(250, 3);
  expect(callers).toBe(9 * 750);
  expect(connections).toBeLessThan(500);
  expect(bytes).toBeLessThan(LEFT);
});
