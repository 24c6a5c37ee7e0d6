import { describe, expect, it } from "vitest";
import { Buckets } from "../../../src/net/connecting/buckets.ts";

describe("Buckets", () => {
  it("has one name in a place, the last that was set", () => {
    const buckets = new Buckets(64);
    buckets.set(3, "a");
    buckets.set(3, "b");
    buckets.set(64, "c");
    expect([buckets.size, buckets.get(3), buckets.get(64), buckets.has(4)]).toEqual([
      2,
      "b",
      "c",
      false,
    ]);
    buckets.delete(4); // there is none
    buckets.delete(3);
    buckets.delete(3);
    expect([buckets.size, buckets.get(3), buckets.get(64)]).toEqual([1, undefined, "c"]);
  });

  it("draws a bucket first, so that a full one is drawn no more often than one with a single name", () => {
    const buckets = new Buckets(64);
    for (let place = 0; place < 64; place++) buckets.set(place, `crowd${place}`);
    buckets.set(64, "alone");
    const counts: number[] = [];
    const draws = buckets.draws((count) => {
      counts.push(count);
      return count - 1;
    });
    expect(draws.next().value).toBe("alone");
    expect(counts).toEqual([2, 1]);
  });

  it("draws nothing where all buckets are empty", () => {
    const buckets = new Buckets(64);
    buckets.set(1, "a");
    buckets.delete(1);
    expect(buckets.draws(() => 0).next()).toEqual({ done: true, value: undefined });
  });
});
