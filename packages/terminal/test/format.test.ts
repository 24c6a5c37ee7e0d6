import { describe, expect, it, test } from "vitest";
import { formatDuration, formatJson } from "../src/format.ts";

test("JSON has no number with an exponent", () => {
  const text = formatJson({ a: 1e-8, b: [1.5e-7, 1e21], c: 'x": 1e-8', d: 10n, e: 0.1 });
  expect(text).toContain('"a": 0.00000001,');
  expect(text).toContain("    0.00000015,");
  expect(JSON.parse(text)).toEqual({
    a: 1e-8,
    b: [1.5e-7, 1e21],
    c: 'x": 1e-8',
    d: "10",
    e: 0.1,
  });
});

describe("a duration", () => {
  it.each([
    [-1, "0 s"],
    [119, "119 s"],
    [120, "2 min"],
    [7_199, "119 min"],
    [7_200, "2 h"],
    [172_800, "2 d"],
  ])("of %d seconds is %s", (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});
