import * as fc from "fast-check";
import { expect, it } from "vitest";
import { BoundedSet } from "../../../src/net/kit/boundedSet.ts";

it("BoundedSet remembers the last half as many as it holds at most", () => {
  void fc.assert(
    fc.property(fc.array(fc.nat(20)), fc.integer({ min: 2, max: 9 }), (numbers, capacity) => {
      const set = new BoundedSet<number>(capacity);
      const news: number[] = [];
      for (const n of numbers) {
        if (!set.has(n)) news.push(n);
        set.add(n);
        expect(set.size).toBeLessThanOrEqual(capacity);
        for (const recent of news.slice(-Math.floor(capacity / 2))) {
          expect(set.has(recent)).toBe(true);
        }
      }
      set.clear();
      expect(set.size).toBe(0);
    }),
  );
});
