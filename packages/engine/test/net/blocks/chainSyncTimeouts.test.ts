import type { HeaderNode } from "@chain/core";
import { describe, expect, it } from "vitest";
import { ChainSyncTimeouts } from "../../../src/net/blocks/chainSyncTimeouts.ts";
import { treeOf } from "../../support/headerTrees.ts";

describe("ChainSync", () => {
  const SECOND = 1_000;
  const MINUTE = 60 * SECOND;
  function setUp() {
    const { tree, nodes } = treeOf(5);
    const best = new Map<number, HeaderNode>();
    const sync = new ChainSyncTimeouts(tree, (peer) => best.get(peer));
    const setTip = (height: number) => {
      for (const node of nodes.slice(1, height + 1)) tree.setBody(node, 1);
      tree.setTip(nodes[height] as HeaderNode);
    };
    setTip(3);
    return { nodes, best, sync, setTip };
  }

  it("asks who stays behind once more, and parts with it two minutes later", () => {
    const { nodes, best, sync } = setUp();
    sync.add(1, 0);
    best.set(1, nodes[2] as HeaderNode);
    expect(sync.tick(0)).toEqual([]);
    expect(sync.tick(20 * MINUTE + SECOND - 1)).toEqual([]);
    const [asked] = sync.tick(20 * MINUTE + SECOND);
    expect(asked).toMatchObject({
      peer: 1,
      message: { command: "getheaders", locator: [nodes[2]?.hash, nodes[1]?.hash, nodes[0]?.hash] },
    });
    expect(sync.tick(22 * MINUTE + 2 * SECOND - 1)).toEqual([]);
    expect(sync.tick(22 * MINUTE + 2 * SECOND)).toMatchObject([
      { type: "disconnect", peer: 1, misbehaving: false },
    ]);
  });

  it("gives who makes up for it the whole time again, and lets who caught up alone", () => {
    const { nodes, best, sync, setTip } = setUp();
    sync.add(1, 0);
    sync.tick(0);
    expect(sync.tick(20 * MINUTE + SECOND)).toHaveLength(1);
    setTip(5);
    best.set(1, nodes[3] as HeaderNode); // all that it was asked for
    expect(sync.tick(21 * MINUTE)).toEqual([]);
    expect(sync.tick(41 * MINUTE)).toEqual([]);
    best.set(1, nodes[5] as HeaderNode);
    expect(sync.tick(41 * MINUTE + SECOND)).toEqual([]);
    sync.remove(1);
    best.clear();
    expect(sync.tick(100 * MINUTE)).toEqual([]);
  });

  it("judges a peer that has told of headers by the tip of that moment", () => {
    const { nodes, best, sync, setTip } = setUp();
    sync.add(1, 0);
    setTip(4);
    best.set(1, nodes[3] as HeaderNode);
    expect(sync.told(1, MINUTE)).toEqual([]);
    expect(sync.told(2, MINUTE)).toEqual([]);
    // The tip that comes after it is not yet held against it.
    setTip(5);
    const [asked] = sync.tick(21 * MINUTE + SECOND);
    const locator = [3, 2, 1, 0].map((height) => nodes[height]?.hash);
    expect(asked).toMatchObject({ message: { command: "getheaders", locator } });
  });

  it("counts from when the peer came, and protects no peer for blocks alone", () => {
    const { nodes, best, sync, setTip } = setUp();
    sync.add(1, 0);
    // The first look comes late: the clock was set meanwhile.
    expect(sync.tick(20 * MINUTE + SECOND)).toHaveLength(1);
    sync.remove(1);
    sync.add(2, 20 * MINUTE, false);
    best.set(2, nodes[3] as HeaderNode);
    sync.tick(20 * MINUTE);
    setTip(4);
    sync.tick(21 * MINUTE);
    expect(sync.tick(41 * MINUTE + SECOND)).toHaveLength(1);
    expect(sync.tick(43 * MINUTE + 2 * SECOND)).toMatchObject([{ type: "disconnect", peer: 2 }]);
  });

  it("keeps four that were good once", () => {
    const { nodes, best, sync, setTip } = setUp();
    for (const peer of [1, 2, 3, 4, 5, 6]) {
      sync.add(peer, 0);
      best.set(peer, nodes[3] as HeaderNode);
    }
    sync.tick(0);
    setTip(4);
    sync.tick(1);
    sync.tick(30 * MINUTE);
    expect(sync.tick(33 * MINUTE).map(({ peer }) => peer)).toEqual([5, 6]);
  });
});
