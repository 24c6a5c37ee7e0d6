import { describe, expect, it } from "vitest";
import { type EvictionCandidate, selectEviction } from "../../../src/net/connecting/eviction.ts";
import { NOW } from "../../support/addresses.ts";

describe("eviction", () => {
  const candidate = (id: number, more: Partial<EvictionCandidate> = {}): EvictionCandidate => ({
    id,
    connectedAt: NOW + id,
    latencyMs: 100 + id,
    lastBlockAt: 0,
    lastTransactionAt: 0,
    relaysTransactions: true,
    group: `4 20.${id}`,
    local: false,
    groupRank: id,
    ...more,
  });

  it("keeps few, and of many parts with the youngest of the largest crowd", () => {
    expect(selectEviction([])).toBeUndefined();
    expect(selectEviction(Array.from({ length: 12 }, (_, id) => candidate(id)))).toBeUndefined();
    const honest = Array.from({ length: 40 }, (_, id) => candidate(id));
    const crowd = Array.from({ length: 30 }, (_, n) => candidate(100 + n, { group: "4 66.6" }));
    expect(selectEviction([...honest, ...crowd])).toBe(129 - 4); // four of them have lucky ranks
  });

  it("does not part with who is near, useful, old, or of our own machine", () => {
    const crowd = Array.from({ length: 60 }, (_, n) =>
      candidate(100 + n, {
        group: "4 66.6",
        latencyMs: 500,
        groupRank: 0,
        connectedAt: NOW + 1e6 + n,
      }),
    );
    for (const more of [
      { latencyMs: 1 },
      { lastBlockAt: NOW },
      { lastTransactionAt: NOW },
      { lastBlockAt: NOW, relaysTransactions: false },
      { connectedAt: NOW },
      { local: true, connectedAt: NOW + 9e6 },
      { groupRank: 1000 },
    ]) {
      const useful = candidate(1, {
        group: "4 66.6",
        latencyMs: 900,
        groupRank: 0,
        connectedAt: NOW + 2e6,
        ...more,
      });
      const gone = new Set<number>();
      let rest = [...crowd, useful];
      for (let n = 0; n < 30; n++) {
        const id = selectEviction(rest);
        if (id === undefined) break;
        gone.add(id);
        rest = rest.filter((each) => each.id !== id);
      }
      expect([more, gone.has(1)]).toEqual([more, false]);
      expect(gone.size).toBeGreaterThan(10);
    }
  });
});
