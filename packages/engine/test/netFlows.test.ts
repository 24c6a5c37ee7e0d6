/** Longer conversations with a node, the expected ones and any others. */
import {
  Block,
  type BlockHash,
  type BlockHeader,
  type HashId,
  HeaderTree,
  type LocatedCoin,
  type Txid,
  ZERO_BLOCK_HASH,
} from "@chain/core";
import { makeBlock, payment, TestChain, testKey } from "@chain/testing/blockFactory";
import { badBlocks, badTransactions } from "@chain/testing/catalogue";
import { TestNetwork, type TestNode } from "@chain/testing/network";
import { Stranger } from "@chain/testing/stranger";
import {
  frameRaw,
  type Message,
  MSG_BLOCK,
  MSG_TX,
  MSG_WITNESS_BLOCK,
  MSG_WITNESS_TX,
  MSG_WTX,
  NODE_WITNESS,
  PROTOCOL_VERSION,
} from "@chain/wire";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePermissionRule } from "../src/net/peer/permissions.ts";

async function nodeWith(
  blocks: number,
  options: ConstructorParameters<typeof TestNetwork>[0] = {},
): Promise<{
  readonly network: TestNetwork;
  readonly node: TestNode;
  readonly source: TestChain;
}> {
  const network = new TestNetwork(options);
  const source = new TestChain(network.params);
  for (let i = 0; i < blocks; i++) source.mine();
  const node = await network.add("node");
  for (const block of source.blocks.slice(1)) {
    await network.during(node.chain.acceptBlock(block, { requested: true }));
  }
  return { network, node, source };
}

function moved({ outpoint, coin }: LocatedCoin, to: number, key?: ReturnType<typeof testKey>) {
  const outputs = [{ value: coin.value, scriptPubKey: testKey(to).script }];
  return payment({ coins: [{ outpoint, coin }], outputs, ...(key === undefined ? {} : { key }) });
}

describe("the old way to sync", () => {
  it("serves five hundred blocks at a time to one who only knows getblocks", async () => {
    const { network, node, source } = await nodeWith(510);
    const stranger = await Stranger.connect(network, node);
    const have: string[] = [source.params.genesis.hash];
    const ask = () =>
      stranger.say({
        command: "getblocks",
        protocolVersion: PROTOCOL_VERSION,
        locator: [have.at(-1) as BlockHash],
        stopHash: ZERO_BLOCK_HASH,
      });
    ask();
    const first = await stranger.hears("inv");
    expect(first.items).toHaveLength(500);
    stranger.say({ command: "getdata", items: first.items });
    for (const { hash } of first.items) {
      await stranger.hears("block");
      have.push(hash);
    }
    // That there is more, it learns by being told of the tip after the last of these.
    const hint = await stranger.hears("inv");
    expect(hint.items).toEqual([{ type: MSG_BLOCK, hash: source.tip.hash }]);
    ask();
    const rest = await stranger.hears("inv");
    expect([...have, ...rest.items.map(({ hash }) => hash)]).toEqual(
      source.blocks.map(({ hash }) => hash),
    );
    // Not a second time.
    stranger.say({ command: "getdata", items: first.items.slice(-1) });
    await stranger.hears("block");
    await network.time.pass(1_000);
    expect(stranger.received.filter(({ command }) => command === "inv")).toEqual([]);
  });

  it("is told of a new block by inv, and after sendheaders by its header", async () => {
    const { network, node, source } = await nodeWith(2);
    const stranger = await Stranger.connect(network, node);
    const mine = async () => {
      const block = source.mine();
      await network.during(node.chain.acceptBlock(block, { requested: true }));
      return block;
    };
    await stranger.hears("getheaders"); // now it is a peer
    const first = await mine();
    expect((await stranger.hears("inv")).items).toEqual([{ type: MSG_BLOCK, hash: first.hash }]);
    stranger.say({ command: "sendheaders" });
    // Only who shows that it has followed the name gets headers that connect to the block.
    const question = { protocolVersion: PROTOCOL_VERSION, locator: [first.hash] };
    stranger.say({ command: "getheaders", ...question, stopHash: ZERO_BLOCK_HASH });
    expect((await stranger.hears("headers")).headers).toEqual([]);
    const second = await mine();
    expect((await stranger.hears("headers")).headers.map(({ hash }) => hash)).toEqual([
      second.hash,
    ]);
  });
});

it("gives transactions of the last block to those who ask for them, by either name", async () => {
  const { network, node, source } = await nodeWith(2);
  const stranger = await Stranger.connect(network, node);
  await stranger.hears("getheaders"); // now it is a peer
  const [paid, other] = [moved(source.coinbaseCoin(1), 3), moved(source.coinbaseCoin(2), 3)];
  const transactions = [paid];
  const block = makeBlock({ parent: node.chain.tip, params: network.params, transactions });
  await network.during(node.chain.acceptBlock(block, { requested: true }));
  const items = [
    { type: MSG_TX, hash: paid.txid },
    { type: MSG_WTX, hash: paid.wtxid },
    { type: MSG_WTX, hash: other.wtxid },
  ];
  stranger.say({ command: "getdata", items });
  for (const _ of [1, 2]) expect((await stranger.hears("tx")).transaction.txid).toBe(paid.txid);
  expect((await stranger.hears("notfound")).items).toEqual(items.slice(2));
  // Of an older block it is no news to anybody.
  const later = makeBlock({ parent: node.chain.tip, params: network.params });
  await network.during(node.chain.acceptBlock(later, { requested: true }));
  stranger.say({ command: "getdata", items });
  expect((await stranger.hears("notfound")).items).toEqual(items);
});

describe("blocks off the best chain", () => {
  it("are given to those who are on their branch, for a month, and if they ever were valid", async () => {
    const { network, node, source } = await nodeWith(1, { age: 32 * 24 * 3600 });
    const { params } = source;
    const root = node.chain.tip;
    const branch = (length: number, payTo: number, from = root.header.time) => {
      const blocks: Block[] = [];
      const tree = new HeaderTree(params.genesis.header);
      let parent = tree.add(root.header);
      for (let n = 1; n <= length; n++) {
        const header = { time: from + 600 * n };
        const block = makeBlock({ parent, params, header, payTo: testKey(payTo).script });
        blocks.push(block);
        parent = tree.add(block.header);
      }
      return blocks;
    };
    const give = async (blocks: readonly Block[]) => {
      for (const block of blocks) {
        await network.during(node.chain.acceptBlock(block, { requested: true }));
      }
    };
    const [lost, never, won] = [branch(2, 1), branch(1, 2), branch(3, 3)];
    for (const blocks of [lost, never, won]) await give(blocks);
    expect(node.chain.tip.hash).toBe(won.at(-1)?.hash);

    const stranger = await Stranger.connect(network, node);
    await stranger.hears("getheaders");
    stranger.say({ command: "headers", headers: [] });
    await network.time.pass(1_000);
    stranger.received.splice(0);
    const answers = async ({ hash }: Block) => {
      stranger.say({ command: "getdata", items: [{ type: MSG_WITNESS_BLOCK, hash }] });
      const locator: BlockHash[] = [];
      const question = { protocolVersion: PROTOCOL_VERSION, locator, stopHash: hash } as const;
      stranger.say({ command: "getheaders", ...question });
      await network.time.pass(1_000);
      return stranger.received.splice(0).map(({ command }) => command);
    };
    const [[older, newer], [rival]] = [lost, never] as unknown as [[Block, Block], [Block]];
    expect(await answers(newer)).toEqual(["block", "headers"]);
    expect(await answers(older)).toEqual(["block", "headers"]);
    expect(await answers(rival)).toEqual(["notfound"]);
    // A month later they would only tell this node from others.
    const later = makeBlock({
      parent: node.chain.tip,
      params,
      header: { time: newer.header.time + 30 * 24 * 3600 },
    });
    await give([later]);
    await network.time.pass(1_000);
    stranger.received.splice(0);
    expect(await answers(newer)).toEqual(["notfound"]);
  });
});

describe("blocks from peers", () => {
  it("follows an inv by headers, then the body, and tells everybody but who sent it", async () => {
    const { network, node, source } = await nodeWith(2);
    const [sender, other] = [
      await Stranger.connect(network, node),
      await Stranger.connect(network, node),
    ];
    await sender.hears("getheaders");
    sender.say({ command: "headers", headers: [] });
    const block = source.mine();
    sender.say({ command: "inv", items: [{ type: MSG_BLOCK, hash: block.hash }] });
    await sender.hears("getheaders");
    sender.say({ command: "headers", headers: [block.header] });
    const { items } = await sender.hears("getdata");
    expect(items).toEqual([{ type: MSG_WITNESS_BLOCK, hash: block.hash }]);
    sender.say({ command: "block", raw: block.toBytes() });
    expect((await other.hears("inv")).items).toEqual([{ type: MSG_BLOCK, hash: block.hash }]);
    await network.time.pass(1_000);
    expect(sender.received.filter(({ command }) => command === "inv")).toEqual([]);
    expect(node.chain.tip.hash).toBe(block.hash);
  });

  it("are asked for by one getheaders for an inv, from the last block of it that is not known", async () => {
    const { network, node, source } = await nodeWith(2);
    const stranger = await Stranger.connect(network, node);
    await stranger.hears("getheaders");
    stranger.say({ command: "headers", headers: [] });
    const tip = node.chain.tip.hash;
    const fresh = [source.mine(), source.mine(), source.mine()];
    const items = [...fresh.map(({ hash }) => hash), tip].map((hash) => ({
      type: MSG_BLOCK,
      hash,
    }));
    stranger.say({ command: "inv", items });
    expect(await stranger.hears("getheaders")).toMatchObject({
      locator: [
        tip,
        ...source.blocks
          .slice(0, 2)
          .map(({ hash }) => hash)
          .reverse(),
      ],
      stopHash: ZERO_BLOCK_HASH,
    });
    stranger.say({ command: "inv", items: items.slice(0, 1) });
    await network.time.pass(1_000);
    const commands = stranger.received.map(({ command }) => command);
    expect(commands.filter((command) => /^get(headers|data)$/.test(command))).toEqual([]);
    stranger.say({ command: "headers", headers: fresh.map(({ header }) => header) });
    expect((await stranger.hears("getdata")).items).toHaveLength(3);
  });

  it("lets another serve the tip when the first who has it is slow, and keeps both", async () => {
    const { network, node, source } = await nodeWith(2);
    const [slow, quick] = [
      await Stranger.connect(network, node),
      await Stranger.connect(network, node),
    ];
    const block = source.mine();
    for (const stranger of [slow, quick]) {
      stranger.say({ command: "headers", headers: [block.header] });
      await network.time.pass(100);
    }
    await slow.hears("getdata");
    await quick.hears("getdata");
    quick.say({ command: "block", raw: block.toBytes() });
    await network.time.until("it is here", () => node.chain.tip.hash === block.hash);
    slow.say({ command: "block", raw: block.toBytes() });
    await network.time.pass(10_000);
    expect([slow.ended, quick.ended]).toEqual([undefined, undefined]);
  });

  it("are asked of who tells of their headers first, though he offers none and others have them", async () => {
    const { network, node, source } = await nodeWith(1);
    const modest = await Stranger.connect(network, node, { services: NODE_WITNESS });
    const usual = await Stranger.connect(network, node);
    const blocks = [source.mine(), source.mine()];
    const asked = (stranger: Stranger) =>
      stranger.received.flatMap((message) => (message.command === "getdata" ? message.items : []));
    modest.say({ command: "headers", headers: blocks.map(({ header }) => header) });
    for (const { hash } of blocks) {
      usual.say({ command: "inv", items: [{ type: MSG_BLOCK, hash }] });
    }
    await network.time.pass(100);
    expect(asked(modest).map(({ hash }) => hash)).toEqual(blocks.map(({ hash }) => hash));
    expect(asked(usual)).toEqual([]);
    expect(modest.received.map(({ command }) => command)).not.toContain("getheaders");
    for (const block of blocks) modest.say({ command: "block", raw: block.toBytes() });
    await network.time.until("it has them", () => node.chain.tip.height === 3);
  });

  it("are asked of nobody who tells of eighteen and offers none", async () => {
    const { network, node, source } = await nodeWith(1);
    const modest = await Stranger.connect(network, node, { services: NODE_WITNESS });
    const headers = Array.from({ length: 18 }, () => source.mine().header);
    modest.say({ command: "headers", headers });
    await network.time.pass(1_000);
    expect(node.chain.bestHeader.height).toBe(19);
    expect(modest.received.map(({ command }) => command)).not.toContain("getdata");
  });

  it("are asked again of who spoilt them before, once he tells of them again, and in place of others", async () => {
    const rule = parsePermissionRule("noban@10.7.7.7") ?? expect.unreachable();
    const network = new TestNetwork();
    const node = await network.add("node", { permissions: [rule] });
    const guest = await Stranger.connect(network, node, { host: "10.7.7.7" });
    const [good, rival] = [1, 2].map((to) =>
      makeBlock({ parent: node.chain.tip, params: network.params, payTo: testKey(to).script }),
    ) as [Block, Block];
    const tell = async (block: Block) => {
      guest.say({ command: "headers", headers: [block.header] });
      expect((await guest.hears("getdata")).items).toMatchObject([{ hash: block.hash }]);
    };
    await tell(good);
    const [coinbase] = good.transactions;
    const doubled = [coinbase, coinbase] as Block["transactions"];
    guest.say({ command: "block", raw: new Block(good.header, doubled).toBytes() });
    await tell(rival);
    await tell(good);
    guest.say({ command: "block", raw: good.toBytes() });
    await network.time.until("it is the tip", () => node.chain.tip.hash === good.hash);
  });

  it("forgives one who calls and offers what is known to be bad, but not one whom it has called", async () => {
    const { network, node, source } = await nodeWith(2);
    const bad = badBlocks(source, source.coinbaseCoin(1)).find(
      ({ reason }) => reason === "bad-cb-amount",
    );
    const header = bad?.block.header;
    if (bad === undefined || header === undefined) throw new Error("no such case");
    const first = await Stranger.connect(network, node);
    first.say({ command: "block", raw: bad.block.toBytes() });
    expect(await first.isDropped()).toBeDefined();
    const caller = await Stranger.connect(network, node);
    caller.say({ command: "headers", headers: [header] });
    await network.time.until("it is refused", () =>
      node.log.some((line) => line.includes("duplicate-invalid")),
    );
    await network.time.pass(1_000);
    expect(caller.ended).toBeUndefined();
    const address = { host: "10.0.0.9", port: 9 };
    const called = new Stranger(network, "inbound");
    network.listen(address, (connection) => {
      network.time.after(0, () => called.open(connection));
      return called.handler;
    });
    const second = await network.add("second", { connect: [address] });
    for (const block of source.blocks.slice(1))
      await network.during(second.chain.acceptBlock(block));
    await network.during(second.chain.acceptBlock(bad.block));
    await network.time.until("the handshake", () => called.ready);
    called.say({ command: "headers", headers: [header] });
    await called.isDropped();
  });
});

it("nobody who has read our nonce on the line can make us give up a peer", async () => {
  const network = new TestNetwork();
  const address = { host: "10.0.0.9", port: 9 };
  const called: Stranger[] = [];
  let version: Uint8Array | undefined;
  network.listen(address, (connection) => {
    const stranger = new Stranger(network, "inbound");
    called.push(stranger);
    network.time.after(0, () => stranger.open(connection));
    const onData = (bytes: Uint8Array) => {
      version ??= bytes;
      stranger.handler.onData(bytes);
    };
    return { ...stranger.handler, onData };
  });
  const node = await network.add("node", { connect: [address] });
  await network.time.until("the handshake", () => called[0]?.ready === true);
  await network.time.pass(100);
  // Behind the frame's header, version, services, time and two addresses.
  const nonce = new DataView(version!.buffer, version!.byteOffset).getBigUint64(24 + 72, true);
  await Stranger.connect(network, node, { nonce });
  expect(called[0]?.ended).toBeUndefined();
  called[0]?.write(new Uint8Array(24)); // no message of this network
  await network.time.until("it is called again", () => called.length === 2);
});

describe("a call that is answered too late", () => {
  it("comes to nothing, and is made again after the next start", async () => {
    const network = new TestNetwork();
    const called = await network.add("called");
    const answers: (() => void)[] = [];
    const { dialer } = network;
    const dial = dialer.dial.bind(dialer);
    dialer.dial = (address, attach) =>
      new Promise((resolve) => {
        answers.push(() => resolve(dial(address, attach)));
      });
    const { node } = await network.add("caller", { connect: [called.address] });
    expect(answers).toHaveLength(1);
    await network.during(node.stop());
    answers.shift()?.();
    await network.time.pass(1_000);
    expect([node.peers(), called.node.peers()]).toEqual([[], []]);
    node.start();
    await network.time.until("the next call", () => answers.length > 0, 10_000);
    answers.shift()?.();
    await network.time.until("they talk", () => called.node.peers()[0]?.ready === true);
    await network.during(node.stop());
  });
});

describe("transactions from peers", () => {
  it("asks one at a time, then the next, and tells those who have not said that they know", async () => {
    const { network, node, source } = await nodeWith(2);
    const [first, second, third] = [
      await Stranger.connect(network, node),
      await Stranger.connect(network, node),
      await Stranger.connect(network, node),
    ];
    const good = moved(source.coinbaseCoin(1), 3);
    const items = [{ type: MSG_WTX, hash: good.txid }];
    first.say({ command: "inv", items });
    await first.hears("getdata");
    second.say({ command: "inv", items });
    await network.time.pass(1_000);
    expect(second.received.filter(({ command }) => command === "getdata")).toEqual([]);
    first.say({ command: "notfound", items });
    expect((await second.hears("getdata")).items).toEqual([{ type: MSG_WTX, hash: good.txid }]);
    second.say({ command: "tx", transaction: good });
    expect((await third.hears("inv")).items).toEqual(items);
    await network.time.pass(1_000);
    for (const stranger of [first, second]) {
      expect(stranger.received.filter(({ command }) => command === "inv")).toEqual([]);
    }
  });

  it("talks of them by txid to those who know no other name", async () => {
    const { network, node, source } = await nodeWith(2);
    const old = await Stranger.connect(network, node, { protocolVersion: 70_015 });
    const good = moved(source.coinbaseCoin(1), 3);
    const items = [{ type: MSG_TX, hash: good.txid }];
    // The other name was not agreed on.
    old.say({ command: "inv", items: [{ type: MSG_WTX, hash: good.txid }] });
    await network.time.pass(1_000);
    expect(old.received.filter(({ command }) => command === "getdata")).toEqual([]);
    old.say({ command: "inv", items });
    expect((await old.hears("getdata")).items).toEqual([{ type: MSG_WITNESS_TX, hash: good.txid }]);
    const other = await Stranger.connect(network, node, { protocolVersion: 31_800 });
    old.say({ command: "tx", transaction: good });
    expect((await other.hears("inv")).items).toEqual(items);
    // So old a peer knows neither of these messages.
    const newer = ["sendheaders", "feefilter", "sendcmpct", "wtxidrelay", "sendaddrv2"];
    expect(other.received.filter(({ command }) => newer.includes(command))).toEqual([]);
  });

  it("ignores a feefilter that no amount of money can pay", async () => {
    const { network, node } = await nodeWith(1);
    const stranger = await Stranger.connect(network, node);
    const rates: (bigint | undefined)[] = [];
    for (const feeRate of [
      5_000n,
      -1n,
      2_100_000_000_000_001n,
      2n ** 62n,
      2_100_000_000_000_000n,
      0n,
    ]) {
      stranger.say({ command: "feefilter", feeRate });
      await network.time.pass(100);
      rates.push(node.node.peers()[0]?.minFeeRate);
    }
    const [some, most] = [5_000n, 2_100_000_000_000_000n];
    expect(rates).toEqual([some, some, some, some, most, 0n]);
  });

  it("does not wait for ever for blocks that somebody promises and nobody sends", async () => {
    const { network, node, source } = await nodeWith(2);
    const liar = await Stranger.connect(network, node);
    const honest = await Stranger.connect(network, node);
    liar.say({ command: "headers", headers: [source.mine().header] });
    await liar.hears("getdata");
    const good = moved(source.coinbaseCoin(1), 3);
    const since = network.time.now();
    honest.say({ command: "inv", items: [{ type: MSG_WTX, hash: good.txid }] });
    await honest.hears("getdata");
    expect(network.time.now() - since).toBeLessThan(12_000);
  });

  it("parts with who asks for the mempool, which belongs to filters that it does not offer", async () => {
    const { network, node } = await nodeWith(2);
    const stranger = await Stranger.connect(network, node);
    stranger.say({ command: "mempool" });
    await stranger.isDropped();
  });

  it("answers a ping when all that came before it is done", async () => {
    const { network, node, source } = await nodeWith(2);
    const stranger = await Stranger.connect(network, node);
    await network.time.pass(1_000);
    const sent: string[] = [];
    node.node.subscribe((event) => {
      if (event.type === "message-sent") sent.push(event.message.command);
    });
    const items = source.blocks.map(({ hash }) => ({ type: MSG_WITNESS_BLOCK, hash }));
    stranger.say({ command: "getdata", items });
    stranger.say({ command: "ping", nonce: 77n });
    stranger.say({ command: "getdata", items });
    await network.time.pass(1_000);
    const blocks = items.map(() => "block");
    expect(sent).toEqual([...blocks, "pong", ...blocks]);
  });
});

describe("any messages in any order", () => {
  const shared = new TestChain();
  for (let i = 0; i < 4; i++) shared.mine();
  const [kept, next] = [shared.blocks.slice(1, 4), shared.blocks[4]];
  const coin = shared.coinbaseCoin(1);
  const first = moved(coin, 1);
  const chained = [first];
  for (let n = 2; n < 5; n++) {
    const parent = chained.at(-1) as typeof first;
    const [output] = parent.outputs;
    if (output === undefined) throw new Error("no output");
    const outpoint = { txid: parent.txid, vout: 0 };
    const spent = { outpoint, coin: { ...output, height: 1, coinbase: false } };
    chained.push(moved(spent, n, testKey(n - 1)));
  }
  const transactions = [
    ...chained,
    ...badTransactions(shared, coin)
      .filter(({ encodable }) => encodable)
      .map(({ transaction }) => transaction),
  ];
  const sideBlock = makeBlock({ parent: shared.tree.genesis, params: shared.params, extra: 9 });
  const blocks = [
    ...shared.blocks,
    sideBlock,
    ...badBlocks(shared, coin)
      .map(({ block }) => block)
      .filter((block) => block.totalSize < 100_000),
  ];
  const one = <T>(values: readonly T[]) => fc.constantFrom(...values);
  const hash: fc.Arbitrary<HashId> = fc.oneof(
    one<HashId>(blocks.map((block) => block.hash)),
    one<HashId>(transactions.map(({ txid }) => txid)),
    fc.nat().map((n) => n.toString(16).padStart(64, "0") as Txid),
  );
  const type = one([
    0,
    MSG_TX,
    MSG_BLOCK,
    3,
    4,
    MSG_WTX,
    MSG_WITNESS_TX,
    MSG_WITNESS_BLOCK,
    0xffff_ffff,
  ]);
  const items = fc.array(fc.record({ type, hash }), { maxLength: 30 });
  const locator = fc.record({
    protocolVersion: fc.constant(PROTOCOL_VERSION),
    locator: fc.array(hash as fc.Arbitrary<BlockHash>, { maxLength: 5 }),
    stopHash: hash as fc.Arbitrary<BlockHash>,
  });
  const plain = one(["verack", "getaddr", "mempool", "sendheaders"] as const);
  const message: fc.Arbitrary<Message> = fc.oneof(
    items.map((list) => ({ command: "inv", items: list }) as const),
    items.map((list) => ({ command: "getdata", items: list }) as const),
    items.map((list) => ({ command: "notfound", items: list }) as const),
    locator.map((fields) => ({ command: "getblocks", ...fields }) as const),
    locator.map((fields) => ({ command: "getheaders", ...fields }) as const),
    one(blocks).map((block) => ({ command: "block", raw: block.toBytes() }) as const),
    one(transactions).map((transaction) => ({ command: "tx", transaction }) as const),
    fc
      .tuple(fc.nat(blocks.length), fc.nat(4))
      .map(([from, count]) => blocks.slice(from, from + count).map(({ header }) => header))
      .map((headers) => ({ command: "headers", headers }) as const),
    fc.bigInt(0n, 2n ** 63n).map((feeRate) => ({ command: "feefilter", feeRate }) as const),
    fc.bigInt(0n, 2n ** 64n - 1n).map((nonce) => ({ command: "ping", nonce }) as const),
    fc.bigInt(0n, 2n ** 64n - 1n).map((nonce) => ({ command: "pong", nonce }) as const),
    plain.map((command) => ({ command }) as const),
  );
  const step = fc.record({
    who: fc.nat(3),
    what: fc.oneof(
      { weight: 10, arbitrary: message },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }) },
      { weight: 1, arbitrary: fc.constant("leave" as const) },
      { weight: 1, arbitrary: fc.constant("deaf" as const) },
    ),
    wait: one([0, 0, 0, 5, 100, 3_000]),
  });

  it("never harm the node or those that it serves (property)", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
        const network = new TestNetwork();
        const node = await network.add("node", { maxInbound: 5 });
        for (const block of kept) await network.during(node.chain.acceptBlock(block));
        node.node.subscribe((event) => {
          if (event.type !== "message-sent" || event.message.command !== "getdata") return;
          // Never more than it may ask of one peer at a time. (What a listener throws is in the log.)
          expect(event.message.items.length).toBeLessThanOrEqual(100);
        });
        const peers: (Stranger | undefined)[] = [];
        const links: (ReturnType<TestNetwork["connectStranger"]> | undefined)[] = [];
        for (const { who, what, wait } of steps) {
          if (peers[who] === undefined || peers[who].ended !== undefined) {
            const stranger = new Stranger(network, "outbound");
            const link = network.connectStranger(node, stranger.handler);
            stranger.open(link);
            await network.time.until("the handshake", () => stranger.ready);
            [peers[who], links[who]] = [stranger, link];
          }
          if (what === "leave") {
            links[who]?.close();
            peers[who] = undefined;
          } else if (what === "deaf") links[who]?.setReading(false);
          else if (what instanceof Uint8Array) {
            peers[who]?.write(frameRaw(network.params.magic, "tx", what));
          } else peers[who]?.say(what);
          await network.time.pass(wait);
        }
        for (const link of links) link?.close();
        await network.time.pass(1_000);
        expect(node.log.filter((line) => line.startsWith("error"))).toEqual([]);
        expect(node.node.peers()).toEqual([]);
        expect(node.chain.tip.height).toBeGreaterThanOrEqual(3);
        // Whoever comes now is served, and may bring the next block.
        const honest = await Stranger.connect(network, node);
        if (next === undefined) throw new Error("no next block");
        honest.say({ command: "block", raw: next.toBytes() });
        await network.time.until("it follows", () => node.chain.tip.hash === next.hash);
        honest.say({ command: "getdata", items: [{ type: MSG_WITNESS_BLOCK, hash: next.hash }] });
        expect((await honest.hears("block")).raw).toEqual(next.toBytes());
        await network.during(node.node.stop());
      }),
      { numRuns: 40, seed: 7 },
    );
  }, 30_000);

  it("follows five thousand of a flood of announcements, after two seconds", async () => {
    const network = new TestNetwork();
    const node = await network.add("node");
    const stranger = await Stranger.connect(network, node);
    const sent: number[] = [];
    node.node.subscribe((event) => {
      if (event.type === "message-sent" && event.message.command === "getdata") {
        sent.push(event.message.items.length);
      }
    });
    for (let round = 0; round < 2; round++) {
      const list = Array.from({ length: 50_000 }, (_, n) => ({
        type: MSG_WTX,
        hash: (round * 50_000 + n).toString(16).padStart(64, "0") as Txid,
      }));
      stranger.say({ command: "inv", items: list });
    }
    await network.time.pass(1_000);
    expect(sent).toEqual([]);
    await network.time.pass(2_000);
    expect(sent).toEqual([1_000, 1_000, 1_000, 1_000, 1_000]);
    expect(stranger.ended).toBeUndefined();
  });
});

it("announces its own block late, and not never, where others know of headers without blocks", async () => {
  const { network, node } = await nodeWith(1);
  const liar = await Stranger.connect(network, node);
  const { tree, params } = new TestChain(network.params);
  const headers = [];
  for (
    let parent = tree.tip;
    headers.length < 60;
    parent = tree.add(headers.at(-1) as BlockHeader)
  ) {
    headers.push(makeBlock({ parent, params, extra: 3 }).header);
  }
  liar.say({ command: "headers", headers });
  await network.time.until("it believes", () => node.chain.bestHeader.height === 60);
  const listener = await Stranger.connect(network, node);
  listener.onMessage = ({ command }) => {
    if (command === "getheaders") listener.say({ command: "headers", headers: [] });
  };
  const mined = await network.during(node.miner(testKey(1).script).mineOne());
  expect((await listener.hears("inv", 180_000)).items[0]?.hash).toBe(mined.hash);
});
