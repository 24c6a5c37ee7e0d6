import { COMPACT_BLOCKS_VERSION } from "@chain/wire";
import { expect, it } from "vitest";
import { CompactBlockRelay } from "../../../src/net/blocks/compactBlockRelay.ts";

it("those who were useful last send new blocks at once, three at most", () => {
  const relay = new CompactBlockRelay();
  const offer = { command: "sendcmpct", announce: false, version: COMPACT_BLOCKS_VERSION } as const;
  for (const peer of [1, 2, 3, 4]) {
    expect(relay.add(peer, 70_014)).toHaveLength(1);
    relay.offered(peer, offer);
  }
  expect(relay.add(5, 70_013)).toEqual([]);
  relay.offered(5, { ...offer, version: 1n });
  expect(relay.gaveBlock(5)).toEqual([]);
  const asked = (peer: number) =>
    relay
      .gaveBlock(peer)
      .map((action) => [
        action.peer,
        action.type === "send" && action.message.command === "sendcmpct" && action.message.announce,
      ]);
  expect([asked(1), asked(2), asked(1), asked(3)]).toEqual([
    [[1, true]],
    [[2, true]],
    [],
    [[3, true]],
  ]);
  // The one that was useful longest ago makes room.
  expect(asked(4)).toEqual([
    [2, false],
    [4, true],
  ]);
  relay.remove(1);
  expect(asked(2)).toEqual([[2, true]]);
});

it("one of the three places of those that send new blocks at once stays with an outbound peer", () => {
  const relay = new CompactBlockRelay();
  const offer = { command: "sendcmpct", announce: false, version: COMPACT_BLOCKS_VERSION } as const;
  const join = (peer: number, outbound: boolean) => {
    relay.add(peer, 70_016, outbound);
    relay.offered(peer, offer);
    return relay.gaveBlock(peer);
  };
  const told = (peer: number, announce: boolean) => ({
    type: "send",
    peer,
    message: { ...offer, announce },
  });
  const places = (...peers: number[]) => peers.filter((peer) => relay.sendsAtOnce(peer));
  join(1, true);
  for (const peer of [2, 3]) join(peer, false);
  // The second makes room in place of the outbound one, which is told nothing.
  expect([join(4, false), join(5, false), join(6, false)]).toEqual([
    [told(2, false), told(4, true)],
    [told(3, false), told(5, true)],
    [told(4, false), told(6, true)],
  ]);
  expect(places(1, 2, 3, 4, 5, 6)).toEqual([1, 5, 6]);
  // Two outbound peers need no help, and an outbound newcomer may evict an outbound peer.
  join(7, true);
  join(8, true);
  expect(places(1, 5, 6, 7, 8)).toEqual([6, 7, 8]);
  join(9, false);
  join(10, false);
  expect(places(6, 7, 8, 9, 10)).toEqual([8, 9, 10]);
});

it("a node for blocks alone asks nobody for compact blocks", () => {
  const relay = new CompactBlockRelay(true);
  relay.add(1, 70_016, true);
  relay.offered(1, { command: "sendcmpct", announce: true, version: COMPACT_BLOCKS_VERSION });
  expect([relay.supports(1), relay.gaveBlock(1), relay.wantsAtOnce(1)]).toEqual([false, [], true]);
});
