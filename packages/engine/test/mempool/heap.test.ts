import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Heap } from "../../src/mempool/heap.ts";

const before = (a: number, b: number) => a < b;

describe("Heap", () => {
  it("gives its items in order, whether it began with them or got them later (property)", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.array(fc.integer()), (first, later) => {
        const heap = new Heap(before, first);
        for (const item of later) heap.push(item);
        const sorted = [...first, ...later].sort((a, b) => a - b);
        expect([heap.size, heap.first]).toEqual([sorted.length, sorted[0]]);
        expect(sorted.map(() => heap.pop())).toEqual(sorted);
        expect([heap.size, heap.first, heap.pop()]).toEqual([0, undefined, undefined]);
      }),
    );
  });

  it("stays in order where items come and go by turns (property)", () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer(), { nil: undefined })), (steps) => {
        const heap = new Heap(before);
        const twin: number[] = [];
        for (const item of steps) {
          if (item === undefined) {
            expect(heap.pop()).toBe(twin.sort((a, b) => a - b).shift());
          } else {
            heap.push(item);
            twin.push(item);
          }
        }
      }),
    );
  });
});
