import { describe, expect, it } from "vitest";
import { resolveCollision, TriedCollisions } from "../../../src/net/connecting/triedCollisions.ts";

const HOUR = 60 * 60;
const NOW = 1_700_000_000;
const ago = (lastTry: number, lastSuccess: number) => ({
  lastTry: NOW - lastTry,
  lastSuccess: NOW - lastSuccess,
});

describe("a collision of two tried addresses", () => {
  it.each([
    ["stays", "it has worked in the last four hours", ago(5 * HOUR, 4 * HOUR - 1), ago(1, 1)],
    ["goes", "it was tried since, and did not work", ago(61, 4 * HOUR), ago(1, 1)],
    ["untested", "the call may not have failed yet", ago(60, 4 * HOUR), ago(1, 1)],
    ["untested", "nobody has called it lately", ago(4 * HOUR, 4 * HOUR), ago(1, 40 * 60)],
    [
      "goes",
      "nobody came to call it in forty minutes",
      ago(4 * HOUR, 4 * HOUR),
      ago(1, 40 * 60 + 1),
    ],
  ])("the old one %s: %s", (result, _, old, rival) => {
    expect(resolveCollision(old, rival, NOW)).toBe(result);
  });
});

describe("TriedCollisions", () => {
  it("holds ten, and each once", () => {
    const collisions = new TriedCollisions();
    for (let n = 0; n < 12; n++) collisions.add(`${n >> 1}`);
    expect(collisions.list()).toEqual(["0", "1", "2", "3", "4", "5"]);
    for (let n = 10; n < 20; n++) collisions.add(`${n}`);
    expect(collisions.list()).toHaveLength(10);
    collisions.delete("0");
    collisions.add("last");
    expect(collisions.list().at(-1)).toBe("last");
  });
});
