/** The memory that peers can make a node use. */
import { type BlockHash, p2wpkhScript, Transaction, type Txid, Writer } from "@chain/core";
import { easyDevnet, makeBlock, payment, TestChain } from "@chain/testing/blockFactory";
import { TestNetwork } from "@chain/testing/network";
import { Stranger } from "@chain/testing/stranger";
import {
  decodePayload,
  encodePayload,
  frameMessage,
  frameRaw,
  type Message,
  MSG_BLOCK,
  PROTOCOL_VERSION,
} from "@chain/wire";
import { describe, expect, it } from "vitest";
import { MessageQueue, partsOf, type Unread, type Waiting } from "../src/net/peer/messageQueue.ts";
import { WorkBudget } from "../src/net/peer/workBudget.ts";

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

describe("a message queue", () => {
  it("is full by the number or the bytes of its messages", () => {
    const room = (waiting: Waiting): number => {
      const queue = new MessageQueue();
      let count = 0;
      for (; !queue.isFull; count++) queue.push(waiting);
      queue.take();
      expect(queue.isFull).toBe(false);
      queue.clear();
      expect(queue.isEmpty).toBe(true);
      return count;
    };
    const payload = new Uint8Array(1_000_000);
    expect(room({ type: "message", message: { command: "sendheaders" } })).toBe(64);
    expect(room({ type: "message", message: { command: "block", raw: payload } })).toBe(5);
    expect(room({ type: "unread", command: "tx", payload })).toBe(5);
  });

  it("knows what is long to decode", () => {
    const queue = new MessageQueue();
    const payload = new Uint8Array(1_000_000);
    queue.push({ type: "unread", command: "tx", payload });
    queue.push({ type: "message", message: { command: "block", raw: payload } });
    queue.push({ type: "unread", command: "tx", payload: new Uint8Array(1_000) });
    const known: boolean[] = [];
    for (; !queue.isEmpty; queue.take()) known.push(queue.isNextLarge);
    expect(known).toEqual([true, false, false]);
  });

  it("cuts a long getdata into parts, and nothing else", () => {
    const items = Array.from({ length: 2_500 }, (_, i) => ({
      type: MSG_BLOCK,
      hash: i.toString(16).padStart(64, "0") as BlockHash,
    }));
    const payload = encodePayload({ command: "getdata", items });
    // What stands behind the last item is ignored, as where it is decoded at once.
    const longer = new Uint8Array([...payload, 1, 2, 3]);
    for (const whole of [payload, longer]) {
      const parts = partsOf({ type: "unread", command: "getdata", payload: whole });
      const read = parts.map((part) => decodePayload("getdata", part.payload).items);
      expect(read.map(({ length }) => length)).toEqual([1_000, 1_000, 500]);
      expect(read.flat()).toEqual(items);
    }
    const long = new Uint8Array(100_000);
    const tooMany = Uint8Array.of(0xfd, 0x51, 0xc3, ...long);
    const tooLong = Uint8Array.of(0xfe, 0x01, 0, 0, 0, ...long);
    const others: Unread[] = [
      { type: "unread", command: "inv", payload },
      { type: "unread", command: "getdata", payload: payload.subarray(0, -1) },
      { type: "unread", command: "getdata", payload: tooMany },
      { type: "unread", command: "getdata", payload: tooLong },
    ];
    for (const unread of others) expect(partsOf(unread)).toEqual([unread]);
  });
});

describe("a node", () => {
  it("takes the largest of messages", async () => {
    const { network, node } = await nodeWith(3);
    const stranger = await Stranger.connect(network, node);
    stranger.say({ command: "tx", transaction: manyItems(1_500_000) });
    await answers(stranger);
    expect(stranger.ended).toBeUndefined();
  });

  it("reads large messages of several one after the other, and none of those who have gone", async () => {
    const { network, node, source } = await nodeWith(110);
    const large = (height: number): Transaction =>
      payment({
        coins: [source.coinbaseCoin(height)],
        outputs: Array.from({ length: 6000 }, () => ({
          value: 1n,
          scriptPubKey: Uint8Array.of(81),
        })),
      });
    // The first is held up until we say so.
    const { chain } = node;
    const accept = chain.acceptTransaction.bind(chain);
    let goOn: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    chain.acceptTransaction = async (transaction) => {
      await held;
      return accept(transaction);
    };
    const read: Txid[] = [];
    node.node.subscribe((event) => {
      if (event.type === "message-received" && event.message.command === "tx") {
        read.push(event.message.transaction.txid);
      }
    });
    const strangers: Stranger[] = [];
    const transactions = [large(1), large(2), large(3)] as const;
    for (const transaction of transactions) {
      const stranger = await Stranger.connect(network, node);
      stranger.say({ command: "tx", transaction });
      strangers.push(stranger);
    }
    const [first, second] = transactions;
    await network.time.pass(1_000);
    expect(read).toEqual([first.txid]);
    const last = node.node.peers().at(-1);
    node.node.disconnect(last?.id ?? 0, "a test");
    goOn();
    await network.time.until("both", () => chain.mempool.count === 2);
    for (const stranger of strangers.slice(0, 2)) await answers(stranger);
    expect(read).toEqual([first.txid, second.txid]);
  });

  it("hears the others while one says a thousand things at once", async () => {
    const { network, node } = await nodeWith(3);
    const talker = await Stranger.connect(network, node);
    const other = await Stranger.connect(network, node);
    const [first] = node.node.peers();
    const order: boolean[] = [];
    node.node.subscribe((event) => {
      if (event.type === "message-sent" && event.message.command === "headers") {
        order.push(event.peer === first?.id);
      }
    });
    const one = frameMessage(network.params.magic, question);
    const many = new Uint8Array(1_000 * one.length);
    for (let at = 0; at < many.length; at += one.length) many.set(one, at);
    talker.write(many);
    await answers(other);
    expect(order.indexOf(false)).toBeLessThanOrEqual(64);
    await network.time.until("all answers", () => order.length === 1_001);
  });

  it("judges what it reads late as it would have at once", async () => {
    const { network, node } = await nodeWith(3);
    const stranger = await Stranger.connect(network, node);
    const ends: string[] = [];
    node.node.subscribe((event) => {
      if (event.type === "peer-disconnected") ends.push(event.why);
    });
    const { magic } = network.params;
    stranger.write(frameRaw(magic, "tx", new Uint8Array(60_000).fill(255)));
    await answers(stranger);
    const tooMany = new Writer(10)
      .compactSize(50_001)
      .bytes(new Uint8Array(50_001 * 36))
      .finish();
    stranger.write(frameRaw(magic, "inv", tooMany));
    await stranger.isDropped();
    expect(ends).toEqual([expect.stringContaining("50001")]);
  });
});

describe("work for nothing", () => {
  it("is done as long as the budget lasts, and again when some has been regained", () => {
    const budget = new WorkBudget();
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
    // Whoever had looked would have refused it.
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
