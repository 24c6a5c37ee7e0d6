import { BlockHeader, type HeaderNode } from "@chain/core";
import { makeBlock, summary } from "@chain/testing/blockFactory";
import { describe, expect, it } from "vitest";
import type { ChainManager } from "../../src/chain/manager.ts";
import { openNode, params } from "../support/chains.ts";

function accepted(verdict: Awaited<ReturnType<ChainManager["acceptHeaders"]>>): HeaderNode {
  if (!verdict.ok || verdict.nodes[0] === undefined) throw new Error("refused");
  return verdict.nodes[0];
}

describe("HeaderAcceptor", () => {
  it("keeps the headers before the first bad one", async () => {
    const { chain, events } = await openNode();
    const good = makeBlock({ parent: chain.tip, params }).header;
    const parent = (await openNode()).chain;
    const node = accepted(await parent.acceptHeaders([good]));
    const bad = new BlockHeader({
      ...makeBlock({ parent: node, params }).header,
      bits: 0x1f00ffff,
    });
    expect(summary(await chain.acceptHeaders([good, bad]))).toMatch(/^invalid-header: /);
    expect(chain.bestHeader.hash).toBe(good.hash);
    expect(events).toEqual([{ type: "headers", height: 1 }]);
  });
});
