import { badBlocks } from "@chain/testing/catalogue";
import { TestNetwork } from "@chain/testing/network";
import { Stranger } from "@chain/testing/stranger";
import { PROTOCOL_VERSION } from "@chain/wire";
import { describe, expect, it } from "vitest";
import { coin, nodeWithTwin, twin } from "../../support/twins.ts";

// One whose message is larger than messages may be never gets as far as the rules.
const sendableBlocks = badBlocks(twin, coin).filter(({ block }) => block.totalSize < 4_000_000);

const silent = { onData: () => {}, onDrain: () => {}, onClose: () => {} };

describe("what a node does for its peers", () => {
  it("has room for so many and no more, and serves those it has", async () => {
    const { network, node } = await nodeWithTwin();
    const crowd = await Promise.all(
      Array.from({ length: 200 }, () => {
        const stranger = new Stranger(network, "outbound");
        stranger.open(network.connectStranger(node, stranger.handler));
        return stranger;
      }),
    );
    await network.time.pass(1000);
    const inside = crowd.filter(({ ended }) => ended === undefined);
    expect(node.node.peers().filter(({ inbound }) => inbound).length).toBe(114);
    expect(inside).toHaveLength(114);
    inside[0]?.say({
      command: "getheaders",
      protocolVersion: PROTOCOL_VERSION,
      locator: [twin.params.genesis.hash],
      stopHash: twin.params.genesis.hash,
    });
    expect((await inside[0]?.hears("headers"))?.headers).toHaveLength(2);
  });

  it("does not let a rule breaker in again", async () => {
    const { network, node } = await nodeWithTwin();
    const [bad] = sendableBlocks;
    if (bad === undefined) throw new Error("a bad block");
    const stranger = await Stranger.connect(network, node, { host: "10.66.0.1" });
    stranger.say({ command: "block", raw: bad.block.toBytes() });
    await stranger.isDropped();
    const again = new Stranger(network, "outbound");
    again.open(network.connectStranger(node, again.handler, "10.66.0.1"));
    await again.isDropped();
    expect(again.ready).toBe(false);
    // Those on our own machine are only cut off: others there are innocent.
    const local = await Stranger.connect(network, node, { host: "127.0.0.1" });
    local.say({ command: "block", raw: bad.block.toBytes() });
    await local.isDropped();
    expect((await Stranger.connect(network, node, { host: "127.0.0.1" })).ready).toBe(true);
  });
});

describe("a full node", () => {
  it("parts with the youngest of the largest crowd, and with none who is useful", async () => {
    const network = new TestNetwork();
    const node = await network.add("node", { maxInbound: 60 });
    const crowd: Stranger[] = [];
    const others: Stranger[] = [];
    for (let n = 0; n < 30; n++) {
      others.push(await Stranger.connect(network, node, { host: `30.${n}.0.1` }));
      crowd.push(await Stranger.connect(network, node, { host: `66.6.0.${n}` }));
    }
    // Each in a place of its own: another address of the crowd's network, not another host.
    for (let n = 0; n < 8; n++) await Stranger.connect(network, node, { host: `40.${n}.0.1` });
    expect(others.filter(({ ended }) => ended !== undefined)).toEqual([]);
    expect(crowd.filter(({ ended }) => ended !== undefined).length).toBe(8);
  });
});

describe("connections", () => {
  it("gives the place of one who never speaks to one who does", async () => {
    const network = new TestNetwork();
    const node = await network.add("node", { maxInbound: 2 });
    for (let i = 0; i < 2; i++) network.connectStranger(node, silent);
    await network.time.pass(500);
    const early = new Stranger(network, "outbound");
    early.open(network.connectStranger(node, early.handler));
    await early.isDropped();
    await network.time.pass(600);
    const late = await Stranger.connect(network, node);
    await Stranger.connect(network, node);
    // Those who do speak keep theirs.
    const more = new Stranger(network, "outbound");
    more.open(network.connectStranger(node, more.handler));
    await more.isDropped();
    // Said once, not for each.
    expect(node.log.filter((line) => line.includes("turning others away"))).toEqual([
      "warn net 2 inbound connections are enough: turning others away",
    ]);
    await network.time.pass(10_000);
    expect(late.ended).toBeUndefined();
    expect(node.node.peers().map(({ ready }) => ready)).toEqual([true, true]);
  });

  it("does not let one host take all places", async () => {
    const network = new TestNetwork();
    const node = await network.add("node", { maxInbound: 4 });
    const crowd: Stranger[] = [];
    for (let i = 0; i < 4; i++)
      crowd.push(await Stranger.connect(network, node, { host: "10.66.0.1" }));
    const [first, second] = [
      await Stranger.connect(network, node, { host: "10.1.0.1" }),
      await Stranger.connect(network, node, { host: "10.1.0.2" }),
    ];
    // The last to come had to go first. From now on no host has more than its share.
    expect(crowd.map(({ ended }) => ended !== undefined)).toEqual([false, false, true, true]);
    const third = new Stranger(network, "outbound");
    third.open(network.connectStranger(node, third.handler, "10.66.0.1"));
    await third.isDropped();
    expect([first.ended, second.ended]).toEqual([undefined, undefined]);
  });
});
