/** Transactions whose parents are missing, and the peers that are asked for these. */
import type { Transaction } from "@chain/core";
import { payment, TestChain, testKey } from "@chain/testing/blockFactory";
import { TestNetwork, type TestNode } from "@chain/testing/network";
import { Stranger } from "@chain/testing/stranger";
import { MSG_WITNESS_TX, MSG_WTX } from "@chain/wire";
import { describe, expect, it } from "vitest";

interface Family {
  readonly network: TestNetwork;
  readonly node: TestNode;
  readonly parent: Transaction;
  readonly child: Transaction;
  connect(): Promise<Stranger>;
}

async function family(): Promise<Family> {
  const network = new TestNetwork();
  const source = new TestChain(network.params);
  for (let i = 0; i < 2; i++) source.mine();
  const node = await network.add("node");
  for (const block of source.blocks.slice(1)) await network.during(node.chain.acceptBlock(block));
  const coin = source.coinbaseCoin(1);
  const key = testKey(4);
  const outputs = [{ value: coin.coin.value, scriptPubKey: key.script }];
  const parent = payment({ coins: [coin], outputs });
  const outpoint = { txid: parent.txid, vout: 0 };
  const childCoin = { outpoint, coin: { ...coin.coin, scriptPubKey: key.script } };
  const child = payment({ coins: [childCoin], outputs, key });
  return { network, node, parent, child, connect: () => Stranger.connect(network, node) };
}

const announcement = ({ wtxid }: Transaction) => ({
  command: "inv" as const,
  items: [{ type: MSG_WTX, hash: wtxid }],
});
const questionFor = ({ txid }: Transaction) => [{ type: MSG_WITNESS_TX, hash: txid }];

describe("the parent of an orphan", () => {
  it("is asked of a peer that announces the orphan later, when its sender leaves", async () => {
    const { network, node, parent, child, connect } = await family();
    const [sender, later] = [await connect(), await connect()];
    sender.say({ command: "tx", transaction: child });
    expect((await sender.hears("getdata")).items).toEqual(questionFor(parent));
    later.say(announcement(child));
    await network.time.pass(5_000);
    expect(later.received.filter(({ command }) => command === "getdata")).toEqual([]);
    sender.hangUp();
    expect((await later.hears("getdata")).items).toEqual(questionFor(parent));
    later.say({ command: "tx", transaction: parent });
    await network.time.until("both are in", () => node.chain.mempool.count === 2);
  });

  it("is asked of a peer that announced the orphan before it came from another", async () => {
    const { network, node, parent, child, connect } = await family();
    const [sender, earlier] = [await connect(), await connect()];
    sender.say(announcement(child));
    expect((await sender.hears("getdata")).items).toEqual(announcement(child).items);
    earlier.say(announcement(child));
    await network.time.pass(5_000);
    sender.say({ command: "tx", transaction: child });
    const items = questionFor(parent);
    expect((await sender.hears("getdata")).items).toEqual(items);
    sender.say({ command: "notfound", items });
    expect((await earlier.hears("getdata")).items).toEqual(items);
    earlier.say({ command: "tx", transaction: parent });
    await network.time.until("both are in", () => node.chain.mempool.count === 2);
  });
});
