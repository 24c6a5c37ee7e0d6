/** What peers may say to a node, and what it makes of it. */
import {
  Block,
  BlockHeader,
  hash160,
  p2shScript,
  p2wpkhScript,
  pushData,
  Reader,
  Transaction,
  type Txid,
  type TxOutput,
} from "@chain/core";
import { makeBlock, payment, TestChain, testKey } from "@chain/testing/blockFactory";
import { badBlocks, badTransactions, goodBlock } from "@chain/testing/catalogue";
import { TestNetwork, type TestNode } from "@chain/testing/network";
import { Stranger } from "@chain/testing/stranger";
import { witnessPayment } from "@chain/testing/witnessPayment";
import {
  frameRaw,
  MSG_BLOCK,
  MSG_TX,
  MSG_WITNESS_BLOCK,
  MSG_WTX,
  PROTOCOL_VERSION,
} from "@chain/wire";
import { beforeAll, describe, expect, it } from "vitest";
import { PUBLIC_PACE } from "../src/net/transactions/transactionRelay.ts";

type Hash = Block["hash"];

const twin = new TestChain();
for (let i = 0; i < 2; i++) twin.mine();
const coin = twin.coinbaseCoin(1);

// One whose message is larger than messages may be never gets as far as the rules.
const sendableBlocks = badBlocks(twin, coin).filter(({ block }) => block.totalSize < 4_000_000);

async function nodeWithTwin(
  options: Parameters<TestNetwork["add"]>[1] = {},
): Promise<{ network: TestNetwork; node: TestNode }> {
  const network = new TestNetwork();
  const node = await network.add("node", options);
  for (const block of twin.blocks.slice(1)) await network.during(node.chain.acceptBlock(block));
  expect(node.chain.tip.hash).toBe(twin.tip.hash);
  return { network, node };
}

describe("a node among strangers", () => {
  let network: TestNetwork;
  let node: TestNode;
  let coinsBefore: string;
  beforeAll(async () => {
    ({ network, node } = await nodeWithTwin());
    coinsBefore = (await network.during(node.chain.coinStatistics())).hash;
  });

  /** Still the same chain, and still there for others. */
  async function unharmed(): Promise<void> {
    expect(node.chain.tip.hash).toBe(twin.tip.hash);
    expect((await network.during(node.chain.coinStatistics())).hash).toBe(coinsBefore);
    const other = await Stranger.connect(network, node);
    const items = [{ type: MSG_WITNESS_BLOCK, hash: twin.tip.hash }];
    other.say({ command: "getdata", items });
    const { raw } = await other.hears("block");
    expect(BlockHeader.read(new Reader(raw)).hash).toBe(twin.tip.hash);
  }

  it.each(sendableBlocks.map((bad) => [bad.name, bad] as const))(
    "refuses a block: %s",
    async (_, bad) => {
      const stranger = await Stranger.old(network, node);
      stranger.say({ command: "block", raw: bad.block.toBytes() });
      const { reason, rejected } = await stranger.hears("reject");
      expect(rejected).toBe("block");
      // Marked by an earlier case with the same header, or not even decodable.
      const reasons = [bad.reason.slice(0, 111), "duplicate-invalid", "bad-block-encoding"];
      expect(reasons).toContain(reason);
      // Both may be the fault of others.
      const isForgiven = ["bad-block-encoding", "duplicate-invalid"].includes(reason);
      if (!isForgiven) await stranger.isDropped();
      expect(node.log.some((line) => line.includes(reason))).toBe(true);
      await unharmed();
    },
  );

  const loose = badTransactions(twin, coin).filter(({ encodable }) => encodable);
  it.each(loose.map((bad) => [bad.name, bad] as const))(
    "refuses a transaction: %s",
    async (_, { transaction, reason }) => {
      const stranger = await Stranger.old(network, node);
      stranger.say({ command: "tx", transaction });
      const items = [{ type: MSG_WTX, hash: transaction.txid }];
      stranger.say({ command: "getdata", items });
      const heard = await stranger.hears("reject");
      expect(heard).toMatchObject({ rejected: "tx", hash: transaction.txid });
      const final = reason.startsWith("bad-txns-nonfinal") ? "non-final" : reason;
      // A mempool's stricter rules say the same in other words, of a signature that is not empty.
      const strict = final.replace(
        "Script evaluated without error but finished with a false/empty top stack element",
        "Signature must be zero for failed CHECK(MULTI)SIG operation",
      );
      expect([final, strict].map((text) => text.slice(0, 111))).toContain(heard.reason);
      // In order: first the verdict, then the answer to the question. No rule that a transaction breaks costs the
      // connection (Core since 29.1).
      expect((await stranger.hears("notfound")).items).toEqual(items);
      expect(node.chain.mempool.count).toBe(0);
      await unharmed();
    },
  );

  it("ignores an empty inventory and drops one that is too long", async () => {
    const stranger = await Stranger.connect(network, node);
    stranger.say({ command: "inv", items: [] });
    stranger.say({ command: "getdata", items: [] });
    const items = [{ type: MSG_BLOCK, hash: "ab".repeat(32) as Txid }];
    stranger.say({ command: "getdata", items });
    expect((await stranger.hears("notfound")).items).toEqual(items);
    const payload = new Uint8Array(3 + 36 * 50_001);
    payload.set([0xfd, 50_001 & 0xff, 50_001 >> 8]);
    stranger.write(frameRaw(network.params.magic, "inv", payload));
    await stranger.isDropped();
    await unharmed();
  });

  it("does not mind bytes that are none of its protocol", async () => {
    const { magic } = network.params;
    const garbage = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) & 0xff);
    const huge = frameRaw(magic, "block", new Uint8Array(0));
    new DataView(huge.buffer, huge.byteOffset).setUint32(16, 0xffff_ffff, true);
    for (const bytes of [garbage, huge]) {
      const stranger = await Stranger.connect(network, node);
      stranger.write(bytes);
      await stranger.isDropped();
    }
    // These only cost the message.
    const stranger = await Stranger.connect(network, node);
    const damaged = frameRaw(magic, "getaddr", Uint8Array.of(1));
    damaged[23] = (damaged[23] as number) ^ 1;
    stranger.write(damaged);
    stranger.write(frameRaw(magic, "hello", Uint8Array.of(1, 2, 3)));
    stranger.write(frameRaw(magic, "inv", Uint8Array.of(200)));
    stranger.say({ command: "getdata", items: [{ type: MSG_WTX, hash: "cd".repeat(32) as Txid }] });
    await stranger.hears("notfound");
    expect(stranger.ended).toBeUndefined();
    await unharmed();
  });

  it("lets go of a peer that never speaks", async () => {
    const closed: string[] = [];
    network.connectStranger(node, {
      onData: () => {},
      onDrain: () => {},
      onClose: (why) => closed.push(why),
    });
    await network.time.until("the handshake timeout", () => closed.length > 0, 70_000);
    await unharmed();
  });
});

it.each(["bare", "behind a script hash"])(
  "takes a transaction with its witness though somebody sent it without: %s",
  async (form) => {
    const { network, node } = await nodeWithTwin();
    const key = testKey(5);
    const program = p2wpkhScript(hash160(key.publicKey));
    const scriptPubKey = form === "bare" ? program : p2shScript(hash160(program));
    const locked = payment({
      coins: [coin],
      outputs: [{ value: coin.coin.value, scriptPubKey }],
    });
    const block = makeBlock({
      parent: node.chain.tip,
      params: network.params,
      transactions: [locked],
    });
    expect(await network.during(node.chain.acceptBlock(block))).toMatchObject({ connected: true });
    const located = {
      outpoint: { txid: locked.txid, vout: 0 },
      coin: { ...(locked.outputs[0] as TxOutput), height: node.chain.tip.height, coinbase: false },
    };
    const outputs = [{ value: coin.coin.value, scriptPubKey: testKey(6).script }];
    const signed = witnessPayment([located], outputs, key);
    const scriptSig = form === "bare" ? new Uint8Array(0) : pushData(program);
    const good = new Transaction({
      ...signed,
      inputs: signed.inputs.map((input) => ({ ...input, scriptSig })),
      outputs,
    });
    const inputs = good.inputs.map((input) => ({ ...input, witness: [] }));
    const stripped = new Transaction({ ...good, inputs, outputs });
    expect(stripped.txid).toBe(good.txid);

    const liar = await Stranger.old(network, node);
    liar.say({ command: "tx", transaction: stripped });
    expect((await liar.hears("reject")).reason).toMatch(/^mandatory-script-verify-flag-failed/);
    await network.time.pass(1_000);
    expect(liar.ended).toBeUndefined(); // it may know no better
    const honest = await Stranger.connect(network, node);
    honest.onMessage = (message) => {
      if (message.command === "getdata") honest.say({ command: "tx", transaction: good });
    };
    honest.say({ command: "inv", items: [{ type: MSG_WTX, hash: good.wtxid }] });
    await network.time.until("it is taken", () => node.chain.mempool.get(good.txid) !== undefined);
  },
);

describe("what a node does for its peers", () => {
  it("has room for so many and no more, and serves those it has", async () => {
    const { network, node } = await nodeWithTwin();
    const crowd = await Promise.all(
      Array.from({ length: 200 }, () => {
        const stranger = new Stranger(network, "outbound");
        stranger.open(network.connectStranger(node, stranger.handler));
        return stranger;
      }),
    );
    await network.time.pass(1000);
    const inside = crowd.filter(({ ended }) => ended === undefined);
    expect(node.node.peers().filter(({ inbound }) => inbound).length).toBe(114);
    expect(inside).toHaveLength(114);
    inside[0]?.say({
      command: "getheaders",
      protocolVersion: PROTOCOL_VERSION,
      locator: [twin.params.genesis.hash],
      stopHash: twin.params.genesis.hash,
    });
    expect((await inside[0]?.hears("headers"))?.headers).toHaveLength(2);
  });

  it("serves headers, blocks and inventories to whoever asks in the old way", async () => {
    const { network, node } = await nodeWithTwin();
    const stranger = await Stranger.connect(network, node);
    const locator = [twin.params.genesis.hash];
    stranger.say({
      command: "getblocks",
      protocolVersion: PROTOCOL_VERSION,
      locator,
      stopHash: "0".repeat(64) as typeof twin.tip.hash,
    });
    const { items } = await stranger.hears("inv");
    expect(items.map(({ hash }) => hash)).toEqual(twin.blocks.slice(1).map(({ hash }) => hash));
    stranger.say({ command: "getdata", items });
    const first = await stranger.hears("block");
    const second = await stranger.hears("block");
    expect([first.raw, second.raw]).toEqual(twin.blocks.slice(1).map((block) => block.toBytes()));
  });

  it("answers up to where it is asked, as Core does, and says nothing of headers that it has not", async () => {
    const { network, node } = await nodeWithTwin();
    const stranger = await Stranger.connect(network, node);
    const [genesis, first, second] = twin.blocks.map(({ hash }) => hash) as [Hash, Hash, Hash];
    const ask = (command: "getheaders" | "getblocks", locator: readonly Hash[], stopHash: Hash) =>
      stranger.say({ command, protocolVersion: PROTOCOL_VERSION, locator, stopHash });
    ask("getblocks", [genesis], second);
    expect((await stranger.hears("inv")).items).toEqual([{ type: MSG_BLOCK, hash: first }]);
    ask("getheaders", [], "ab".repeat(32) as Hash);
    ask("getheaders", [], second);
    const { headers } = await stranger.hears("headers");
    expect(headers.map(({ hash }) => hash)).toEqual([second]);
    // Nor has a question about something unknown told it of the tip.
    const silent = await Stranger.connect(network, node);
    silent.say({ command: "sendheaders" });
    silent.say({
      command: "getheaders",
      protocolVersion: PROTOCOL_VERSION,
      locator: [],
      stopHash: "ab".repeat(32) as Hash,
    });
    await network.time.pass(1_000);
    const next = await network.during(node.miner(testKey(1).script).mineOne());
    expect((await silent.hears("inv")).items).toEqual([{ type: MSG_BLOCK, hash: next.hash }]);
  });

  it("tells an accepted payment from a refused one, in order", async () => {
    const { network, node } = await nodeWithTwin();
    const stranger = await Stranger.old(network, node);
    const { value } = coin.coin;
    const pay = (to: number) =>
      payment({ coins: [coin], outputs: [{ value, scriptPubKey: testKey(to).script }] });
    const [good, conflicting] = [pay(1), pay(2)];
    for (const transaction of [good, conflicting]) {
      stranger.say({ command: "tx", transaction });
      stranger.say({ command: "getdata", items: [{ type: MSG_WTX, hash: transaction.txid }] });
    }
    expect((await stranger.hears("tx")).transaction.txid).toBe(good.txid);
    expect(await stranger.hears("reject")).toMatchObject({
      hash: conflicting.txid,
      reason: "txn-mempool-conflict",
    });
    expect((await stranger.hears("notfound")).items[0]?.hash).toBe(conflicting.txid);
    expect(node.chain.mempool.count).toBe(1);
  });

  it("says why only to those who know the message: peers of today part with who sends it", async () => {
    const { network, node } = await nodeWithTwin();
    const { value } = coin.coin;
    for (const protocolVersion of [60_001, 70_001, 70_016]) {
      const outputs = [
        { value: value + BigInt(protocolVersion), scriptPubKey: coin.coin.scriptPubKey },
      ];
      const transaction = payment({ coins: [coin], outputs });
      const stranger = await Stranger.connect(network, node, { protocolVersion });
      stranger.say({ command: "tx", transaction });
      stranger.say({ command: "getdata", items: [{ type: MSG_WTX, hash: transaction.txid }] });
      await stranger.hears("notfound");
      expect(stranger.received.map(({ command }) => command)).not.toContain("reject");
    }
  });

  it("does not look again at what it has refused, until the chain has moved", async () => {
    const { network, node } = await nodeWithTwin();
    const stranger = await Stranger.old(network, node);
    const { value } = coin.coin;
    const [kept, conflicting] = [1, 2].map((to) =>
      payment({ coins: [coin], outputs: [{ value, scriptPubKey: testKey(to).script }] }),
    ) as [Transaction, Transaction];
    stranger.say({ command: "tx", transaction: kept });
    for (let i = 0; i < 3; i++) stranger.say({ command: "tx", transaction: conflicting });
    await network.time.pass(1_000);
    const refusals = () => stranger.received.filter(({ command }) => command === "reject").length;
    expect(refusals()).toBe(1);
    await network.during(node.node.submitBlock(twin.next()));
    stranger.say({ command: "tx", transaction: conflicting });
    await network.time.pass(1_000);
    expect(refusals()).toBe(2);
  });

  it("does not let a rule breaker in again", async () => {
    const { network, node } = await nodeWithTwin();
    const [bad] = sendableBlocks;
    if (bad === undefined) throw new Error("a bad block");
    const stranger = await Stranger.connect(network, node, { host: "10.66.0.1" });
    stranger.say({ command: "block", raw: bad.block.toBytes() });
    await stranger.isDropped();
    const again = new Stranger(network, "outbound");
    again.open(network.connectStranger(node, again.handler, "10.66.0.1"));
    await again.isDropped();
    expect(again.ready).toBe(false);
    // Those on our own machine are only cut off: others there are innocent.
    const local = await Stranger.connect(network, node, { host: "127.0.0.1" });
    local.say({ command: "block", raw: bad.block.toBytes() });
    await local.isDropped();
    expect((await Stranger.connect(network, node, { host: "127.0.0.1" })).ready).toBe(true);
  });

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

  it("takes blocks from whoever has them when others stall, lie and die", async () => {
    const network = new TestNetwork({ seed: 5 });
    const source = new TestChain(network.params);
    for (let i = 0; i < 300; i++) source.mine();
    const honest = await network.add("honest");
    for (const block of source.blocks.slice(1)) {
      await network.during(honest.chain.acceptBlock(block, { requested: true }));
    }
    // Each of these has all headers. One never sends a block, one sends wrong bodies, one goes away.
    const liars = ["stalling", "lying", "dying"] as const;
    const addresses = liars.map((kind, i) => {
      const address = { host: "10.0.0.2", port: 4000 + i };
      network.listen(address, (connection) => pretender(network, source, kind, connection));
      return address;
    });
    const fresh = await network.add("fresh", { connect: [...addresses, honest.address] });
    await network.time.until("it has all", () => fresh.chain.tip.height === 300, 120_000);
    expect(fresh.chain.tip.hash).toBe(source.tip.hash);
    expect(fresh.log.some((line) => line.includes("bad-txnmrklroot"))).toBe(true);
  });

  it("does not go back at once to one who has stalled", async () => {
    const network = new TestNetwork({ seed: 6 });
    const source = new TestChain(network.params);
    for (let i = 0; i < 1_030; i++) source.mine();
    const honest = await network.add("honest");
    for (const block of source.blocks.slice(1)) {
      await network.during(honest.chain.acceptBlock(block, { requested: true }));
    }
    const calls: number[] = [];
    const address = { host: "10.0.0.2", port: 4000 };
    network.listen(address, (connection) => {
      calls.push(network.time.now());
      return pretender(network, source, "stalling", connection);
    });
    const fresh = await network.add("fresh", { connect: [address, honest.address] });
    const ended: number[] = [];
    fresh.node.subscribe((event) => {
      if (event.type !== "peer-disconnected") return;
      expect(event.why).toBe("block download stalled");
      ended.push(network.time.now());
    });
    await network.time.until("it has all", () => fresh.chain.tip.height === 1_030, 10_000);
    await network.time.until("it calls again", () => calls.length === 2, 120_000);
    expect(ended).toHaveLength(1);
    expect((calls[1] ?? 0) - (ended[0] ?? 0)).toBeGreaterThanOrEqual(30_000);
  });

  it("runs the same from the same seed", async () => {
    const story = async () => {
      const network = new TestNetwork({ seed: 11, latency: 7 });
      const events: string[] = [];
      const first = await network.add("first");
      const second = await network.add("second", { connect: [first.address] });
      for (const { name, node } of [first, second]) {
        node.subscribe((event) => {
          const what = "message" in event ? event.message.command : "";
          events.push(`${network.time.now()} ${name} ${event.type} ${what}`);
        });
      }
      for (let i = 0; i < 20; i++) {
        const block = makeBlock({ parent: first.chain.tip, params: network.params });
        await network.during(first.chain.acceptBlock(block, { requested: true }));
        await network.time.pass(100);
      }
      expect(second.chain.tip.height).toBe(20);
      return events;
    };
    const [once, again] = [await story(), await story()];
    expect(once.length).toBeGreaterThan(100);
    expect(again).toEqual(once);
  });
});

function pretender(
  network: TestNetwork,
  source: TestChain,
  kind: "stalling" | "lying" | "dying",
  connection: Parameters<Stranger["open"]>[0],
): Stranger["handler"] {
  const stranger = new Stranger(network, "inbound", { startHeight: source.tip.height });
  const blocks = new Map(source.blocks.map((block) => [block.hash as string, block]));
  let served = 0;
  stranger.onMessage = (message) => {
    if (message.command === "getheaders") {
      const headers = source.blocks.slice(1).map(({ header }) => header);
      stranger.say({ command: "headers", headers });
    }
    if (message.command !== "getdata" || kind === "stalling") return;
    for (const { hash } of message.items) {
      const block = blocks.get(hash);
      if (block === undefined) continue;
      if (kind === "dying" && served++ > 20) {
        connection.close();
        return;
      }
      stranger.say({ command: "block", raw: (kind === "lying" ? forged(block) : block).toBytes() });
    }
  };
  // The node's end is told of us before it can be spoken to.
  network.time.after(0, () => stranger.open(connection));
  return stranger.handler;
}

/** The header of a block with other transactions. */
function forged(block: Block): Block {
  const [coinbase] = block.transactions;
  if (coinbase === undefined) throw new Error("no coinbase");
  const other = new Transaction({ ...coinbase, lockTime: 1 });
  return new Block(block.header, [other]);
}

it("has a good block like the bad ones, which it takes", async () => {
  const { network, node } = await nodeWithTwin();
  const stranger = await Stranger.connect(network, node);
  const block = goodBlock(twin, coin);
  stranger.say({ command: "block", raw: block.toBytes() });
  await network.time.until("it is the tip", () => node.chain.tip.hash === block.hash);
  expect(stranger.ended).toBeUndefined();
});
