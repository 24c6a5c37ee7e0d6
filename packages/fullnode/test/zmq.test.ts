/** The ZMQ publishers of a node, heard by a subscriber of ZMTP 3.0 and one of 3.1. Core: interface_zmq.py. */

import { join } from "node:path";
import { type Block, bytesToHex, type Transaction } from "@chain/core";
import type { Log } from "@chain/engine";
import { spendableCoins } from "@chain/engine";
import { payment, testKey } from "@chain/testing/blockFactory";
import { temporaryDirectory } from "@chain/testing/place";
import { describe, expect, onTestFinished, test } from "vitest";
import { createNode } from "../src/createNode.ts";
import type { InProcessNode } from "../src/inProcess/node.ts";
import { silentLog } from "../src/ports/silentLog.ts";
import { parseZmqAddress } from "../src/zmq/address.ts";
import { ZMQ_TOPICS } from "../src/zmq/notifier.ts";
import { Outbox } from "../src/zmq/outbox.ts";
import { openPublisher } from "../src/zmq/publisher.ts";
import { startZmq, type ZmqPublication, type ZmqService } from "../src/zmq/service.ts";
import { ZmqClient } from "./support/zmqClient.ts";

const ANY = "tcp://127.0.0.1:0";
const all = (address: string): ZmqPublication[] => ZMQ_TOPICS.map((topic) => ({ topic, address }));

async function start(publications: readonly ZmqPublication[], log: Log = silentLog) {
  const node = await createNode();
  const zmq = await startZmq(node.chain, publications, log);
  onTestFinished(async () => {
    await zmq.stop();
    await node.close();
  });
  return { node, zmq };
}

const portOf = (zmq: ZmqService, address = ANY) => zmq.portOf(address) as number;

/** A payment of a reward of the first test key, not yet handed in. */
async function pay(node: InProcessNode, fee: bigint, which = 0): Promise<Transaction> {
  const coins = await spendableCoins(node.chain, testKey(0).script);
  const [first] = coins.sort((a, b) => a.coin.height - b.coin.height).slice(which);
  if (first === undefined) throw new RangeError("no coin to spend");
  const outputs = [{ value: first.coin.value - fee, scriptPubKey: testKey(1).script }];
  return payment({ coins: [first], key: testKey(0), outputs, sequence: 0 });
}

/** A message of `sequence` as text: `A7 txid`, `C hash`. */
function sequenceOf(body: Buffer): string {
  const id = body.toString("hex", 0, 32);
  const label = body.toString("latin1", 32, 33);
  return `${label}${body.length === 41 ? body.readBigUInt64LE(33) : ""} ${id}`;
}

describe("publishers", () => {
  test.each([0, 1] as const)(
    "tell a subscriber of ZMTP 3.%i of blocks in Core's order",
    async (minor) => {
      const { node, zmq } = await start(all(ANY));
      const client = await ZmqClient.connect(portOf(zmq), { minor, topics: [""] });
      const [block] = (await node.mine(1)) as [Block];
      await client.until(() => client.received.length >= 5);
      const coinbase = block.transactions[0] as Transaction;
      expect(
        client.received.map(({ topic, body, count }) => [topic, body.toString("hex"), count]),
      ).toEqual([
        ["hashtx", coinbase.txid, 0],
        ["rawtx", bytesToHex(coinbase.toBytes()), 0],
        ["sequence", `${block.hash}43`, 0],
        ["hashblock", block.hash, 0],
        ["rawblock", bytesToHex(block.toBytes()), 0],
      ]);
      await node.mine(2);
      await client.until(() => client.received.length >= 15);
      expect(
        client.received.filter(({ topic }) => topic === "hashblock").map(({ count }) => count),
      ).toEqual([0, 1, 2]);
    },
  );

  test("number what comes into the mempool and leaves it", async () => {
    const { node, zmq } = await start(all(ANY));
    await node.mine(102, { to: testKey(0).script });
    const client = await ZmqClient.connect(portOf(zmq), {
      topics: ["sequence", "hashtx", "hashblock"],
    });
    const lines = () =>
      client.received
        .filter(({ topic }) => topic === "sequence")
        .map(({ body }) => sequenceOf(body));
    const poor = await pay(node, 1_000n);
    const rich = await pay(node, 9_000n);
    const other = await pay(node, 2_000n, 1);
    for (const each of [poor, rich, other]) expect((await node.submit(each)).ok).toBe(true);
    const [block] = (await node.mine(1)) as [Block];
    // Two transactions of a block are counted, too.
    await node.chain.invalidateBlock(node.chain.tip);
    await client.until(() => lines().length >= 8);
    expect(lines()).toEqual([
      `A1 ${poor.txid}`,
      `R2 ${poor.txid}`,
      `A3 ${rich.txid}`,
      `A4 ${other.txid}`,
      `C ${block.hash}`,
      `D ${block.hash}`,
      `A7 ${rich.txid}`,
      `A8 ${other.txid}`,
    ]);
    expect(node.chain.mempoolSequence).toBe(9);
    // A block that is undone without a new one brings no new tip.
    expect(client.received.filter(({ topic }) => topic === "hashblock").length).toBe(1);
    const hashes = client.received
      .filter(({ topic }) => topic === "hashtx")
      .map(({ body }) => body.toString("hex"));
    const mined = block.transactions.map(({ txid }) => txid);
    expect(hashes).toEqual([
      ...[poor, rich, other].map(({ txid }) => txid),
      ...mined,
      ...mined,
      ...[rich, other].map(({ txid }) => txid),
    ]);
  });

  test("tell of a reorganisation: blocks back, transactions back, new blocks, and the new tip alone", async () => {
    const { node, zmq } = await start(all(ANY));
    await node.mine(101, { to: testKey(0).script });
    const other = await createNode();
    onTestFinished(() => other.close());
    await other.connect(node);
    await other.until(() => other.chain.tip.hash === node.chain.tip.hash);
    await other.disconnect(node);
    const client = await ZmqClient.connect(portOf(zmq), { topics: ["sequence", "hashblock"] });
    const spend = await pay(node, 1_000n);
    expect((await node.submit(spend)).ok).toBe(true);
    const [old] = (await node.mine(1)) as [Block];
    const branch = await other.mine(2, { to: testKey(2).script });
    for (const block of branch) await node.submit(block);
    const [low, tip] = branch as [Block, Block];
    await client.until(() => client.received.length >= 8);
    expect(
      client.received.map(({ topic, body }) =>
        topic === "sequence" ? sequenceOf(body) : `tip ${body.toString("hex")}`,
      ),
    ).toEqual([
      `A1 ${spend.txid}`,
      `C ${old.hash}`,
      `tip ${old.hash}`,
      `D ${old.hash}`,
      `A3 ${spend.txid}`,
      `C ${low.hash}`,
      `C ${tip.hash}`,
      `tip ${tip.hash}`,
    ]);
    // And back: what the old block confirms is not removed in the mempool's stream.
    await node.chain.invalidateBlock(node.chain.tip);
    await client.until(() => client.received.length >= 12);
    expect(client.received.slice(8).map(({ body }) => body.toString("hex"))).toEqual([
      `${tip.hash}44`,
      `${low.hash}44`,
      `${old.hash}43`,
      old.hash,
    ]);
  });

  test("share an address, have several, and count each for itself", async () => {
    const path = `ipc://${join(await temporaryDirectory(), "zmq")}`;
    const { node, zmq } = await start([
      { topic: "hashtx", address: ANY, highWaterMark: 5 },
      { topic: "hashblock", address: ANY },
      { topic: "hashblock", address: path, highWaterMark: 0 },
    ]);
    expect(zmq.notifications).toEqual([
      { type: "pubhashblock", address: ANY, hwm: 1000 },
      { type: "pubhashblock", address: path, hwm: 0 },
      { type: "pubhashtx", address: ANY, hwm: 5 },
    ]);
    const tcp = await ZmqClient.connect(portOf(zmq), { topics: ["hash"] });
    const ipc = await ZmqClient.connect(path.slice(6), { topics: ["hashblock"] });
    await node.mine(2);
    await tcp.until(() => tcp.received.length >= 4);
    await ipc.until(() => ipc.received.length >= 2);
    expect(tcp.received.map(({ topic, count }) => `${topic} ${count}`)).toEqual([
      "hashtx 0",
      "hashblock 0",
      "hashtx 1",
      "hashblock 1",
    ]);
    expect(ipc.received.map(({ count }) => count)).toEqual([0, 1]);
  });

  test("send what is subscribed to: beginnings, as often as they were subscribed to", async () => {
    const { node, zmq } = await start(all(ANY));
    const client = await ZmqClient.connect(portOf(zmq), {
      topics: ["rawb", "hashblock", "hashblock"],
    });
    await node.mine(1);
    await client.until(() => client.received.length >= 2);
    client.cancel("hashblock");
    client.cancel("rawb", 0);
    client.cancel("never");
    await client.ping("one");
    await node.mine(1);
    await client.until(() => client.received.length >= 3);
    client.cancel("hashblock");
    await client.ping("two");
    await node.mine(1);
    await client.ping("three");
    expect(client.received.map(({ topic, count }) => `${topic} ${count}`)).toEqual([
      "hashblock 0",
      "rawblock 0",
      "hashblock 1",
    ]);
  });

  test("that can't listen cost their topics, and the node goes on", async () => {
    const lines: string[] = [];
    const first = await start([{ topic: "hashblock", address: ANY }]);
    const taken = `tcp://127.0.0.1:${portOf(first.zmq)}`;
    const { zmq } = await start(
      [
        { topic: "rawtx", address: "foo" },
        { topic: "hashtx", address: taken },
        { topic: "rawblock", address: ANY },
      ],
      (level, _, text) => lines.push(`${level} ${text}`),
    );
    expect(zmq.notifications.map(({ type }) => type)).toEqual(["pubrawblock"]);
    expect(lines.length).toBe(2);
    expect(lines[0]).toContain("foo is no address of a ZMQ publisher");
    expect(lines[1]).toContain("EADDRINUSE");
  });
});

test("addresses are read", () => {
  expect(parseZmqAddress("tcp://*:28332")).toEqual({ type: "tcp", host: "0.0.0.0", port: 28332 });
  expect(parseZmqAddress("tcp://[::1]:1")).toEqual({ type: "tcp", host: "::1", port: 1 });
  expect(parseZmqAddress("unix:/a b")).toEqual({ type: "ipc", path: "/a b" });
  for (const bad of [
    "",
    "foo",
    "tcp://",
    "tcp://127.0.0.1",
    "tcp://a:1",
    "ipc://",
    "tcp://127.0.0.1:70000",
  ]) {
    expect(() => parseZmqAddress(bad), bad).toThrow("no address of a ZMQ publisher");
  }
});

test("a message is made once for all who want it, and not where nobody does", async () => {
  const publisher = await openPublisher(parseZmqAddress(ANY), 3, silentLog);
  onTestFinished(() => publisher.close());
  let made = 0;
  const parts = () => {
    made++;
    return [new Uint8Array(1), new Uint8Array(4)];
  };
  publisher.send("rawtx", parts);
  const clients = [];
  for (const topic of ["rawtx", "raw", "hashtx"]) {
    clients.push(await ZmqClient.connect(publisher.port as number, { topics: [topic] }));
  }
  publisher.send("rawtx", parts);
  for (const client of clients.slice(0, 2)) await client.until(() => client.received.length === 1);
  expect(made).toBe(1);
});

describe("a subscriber", () => {
  test("that does not read loses messages at its mark, and costs others nothing", async () => {
    const publisher = await openPublisher(parseZmqAddress(ANY), 3, silentLog);
    onTestFinished(() => publisher.close());
    const port = publisher.port as number;
    const silent = await ZmqClient.connect(port, { topics: ["large", "last"] });
    const client = await ZmqClient.connect(port, { topics: ["small"] });
    silent.socket.pause();
    // More than the system keeps for a connection.
    const megabyte = new Uint8Array(1024 * 1024);
    const number = (i: number) => Uint8Array.of(i, 0, 0, 0);
    const count = 100;
    for (let i = 0; i < count; i++) {
      publisher.send("large", () => [megabyte, number(i)]);
      publisher.send("small", () => [new Uint8Array(0), number(i)]);
      await client.until(() => client.received.length === i + 1);
    }
    silent.socket.resume();
    await silent.until(() => silent.received.length > 3);
    await silent.ping("end");
    publisher.send("last", () => [number(7), number(7)]);
    await silent.until(() => silent.received.at(-1)?.topic === "last");
    const numbers = silent.received.slice(0, -1).map((each) => each.count);
    // The first ones, and none twice.
    expect(numbers).toEqual(numbers.map((_, i) => i));
    expect(numbers.length).toBeLessThan(count);
  });

  test.each([
    ["speaks HTTP", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
    ["speaks ZMTP 2", Buffer.from("ff00000000000000017f01", "hex")],
    ["wants another mechanism", greetingOf("PLAIN")],
    [
      "sends noise after its greeting",
      Buffer.concat([greetingOf("NULL"), Buffer.alloc(100, 0xf7)]),
    ],
    [
      "announces a large frame",
      Buffer.concat([greetingOf("NULL"), Buffer.from("06ffffffffffffffff", "hex")]),
    ],
    [
      "is a publisher",
      Buffer.concat([
        greetingOf("NULL"),
        Buffer.from("\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03PUB", "latin1"),
      ]),
    ],
    [
      "has a property that ends early",
      Buffer.concat([greetingOf("NULL"), Buffer.from("\x04\x0c\x05READY\x0bSoc..", "latin1")]),
    ],
    ["sends a message first", Buffer.concat([greetingOf("NULL"), Buffer.from("000101", "hex")])],
    [
      "has a command without a name",
      Buffer.concat([greetingOf("NULL"), Buffer.from("0400", "hex")]),
    ],
  ])("that %s is disconnected", async (_, bytes) => {
    const { node, zmq } = await start([{ topic: "hashblock", address: ANY }]);
    const stranger = new ZmqClient(portOf(zmq));
    const closed = new Promise((resolve) => stranger.socket.once("close", resolve));
    for (const byte of bytes) stranger.socket.write(Buffer.of(byte));
    await closed;
    const client = await ZmqClient.connect(portOf(zmq), { topics: [""] });
    await node.mine(1);
    await client.until(() => client.received.length === 1);
  });

  test.each([
    ["many topics", (i: number) => `topic ${i}`, 1_001],
    ["long topics", (i: number) => `${i}`.padEnd(240, "x"), 300],
  ])("with too %s is disconnected", async (_, name, count) => {
    const { zmq } = await start([{ topic: "hashblock", address: ANY }]);
    const client = await ZmqClient.connect(portOf(zmq), { topics: [] });
    const closed = new Promise((resolve) => client.socket.once("close", resolve));
    for (let i = 0; i < count; i++) client.subscribe(name(i));
    await closed;
    expect(client.isClosed).toBe(true);
  });
});

function greetingOf(mechanism: string): Buffer {
  const bytes = Buffer.alloc(64);
  bytes[0] = 0xff;
  bytes[9] = 0x7f;
  bytes[10] = 3;
  bytes.write(mechanism, 12);
  return bytes;
}

test("what waits for a subscriber is bounded by its number and by its bytes", () => {
  const written: number[] = [];
  const outbox = new Outbox((bytes) => {
    written.push(bytes.length);
    return false;
  }, 2);
  for (const length of [1, 2, 3, 4]) outbox.send(new Uint8Array(length));
  expect(written).toEqual([1]);
  for (let i = 0; i < 4; i++) outbox.drained();
  expect(written).toEqual([1, 2, 3]);

  const unbounded = new Outbox((bytes) => {
    written.push(bytes.length);
    return false;
  }, 0);
  const large = new Uint8Array(30 * 1024 * 1024);
  for (let i = 0; i < 5; i++) unbounded.send(large);
  for (let i = 0; i < 5; i++) unbounded.drained();
  expect(written.length).toBe(3 + 1 + 2);
});
