/** docs/core-tests.md says of each of Core's tests that fails why it does. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const text = readFileSync(new URL("../docs/core-tests.md", import.meta.url), "utf8");
const [reasons = "", table = ""] = text.split("## The table");
const rows = [...table.matchAll(/^\| ([a-z0-9_]+) \| (pass|fail|skipped) \|/gm)].map(
  ([, name = "", result]) => ({ name, passes: result === "pass" }),
);

test("each of Core's tests that fails has a reason, and none that passes", () => {
  expect(rows.length).toBeGreaterThan(130);
  const named = new Set(reasons.match(/\b[a-z0-9]+_[a-z0-9_]+\b/g));
  const failing = rows.filter(({ passes }) => !passes).map(({ name }) => name);
  expect(failing.filter((name) => !named.has(name))).toEqual([]);
  expect(rows.filter(({ name, passes }) => passes && named.has(name))).toEqual([]);
});
