import type { BlockHash, HashId, Txid } from "@chain/core";
import { makeBlock, TestChain, testKey } from "@chain/testing/blockFactory";
import { badBlocks, badTransactions } from "@chain/testing/catalogue";
import { TestNetwork } from "@chain/testing/network";
import { Stranger } from "@chain/testing/stranger";
import {
  frameRaw,
  type Message,
  MSG_BLOCK,
  MSG_TX,
  MSG_WITNESS_BLOCK,
  MSG_WITNESS_TX,
  MSG_WTX,
  PROTOCOL_VERSION,
} from "@chain/wire";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { moved, nodeWith } from "../../support/nodes.ts";

describe("transactions from peers", () => {
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
        // A peer that comes now is served, and may bring the next block.
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
