import { BlockHeader, Reader, type Transaction, type Txid } from "@chain/core";
import { MINER, payment, TestChain } from "@chain/testing/blockFactory";
import { TestNetwork, type TestNode } from "@chain/testing/network";
import { Stranger } from "@chain/testing/stranger";
import {
  frameMessage,
  MSG_WITNESS_BLOCK,
  NODE_NETWORK,
  NODE_WITNESS,
  PROTOCOL_VERSION,
  type SessionTraffic,
  UNSPECIFIED_ADDRESS,
} from "@chain/wire";
import { describe, expect, it } from "vitest";
import type { NodeEvent } from "../../src/events.ts";
import { give } from "../support/nodes.ts";

const silent = { onData: () => {}, onDrain: () => {}, onClose: () => {} };

function eventsOf({ node }: TestNode): NodeEvent[] {
  const events: NodeEvent[] = [];
  node.subscribe((event) => events.push(event));
  return events;
}

it("metrics hear what a connection carried, when it has ended", async () => {
  const ended: SessionTraffic[] = [];
  const metrics = {
    scriptRun: () => {},
    scriptKnown: () => {},
    connectionEnded: (traffic: SessionTraffic) => ended.push(traffic),
  };
  const network = new TestNetwork();
  const a = await network.add("a", { metrics });
  await network.add("b", { connect: [a.address] });
  await network.time.pass(10_000);
  const [peer] = a.node.peers();
  expect(peer?.traffic.received.get("verack")).toEqual({ messages: 1, bytes: 24 });
  expect(ended).toEqual([]);
  await a.node.stop();
  expect(ended.map(({ received }) => received.get("verack")?.bytes)).toEqual([24]);
});

const UNFIT = "it does not offer the expected services";

describe("connections", () => {
  it("does not stay connected to itself, and does not try again", async () => {
    const network = new TestNetwork();
    const address = { host: "10.0.0.1", port: 3000 };
    const node = await network.add("narcissus", { connect: [address, address] });
    const events = eventsOf(node);
    await network.time.pass(300_000);
    expect(node.node.peers()).toEqual([]);
    // Both ends of the one attempt were there before we listened.
    expect(events.filter(({ type }) => type === "peer-connected")).toEqual([]);
    expect(events.filter(({ type }) => type === "peer-ready")).toEqual([]);
  });

  for (const [kind, services, why] of [
    ["feeler", 0n, "feeler connection completed"],
    ["outbound", NODE_NETWORK, `${UNFIT} (00000001 offered, 00000009 expected)`],
    ["block-relay", NODE_WITNESS, `${UNFIT} (00000008 offered, 00000009 expected)`],
    ["addr-fetch", 0n, `${UNFIT} (00000000 offered, 00000009 expected)`],
  ] as const) {
    it(`judges a peer that it called as ${kind} by its version, though it never says verack`, async () => {
      const network = new TestNetwork();
      const node = await network.add("node");
      const address = { host: "10.0.0.9", port: 4000 };
      const events = eventsOf(node);
      network.listen(address, (connection) => {
        const version = frameMessage(network.params.magic, {
          command: "version",
          protocolVersion: PROTOCOL_VERSION,
          services,
          timestamp: 0n,
          receiver: UNSPECIFIED_ADDRESS,
          sender: UNSPECIFIED_ADDRESS,
          nonce: 5n,
          userAgent: "/slow:1/",
          startHeight: 0,
          relay: true,
        });
        network.time.after(0, () => void connection.write(version));
        return silent;
      });
      await network.during(node.node.callAs(kind, address));
      await network.time.pass(1_000);
      expect(events.filter(({ type }) => type === "peer-disconnected")).toMatchObject([{ why }]);
    });
  }

  it("ends at once, whatever is under way, and leaves nothing behind", async () => {
    const network = new TestNetwork();
    const node = await network.add("node", { connect: [{ host: "10.0.0.8", port: 8 }] });
    const source = new TestChain(network.params);
    for (let i = 0; i < 5; i++) source.mine();
    const stranger = await Stranger.connect(network, node);
    for (const block of source.blocks.slice(1)) {
      stranger.say({ command: "block", raw: block.toBytes() });
    }
    await network.time.until("the first is there", () => node.chain.tip.height > 0);
    const events = eventsOf(node);
    await network.during(node.node.stop());
    expect(events.filter(({ type }) => type === "peer-disconnected")).toHaveLength(1);
    expect(node.node.peers()).toEqual([]);
    const { length } = events;
    const lines = node.log.length;
    await network.time.pass(100_000);
    expect(events).toHaveLength(length);
    expect(node.log).toHaveLength(lines);
    // The chain is still ours to use, and whoever calls is turned away.
    expect((await network.during(node.chain.coinStatistics())).tip).toBe(node.chain.tip);
    const late = new Stranger(network, "outbound");
    late.open(network.connectStranger(node, late.handler));
    await late.isDropped();
  });

  it("takes nothing more from a chunk once a message in it has ended the connection", async () => {
    const network = new TestNetwork();
    const node = await network.add("node");
    const events = eventsOf(node);
    const stranger = await Stranger.connect(network, node);
    const source = new TestChain(network.params);
    const [header, block] = [source.mine().header, source.mine()];
    const frames = [
      frameMessage(network.params.magic, { command: "headers", headers: [header, header] }),
      frameMessage(network.params.magic, { command: "block", raw: block.toBytes() }),
    ];
    stranger.write(Uint8Array.from(frames.flatMap((frame) => [...frame])));
    await stranger.isDropped();
    await network.time.pass(1_000);
    const heard = events.flatMap((event) =>
      event.type === "message-received" ? [event.message.command] : [],
    );
    expect(heard).not.toContain("block");
  });
});

describe("a peer that does not read", () => {
  it.each(["getheaders", "getdata"] as const)(
    "gets so many answers to %s and no more, while others are served",
    async (command) => {
      const network = new TestNetwork();
      const node = await network.add("node");
      const { tip, blocks } = await give(network, node, 300);
      const slow = new Stranger(network, "outbound");
      const link = network.connectStranger(node, slow.handler);
      slow.open(link);
      await network.time.until("the handshake", () => slow.ready);
      link.setReading(false);
      const locator = [network.params.genesis.hash];
      const hashes = blocks.map(({ hash }) => hash);
      const question = {
        getheaders: {
          command: "getheaders",
          protocolVersion: PROTOCOL_VERSION,
          locator,
          stopHash: tip.hash,
        },
        getdata: {
          command: "getdata",
          items: Array.from({ length: 20_000 }, (_, i) => ({
            type: MSG_WITNESS_BLOCK,
            hash: hashes[1 + (i % 300)] as Txid | (typeof hashes)[0],
          })),
        },
      } as const;
      const frame = frameMessage(network.params.magic, question[command] as never);
      const many = Math.ceil(64_000 / frame.length);
      const chunk = new Uint8Array(frame.length * many);
      for (let i = 0; i < many; i++) chunk.set(frame, i * frame.length);
      for (let sent = 0; sent < 8_000_000; sent += chunk.length) slow.write(chunk);
      await network.time.pass(1_000);
      // The sum of the bytes that the link takes before it says stop, an answer, and the bytes that are read meanwhile.
      expect(link.other?.queued).toBeLessThan(8_000_000);
      const other = await Stranger.connect(network, node);
      other.say({ command: "getdata", items: [{ type: MSG_WITNESS_BLOCK, hash: tip.hash }] });
      expect(BlockHeader.read(new Reader((await other.hears("block")).raw)).hash).toBe(tip.hash);
      // When it reads again, it gets its answers.
      link.setReading(true);
      const answer = { getheaders: "headers", getdata: "block" } as const;
      await slow.hears(answer[command]);
      expect(slow.ended).toBeUndefined();
    },
  );

  it("does not keep two that send each other blocks waiting for each other", async () => {
    const network = new TestNetwork();
    const node = await network.add("node");
    const source = await give(network, node, 300);
    const stranger = new Stranger(network, "outbound");
    const link = network.connectStranger(node, stranger.handler);
    stranger.open(link);
    await network.time.until("the handshake", () => stranger.ready);
    // We ask for more than the link takes, and read none of it before all that we send has been read.
    link.setReading(false);
    const items = source.blocks.slice(1).map(({ hash }) => ({ type: MSG_WITNESS_BLOCK, hash }));
    for (let i = 0; i < 20; i++) stranger.say({ command: "getdata", items });
    const big = (n: number): Transaction =>
      payment({
        coins: [source.coinbaseCoin(n)],
        outputs: Array.from({ length: 2900 }, () => ({ value: 1n, scriptPubKey: MINER.script })),
      });
    for (let n = 1; n <= 20; n++) stranger.say({ command: "tx", transaction: big(n) });
    await network.time.until("all that we sent is read", () => link.queued === 0);
    expect(node.chain.mempool.count).toBe(0); // it waits for us
    link.setReading(true);
    await network.time.until("all of both", () => {
      const blocks = stranger.received.filter(({ command }) => command === "block").length;
      return blocks === 6000 && node.chain.mempool.count === 20;
    });
  });
});
