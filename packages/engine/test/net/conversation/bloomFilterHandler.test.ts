/** Peers that set a Bloom filter (BIP-0037), and what they hear then. */
import { type Block, BloomFilter, hash160, type Transaction } from "@chain/core";
import { present } from "@chain/core/arguments";
import { MINER, testKey } from "@chain/testing/blockFactory";
import { TestNetwork } from "@chain/testing/network";
import { Stranger } from "@chain/testing/stranger";
import { type FilterLoadMessage, MSG_FILTERED_BLOCK, MSG_WTX, NODE_BLOOM } from "@chain/wire";
import { describe, expect, it } from "vitest";
import { parsePermissionRule } from "../../../src/index.ts";
import { give, moved } from "../../support/nodes.ts";

async function serving(options: Parameters<TestNetwork["add"]>[1] = { bloomFilters: true }) {
  const network = new TestNetwork();
  const node = await network.add("node", options);
  const source = await give(network, node, 120);
  const why: string[] = [];
  node.node.subscribe((event) => {
    if (event.type === "peer-disconnected") why.push(event.why);
  });
  return { network, node, source, why };
}

/** A filter for these. */
function load(...items: Uint8Array[]): FilterLoadMessage {
  const fields = { hashFunctions: 11, tweak: 7, flags: 1 };
  const filter = new BloomFilter({ data: new Uint8Array(200), ...fields });
  for (const item of items) filter.insert(item);
  return { command: "filterload", data: filter.data, ...fields };
}

const ours = testKey(40);
const ourHash = hash160(ours.publicKey);

describe("a node that serves Bloom filters", () => {
  it("says so, and announces what matches alone", async () => {
    const { network, node, source } = await serving();
    const stranger = await Stranger.connect(network, node);
    await stranger.hears("getheaders"); // now it is a peer
    expect((stranger.peer?.services ?? 0n) & NODE_BLOOM).toBe(NODE_BLOOM);
    stranger.say(load(ourHash));
    const submit = async (transaction: Transaction) => {
      await network.during(node.node.submitTransaction(transaction));
      return transaction;
    };
    const mine = await submit(moved(source.coinbaseCoin(1), 40));
    await submit(moved(source.coinbaseCoin(2), 41));
    const { items } = await stranger.hears("inv");
    expect(items).toEqual([{ type: MSG_WTX, hash: mine.wtxid }]);
    // A spender of it matches as well, because the filter has learnt its outpoint.
    const [output] = mine.outputs;
    const coin = { ...present(output, "output"), height: 0, coinbase: false };
    const outpoint = { txid: mine.txid, vout: 0 };
    const spent = await submit(moved({ outpoint, coin }, 41, ours));
    expect((await stranger.hears("inv")).items).toEqual([{ type: MSG_WTX, hash: spent.wtxid }]);
    stranger.say({ command: "filterclear" });
    const later = await submit(moved(source.coinbaseCoin(3), 41));
    expect((await stranger.hears("inv")).items).toEqual([{ type: MSG_WTX, hash: later.wtxid }]);
  });

  it("gives blocks as headers with a proof, and the transactions that match", async () => {
    const { network, node, source } = await serving();
    const stranger = await Stranger.connect(network, node);
    const block = source.blocks[5] as Block;
    const ask = () =>
      stranger.say({ command: "getdata", items: [{ type: MSG_FILTERED_BLOCK, hash: block.hash }] });
    ask(); // without a filter there is no answer
    stranger.say(load(ourHash));
    ask();
    const none = await stranger.hears("merkleblock");
    expect(none).toMatchObject({ total: 1, flags: Uint8Array.of(0) });
    expect(none.header.hash).toBe(block.hash);
    const [coinbase] = block.transactions;
    stranger.say({ command: "filteradd", data: hash160(MINER.publicKey) });
    ask();
    const some = await stranger.hears("merkleblock");
    expect(some).toMatchObject({ total: 1, hashes: [coinbase?.txid], flags: Uint8Array.of(1) });
    expect((await stranger.hears("tx")).transaction.txid).toBe(coinbase?.txid);
  });

  it("tells a peer that asks for the mempool, and one that wanted nothing at first", async () => {
    const { network, node, source } = await serving();
    const mine = moved(source.coinbaseCoin(1), 40);
    await network.during(node.node.submitTransaction(mine));
    const stranger = await Stranger.connect(network, node);
    stranger.say(load(ourHash));
    stranger.say({ command: "mempool" });
    expect((await stranger.hears("inv")).items).toEqual([{ type: MSG_WTX, hash: mine.wtxid }]);
  });

  it.each([
    ["too-large bloom filter", { ...load(), data: new Uint8Array(36_001) }],
    ["too-large bloom filter", { ...load(), hashFunctions: 51 }],
    ["bad filteradd message", { command: "filteradd", data: Uint8Array.of(1) }],
  ] as const)("disconnects a peer for a %s", async (reason, message) => {
    const { network, node, why } = await serving();
    const stranger = await Stranger.connect(network, node);
    stranger.say(message);
    await stranger.isDropped();
    expect(why.at(-1)).toContain(reason);
  });

  it("disconnects a peer that adds more than a script can push", async () => {
    const { network, node, why } = await serving();
    const stranger = await Stranger.connect(network, node);
    stranger.say(load());
    stranger.say({ command: "filteradd", data: new Uint8Array(520) });
    stranger.say({ command: "filteradd", data: new Uint8Array(521) });
    await stranger.isDropped();
    expect(why.at(-1)).toContain("bad filteradd message");
  });
});

describe("a node that does not", () => {
  it("disconnects peers that set a filter", async () => {
    const { network, node, why } = await serving({});
    const stranger = await Stranger.connect(network, node);
    expect((stranger.peer?.services ?? 0n) & NODE_BLOOM).toBe(0n);
    stranger.say(load(ourHash));
    await stranger.isDropped();
    expect(why.at(-1)).toContain("filterload received despite not offering bloom services");
  });

  it("serves those all the same that have the permission", async () => {
    const rule = present(parsePermissionRule("bloomfilter@0.0.0.0/0"), "the rule");
    const { network, node, source } = await serving({ permissions: [rule] });
    const stranger = await Stranger.connect(network, node);
    expect((stranger.peer?.services ?? 0n) & NODE_BLOOM).toBe(NODE_BLOOM);
    stranger.say(load());
    const items = [{ type: MSG_FILTERED_BLOCK, hash: source.tip.hash }];
    stranger.say({ command: "getdata", items });
    expect((await stranger.hears("merkleblock")).header.hash).toBe(source.tip.hash);
  });
});
