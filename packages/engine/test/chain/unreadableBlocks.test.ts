import { Block } from "@chain/core";
import { TestChain, testKey } from "@chain/testing/blockFactory";
import { TestNetwork, type TestNode } from "@chain/testing/network";
import { Stranger } from "@chain/testing/stranger";
import { MSG_WITNESS_BLOCK, PROTOCOL_VERSION } from "@chain/wire";
import { describe, expect, it } from "vitest";
import { DamagedStore } from "../support/damagedStore.ts";

async function give(network: TestNetwork, node: TestNode, chain: TestChain): Promise<void> {
  for (const block of chain.blocks.slice(1)) {
    await network.during(node.chain.acceptBlock(block, { requested: true }));
  }
}

function mined(network: TestNetwork, count: number): TestChain {
  const chain = new TestChain(network.params);
  for (let i = 0; i < count; i++) chain.mine();
  return chain;
}

/** Two branches from the second block on: of 6 blocks, and of 7. */
function branches(network: TestNetwork): { short: TestChain; long: TestChain } {
  const short = mined(network, 2);
  const long = new TestChain(network.params);
  for (const block of short.blocks.slice(1)) long.connect(block);
  for (let i = 0; i < 4; i++) short.mine();
  for (let i = 0; i < 5; i++) long.mine({ payTo: testKey(7).script });
  return { short, long };
}

function disconnections(nodes: readonly TestNode[]): string[] {
  const reasons: string[] = [];
  for (const { node } of nodes) {
    node.subscribe((event) => {
      if (event.type === "peer-disconnected") reasons.push(event.why);
    });
  }
  return reasons;
}

describe("a damaged stored block", () => {
  it("comes again from a peer, so that a newcomer that knows only us gets the whole chain", async () => {
    const network = new TestNetwork();
    const store = new DamagedStore();
    const us = await network.add("us", { store });
    const chain = mined(network, 40);
    await give(network, us, chain);
    const coins = await us.chain.coinStatistics();
    for (const height of [11, 12, 40]) store.damaged.add(chain.blocks[height]!.hash);
    const newcomer = await network.add("newcomer", { connect: [us.address] });
    const reasons = disconnections([us, newcomer]);
    await network.time.until("what the newcomer can get", () => newcomer.chain.tip.height === 10);
    await network.time.until(
      "all damage found",
      () => [...us.chain.unreadableBlocks()].length === 3,
    );
    expect(us.log.filter((line) => line.startsWith("error"))).toHaveLength(3);

    // Nobody had them. Now somebody comes who does.
    const whole = await network.add("whole");
    await give(network, whole, chain);
    await network.during(us.node.callOnce(whole.address));
    await network.time.until("our repair", () => store.damaged.size === 0);
    await network.time.until("the newcomer's sync", () => newcomer.chain.tip.height === 40);
    expect([...us.chain.unreadableBlocks()]).toEqual([]);
    expect(us.chain.tip.hash).toBe(chain.tip.hash);
    expect(await us.chain.coinStatistics()).toEqual(coins);
    expect(reasons).toEqual([]);
    for (const { hash } of chain.blocks) {
      expect(us.chain.headers.get(hash)?.invalidReason).toBeUndefined();
      expect(Block.fromBytes((await us.chain.getRawBlock(hash))!).hash).toBe(hash);
    }
  });

  it.each(["of our branch", "of the better branch"] as const)(
    "%s holds up a reorganisation until it comes again, and ends nothing",
    async (which) => {
      const network = new TestNetwork();
      const store = new DamagedStore();
      const us = await network.add("us", { store });
      const { short, long } = branches(network);
      await give(network, us, short);
      for (const block of long.blocks.slice(1, -1)) {
        await network.during(us.chain.acceptBlock(block, { requested: true }));
      }
      const damaged = (which === "of our branch" ? short : long).blocks[4]!;
      store.damaged.add(damaged.hash);
      const last = network.during(us.chain.acceptBlock(long.blocks.at(-1)!, { requested: true }));
      expect(await last).toMatchObject({ ok: true, connected: false });
      expect(us.chain.tip.hash).toBe(short.tip.hash);
      expect(await network.during(us.chain.acceptBlock(damaged))).toMatchObject({ ok: true });
      expect(us.chain.tip.hash).toBe(long.tip.hash);
      expect([store.damaged.size, [...us.chain.unreadableBlocks()]]).toEqual([0, []]);
      const twin = await network.add("twin");
      await give(network, twin, long);
      const { count, total, hash } = await us.chain.coinStatistics();
      expect(await twin.chain.coinStatistics()).toMatchObject({ count, total, hash });
    },
  );

  it("keeps no peer from the header and the body of a stale block whose undo data is damaged", async () => {
    const network = new TestNetwork({ age: 10_000 });
    const store = new DamagedStore();
    const us = await network.add("us", { store });
    const { short, long } = branches(network);
    for (const chain of [short, long]) await give(network, us, chain);
    const stale = short.blocks.at(-1)!;
    store.damagedUndo.add(stale.hash);
    const peer = await Stranger.connect(network, us);
    const question = { protocolVersion: PROTOCOL_VERSION, locator: [], stopHash: stale.hash };
    peer.say({ command: "getheaders", ...question });
    expect((await peer.hears("headers")).headers.map(({ hash }) => hash)).toEqual([stale.hash]);
    peer.say({ command: "getdata", items: [{ type: MSG_WITNESS_BLOCK, hash: stale.hash }] });
    await peer.hears("block");
    expect(peer.ended).toBeUndefined();
  });

  it("is not held against a peer that never sends it, nor taken in another form", async () => {
    const network = new TestNetwork();
    const store = new DamagedStore();
    const us = await network.add("us", { store });
    const chain = mined(network, 5);
    await give(network, us, chain);
    const [, , second] = chain.blocks as [Block, Block, Block];
    const peer = await Stranger.connect(network, us);
    peer.say({ command: "headers", headers: chain.blocks.slice(1).map(({ header }) => header) });
    await network.time.pass(1_000);
    store.damaged.add(second.hash);
    await expect(us.chain.getRawBlock(second.hash)).rejects.toThrow("damaged");
    const items = [{ type: MSG_WITNESS_BLOCK, hash: second.hash }];
    expect((await peer.hears("getdata")).items).toEqual(items);
    // It is asked again when it has been silent for long, and keeps its place.
    expect((await peer.hears("getdata", 600_000)).items).toEqual(items);
    expect(peer.ended).toBeUndefined();
    const forged = new Block(second.header, chain.blocks[3]!.transactions);
    expect(await network.during(us.chain.acceptBlock(forged))).toMatchObject({
      ok: false,
      reason: "bad-txnmrklroot",
    });
    expect(store.damaged.size).toBe(1);
    expect(us.chain.headers.get(second.hash)?.invalidReason).toBeUndefined();
    peer.say({ command: "block", raw: second.toBytes() });
    await network.time.until("the repair", () => store.damaged.size === 0);
  });
});
