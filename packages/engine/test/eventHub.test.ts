import { describe, expect, it } from "vitest";
import { grow, openNode } from "./support/chains.ts";

describe("living", () => {
  it("survives a listener that throws", async () => {
    const { chain, lines } = await openNode();
    const heights: number[] = [];
    chain.subscribe(() => {
      throw new TypeError("a bug of somebody else");
    });
    chain.subscribe((event) => {
      if (event.type === "tip-changed") heights.push(event.height);
    });
    await grow(chain, chain.tip, 2);
    expect(heights).toEqual([1, 2]);
    expect(lines.filter(({ message }) => message.includes("a bug of somebody else"))).toHaveLength(
      4,
    );
  });
});
