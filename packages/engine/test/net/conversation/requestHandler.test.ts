import { type Block, type BlockHash, HeaderTree, ZERO_BLOCK_HASH } from "@chain/core";
import { makeBlock, testKey } from "@chain/testing/blockFactory";
import { TestNetwork } from "@chain/testing/network";
import { Stranger } from "@chain/testing/stranger";
import {
  MSG_BLOCK,
  MSG_TX,
  MSG_WITNESS_BLOCK,
  MSG_WTX,
  NODE_NETWORK_LIMITED,
  NODE_WITNESS,
  PROTOCOL_VERSION,
} from "@chain/wire";
import { describe, expect, it } from "vitest";
import { DamagedStore } from "../../support/damagedStore.ts";
import { give, moved, nodeWith } from "../../support/nodes.ts";
import { nodeWithTwin, twin } from "../../support/twins.ts";

type Hash = Block["hash"];

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

describe("a node that prunes", () => {
  async function pruning() {
    const network = new TestNetwork();
    const node = await network.add("node", { prune: {} });
    const source = await give(network, node, 320);
    await network.during(node.chain.prune(25));
    return { network, node, source };
  }

  it("says that it has but the last blocks, and gives those", async () => {
    const { network, node, source } = await pruning();
    const stranger = await Stranger.connect(network, node);
    expect(stranger.peer?.services).toBe(NODE_WITNESS | NODE_NETWORK_LIMITED);
    // No more below the tip than what is there in an hour as well.
    const locator = [source.params.genesis.hash];
    const question = { protocolVersion: PROTOCOL_VERSION, stopHash: ZERO_BLOCK_HASH };
    stranger.say({ command: "getblocks", ...question, locator });
    stranger.say({
      command: "getblocks",
      ...question,
      locator: [source.blocks[200]?.hash as Hash],
    });
    expect((await stranger.hears("inv")).items[0]?.hash).toBe(source.blocks[201]?.hash);
    const oldest = source.blocks[320 - 290]?.hash as Hash;
    stranger.say({ command: "getdata", items: [{ type: MSG_WITNESS_BLOCK, hash: oldest }] });
    expect((await stranger.hears("block")).raw).toEqual(source.blocks[30]?.toBytes());
  });

  it("disconnects who asks for older ones, whether they are there or not", async () => {
    const { network, node, source } = await pruning();
    const why: string[] = [];
    node.node.subscribe((event) => {
      if (event.type === "peer-disconnected") why.push(event.why);
    });
    for (const height of [29, 20]) {
      const stranger = await Stranger.connect(network, node);
      const hash = source.blocks[height]?.hash as Hash;
      stranger.say({ command: "getdata", items: [{ type: MSG_WITNESS_BLOCK, hash }] });
      await stranger.isDropped();
      expect(why.at(-1)).toContain("NODE_NETWORK_LIMITED threshold");
    }
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

describe("what a node does for its peers", () => {
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
});

describe("a block that our disk does not give back", () => {
  it("is not found, and its peer stays connected", async () => {
    const network = new TestNetwork();
    const store = new DamagedStore();
    const node = await network.add("node", { store });
    const { blocks } = await give(network, node, 3);
    const [, first, second] = blocks.map(({ hash }) => hash) as BlockHash[];
    store.damaged.add(first!);
    const peer = await Stranger.connect(network, node);
    const items = [first, second].map((hash) => ({ type: MSG_WITNESS_BLOCK, hash: hash! }));
    for (let n = 0; n < 2; n++) {
      peer.say({ command: "getdata", items });
      await peer.hears("block");
      expect((await peer.hears("notfound")).items).toEqual(items.slice(0, 1));
    }
    peer.say({ command: "getblocktxn", blockHash: first!, indexes: [0] });
    expect((await peer.hears("notfound")).items).toEqual([{ type: MSG_BLOCK, hash: first }]);
    expect(peer.ended).toBeUndefined();
    // Said once, not for each who asks.
    expect(node.log.filter((line) => line.startsWith("error"))).toEqual([
      expect.stringContaining(`block ${first} can't be read`),
    ]);
    expect(node.chain.headers.get(first!)?.invalidReason).toBeUndefined();
  });
});
