import type { Block, LocatedCoin, Transaction } from "@chain/core";
import { MINER, makeBlock, payment, testKey } from "@chain/testing/blockFactory";
import { TestNetwork, type TestNode } from "@chain/testing/network";
import { Stranger } from "@chain/testing/stranger";
import { describe, expect, it } from "vitest";

/** Spends one output, whole. */
function pay(from: Transaction, vout: number, to: Uint8Array, key = MINER): Transaction {
  const output = from.outputs[vout];
  if (output === undefined) throw new Error("no such output");
  const coins: LocatedCoin[] = [
    { outpoint: { txid: from.txid, vout }, coin: { ...output, height: 1, coinbase: false } },
  ];
  return payment({ coins, outputs: [{ value: output.value, scriptPubKey: to }], key });
}

function coinbaseOf(block: Block): Transaction {
  const [coinbase] = block.transactions;
  if (coinbase === undefined) throw new Error("no coinbase");
  return coinbase;
}

async function mine(network: TestNetwork, { chain }: TestNode, count: number, extra = 0) {
  const blocks: Block[] = [];
  for (let i = 0; i < count; i++) {
    const block = makeBlock({ parent: chain.tip, params: network.params, extra });
    const verdict = await network.during(chain.acceptBlock(block, { requested: true }));
    if (!verdict.ok) throw new Error(verdict.reason);
    blocks.push(block);
  }
  return blocks;
}

describe("a network of nodes", () => {
  it("plays the tutorial: central, wallet and miner", async () => {
    const network = new TestNetwork();
    const central = await network.add("central");
    const blocks = await mine(network, central, 2);
    const connect = [central.address];
    const wallet = await network.add("wallet", { connect });
    const miner = await network.add("miner", { connect });
    await network.time.until(
      "both have synced",
      () => wallet.chain.tip.height === 2 && miner.chain.tip.height === 2,
    );
    const mining = miner.miner(testKey(9).script);
    mining.start();
    for (const block of blocks) {
      const transaction = pay(coinbaseOf(block), 0, testKey(1).script);
      expect(await network.during(wallet.node.submitTransaction(transaction))).toMatchObject({
        ok: true,
      });
    }
    await network.time.until("one block holds both payments, everywhere", () =>
      network.nodes.every(({ chain }) => chain.tip.height === 3),
    );
    const block = await central.chain.getBlock(central.chain.tip.hash);
    expect(block?.transactions).toHaveLength(3);
    expect(network.nodes.map(({ chain }) => chain.mempool.count)).toEqual([0, 0, 0]);
    const hashes = new Set(network.nodes.map(({ chain }) => chain.tip.hash));
    expect(hashes.size).toBe(1);
    await network.during(mining.stop());
  });

  it("syncs 300 blocks from three peers at once", async () => {
    const network = new TestNetwork();
    const first = await network.add("first");
    const blocks = await mine(network, first, 300);
    const others = [await network.add("second"), await network.add("third")];
    for (const { chain } of others) {
      for (const block of blocks)
        await network.during(chain.acceptBlock(block, { requested: true }));
    }
    const connect = network.nodes.map(({ address }) => address);
    const fresh = await network.add("fresh", { connect });
    await network.time.until("it has all", () => fresh.chain.tip.height === 300);
    const served = fresh.node.peers().map(({ bytesReceived }) => bytesReceived);
    expect(Math.min(...served)).toBeGreaterThan(1000);
  });

  it("counts bytes as they come and go, whole messages or not, and those of peers that have left", async () => {
    const network = new TestNetwork();
    const { node } = await network.add("node");
    const stranger = await Stranger.connect(network, network.nodes[0] as TestNode);
    await network.time.pass(5_000); // until all has been said that belongs to a beginning
    const before = node.peers()[0]?.bytesReceived ?? 0;
    expect(before).toBeGreaterThan(0);
    expect(node.traffic.received).toBe(before);
    stranger.write(Uint8Array.of(1, 2, 3));
    await network.time.until("three bytes", () => node.traffic.received === before + 3);
    expect(node.peers()[0]?.bytesReceived).toBe(before + 3);
    const { sent } = node.traffic;
    expect(node.peers()[0]?.bytesSent).toBe(sent);
    stranger.write(new Uint8Array(24));
    await stranger.isDropped();
    expect(node.peers()).toEqual([]);
    expect(node.traffic).toEqual({ received: before + 27, sent });
  });

  it("settles on most work when two miners find blocks at once, and mines what the loser had", async () => {
    const network = new TestNetwork();
    const left = await network.add("left");
    const right = await network.add("right");
    const spend = pay(coinbaseOf(network.params.genesis), 0, testKey(3).script);
    const withSpend = makeBlock({
      parent: left.chain.tip,
      params: network.params,
      transactions: [spend],
    });
    await network.during(left.chain.acceptBlock(withSpend, { requested: true }));
    await mine(network, right, 2, 8);
    const bridge = await network.add("bridge", { connect: [left.address, right.address] });
    await network.time.until("all agree", () =>
      network.nodes.every(({ chain }) => chain.tip.hash === right.chain.tip.hash),
    );
    await network.time.until("it waits again, everywhere", () =>
      network.nodes.every(({ chain }) => chain.mempool.get(spend.txid) !== undefined),
    );
    const miner = bridge.miner(testKey(5).script, 1);
    miner.start();
    await network.time.until("it is mined", () =>
      network.nodes.every(({ chain }) => chain.mempool.count === 0 && chain.tip.height === 3),
    );
    await network.during(miner.stop());
  });
});
