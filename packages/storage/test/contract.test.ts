import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BlockHash, compareBytes, outpointKey } from "@chain/core";
import { afterEach, describe, expect, it } from "vitest";
import { outpointToKey } from "../src/keys.ts";
import { type LevelStoreOptions, openLevelStore } from "../src/level/open.ts";
import { MemoryStore } from "../src/memory.ts";
import type { BlockRecord, ChainStore } from "../src/store.ts";
import {
  all,
  begin,
  chainSteps,
  coinFor,
  fakeBlock,
  GENESIS,
  Model,
  recordOf,
  script,
} from "./support/chainSteps.ts";
import { loadIndex } from "./support/loadIndex.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function temporaryStore(options: LevelStoreOptions = {}): Promise<ChainStore> {
  const directory = await mkdtemp(join(tmpdir(), "chain-storage-"));
  cleanups.push(() => rm(directory, { recursive: true, force: true }));
  // Files so small that several can be pruned.
  const store = await openLevelStore(join(directory, "db"), { fileSize: 1_000, ...options });
  cleanups.push(() => store.close());
  return store;
}

const bodies: readonly [string, () => Promise<ChainStore>][] = [
  ["in memory", async () => new MemoryStore()],
  ["in memory, without an index by script", async () => new MemoryStore({ scripts: false })],
  ["in LevelDB", () => temporaryStore()],
  ["in LevelDB that writes later", () => temporaryStore({ writeBackSize: 1_000_000 })],
  ["in LevelDB, without an index by script", () => temporaryStore({ scripts: false })],
];

describe.each(bodies)("a store %s", (_, open) => {
  it("is empty when it is new", async () => {
    const store = await open();
    expect(await loadIndex(store)).toEqual({ tip: undefined, records: [] });
    expect(await store.readGenesis()).toBeUndefined();
    expect(await store.coinStatistics()).toMatchObject({ count: 0, total: 0n });
  });

  it("belongs to one chain", async () => {
    const store = await open();
    await store.initialize(GENESIS.toBytes());
    await store.initialize(GENESIS.toBytes());
    const other = fakeBlock(0, GENESIS.hash, 9);
    await expect(store.initialize(other.toBytes())).rejects.toMatchObject({ code: "wrong-chain" });
    expect(await store.readGenesis()).toEqual(GENESIS.toBytes());
  });

  it("gives back bodies, undo data and index entries as they were written", async () => {
    const store = await open();
    await begin(store);
    const block = fakeBlock(1, GENESIS.hash);
    await store.writeRecords([{ ...recordOf(block, 1, "header"), transactionCount: 0 }]);
    expect((await loadIndex(store)).records[1]).toMatchObject({
      status: "header",
      hasBody: false,
    });
    expect(await store.readBlock(block.hash)).toBeUndefined();
    await store.writeBlock(block.toBytes(), recordOf(block, 1, "body"));
    expect(await store.readBlock(block.hash)).toEqual(block.toBytes());
    expect(await store.readUndo(block.hash)).toBeUndefined();
    await store.writeRecords([{ ...recordOf(block, 1, "invalid"), reason: "bad-cb-amount" }]);
    const [, record] = (await loadIndex(store)).records;
    expect(record).toMatchObject({ status: "invalid", reason: "bad-cb-amount", hasBody: true });
    expect(record?.header.hash).toBe(block.hash);
  });

  it("keeps what is above a height when it prunes, and connected blocks stay connected", async () => {
    const store = await open();
    await begin(store);
    const chain: { readonly hash: BlockHash; readonly raw: Uint8Array }[] = [];
    for (const { block, height, update } of chainSteps(3, 40)) {
      await store.writeBlock(block.toBytes(), recordOf(block, height, "body"));
      await store.commit(update);
      chain.push({ hash: block.hash, raw: block.toBytes() });
    }
    const stale = fakeBlock(2, (chain[0] as { hash: BlockHash }).hash, 77);
    await store.writeBlock(stale.toBytes(), recordOf(stale, 2, "body"));
    const before = store.blockBytes();
    const coins = await store.coinStatistics();
    const active = new Set<BlockHash>([GENESIS.hash, ...chain.map(({ hash }) => hash)]);
    const { height: pruned = -1, forgotten } = await store.prune({
      height: 30,
      isActive: (hash) => active.has(hash),
    });
    expect(pruned).toBeGreaterThan(15);
    expect(pruned).toBeLessThanOrEqual(30);
    expect(forgotten).toEqual(forgotten.includes(stale.hash) ? [stale.hash] : []);
    expect(store.blockBytes()).toBeLessThan(before);
    expect(await store.coinStatistics()).toEqual(coins);
    for (const [i, { hash, raw }] of chain.entries()) {
      const isHere = i + 1 > pruned;
      expect(await store.readBlock(hash)).toEqual(isHere ? raw : undefined);
      expect((await store.readUndo(hash)) !== undefined).toBe(isHere);
      expect(await store.readRecord(hash)).toMatchObject({
        status: "connected",
        hasBody: isHere,
        transactionCount: 1,
      });
    }
    const again = { height: 30, isActive: (hash: BlockHash) => active.has(hash) };
    expect(await store.prune(again)).toEqual({ height: undefined, forgotten: [] });
    // A pruned block that a peer has sent again.
    const { hash, raw } = chain[0] as (typeof chain)[0];
    const record = await store.readRecord(hash);
    await store.writeBlock(raw, record as BlockRecord);
    expect(await store.readBlock(hash)).toEqual(raw);
    expect(await store.readRecord(hash)).toMatchObject({ status: "connected", hasBody: true });
  });

  it("prunes no more than a target wants", async () => {
    const store = await open();
    await begin(store);
    for (const { block, height, update } of chainSteps(4, 40)) {
      await store.writeBlock(block.toBytes(), recordOf(block, height, "body"));
      await store.commit(update);
    }
    const before = store.blockBytes();
    const isActive = () => true;
    const nothing = await store.prune({ height: 40, target: before, isActive });
    expect(nothing).toEqual({ height: undefined, forgotten: [] });
    const target = Math.floor(before / 2);
    await store.prune({ height: 40, target, isActive });
    expect(store.blockBytes()).toBeLessThanOrEqual(target + 2_000);
    expect(store.blockBytes()).toBeGreaterThan(target - 4_000);
  });

  it("moves coins, script index and tip together", async () => {
    const store = await open();
    await begin(store);
    const model = new Model();
    for (const { block, height, update } of chainSteps(5, 40)) {
      await store.writeBlock(block.toBytes(), recordOf(block, height, "body"));
      await store.commit(update);
      model.apply(update);
      expect(await store.readUndo(block.hash)).toEqual(update.connected[0]?.undo);
    }
    for (const { outpoint, coin } of model.coins.values()) {
      expect(await store.getCoins([outpoint])).toEqual([coin]);
    }
    for (const n of [0, 1, 2, 3]) {
      const found = await all(store.unspentByScript(script(n)));
      const expected = [...model.coins.values()].filter(({ coin }) => coin.scriptPubKey[0] === n);
      expect(found.map(({ outpoint }) => outpointKey(outpoint)).sort()).toEqual(
        expected.map(({ outpoint }) => outpointKey(outpoint)).sort(),
      );
    }
    const inOrder = [...model.coins.values()].sort((a, b) =>
      compareBytes(outpointToKey(a.outpoint), outpointToKey(b.outpoint)),
    );
    expect(await all(store.coins())).toEqual(inOrder);
    const { count, total } = await store.coinStatistics();
    expect(count).toBe(model.coins.size);
    expect(total).toBe([...model.coins.values()].reduce((sum, { coin }) => sum + coin.value, 0n));
  });

  it("reads many coins at once, in the order asked", async () => {
    const store = await open();
    await begin(store);
    const created = [coinFor(1, 1), coinFor(2, 1)];
    const block = fakeBlock(1, GENESIS.hash);
    await store.writeBlock(block.toBytes(), recordOf(block, 1, "body"));
    await store.commit({
      tip: block.hash,
      connected: [{ hash: block.hash, undo: new Uint8Array(0) }],
      coins: { spent: [], created },
      records: [],
      durable: false,
    });
    const [first, second] = created;
    if (first === undefined || second === undefined) throw new Error("two coins");
    const missing = coinFor(3, 1).outpoint;
    expect(await store.getCoins([second.outpoint, missing, first.outpoint])).toEqual([
      second.coin,
      undefined,
      first.coin,
    ]);
  });

  it("replaces a coin that is both spent and created", async () => {
    const store = await open();
    await begin(store);
    const old = coinFor(1, 1);
    const renewed = { ...old, coin: { ...old.coin, height: 2, scriptPubKey: script(9) } };
    const step = (spent: readonly (typeof old)[], created: readonly (typeof old)[]) =>
      store.commit({
        tip: GENESIS.hash,
        connected: [],
        coins: { spent, created },
        records: [],
        durable: false,
      });
    await step([], [old]);
    await step([old], [renewed]);
    expect(await store.getCoins([old.outpoint])).toEqual([renewed.coin]);
    expect(await all(store.unspentByScript(old.coin.scriptPubKey))).toEqual([]);
    expect(await all(store.unspentByScript(script(9)))).toEqual([renewed]);
  });

  it("forgets coins and tip, and nothing else, when they are to be made anew", async () => {
    const store = await open();
    await begin(store);
    for (const { block, height, update } of chainSteps(6, 10)) {
      await store.writeBlock(block.toBytes(), recordOf(block, height, "body"));
      await store.commit(update);
    }
    const before = await store.coinStatistics();
    await store.resetChainState();
    const { tip, records } = await loadIndex(store);
    expect(tip).toBeUndefined();
    expect(records.filter(({ hasBody }) => hasBody)).toHaveLength(11);
    expect((await store.coinStatistics()).count).toBe(0);
    expect(await all(store.unspentByScript(script(1)))).toEqual([]);
    for (const { update } of chainSteps(6, 10)) await store.commit(update);
    expect(await store.coinStatistics()).toEqual(before);
  });

  it("refuses to connect a block that it does not know, and goes on", async () => {
    const store = await open();
    await begin(store);
    const before = await store.coinStatistics();
    for (const { block, height, update } of chainSteps(13, 1)) {
      const unknown = expect.objectContaining({ code: "unknown-block" });
      await expect(store.commit({ ...update, records: [] })).rejects.toEqual(unknown);
      expect(await store.coinStatistics()).toEqual(before);
      await store.writeBlock(block.toBytes(), recordOf(block, height, "body"));
      await store.commit(update);
      expect((await loadIndex(store)).tip).toBe(block.hash);
    }
  });

  it("takes nothing after it is closed, and may be closed twice", async () => {
    const store = await open();
    const last = store.initialize(GENESIS.toBytes());
    await store.close();
    await last; // the writes that were asked for before are done
    await store.close();
    const code = "closed";
    const rejected = async (use: () => Promise<unknown>) =>
      expect((async () => use())()).rejects.toMatchObject({ code });
    await rejected(() => store.readGenesis());
    await rejected(() => loadIndex(store));
    await rejected(() => store.getCoins([]));
    await rejected(() => store.writeRecords([]));
    await rejected(() => all(store.unspentByScript(script(1))));
  });
});

it("counts the same in memory and in LevelDB", async () => {
  const stores = await Promise.all(bodies.map(([, open]) => open()));
  for (const store of stores) {
    await begin(store);
    for (const { block, height, update } of chainSteps(77, 60)) {
      await store.writeBlock(block.toBytes(), recordOf(block, height, "body"));
      await store.commit(update);
    }
  }
  const [memory, level] = await Promise.all(stores.map((store) => store.coinStatistics()));
  expect(memory?.count).toBeGreaterThan(50);
  expect(level).toEqual(memory);
});
