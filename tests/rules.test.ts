import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ruleBook, rules, scriptErrors } from "../scripts/rules.ts";

/** Rules that Core has and nothing can reach, as others come before them; kept to be like Core's. */
const SHADOWED: readonly string[] = [
  "bad-txns-fee-outofrange",
  "bad-txns-accumulated-fee-outofrange",
];

describe("the rule book", () => {
  test("is up to date: pnpm rules writes it", () => {
    const page = readFileSync(new URL("../docs/rules.md", import.meta.url), "utf8");
    expect(page).toBe(ruleBook());
  });

  test("finds the rules of the code", () => {
    const reasons = rules().map(({ reason }) => reason);
    expect(new Set(reasons).size).toBeGreaterThanOrEqual(50);
    expect(reasons).toEqual(expect.arrayContaining(["bad-cb-amount", "bad-txns-vin-empty"]));
  });

  test("has a test for every reason, a function for every rule, and a source for nearly all", () => {
    const without = rules().filter(({ tests }) => tests.length === 0);
    expect(without.map(({ reason }) => reason).filter((it) => !SHADOWED.includes(it))).toEqual([]);
    expect(rules().filter(({ functionName }) => functionName === "")).toEqual([]);
  });

  test("has a case of Core, or a test of ours, for every script error", () => {
    const without = scriptErrors().filter(({ vectors, tests }) => vectors + tests.length === 0);
    expect(without).toEqual([]);
  });
});
