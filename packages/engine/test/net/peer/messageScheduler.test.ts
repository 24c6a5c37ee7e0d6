import { p2wpkhScript, Transaction, type Txid, Writer } from "@chain/core";
import { payment, TestChain } from "@chain/testing/blockFactory";
import { TestNetwork } from "@chain/testing/network";
import { Stranger } from "@chain/testing/stranger";
import { virtualTime } from "@chain/testing/time";
import {
  frameMessage,
  frameRaw,
  type Message,
  type MessageOf,
  MSG_BLOCK,
  MSG_WITNESS_TX,
  type Session,
} from "@chain/wire";
import { describe, expect, it } from "vitest";
import type { PeerId } from "../../../src/events.ts";
import { CpuTimeBudget } from "../../../src/net/peer/cpuTimeBudget.ts";
import { MessageScheduler } from "../../../src/net/peer/messageScheduler.ts";
import { Peer } from "../../../src/net/peer/peer.ts";
import { answers, question } from "../../support/floods.ts";
import { nodeWith } from "../../support/nodes.ts";

const output = { value: 1n, scriptPubKey: p2wpkhScript(new Uint8Array(20)) };

/** Spends what nobody has, with so many items of one byte to prove it. */
function manyItems(count: number): Transaction {
  const item = Uint8Array.of(1);
  const witness = Array.from({ length: count }, () => item);
  const prevout = { txid: "77".repeat(32) as Txid, vout: 0 };
  const input = { prevout, scriptSig: new Uint8Array(), sequence: 0, witness };
  return new Transaction({ version: 2, inputs: [input], outputs: [output], lockTime: 0 });
}

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

describe("a message scheduler", () => {
  it("counts the reading of bytes, also where they make no message", async () => {
    const time = virtualTime(0);
    let taken = 0;
    let isReading = true;
    const scheduler = new MessageScheduler({
      clock: time,
      stopwatch: time,
      timers: time,
      isCatchingUp: () => true,
      owesBlocks: () => false,
      take: (_, bytes) => {
        taken += bytes.length;
      },
      wants: () => true,
      read: () => undefined,
      handle: async () => {},
      failed: (_, error) => {
        throw error;
      },
    });
    const peer = new Peer({
      id: 1,
      kind: "inbound",
      connection: {
        remote: { host: "10.0.0.9", port: 1 },
        write: () => true,
        setReading: (reading) => {
          isReading = reading;
        },
        close: () => {},
      },
      session: {} as Session,
      nonce: 1n,
      cpuTime: new CpuTimeBudget(0),
      connectedAt: 0,
    });
    const chunk = new Uint8Array(1_000_000);
    for (let i = 0; i < 98; i++) scheduler.received(peer, chunk);
    expect([taken, isReading]).toEqual([98_000_000, true]);
    for (let i = 0; i < 4; i++) scheduler.received(peer, chunk);
    expect(isReading).toBe(false);
    await time.pass(10_000);
    expect([taken, isReading]).toEqual([102_000_000, true]);
  });
});

describe("a node", () => {
  /** With a stopwatch by which everything takes a while. */
  async function busyNode(options: Parameters<TestNetwork["add"]>[1] = {}) {
    const network = new TestNetwork();
    let cost = 0;
    const stopwatch = {
      now: () => {
        cost += 0.5;
        return network.time.now() + cost;
      },
    };
    const node = await network.add("node", { stopwatch, ...options });
    const source = new TestChain(network.params);
    for (let i = 0; i < 40; i++) source.mine();
    const answers = new Map<PeerId, number>();
    node.node.subscribe((event) => {
      if (event.type !== "message-sent" || event.message.command !== "pong") return;
      answers.set(event.peer, (answers.get(event.peer) ?? 0) + 1);
    });
    const pongs = (peer: PeerId): number => answers.get(peer) ?? 0;
    return { network, node, source, pongs };
  }
  function pings(network: TestNetwork, count: number): Uint8Array {
    const one = frameMessage(network.params.magic, { command: "ping", nonce: 1n });
    const many = new Uint8Array(count * one.length);
    for (let at = 0; at < many.length; at += one.length) many.set(one, at);
    return many;
  }

  it("takes blocks first while they come, whatever others send", async () => {
    const { network, node, source, pongs } = await busyNode();
    const { time } = network;
    const honest = await Stranger.connect(network, node);
    const flood = await Stranger.connect(network, node);
    const other = await Stranger.connect(network, node);
    const wanted: MessageOf<"getdata">[] = [];
    honest.onMessage = (message) => {
      if (message.command === "getdata") wanted.push(message);
    };
    const blocks = source.blocks.slice(1);
    honest.say({ command: "headers", headers: blocks.map(({ header }) => header) });
    await time.until("being asked", () => wanted.length > 0);

    // One at a time, or the second would never have been read.
    const some = pings(network, 1_000);
    for (let i = 0; i < 6; i++) {
      flood.write(some);
      other.write(some);
    }
    await time.pass(1_000);
    for (const before of [pongs(1), pongs(2)]) {
      expect(before).toBeGreaterThan(50);
      expect(before).toBeLessThan(1_500);
    }
    const third = await Stranger.connect(network, node);
    const asked = time.now();
    third.say({ command: "ping", nonce: 2n });
    await time.until("the answer", () => pongs(3) === 1);
    expect(time.now() - asked).toBeLessThan(100);

    while (node.chain.tip.height < 40) {
      const [question] = wanted.splice(0, 1);
      if (question === undefined) {
        await time.pass(10);
        continue;
      }
      for (const { hash } of question.items) {
        const block = blocks.find((each) => each.hash === hash);
        if (block !== undefined) honest.say({ command: "block", raw: block.toBytes() });
      }
      expect(pongs(1) + pongs(2)).toBeLessThan(4_000);
      await time.pass(50);
    }
    // Then nothing is more urgent, and nothing was lost.
    await time.until("all answers", () => pongs(1) >= 6_000 && pongs(2) >= 6_000);
    expect(flood.ended).toBeUndefined();
  });

  it("hears a peer that it has called before others, until it knows what the peer has", async () => {
    const { network, node, pongs } = await busyNode();
    const { time } = network;
    const flood = await Stranger.connect(network, node);
    const [silent, ready] = [
      { host: "10.0.0.77", port: 1 },
      { host: "10.0.0.78", port: 1 },
    ] as const;
    const called = new Stranger(network, "inbound");
    network.listen(silent, () => ({ onData: () => {}, onDrain: () => {}, onClose: () => {} }));
    network.listen(ready, (connection) => {
      called.open(connection);
      return called.handler;
    });
    const some = pings(network, 1_000);
    flood.write(some);
    await time.until("the answers", () => pongs(0) >= 1_000);
    let answered = 1_000;
    for (const address of [silent, ready]) {
      await network.during(node.node.callOnce(address));
      await time.pass(200);
      flood.write(some);
      await time.pass(1_000);
      expect(pongs(0) - answered).toBeLessThan(300);
      answered += 1_000;
      // One that gives nothing does not make the others wait for long.
      await time.until("the answers", () => pongs(0) >= answered, 10_000);
    }
    expect(called.ready).toBe(true);
  });

  it("does not look at transactions while the chain is still to come", async () => {
    const { network, node, source } = await busyNode();
    const stranger = await Stranger.connect(network, node);
    const input = {
      prevout: { txid: "77".repeat(32) as Txid, vout: 0 },
      scriptSig: new Uint8Array(),
      sequence: 0,
      witness: [],
    };
    const orphan = (value: bigint): Message => ({
      command: "tx",
      transaction: new Transaction({
        version: 2,
        inputs: [input],
        outputs: [{ value, scriptPubKey: p2wpkhScript(new Uint8Array(20)) }],
        lockTime: 0,
      }),
    });
    const asksForParent = async (): Promise<boolean> => {
      await network.time.pass(5_000);
      const found = stranger.received.findIndex(
        (message) =>
          message.command === "getdata" &&
          message.items.some(({ hash }) => hash === input.prevout.txid),
      );
      if (found >= 0) stranger.received.splice(found, 1);
      return found >= 0;
    };
    stranger.say(orphan(1_000n));
    expect(await asksForParent()).toBe(true);
    stranger.say({
      command: "notfound",
      items: [{ type: MSG_WITNESS_TX, hash: input.prevout.txid }],
    });
    stranger.say({ command: "headers", headers: source.blocks.slice(1).map((b) => b.header) });
    await network.time.until("the headers", () => node.chain.bestHeader.height === 40);
    expect(node.chain.initialDownload).toBe(true);
    stranger.say(orphan(2_000n));
    expect(await asksForParent()).toBe(false);
    expect(stranger.ended).toBeUndefined();
  });

  it.each([
    ["large", 2_000],
    ["small", 1_300],
  ])("goes on with a long answer to a %s question after others", async (_, count) => {
    const { network, node, source } = await busyNode();
    const { time } = network;
    for (const block of source.blocks.slice(1, 20)) {
      await network.during(node.chain.acceptBlock(block, { requested: true }));
    }
    const honest = await Stranger.connect(network, node);
    const flood = await Stranger.connect(network, node);
    honest.say({ command: "headers", headers: source.blocks.slice(20).map((b) => b.header) });
    await honest.hears("getdata");
    const items = Array.from({ length: count }, () => ({
      type: MSG_BLOCK,
      hash: network.params.genesis.hash,
    }));
    flood.say({ command: "getdata", items });
    await time.pass(1_000);
    const sent = () => flood.received.filter(({ command }) => command === "block").length;
    const before = sent();
    expect(before).toBeGreaterThan(10);
    expect(before).toBeLessThan(1_000);
    await time.until("all blocks", () => sent() === count);
  });

  it("hears a peer that owes it blocks before others that cost much", async () => {
    const { network, node, source, pongs } = await busyNode();
    const { time } = network;
    const honest = await Stranger.connect(network, node);
    // It has used up its allowance before any block was on its way.
    honest.write(pings(network, 2_000));
    await time.until("the answers", () => pongs(0) >= 2_000);
    const blocks = source.blocks.slice(1);
    honest.onMessage = (message) => {
      if (message.command !== "getdata") return;
      for (const { hash } of message.items) {
        const block = blocks.find((each) => each.hash === hash);
        if (block !== undefined) honest.say({ command: "block", raw: block.toBytes() });
      }
    };
    // Another tells of the headers and goes, so that those of the honest one are no news.
    const other = await Stranger.connect(network, node);
    other.say({ command: "headers", headers: blocks.map(({ header }) => header) });
    await other.hears("getdata");
    other.hangUp();
    const floods = [];
    for (let i = 0; i < 10; i++) floods.push(await Stranger.connect(network, node));
    honest.say({ command: "headers", headers: blocks.slice(-1).map(({ header }) => header) });
    const some = pings(network, 2_000);
    for (const flood of floods) flood.write(some);
    await time.until("all blocks", () => node.chain.tip.height === 40, 3_000);
    expect(node.chain.tip.height).toBe(40);
  });

  it("stops at once, though peers wait for their turn", async () => {
    const { network, node, source, pongs } = await busyNode();
    const { time } = network;
    const honest = await Stranger.connect(network, node);
    honest.say({ command: "headers", headers: source.blocks.slice(1).map((b) => b.header) });
    await honest.hears("getdata");
    const floods = [await Stranger.connect(network, node), await Stranger.connect(network, node)];
    for (const flood of floods) flood.write(pings(network, 2_000));
    await time.pass(500);
    expect(pongs(1) + pongs(2)).toBeLessThan(2_000);
    const before = time.now();
    await network.during(node.node.stop());
    expect(time.now()).toBe(before);
  });
});
