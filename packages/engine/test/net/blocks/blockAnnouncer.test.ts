import type { BlockHeader, HeaderNode } from "@chain/core";
import { makeBlock, TestChain, testKey } from "@chain/testing/blockFactory";
import { Stranger } from "@chain/testing/stranger";
import { describe, expect, it } from "vitest";
import { BlockAnnouncer } from "../../../src/net/blocks/blockAnnouncer.ts";
import { commandsTo, treeOf } from "../../support/headerTrees.ts";
import { nodeWith } from "../../support/nodes.ts";

describe("Announcer", () => {
  it("sends headers to those who asked for that and can connect them, else an inventory", () => {
    const { tree, nodes } = treeOf(1);
    const [genesis, first] = nodes as [HeaderNode, HeaderNode];
    const known = new Map([[2, genesis]]);
    const announcer = new BlockAnnouncer(tree, (peer) => known.get(peer));
    for (const peer of [1, 2, 3]) announcer.add(peer);
    announcer.wantsHeaders(2);
    announcer.wantsHeaders(3);
    tree.setBody(first, 1);
    tree.setTip(first);
    const actions = announcer.tipChanged(genesis);
    expect([1, 2, 3].map((peer) => commandsTo(actions, peer))).toEqual([
      ["inv"],
      ["headers"],
      ["inv"],
    ]);
    expect(announcer.tipChanged(genesis)).toEqual([]);
  });
});

it("a peer that was only told the name of a block gets no headers on top of it, until it shows that it has it", () => {
  const { tree, nodes } = treeOf(11);
  const known = new Map([[1, nodes[0] as HeaderNode]]);
  const announcer = new BlockAnnouncer(tree, (peer) => known.get(peer));
  announcer.add(1);
  announcer.wantsHeaders(1);
  const connect = (height: number, fork: number) => {
    for (const node of nodes.slice(1, height + 1)) tree.setBody(node, 1);
    tree.setTip(nodes[height] as HeaderNode);
    return commandsTo(announcer.tipChanged(nodes[fork] as HeaderNode), 1);
  };
  expect(connect(9, 0)).toEqual(["inv"]); // too many for headers
  expect(connect(10, 9)).toEqual(["inv"]);
  announcer.told(1, nodes[10] as HeaderNode);
  expect(connect(11, 10)).toEqual(["headers"]);
});

it("announces its own block late, and not never, where others know of headers without blocks", async () => {
  const { network, node } = await nodeWith(1);
  const liar = await Stranger.connect(network, node);
  const { tree, params } = new TestChain(network.params);
  const headers = [];
  for (
    let parent = tree.tip;
    headers.length < 60;
    parent = tree.add(headers.at(-1) as BlockHeader)
  ) {
    headers.push(makeBlock({ parent, params, extra: 3 }).header);
  }
  liar.say({ command: "headers", headers });
  await network.time.until("it believes", () => node.chain.bestHeader.height === 60);
  const listener = await Stranger.connect(network, node);
  listener.onMessage = ({ command }) => {
    if (command === "getheaders") listener.say({ command: "headers", headers: [] });
  };
  const mined = await network.during(node.miner(testKey(1).script).mineOne());
  expect((await listener.hears("inv", 180_000)).items[0]?.hash).toBe(mined.hash);
});
