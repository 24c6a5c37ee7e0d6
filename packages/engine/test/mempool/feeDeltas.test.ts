import type { Txid } from "@chain/core";
import { describe, expect, it } from "vitest";
import { FeeDeltas } from "../../src/mempool/feeDeltas.ts";

const [a, b] = ["aa".repeat(32), "bb".repeat(32)] as [Txid, Txid];

describe("fee deltas", () => {
  it("add up, and are gone where nothing is left", () => {
    const deltas = new FeeDeltas();
    expect(deltas.get(a)).toBe(0n);
    expect([deltas.add(a, 5n), deltas.add(a, -7n), deltas.add(b, 1n)]).toEqual([5n, -7n, 1n]);
    expect([...deltas.entries()]).toEqual([
      [a, -2n],
      [b, 1n],
    ]);
    expect(deltas.add(a, 2n)).toBe(2n);
    deltas.delete(b);
    expect([...deltas.entries()]).toEqual([]);
  });

  it.each([
    [2n ** 63n - 1n, 1n],
    [-(2n ** 63n), -1n],
  ])("stop at %d", (bound, more) => {
    const deltas = new FeeDeltas();
    expect(deltas.add(a, bound - more)).toBe(bound - more);
    expect(deltas.add(a, 100n * more)).toBe(more);
    expect(deltas.get(a)).toBe(bound);
  });
});
