/** The memory that peers can make a node use. */
import { p2wpkhScript, Transaction, type Txid } from "@chain/core";
import { frameMessage, type Message, MSG_WITNESS_BLOCK, PROTOCOL_VERSION } from "@chain/wire";
import { describe, expect, it } from "vitest";
import { easyDevnet, payment, TestChain } from "../../core/test/support/blockFactory.ts";
import { Inbox } from "../src/net/inbox.ts";
import { WorkBudget } from "../src/net/workBudget.ts";
import { TestNetwork } from "./support/network.ts";
import { Stranger } from "./support/stranger.ts";

const output = { value: 1n, scriptPubKey: p2wpkhScript(new Uint8Array(20)) };

/** Spends what nobody has, with so many items of one byte to prove it. */
function manyItems(count: number): Transaction {
  const item = Uint8Array.of(1);
  const witness = Array.from({ length: count }, () => item);
  const prevout = { txid: "77".repeat(32) as Txid, vout: 0 };
  const input = { prevout, scriptSig: new Uint8Array(), sequence: 0, witness };
  return new Transaction({ version: 2, inputs: [input], outputs: [output], lockTime: 0 });
}

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

async function nodeWith(count: number) {
  const network = new TestNetwork();
  const node = await network.add("node");
  const source = new TestChain(network.params);
  for (let i = 0; i < count; i++) source.mine();
  for (const block of source.blocks.slice(1)) {
    await network.during(node.chain.acceptBlock(block, { requested: true }));
  }
  return { network, node, source };
}

/** What a node that is well answers at once. */
const question: Message = {
  command: "getheaders",
  protocolVersion: PROTOCOL_VERSION,
  locator: [easyDevnet().genesis.hash],
  stopHash: easyDevnet().genesis.hash,
};

async function answers(stranger: Stranger): Promise<void> {
  stranger.say(question);
  await stranger.hears("headers");
}

describe("an inbox", () => {
  it("counts what waits and what is being handled", () => {
    const inbox = new Inbox();
    inbox.push({ command: "tx", transaction: manyItems(100) });
    const one = inbox.heap;
    expect(one).toBeGreaterThan(100 * 100);
    inbox.push({ command: "tx", transaction: manyItems(100) });
    expect(inbox.heap).toBe(2 * one);
    inbox.take();
    expect(inbox.heap).toBe(2 * one);
    inbox.take();
    expect(inbox.heap).toBe(one);
    expect(inbox.take()).toBeUndefined();
    expect(inbox.heap).toBe(0);
    inbox.push({ command: "tx", transaction: manyItems(100) });
    inbox.clear();
    expect([inbox.heap, inbox.isEmpty]).toEqual([0, true]);
  });

  it("is full by the number, the bytes or the memory of its messages", () => {
    const full = (fill: (inbox: Inbox) => void): number => {
      const inbox = new Inbox();
      let count = 0;
      for (; !inbox.isFull; count++) fill(inbox);
      return count;
    };
    expect(full((inbox) => inbox.push({ command: "sendheaders" }))).toBe(64);
    const raw = new Uint8Array(1_000_000);
    expect(full((inbox) => inbox.push({ command: "block", raw }))).toBe(5);
    const transaction = manyItems(100_000); // 200 kB
    expect(full((inbox) => inbox.push({ command: "tx", transaction }))).toBeLessThan(10);
  });
});

describe("a node", () => {
  it("lets some of those go who ask for much and read nothing, before they fill its memory", async () => {
    const { network, node, source } = await nodeWith(3);
    const hash = source.tip.hash;
    const items = Array.from({ length: 10_000 }, () => ({ type: MSG_WITNESS_BLOCK, hash }));
    const { magic } = network.params;
    const large = frameMessage(magic, { command: "tx", transaction: manyItems(700_000) });
    const honest = await Stranger.connect(network, node);
    const deaf: Stranger[] = [];
    for (let i = 0; i < 5; i++) {
      const stranger = new Stranger(network, "outbound");
      const link = network.connectStranger(node, stranger.handler);
      stranger.open(link);
      await network.time.until("the handshake", () => stranger.ready);
      link.setReading(false);
      stranger.say({ command: "getdata", items });
      stranger.write(large);
      deaf.push(stranger);
    }
    await network.time.pass(1_000);
    // A third one is too many each time.
    expect(deaf.filter(({ ended }) => ended === undefined).length).toBe(2);
    await answers(honest);
  });

  it("takes the largest of messages from one alone", async () => {
    const { network, node } = await nodeWith(3);
    const stranger = await Stranger.connect(network, node);
    stranger.say({ command: "tx", transaction: manyItems(1_500_000) });
    await answers(stranger);
  });

  it("takes large messages of several one after the other, and none of those who have gone", async () => {
    const { network, node, source } = await nodeWith(110);
    const large = (height: number): Transaction =>
      payment({
        coins: [source.coinbaseCoin(height)],
        outputs: Array.from({ length: 5000 }, () => ({
          value: 1n,
          scriptPubKey: Uint8Array.of(81),
        })),
      });
    // The first is held up until we say so.
    const { chain } = node;
    const accept = chain.acceptTransaction.bind(chain);
    const begun: Txid[] = [];
    let goOn: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    chain.acceptTransaction = async (transaction) => {
      begun.push(transaction.txid);
      await held;
      return accept(transaction);
    };
    const transactions = [large(1), large(2), large(3)] as const;
    const strangers: Stranger[] = [];
    for (const transaction of transactions) {
      const stranger = await Stranger.connect(network, node);
      stranger.say({ command: "tx", transaction });
      strangers.push(stranger);
    }
    const [first, second, gone] = transactions;
    await network.time.pass(1_000);
    expect(begun).toEqual([first.txid]);
    const last = node.node.peers().at(-1);
    node.node.disconnect(last?.id ?? 0, "a test");
    goOn();
    await network.time.until("both", () => chain.mempool.count === 2);
    expect(begun).toEqual([first.txid, second.txid]);
    for (const stranger of strangers.slice(0, 2)) await answers(stranger);
    expect(chain.mempool.get(gone.txid)).toBeUndefined();
  });
});

describe("work for nothing", () => {
  it("is done as long as the budget lasts, and again when it has been regained", () => {
    const budget = new WorkBudget();
    budget.charge(4_000, 0);
    expect(budget.restTime(0)).toBe(0);
    budget.charge(10, 0);
    expect(budget.restTime(0)).toBe(1_000);
    expect(budget.restTime(600)).toBe(400);
    expect(budget.restTime(1_000)).toBe(0);
    budget.charge(1e9, 1_000);
    expect(budget.restTime(1_000)).toBe(400_000);
    // A clock that is set back gives nothing, and takes nothing.
    expect(budget.restTime(0)).toBe(400_000);
  });

  it("makes one peer wait and no other", async () => {
    const { network, node } = await nodeWith(3);
    const wasteful = await Stranger.connect(network, node);
    const other = await Stranger.connect(network, node);
    for (let n = 0; n < 5; n++) wasteful.say({ command: "tx", transaction: manyInputs(n) });
    wasteful.say(question);
    await network.time.pass(60_000);
    const hasAnswer = () => wasteful.received.some(({ command }) => command === "headers");
    expect(hasAnswer()).toBe(false);
    await answers(other);
    await network.time.pass(60_000);
    expect(hasAnswer()).toBe(true);
    expect(wasteful.ended).toBeUndefined();
  });

  it("keeps no node from stopping", async () => {
    const { network, node } = await nodeWith(3);
    const wasteful = await Stranger.connect(network, node);
    for (let n = 0; n < 5; n++) wasteful.say({ command: "tx", transaction: manyInputs(n) });
    await network.time.pass(1_000);
    let stopped = false;
    void node.node.stop().then(() => {
      stopped = true;
    });
    await network.time.until("the end", () => stopped, 100);
  });
});
