import { Block, HeaderTree, ZERO_BLOCK_HASH } from "@chain/core";
import { makeBlock, testKey } from "@chain/testing/blockFactory";
import { badBlocks } from "@chain/testing/catalogue";
import { TestNetwork } from "@chain/testing/network";
import { Stranger } from "@chain/testing/stranger";
import { MSG_BLOCK, MSG_WITNESS_BLOCK, NODE_WITNESS } from "@chain/wire";
import { describe, expect, it } from "vitest";
import { parsePermissionRule } from "../../../src/net/peer/permissions.ts";
import { nodeWith } from "../../support/nodes.ts";

describe("blocks from peers", () => {
  it("follows an inv by headers, then the body, and tells everybody but who sent it", async () => {
    const { network, node, source } = await nodeWith(2);
    const [sender, other] = [
      await Stranger.connect(network, node),
      await Stranger.connect(network, node),
    ];
    await sender.hears("getheaders");
    sender.say({ command: "headers", headers: [] });
    const block = source.mine();
    sender.say({ command: "inv", items: [{ type: MSG_BLOCK, hash: block.hash }] });
    await sender.hears("getheaders");
    sender.say({ command: "headers", headers: [block.header] });
    const { items } = await sender.hears("getdata");
    expect(items).toEqual([{ type: MSG_WITNESS_BLOCK, hash: block.hash }]);
    sender.say({ command: "block", raw: block.toBytes() });
    expect((await other.hears("inv")).items).toEqual([{ type: MSG_BLOCK, hash: block.hash }]);
    await network.time.pass(1_000);
    expect(sender.received.filter(({ command }) => command === "inv")).toEqual([]);
    expect(node.chain.tip.hash).toBe(block.hash);
  });

  it("are asked for by one getheaders for an inv, from the last block of it that is not known", async () => {
    const { network, node, source } = await nodeWith(2);
    const stranger = await Stranger.connect(network, node);
    await stranger.hears("getheaders");
    stranger.say({ command: "headers", headers: [] });
    const tip = node.chain.tip.hash;
    const fresh = [source.mine(), source.mine(), source.mine()];
    const items = [...fresh.map(({ hash }) => hash), tip].map((hash) => ({
      type: MSG_BLOCK,
      hash,
    }));
    stranger.say({ command: "inv", items });
    expect(await stranger.hears("getheaders")).toMatchObject({
      locator: [
        tip,
        ...source.blocks
          .slice(0, 2)
          .map(({ hash }) => hash)
          .reverse(),
      ],
      stopHash: ZERO_BLOCK_HASH,
    });
    stranger.say({ command: "inv", items: items.slice(0, 1) });
    await network.time.pass(1_000);
    const commands = stranger.received.map(({ command }) => command);
    expect(commands.filter((command) => /^get(headers|data)$/.test(command))).toEqual([]);
    stranger.say({ command: "headers", headers: fresh.map(({ header }) => header) });
    expect((await stranger.hears("getdata")).items).toHaveLength(3);
  });

  it("lets another serve the tip when the first who has it is slow, and keeps both", async () => {
    const { network, node, source } = await nodeWith(2);
    const [slow, quick] = [
      await Stranger.connect(network, node),
      await Stranger.connect(network, node),
    ];
    const block = source.mine();
    for (const stranger of [slow, quick]) {
      stranger.say({ command: "headers", headers: [block.header] });
      await network.time.pass(100);
    }
    await slow.hears("getdata");
    await quick.hears("getdata");
    quick.say({ command: "block", raw: block.toBytes() });
    await network.time.until("it is here", () => node.chain.tip.hash === block.hash);
    slow.say({ command: "block", raw: block.toBytes() });
    await network.time.pass(10_000);
    expect([slow.ended, quick.ended]).toEqual([undefined, undefined]);
  });

  it("are asked of who tells of their headers first, though he offers none and others have them", async () => {
    const { network, node, source } = await nodeWith(1);
    const modest = await Stranger.connect(network, node, { services: NODE_WITNESS });
    const usual = await Stranger.connect(network, node);
    const blocks = [source.mine(), source.mine()];
    const asked = (stranger: Stranger) =>
      stranger.received.flatMap((message) => (message.command === "getdata" ? message.items : []));
    modest.say({ command: "headers", headers: blocks.map(({ header }) => header) });
    for (const { hash } of blocks) {
      usual.say({ command: "inv", items: [{ type: MSG_BLOCK, hash }] });
    }
    await network.time.pass(100);
    expect(asked(modest).map(({ hash }) => hash)).toEqual(blocks.map(({ hash }) => hash));
    expect(asked(usual)).toEqual([]);
    expect(modest.received.map(({ command }) => command)).not.toContain("getheaders");
    for (const block of blocks) modest.say({ command: "block", raw: block.toBytes() });
    await network.time.until("it has them", () => node.chain.tip.height === 3);
  });

  it("are asked of nobody who tells of eighteen and offers none", async () => {
    const { network, node, source } = await nodeWith(1);
    const modest = await Stranger.connect(network, node, { services: NODE_WITNESS });
    const headers = Array.from({ length: 18 }, () => source.mine().header);
    modest.say({ command: "headers", headers });
    await network.time.pass(1_000);
    expect(node.chain.bestHeader.height).toBe(19);
    expect(modest.received.map(({ command }) => command)).not.toContain("getdata");
  });

  // Core: HeadersDirectFetchBlocks.
  it("are asked of who tells of them although he holds back a better branch", async () => {
    const { network, node } = await nodeWith(0);
    const { params } = network;
    // Only with a recent tip are blocks asked for as they are told of.
    const header = { time: Math.floor(network.time.now() / 1000) };
    const first = makeBlock({ parent: node.chain.tip, params, header });
    await network.during(node.chain.acceptBlock(first, { requested: true }));
    const { tip } = node.chain;
    const sender = await Stranger.connect(network, node);
    const branch = new HeaderTree(params.genesis.header);
    const own = makeBlock({ parent: branch.add(first.header), params });
    const next = makeBlock({ parent: branch.add(own.header), params });
    const rival = makeBlock({ parent: tip, params, payTo: testKey(3).script });
    sender.say({ command: "headers", headers: [own.header, next.header] });
    expect((await sender.hears("getdata")).items).toHaveLength(2);
    sender.say({ command: "headers", headers: [rival.header] });
    expect((await sender.hears("getdata")).items).toMatchObject([{ hash: rival.hash }]);
    sender.say({ command: "block", raw: rival.toBytes() });
    await network.time.until("it is here", () => node.chain.tip.hash === rival.hash);
  });

  it("are asked again of who spoilt them before, once he tells of them again, and in place of others", async () => {
    const rule = parsePermissionRule("noban@10.7.7.7") ?? expect.unreachable();
    const network = new TestNetwork();
    const node = await network.add("node", { permissions: [rule] });
    const guest = await Stranger.connect(network, node, { host: "10.7.7.7" });
    const [good, rival] = [1, 2].map((to) =>
      makeBlock({ parent: node.chain.tip, params: network.params, payTo: testKey(to).script }),
    ) as [Block, Block];
    const tell = async (block: Block) => {
      guest.say({ command: "headers", headers: [block.header] });
      expect((await guest.hears("getdata")).items).toMatchObject([{ hash: block.hash }]);
    };
    await tell(good);
    const [coinbase] = good.transactions;
    const doubled = [coinbase, coinbase] as Block["transactions"];
    guest.say({ command: "block", raw: new Block(good.header, doubled).toBytes() });
    await tell(rival);
    await tell(good);
    guest.say({ command: "block", raw: good.toBytes() });
    await network.time.until("it is the tip", () => node.chain.tip.hash === good.hash);
  });

  it("forgives one who calls and offers what is known to be bad, but not one whom it has called", async () => {
    const { network, node, source } = await nodeWith(2);
    const bad = badBlocks(source, source.coinbaseCoin(1)).find(
      ({ reason }) => reason === "bad-cb-amount",
    );
    const header = bad?.block.header;
    if (bad === undefined || header === undefined) throw new Error("no such case");
    const first = await Stranger.connect(network, node);
    first.say({ command: "block", raw: bad.block.toBytes() });
    expect(await first.isDropped()).toBeDefined();
    const caller = await Stranger.connect(network, node);
    caller.say({ command: "headers", headers: [header] });
    await network.time.until("it is refused", () =>
      node.log.some((line) => line.includes("duplicate-invalid")),
    );
    await network.time.pass(1_000);
    expect(caller.ended).toBeUndefined();
    const address = { host: "10.0.0.9", port: 9 };
    const called = new Stranger(network, "inbound");
    network.listen(address, (connection) => {
      network.time.after(0, () => called.open(connection));
      return called.handler;
    });
    const second = await network.add("second", { connect: [address] });
    for (const block of source.blocks.slice(1))
      await network.during(second.chain.acceptBlock(block));
    await network.during(second.chain.acceptBlock(bad.block));
    await network.time.until("the handshake", () => called.ready);
    called.say({ command: "headers", headers: [header] });
    await called.isDropped();
  });
});
