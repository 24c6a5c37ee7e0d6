import { Block, BlockHeader, type Transaction } from "@chain/core";
import { makeBlock } from "@chain/testing/blockFactory";
import { TestNetwork, type TestNode } from "@chain/testing/network";
import { Stranger } from "@chain/testing/stranger";
import { MSG_BLOCK, MSG_CMPCT_BLOCK } from "@chain/wire";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { compactBlock } from "../../../src/net/blocks/compactBlock.ts";
import { pay, source } from "../../support/compact.ts";

const transactions = Array.from({ length: 10 }, (_, i) => pay(i + 1));

describe("a node", () => {
  async function nodeWith(): Promise<{ network: TestNetwork; node: TestNode }> {
    const network = new TestNetwork();
    const node = await network.add("node");
    for (const each of source.blocks.slice(1)) {
      await network.during(node.chain.acceptBlock(each, { requested: true }));
    }
    return { network, node };
  }
  /** Recent, so that the node takes part in the present. */
  const next = (
    network: TestNetwork,
    node: TestNode,
    list: readonly Transaction[] = transactions,
  ) =>
    makeBlock({
      parent: node.chain.tip,
      params: network.params,
      transactions: list,
      commit: true,
      header: { time: Math.floor(network.time.now() / 1000) },
    });

  it("puts a block together from its mempool and what it asks for", async () => {
    const { network, node } = await nodeWith();
    for (const each of transactions.slice(0, 7))
      await network.during(node.chain.acceptTransaction(each));
    const stranger = await Stranger.connect(network, node);
    expect(await stranger.hears("sendcmpct")).toMatchObject({ announce: false, version: 2n });
    stranger.say({ command: "sendcmpct", announce: false, version: 2n });
    const fresh = next(network, node);
    stranger.say(compactBlock(fresh, 5n));
    stranger.say(compactBlock(fresh, 6n)); // once is enough
    const { blockHash, indexes } = await stranger.hears("getblocktxn");
    await network.time.pass(1_000);
    expect(stranger.received.filter(({ command }) => command === "getblocktxn")).toEqual([]);
    expect([blockHash, indexes]).toEqual([fresh.hash, [8, 9, 10]]);
    stranger.say({ command: "blocktxn", blockHash, transactions: transactions.slice(7) });
    await network.time.until("it is the tip", () => node.chain.tip.hash === fresh.hash);
    // From now on it wants blocks of this peer at once.
    expect(await stranger.hears("sendcmpct")).toMatchObject({ announce: true });
    const empty = next(network, node, []);
    stranger.say(compactBlock(empty, 6n));
    await network.time.until("it is the tip", () => node.chain.tip.hash === empty.hash);
  });

  it.each(["whole", "compact"] as const)("decodes the header of a %s block once", async (form) => {
    const { network, node } = await nodeWith();
    for (const each of transactions) await network.during(node.chain.acceptTransaction(each));
    const stranger = await Stranger.connect(network, node);
    const fresh = next(network, node);
    onTestFinished(() => void vi.restoreAllMocks());
    const headers = vi.spyOn(BlockHeader, "read");
    const stored = vi.spyOn(BlockHeader, "fromHashed");
    const blocks = vi.spyOn(Block, "read");
    const whole = { command: "block", raw: fresh.toBytes() } as const;
    stranger.say(form === "whole" ? whole : compactBlock(fresh, 5n));
    await network.time.until("it is the tip", () => node.chain.tip.hash === fresh.hash);
    const times = (spy: typeof headers | typeof stored) =>
      spy.mock.results.filter(({ value }) => (value as BlockHeader).hash === fresh.hash).length;
    // The tree of headers keeps bytes and hash: what it hands out was not decoded from what the peer sent.
    expect(times(headers) - times(stored)).toBe(1);
    // A block that was reconstructed is neither encoded nor decoded on its way to the chain manager.
    expect(blocks).toHaveBeenCalledTimes(form === "whole" ? 1 : 0);
  });

  it("asks for the whole block where what it has is not it, and punishes nobody for it", async () => {
    const { network, node } = await nodeWith();
    const stranger = await Stranger.connect(network, node);
    stranger.say({ command: "sendcmpct", announce: false, version: 2n });
    const fresh = next(network, node);
    stranger.say(compactBlock(fresh, 5n));
    const { blockHash } = await stranger.hears("getblocktxn");
    stranger.say({ command: "blocktxn", blockHash, transactions: [...transactions].reverse() });
    expect((await stranger.hears("getdata")).items).toMatchObject([{ hash: fresh.hash }]);
    stranger.say({ command: "block", raw: fresh.toBytes() });
    await network.time.until("it is the tip", () => node.chain.tip.hash === fresh.hash);
    expect(stranger.ended).toBeUndefined();
  });

  it("disconnects a peer that sends transactions again where they were not those of the block", async () => {
    const { network, node } = await nodeWith();
    const stranger = await Stranger.connect(network, node);
    stranger.say({ command: "sendcmpct", announce: false, version: 2n });
    const fresh = next(network, node);
    stranger.say(compactBlock(fresh, 5n));
    const { blockHash } = await stranger.hears("getblocktxn");
    const wrong = {
      command: "blocktxn" as const,
      blockHash,
      transactions: [...transactions].reverse(),
    };
    stranger.say(wrong);
    await stranger.hears("getdata");
    stranger.say(wrong);
    await stranger.isDropped();
    const reason = "misbehaves: previous compact block reconstruction attempt failed";
    expect(node.log.some((line) => line.includes(reason))).toBe(true);
  });

  it("excuses a bad block that came in compact form, and no bad work", async () => {
    const { network, node } = await nodeWith();
    const [careless, idle, liar] = [
      await Stranger.old(network, node),
      await Stranger.connect(network, node),
      await Stranger.connect(network, node),
    ];
    const { tip } = node.chain;
    const bad = makeBlock({ parent: tip, params: network.params, reward: 10n ** 12n });
    careless.say(compactBlock(bad, 1n));
    expect((await careless.hears("reject")).reason).toBe("bad-cb-amount");
    await network.time.pass(1_000);
    expect(careless.ended).toBeUndefined();
    const lazy = new BlockHeader({ ...bad.header, bits: 0x1d00ffff });
    idle.say({ ...compactBlock(bad, 1n), header: lazy });
    await idle.isDropped();
    const fresh = next(network, node);
    liar.say(compactBlock(fresh, 1n));
    const { blockHash } = await liar.hears("getblocktxn");
    liar.say({ command: "blocktxn", blockHash, transactions: [] });
    await liar.isDropped();
    expect(node.chain.tip).toBe(tip);
  });

  for (const form of ["whole", "compact"] as const) {
    it(`judges the sender of a ${form} block once the block is to be connected`, async () => {
      const { network, node } = await nodeWith();
      const { params } = network;
      const first = next(network, node, []);
      const [sender, other] = [
        await Stranger.connect(network, node),
        await Stranger.connect(network, node),
      ];
      sender.say({ command: "headers", headers: [first.header] });
      await sender.hears("getdata");
      const parent = node.chain.headers.get(first.hash)!;
      const bad = makeBlock({ parent, params, reward: 10n ** 12n });
      sender.say(
        form === "whole" ? { command: "block", raw: bad.toBytes() } : compactBlock(bad, 1n),
      );
      const known = () => node.chain.headers.get(bad.hash);
      await network.time.until("it is stored", () => (known()?.transactionCount ?? 0) > 0);
      expect(sender.ended).toBeUndefined();
      other.say({ command: "block", raw: first.toBytes() });
      await network.time.until("it is judged", () => known()?.invalidReason === "bad-cb-amount");
      await network.time.pass(1_000);
      // The compact form may be relayed before it is checked (BIP-0152).
      expect([sender.ended !== undefined, other.ended]).toEqual([form === "whole", undefined]);
      expect(node.chain.tip.hash).toBe(first.hash);
    });
  }

  it("sends a new block at once to who wants it, and old ones whole", async () => {
    const { network, node } = await nodeWith();
    const stranger = await Stranger.connect(network, node);
    stranger.say({ command: "sendcmpct", announce: true, version: 2n });
    stranger.say({
      command: "headers",
      headers: source.blocks.slice(1).map(({ header }) => header),
    });
    await network.time.pass(1_000);
    const fresh = next(network, node);
    await network.during(node.node.submitBlock(fresh));
    const message = await stranger.hears("cmpctblock");
    expect(message.header.hash).toBe(fresh.hash);
    // It is made once, whoever wants it: the names of all transactions take their time.
    const again = await Stranger.connect(network, node);
    again.say({ command: "getdata", items: [{ type: MSG_CMPCT_BLOCK, hash: fresh.hash }] });
    expect((await again.hears("cmpctblock")).nonce).toBe(message.nonce);
    expect(message.shortIds).toHaveLength(10);
    // Nor is the tip read and taken apart again for each of them.
    const read = vi.spyOn(node.chain, "getRawBlock");
    stranger.say({ command: "getblocktxn", blockHash: fresh.hash, indexes: [1, 10] });
    expect((await stranger.hears("blocktxn")).transactions.map(({ txid }) => txid)).toEqual(
      [transactions[0], transactions[9]].map((each) => each!.txid),
    );
    expect(read).not.toHaveBeenCalled();
    const old = source.blocks[2] as Block;
    stranger.say({ command: "getdata", items: [{ type: MSG_CMPCT_BLOCK, hash: old.hash }] });
    expect((await stranger.hears("block")).raw).toEqual(old.toBytes());
    stranger.say({ command: "getdata", items: [{ type: MSG_CMPCT_BLOCK, hash: fresh.hash }] });
    await stranger.hears("cmpctblock");
    stranger.say({ command: "getblocktxn", blockHash: old.hash, indexes: [0] });
    await stranger.hears("block");
    stranger.say({ command: "getblocktxn", blockHash: fresh.hash, indexes: [11] });
    await stranger.isDropped();
  });

  it("asks for new blocks at once where a block came and no other is on its way", async () => {
    const { network, node } = await nodeWith();
    const stranger = await Stranger.connect(network, node);
    stranger.say({ command: "sendcmpct", announce: false, version: 2n });
    await stranger.hears("sendcmpct");
    const first = next(network, node, []);
    stranger.say({ command: "headers", headers: [first.header] });
    await stranger.hears("getdata");
    const parent = node.chain.headers.get(first.hash) ?? expect.unreachable();
    const second = makeBlock({ parent, params: network.params });
    stranger.say({ command: "headers", headers: [second.header] });
    await stranger.hears("getdata");
    stranger.say({ command: "block", raw: first.toBytes() });
    await network.time.until("the first", () => node.chain.tip.hash === first.hash);
    await network.time.pass(1_000);
    expect(stranger.received.filter(({ command }) => command === "sendcmpct")).toEqual([]);
    stranger.say({ command: "block", raw: second.toBytes() });
    expect(await stranger.hears("sendcmpct")).toMatchObject({ announce: true });
  });

  it("asks for the next block in compact form, of who has announced it by its header", async () => {
    const { network, node } = await nodeWith();
    const stranger = await Stranger.connect(network, node);
    stranger.say({ command: "sendcmpct", announce: false, version: 2n });
    const fresh = next(network, node);
    stranger.say({ command: "headers", headers: [fresh.header] });
    expect((await stranger.hears("getdata")).items).toEqual([
      { type: MSG_CMPCT_BLOCK, hash: fresh.hash },
    ]);
    expect(MSG_BLOCK).not.toBe(MSG_CMPCT_BLOCK);
    stranger.say(compactBlock(fresh, 2n));
    await stranger.hears("getblocktxn");
    stranger.say({ command: "blocktxn", blockHash: fresh.hash, transactions });
    await network.time.until("it is the tip", () => node.chain.tip.hash === fresh.hash);
  });

  it("takes a block of whoever brings it whole, though another was asked for what is missing", async () => {
    const { network, node } = await nodeWith();
    const slow = await Stranger.connect(network, node);
    const quick = await Stranger.connect(network, node);
    const fresh = next(network, node, transactions.slice(0, 2));
    slow.say(compactBlock(fresh, 2n));
    await slow.hears("getblocktxn");
    quick.say(compactBlock(fresh, 3n)); // nor can that be put together
    for (const transaction of transactions.slice(0, 2)) quick.say({ command: "tx", transaction });
    await network.time.until("both wait", () => node.chain.mempool.count === 2);
    expect(node.chain.tip.hash).not.toBe(fresh.hash);
    const late = await Stranger.connect(network, node);
    late.say(compactBlock(fresh, 4n));
    await network.time.until("it is the tip", () => node.chain.tip.hash === fresh.hash);
    expect(slow.ended ?? quick.ended ?? late.ended).toBeUndefined();
  });

  it("asks up to three peers for what is missing, and keeps the last place for an outbound one", async () => {
    const { network, node } = await nodeWith();
    const outsider = new Stranger(network, "inbound");
    const address = { host: "10.0.0.9", port: 4000 };
    network.listen(address, (connection) => {
      outsider.open(connection);
      return outsider.handler;
    });
    await network.during(node.node.callOnce(address));
    await network.time.until("the handshake", () => outsider.ready);
    const callers: Stranger[] = [];
    for (let i = 0; i < 4; i++) callers.push(await Stranger.connect(network, node));
    const [first, second, third, low] = callers as [Stranger, Stranger, Stranger, Stranger];
    // All but `low` send new blocks at once: the places are those of the last three that gave a block.
    const give = async (stranger: Stranger) => {
      stranger.say({ command: "sendcmpct", announce: false, version: 2n });
      const empty = next(network, node, []);
      stranger.say(compactBlock(empty, 6n));
      await network.time.until("it is the tip", () => node.chain.tip.hash === empty.hash);
    };
    const asked = async (block: Block, strangers: readonly Stranger[]) => {
      for (const stranger of strangers) {
        stranger.say(compactBlock(block, 7n));
        await network.time.pass(100);
      }
      return strangers.map((stranger) =>
        stranger.received.some(
          (message) => message.command === "getblocktxn" && message.blockHash === block.hash,
        ),
      );
    };
    for (const stranger of [first, second, third]) await give(stranger);
    const block = next(network, node, transactions.slice(0, 2));
    expect(await asked(block, [low, first, second, outsider])).toEqual([true, true, false, false]);
    // Each of those that were asked may answer.
    const blockHash = block.hash;
    first.say({ command: "blocktxn", blockHash, transactions: transactions.slice(0, 2) });
    await network.time.until("it is the tip", () => node.chain.tip.hash === block.hash);
    await give(outsider);
    const other = next(network, node, transactions.slice(2, 4));
    expect(await asked(other, [low, first, third, outsider])).toEqual([true, true, false, true]);
    // An answer that does not fit asks the whole block of the first alone.
    first.say({
      command: "blocktxn",
      blockHash: other.hash,
      transactions: transactions.slice(4, 6),
    });
    await network.time.pass(100);
    const heard = (stranger: Stranger) =>
      stranger.received.some(
        (message) =>
          message.command === "getdata" && message.items.some(({ hash }) => hash === other.hash),
      );
    expect([heard(first), first.ended]).toEqual([false, undefined]);
    outsider.say({
      command: "blocktxn",
      blockHash: other.hash,
      transactions: transactions.slice(2, 4),
    });
    await network.time.until("it is the tip", () => node.chain.tip.hash === other.hash);
  });

  it("puts together the block after the next, and no later one", async () => {
    const { network, node } = await nodeWith();
    const stranger = await Stranger.connect(network, node);
    const first = next(network, node, []);
    stranger.say({ command: "headers", headers: [first.header] });
    await stranger.hears("getdata");
    const view = () => node.chain.headers.get(first.hash)!;
    const second = makeBlock({ parent: view(), params: network.params });
    stranger.say(compactBlock(second, 2n));
    await network.time.until("it is here", () => {
      return (node.chain.headers.get(second.hash)?.transactionCount ?? 0) > 0;
    });
    const parent = node.chain.headers.get(second.hash)!;
    const third = makeBlock({ parent, params: network.params });
    stranger.say(compactBlock(third, 2n));
    expect((await stranger.hears("getdata")).items.map(({ hash }) => hash)).toEqual([third.hash]);
    stranger.say({ command: "block", raw: first.toBytes() });
    await network.time.until("both are connected", () => node.chain.tip.hash === second.hash);
  });
});
