import { Transaction, type Txid } from "@chain/core";
import { MINER, payment, TestChain, testKey } from "@chain/testing/blockFactory";
import { TestNetwork, type TestNode } from "@chain/testing/network";
import { Rng } from "@chain/testing/random";
import { Stranger } from "@chain/testing/stranger";
import { MSG_TX, MSG_WITNESS_TX, MSG_WTX } from "@chain/wire";
import { describe, expect, it } from "vitest";
import { Orphanage } from "../../../src/net/transactions/orphanage.ts";
import { PUBLIC_PACE } from "../../../src/net/transactions/transactionRelay.ts";
import { coin, nodeWithTwin } from "../../support/twins.ts";

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

/** Orphans, with what is told of them. */
function newOrphanage(lines: string[] = []): Orphanage {
  return new Orphanage({
    random: new Rng(1),
    log: (_level, _category, message) => void lines.push(message),
  });
}

describe("Orphans", () => {
  it("keeps a hundred, hands out those of a parent, and those of a peer go with it", () => {
    const lines: string[] = [];
    const orphans = newOrphanage(lines);
    const parent = "cc".repeat(32) as Txid;
    const orphan = (n: number, of: Txid) =>
      payment({
        coins: [
          {
            outpoint: { txid: of, vout: n },
            coin: { value: 10n, scriptPubKey: MINER.script, height: 1, coinbase: false },
          },
        ],
        outputs: [{ value: 10n, scriptPubKey: testKey(1).script }],
      });
    for (let n = 0; n < 100; n++) orphans.add(orphan(n, parent), n % 2, n);
    const [oldest] = orphans.values();
    expect(oldest).toMatchObject({ announcers: new Set([0]), since: 0, until: 20 * 60_000 });
    for (let n = 100; n < 110; n++) orphans.add(orphan(n, parent), n % 2, n);
    expect(orphans.size).toBe(100);
    expect(lines).toEqual(Array(10).fill("removed 1 of the orphans: there are too many"));
    // Chance has chosen them, so not the ten oldest.
    const times = [...orphans.values()].map(({ since }) => since);
    expect(times.filter((since) => since < 10).length).toBeGreaterThan(0);
    const ofOne = [...orphans.values()].filter(({ announcers }) => announcers.has(1)).length;
    orphans.removePeer(1);
    expect(lines.at(-1)).toBe(`removed ${ofOne} of the orphans: their peer has left`);
    expect(orphans.size).toBe(100 - ofOne);
    expect(orphans.takeChildren(parent)).toHaveLength(100 - ofOne);
    expect(orphans.size).toBe(0);
    expect(orphans.takeChildren(parent)).toEqual([]);
  });

  it("forgets those that a block holds or conflicts with, and no others of the same parent", () => {
    const lines: string[] = [];
    const orphans = newOrphanage(lines);
    const spend = (vout: number, value: bigint) =>
      payment({
        coins: [
          {
            outpoint: { txid: "cc".repeat(32) as Txid, vout },
            coin: { value, scriptPubKey: MINER.script, height: 1, coinbase: false },
          },
        ],
        outputs: [{ value, scriptPubKey: testKey(1).script }],
      });
    const [held, conflicting, other] = [spend(0, 1n), spend(0, 2n), spend(1, 3n)];
    for (const orphan of [held, conflicting, other]) orphans.add(orphan, 1, 0);
    orphans.removeSpent([held]);
    expect([...orphans.transactions()]).toEqual([other]);
    orphans.removeSpent([held]);
    expect(lines).toEqual(["removed 2 of the orphans: a block holds them or conflicts with them"]);
  });

  it("keeps the good one beside those with a spoilt witness", () => {
    const orphans = newOrphanage();
    const plain = payment({ coins: [], outputs: [{ value: 1n, scriptPubKey: MINER.script }] });
    const parent = "dd".repeat(32) as Txid;
    const withWitness = (byte: number) =>
      new Transaction({
        ...plain,
        inputs: [
          {
            prevout: { txid: parent, vout: 0 },
            scriptSig: new Uint8Array(),
            sequence: 0,
            witness: [Uint8Array.of(byte)],
          },
        ],
        outputs: plain.outputs,
      });
    const [spoilt, good] = [withWitness(1), withWitness(2)];
    orphans.add(spoilt, 1, 0);
    orphans.add(good, 2, 0);
    orphans.removePeer(1);
    expect(orphans.has(good.wtxid)).toBe(true);
    // Another of this name may be better, and may be asked for.
    expect(orphans.has(good.txid)).toBe(false);
    expect(orphans.takeChildren(parent)).toEqual([
      { transaction: good, announcers: new Set([2]), since: 0, until: 1_200_000 },
    ]);
    expect(orphans.has(good.wtxid)).toBe(false);
  });

  it("stays while one of its announcers does", () => {
    const orphans = newOrphanage();
    const orphan = payment({ coins: [], outputs: [{ value: 1n, scriptPubKey: MINER.script }] });
    expect(orphans.addAnnouncer(orphan.wtxid, 1)).toBe(false);
    orphans.add(orphan, 1, 0);
    expect(orphans.addAnnouncer(orphan.wtxid, 2)).toBe(true);
    expect(orphans.addAnnouncer(orphan.wtxid, 2)).toBe(false);
    orphans.removePeer(1);
    expect(orphans.get(orphan.wtxid)?.announcers).toEqual(new Set([2]));
    orphans.removePeer(2);
    expect(orphans.size).toBe(0);
  });

  it("keeps no large one, and none for ever", () => {
    const orphans = newOrphanage();
    const large = payment({
      coins: [],
      outputs: [{ value: 1n, scriptPubKey: new Uint8Array(100_001) }],
    });
    expect(orphans.add(large, 1, 0)).toBe(false);
    const small = payment({ coins: [], outputs: [{ value: 1n, scriptPubKey: MINER.script }] });
    expect(orphans.add(small, 1, 0)).toBe(true);
    expect(orphans.add(small, 2, 0)).toBe(true);
    orphans.expire(1_199_999);
    expect(orphans.has(small.txid)).toBe(true);
    orphans.expire(1_200_000);
    expect(orphans.size).toBe(0);
  });
});

describe("what a node does for its peers", () => {
  it("keeps a child until its parent comes, and tells a newcomer what waits where that is wanted", async () => {
    const pace = { ...PUBLIC_PACE, tellsNewcomers: true };
    const { network, node } = await nodeWithTwin({ pace });
    const stranger = await Stranger.connect(network, node);
    const { value } = coin.coin;
    const key = testKey(4);
    const parent = payment({ coins: [coin], outputs: [{ value, scriptPubKey: key.script }] });
    const outpoint = { txid: parent.txid, vout: 0 };
    const childCoin = { outpoint, coin: { ...coin.coin, scriptPubKey: key.script } };
    const child = payment({
      coins: [childCoin],
      outputs: [{ value, scriptPubKey: key.script }],
      key,
    });
    stranger.say({ command: "tx", transaction: child });
    // It asks for the parent, which the stranger must know.
    const wanted = await stranger.hears("getdata");
    expect(wanted.items.map(({ hash }) => hash)).toContain(parent.txid);
    stranger.say({ command: "tx", transaction: parent });
    await network.time.until("both wait", () => node.chain.mempool.count === 2);
    const newcomer = await network.add("newcomer", { connect: [node.address] });
    await network.time.until("it knows both", () => newcomer.chain.mempool.count === 2);
  });

  it("keeps no child of what it has refused, nor a grandchild, and asks for none of them", async () => {
    const { network, node } = await nodeWithTwin();
    const stranger = await Stranger.old(network, node);
    const { value } = coin.coin;
    const key = testKey(4);
    const outputs = [{ value, scriptPubKey: key.script }];
    /** Also of a parent that nobody has said anything about. */
    const spend = ({ txid }: Transaction) =>
      payment({
        coins: [txid, "ab".repeat(32) as Txid].map((parent) => ({
          outpoint: { txid: parent, vout: 0 },
          coin: { ...coin.coin, scriptPubKey: key.script },
        })),
        outputs,
        key,
      });
    // Too early, which is nobody's fault.
    const fields = { lockTime: 1_000_000 };
    const refused = payment({ coins: [coin], outputs, sequence: 0, fields });
    const child = spend(refused);
    for (const transaction of [refused, child, spend(child)]) {
      stranger.say({ command: "tx", transaction });
      expect(await stranger.hears("reject")).toMatchObject({ hash: transaction.txid });
    }
    stranger.say({ command: "inv", items: [{ type: MSG_TX, hash: child.txid }] });
    await network.time.pass(10_000);
    expect(stranger.received.filter(({ command }) => command === "getdata")).toEqual([]);
  });

  it("keeps the connection with the sender of a child that breaks a rule, when its parent has come", async () => {
    const { network, node } = await nodeWithTwin();
    const [good, bad] = [await Stranger.connect(network, node), await Stranger.old(network, node)];
    const { value } = coin.coin;
    const key = testKey(4);
    const parent = payment({ coins: [coin], outputs: [{ value, scriptPubKey: key.script }] });
    const child = payment({
      coins: [
        {
          outpoint: { txid: parent.txid, vout: 0 },
          coin: { ...coin.coin, scriptPubKey: key.script },
        },
      ],
      outputs: [{ value: value + 1n, scriptPubKey: key.script }],
      key,
    });
    bad.say({ command: "tx", transaction: child });
    await bad.hears("reject");
    good.say({ command: "tx", transaction: parent });
    await bad.hears("reject");
    await network.time.pass(60_000);
    expect(node.log.some((line) => line.includes("misbehaves"))).toBe(false);
    expect([good.ended, bad.ended]).toEqual([undefined, undefined]);
    expect(node.chain.mempool.count).toBe(1);
  });
});

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
