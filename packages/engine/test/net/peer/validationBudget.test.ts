import { p2wpkhScript, Transaction, type Txid } from "@chain/core";
import { makeBlock, payment } from "@chain/testing/blockFactory";
import { Stranger } from "@chain/testing/stranger";
import { describe, expect, it } from "vitest";
import { ValidationBudget } from "../../../src/net/peer/validationBudget.ts";
import { answers } from "../../support/floods.ts";
import { nodeWith } from "../../support/nodes.ts";

const output = { value: 1n, scriptPubKey: p2wpkhScript(new Uint8Array(20)) };

/** Spends a thousand coins that nobody has, another thousand for each number. */
function manyInputs(n: number): Transaction {
  const inputs = Array.from({ length: 1_000 }, (_, vout) => ({
    prevout: { txid: `${n}7`.repeat(32) as Txid, vout },
    scriptSig: new Uint8Array(),
    sequence: 0,
    witness: [],
  }));
  return new Transaction({ version: 2, inputs, outputs: [output], lockTime: 0 });
}

describe("work for nothing", () => {
  it("is done as long as the budget lasts, and again when some has been regained", () => {
    const budget = new ValidationBudget();
    budget.charge(3_999, 0);
    expect(budget.isSpent(0)).toBe(false);
    budget.charge(10, 0);
    expect(budget.isSpent(0)).toBe(true);
    expect(budget.isSpent(900)).toBe(true);
    expect(budget.isSpent(1_000)).toBe(false);
    budget.charge(1e9, 1_000);
    expect(budget.isSpent(400_000)).toBe(true);
    expect(budget.isSpent(402_000)).toBe(false);
  });

  it("ends the patience with transactions of one peer, and of no other", async () => {
    const { network, node, source } = await nodeWith(110);
    const wasteful = await Stranger.connect(network, node);
    const other = await Stranger.connect(network, node);
    for (let n = 0; n < 5; n++) wasteful.say({ command: "tx", transaction: manyInputs(n) });
    await answers(wasteful);
    const good = [1, 2, 3].map((height) =>
      payment({ coins: [source.coinbaseCoin(height)], outputs: [output] }),
    );
    const [first, second, third] = good as [Transaction, Transaction, Transaction];
    wasteful.say({ command: "tx", transaction: first });
    other.say({ command: "tx", transaction: second });
    await answers(wasteful);
    await answers(other);
    const { mempool } = node.chain;
    expect([mempool.get(first.txid), mempool.count]).toEqual([undefined, 1]);
    // Its blocks are as good as anybody's.
    const block = makeBlock({ parent: node.chain.tip, params: network.params });
    wasteful.say({ command: "block", raw: block.toBytes() });
    await network.time.until("the block", () => node.chain.tip.hash === block.hash);
    await network.time.pass(200_000);
    wasteful.say({ command: "tx", transaction: third });
    await answers(wasteful);
    expect(mempool.get(third.txid)).toBeDefined();
    expect(wasteful.ended).toBeUndefined();
  });

  it("is not done for a block that is here", async () => {
    const { network, node, source } = await nodeWith(3);
    const stranger = await Stranger.connect(network, node);
    const raw = new Uint8Array(100_000).fill(255);
    raw.set(source.blocks.at(-1)?.toBytes().subarray(0, 80) ?? []);
    stranger.say({ command: "block", raw });
    await answers(stranger);
    // A node that had looked would have refused it.
    expect(stranger.received.map(({ command }) => command)).not.toContain("reject");
  });

  it("is not done for transactions of a block that nobody asked for", async () => {
    const { network, node } = await nodeWith(3);
    const stranger = await Stranger.connect(network, node);
    const read: string[] = [];
    node.node.subscribe((event) => {
      if (event.type === "message-received") read.push(event.message.command);
    });
    const transactions = [manyInputs(1)];
    const blockHash = network.params.genesis.hash;
    stranger.say({ command: "blocktxn", blockHash, transactions });
    await answers(stranger);
    expect(read).not.toContain("blocktxn");
  });
});
