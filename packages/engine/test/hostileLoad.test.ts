/** Peers that keep a node busy for nothing: what they cost is measured, and blocks go first. */
import { p2wpkhScript, Transaction, type Txid } from "@chain/core";
import { TestChain } from "@chain/testing/blockFactory";
import { TestNetwork } from "@chain/testing/network";
import { Stranger } from "@chain/testing/stranger";
import { virtualTime } from "@chain/testing/time";
import {
  frameMessage,
  type Message,
  type MessageOf,
  MSG_BLOCK,
  MSG_WITNESS_TX,
  type Session,
} from "@chain/wire";
import { describe, expect, it } from "vitest";
import type { PeerId } from "../src/events.ts";
import { MessageScheduler } from "../src/net/peer/messageScheduler.ts";
import { NewcomerAllowance } from "../src/net/peer/newcomerAllowance.ts";
import { Peer } from "../src/net/peer/peer.ts";
import { type PermissionRule, parsePermissionRule } from "../src/net/peer/permissions.ts";
import { ThrottledQueue } from "../src/net/peer/throttledQueue.ts";
import { untilTurn, WorkMeter } from "../src/net/peer/workMeter.ts";

describe("a meter of work", () => {
  it("counts the time of messages that came to nothing, and regains 2.5 ms a second", () => {
    const meter = new WorkMeter(0);
    expect(meter.left(0)).toBe(100);
    meter.start(0);
    expect(meter.left(40)).toBeCloseTo(60, 0);
    meter.settle("nothing", 120);
    expect(meter.left(120)).toBeCloseTo(-20, 0);
    expect(meter.left(8_120)).toBeCloseTo(0, 0);
    expect(meter.left(1e9)).toBe(100);
  });

  it("does not count waiting, nor transactions that were taken, and a block restores all", () => {
    const meter = new WorkMeter(0);
    meter.start(0);
    meter.stop(10);
    meter.start(5_010);
    expect(meter.left(5_020)).toBeCloseTo(80, 0);
    meter.settle("transaction", 5_020);
    expect(meter.left(5_020)).toBe(100);
    meter.start(5_020);
    meter.settle("nothing", 15_020);
    // Nobody owes more than a second.
    expect(meter.left(15_020)).toBe(-1_000);
    meter.start(15_020);
    meter.settle("block", 15_030);
    expect(meter.left(15_030)).toBe(100);
  });

  it("does not count the work of others that an operation waits for", () => {
    let now = 0;
    const stopwatch = { now: () => now };
    const meter = new WorkMeter(0);
    meter.start(now);
    now = 10;
    const onTurn = untilTurn(meter, stopwatch);
    now = 310;
    onTurn();
    now = 330;
    meter.stop(now);
    expect(meter.left(now)).toBeCloseTo(70, 0);
    // It does not begin to count where nothing is being handled.
    untilTurn(meter, stopwatch)();
    expect(meter.isRunning).toBe(false);
  });

  it("gives callers an allowance as long as there is one for all of them", () => {
    const welcome = new NewcomerAllowance();
    expect([welcome.take(0), welcome.take(0)]).toEqual([100, 95]);
    let callers = 2;
    for (; !welcome.isWornOut(0); callers++) welcome.take(0);
    expect(callers).toBe(59);
    let inTheNextSecond = 0;
    for (; !welcome.isWornOut(1_000); inTheNextSecond++) welcome.take(1_000);
    expect(inTheNextSecond).toBeLessThan(12);
    expect(new WorkMeter(0, 50).left(0)).toBe(50);
  });
});

describe("the queue of those that cost much", () => {
  /** Each wants in again and again, for so many milliseconds. @returns the order in which they were in */
  async function run(needsRest: boolean, lasts: number): Promise<string[]> {
    const time = virtualTime(0);
    const order: string[] = [];
    const taken: Record<string, number> = { ping: 0, inv: 0 };
    const queue = new ThrottledQueue<string>({
      stopwatch: time,
      timers: time,
      needsRest: () => needsRest,
      priority: (key) => -(taken[key] ?? 0),
    });
    const user = async (key: string, cost: number) => {
      for (;;) {
        await queue.enter(key);
        const from = time.now();
        await new Promise<void>((resolve) => {
          time.after(cost, resolve);
        });
        taken[key] = (taken[key] ?? 0) + time.now() - from;
        order.push(key);
        queue.leave(key);
      }
    };
    void user("ping", 4);
    void user("inv", 80);
    await time.pass(lasts);
    return order;
  }

  it("is used a tenth of the time, by each of them the same", async () => {
    const order = await run(true, 80_000);
    const count = (key: string) => order.filter((each) => each === key).length;
    expect(count("inv")).toBeGreaterThan(45);
    expect(count("inv")).toBeLessThan(55);
    expect(count("ping") / count("inv")).toBeGreaterThan(18);
    expect(count("ping") / count("inv")).toBeLessThan(22);
  });

  it("needs no rest where nothing else is to be done", async () => {
    const order = await run(false, 3_200);
    expect(order.filter((each) => each === "inv").length).toBeGreaterThan(18);
  });

  it("has a timer only while somebody waits for the end of its rest", async () => {
    const time = virtualTime(0);
    let timers = 0;
    const lane = new ThrottledQueue<string>({
      stopwatch: time,
      timers: {
        after: (delay, callback) => {
          timers++;
          const cancel = time.after(delay, () => {
            timers--;
            callback();
          });
          return () => {
            timers--;
            cancel();
          };
        },
      },
      needsRest: () => true,
      priority: () => 0,
    });
    await lane.enter("one");
    await time.pass(50);
    lane.leave("one");
    expect(timers).toBe(0);
    let isIn = false;
    void lane.enter("two").then(() => {
      isIn = true;
    });
    await time.pass(449);
    expect([timers, isIn]).toEqual([1, false]);
    await time.pass(1);
    expect([timers, isIn]).toEqual([0, true]);
    lane.leave("two");
    void lane.enter("three");
    expect(timers).toBe(1);
    lane.withdraw("three");
    expect(timers).toBe(0);
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
      meter: new WorkMeter(0),
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

  it("lets only some in while blocks come, where too many call, and guests always", async () => {
    const permissions = [parsePermissionRule("noban@10.7.7.7") as PermissionRule];
    const { network, node, source } = await busyNode({ permissions });
    const { time } = network;
    const honest = await Stranger.connect(network, node);
    const call = (host?: string): Stranger => {
      const stranger = new Stranger(network, "outbound");
      stranger.open(network.connectStranger(node, stranger.handler, host));
      return stranger;
    };
    for (let i = 0; i < 60; i++) call();
    // Nothing is more urgent yet.
    await time.until("all callers", () => node.node.peers().length === 61);
    honest.say({ command: "headers", headers: source.blocks.slice(1).map((b) => b.header) });
    await honest.hears("getdata");
    const refused = call();
    expect(await refused.isDropped()).not.toBe("");
    const guest = call("10.7.7.7");
    await time.until("the guest", () => guest.ready);
    // Some are let in again as time goes by.
    await time.pass(2_000);
    const later = call();
    await time.until("the handshake", () => later.ready);
  });

  it("gives a guest an allowance of its own, however many have called before", async () => {
    const permissions = [parsePermissionRule("noban@10.7.7.7") as PermissionRule];
    const { network, node, source, pongs } = await busyNode({ permissions });
    const { time } = network;
    const honest = await Stranger.connect(network, node);
    for (let i = 0; i < 25; i++) await Stranger.connect(network, node);
    honest.say({ command: "headers", headers: source.blocks.slice(1).map((b) => b.header) });
    await honest.hears("getdata");
    const guest = await Stranger.connect(network, node, { host: "10.7.7.7" });
    guest.write(pings(network, 10));
    const asked = time.now();
    await time.until("the answers", () => pongs(26) >= 10);
    expect(time.now() - asked).toBeLessThan(50);
  });
});
