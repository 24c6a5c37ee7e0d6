/** The coins of a snapshot beside those that a store has: which of them it keeps, and what a kill leaves. */
import { statSync, truncateSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LocatedCoin } from "@chain/core";
import { ClassicLevel } from "classic-level";
import { describe, expect, onTestFinished, test } from "vitest";
import { openLevelStore, type Recovery } from "../src/level/open.ts";
import { MemoryStore } from "../src/memory.ts";
import type { ChainStore, ChainUpdate } from "../src/store.ts";
import { all, begin, chainSteps, GENESIS } from "./support/chainSteps.ts";

async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "chain-storage-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return join(path, "db");
}

async function onDisk(): Promise<ChainStore> {
  const store = await openLevelStore(await directory());
  onTestFinished(() => store.close());
  return store;
}

const STEPS = [...chainSteps(1, 12)];
const BASE = STEPS[8]?.block.hash ?? noStep();
function noStep(): never {
  throw new RangeError("too few steps");
}

/** All coins after each height. */
const coinsAt: LocatedCoin[][] = [[]];
{
  const twin = new MemoryStore();
  await begin(twin);
  for (const { block, update, height } of STEPS) {
    await twin.writeBlock(block.toBytes(), record(update));
    await twin.commit(update);
    coinsAt[height] = await all(twin.coins());
  }
}

function record({ records }: ChainUpdate) {
  const [first] = records;
  return first ?? noStep();
}

async function* batches(coins: readonly LocatedCoin[], size = 5) {
  for (let at = 0; at < coins.length; at += size) yield coins.slice(at, at + size);
}

/** A store at height 3, with the headers of all blocks, and the coins of height 9 loaded. */
async function loaded(store: ChainStore) {
  await begin(store);
  for (const { update, block, height } of STEPS) {
    if (height > 3) {
      await store.writeRecords([{ ...record(update), status: "header", transactionCount: 0 }]);
      continue;
    }
    await store.writeBlock(block.toBytes(), record(update));
    await store.commit(update);
  }
  return store.loadCoins(batches(coinsAt[9] ?? []));
}

const isKept = async (store: ChainStore, height: number) => {
  const coins = coinsAt[height] ?? [];
  expect(await all(store.coins())).toEqual(coins);
  expect(await store.readTip()).toBe(STEPS[height - 1]?.block.hash);
  const [first] = coins;
  const script = first?.coin.scriptPubKey ?? new Uint8Array(0);
  const locked = await all(store.unspentByScript(script));
  expect(locked).toEqual(
    coins.filter(({ coin }) => Buffer.compare(coin.scriptPubKey, script) === 0),
  );
};

async function connect(to: Pick<ChainStore, "commit">, store: ChainStore, heights: number[]) {
  for (const height of heights) {
    const { block, update } = STEPS[height - 1] ?? noStep();
    await store.writeBlock(block.toBytes(), { ...record(update), status: "body" });
    await to.commit(update);
  }
}

describe.each([
  ["in memory", async () => new MemoryStore()],
  ["in LevelDB", onDisk],
] as const)("a store %s", (_, open) => {
  test("goes on with the coins of a snapshot, and in the background with its own", async () => {
    const store = await open();
    const { statistics, activate } = await loaded(store);
    expect(statistics).toMatchObject({ count: coinsAt[9]?.length });
    await isKept(store, 3);
    expect(await store.readBackground()).toBeUndefined();
    const below = await activate(BASE);
    expect([below.base, below.tip]).toEqual([BASE, STEPS[2]?.block.hash]);
    await isKept(store, 9);
    await connect(store, store, [10, 11]);
    await connect(below, store, [4, 5, 6, 7, 8, 9]);
    expect(below.tip).toBe(BASE);
    expect((await below.coinStatistics()).hash).toBe(statistics.hash);
    const outpoints = (coinsAt[9] ?? []).map(({ outpoint }) => outpoint);
    const coins = (coinsAt[9] ?? []).map(({ coin }) => coin);
    expect(await below.getCoins(outpoints)).toEqual(coins);
    await below.end("snapshot");
    expect(await store.readBackground()).toBeUndefined();
    await isKept(store, 11);
    await connect(store, store, [12]);
    await isKept(store, 12);
    await expect(below.commit(STEPS[9]?.update as never)).rejects.toMatchObject({ code: "closed" });
  });

  test("goes back to its own coins where the snapshot was wrong", async () => {
    const store = await open();
    const below = await (await loaded(store)).activate(BASE);
    await connect(store, store, [10]);
    await connect(below, store, [4, 5]);
    await below.end("background");
    await isKept(store, 5);
    expect(await store.readBackground()).toBeUndefined();
  });

  test("keeps its own coins where a snapshot ends in the middle, or is not taken", async () => {
    const store = await open();
    async function* broken() {
      yield (coinsAt[9] ?? []).slice(0, 3);
      throw new RangeError("the file ends here");
    }
    await (await loaded(store)).discard();
    await expect(store.loadCoins(broken())).rejects.toThrow("the file ends here");
    await isKept(store, 3);
    const again = await store.loadCoins(batches(coinsAt[9] ?? []));
    await expect(again.activate("00".repeat(32) as never)).rejects.toMatchObject({
      code: "unknown-block",
    });
    await again.activate(BASE);
    await isKept(store, 9);
  });

  test("loads one snapshot at a time", async () => {
    const store = await open();
    const first = await loaded(store);
    const twice = { code: "bad-snapshot", message: "there is a snapshot already" };
    const coins = coinsAt[9] ?? [];
    await expect(store.loadCoins(batches(coins))).rejects.toMatchObject(twice);
    await first.discard();
    await (await store.loadCoins(batches(coins))).activate(BASE);
    await expect(store.loadCoins(batches(coins))).rejects.toMatchObject(twice);
  });

  test("forgets both with its chain state", async () => {
    const store = await open();
    await (await loaded(store)).activate(BASE);
    await store.resetChainState();
    expect(await all(store.coins())).toEqual([]);
    expect(await store.readTip()).toBeUndefined();
    expect(await store.readBackground()).toBeUndefined();
  });
});

describe("a store in LevelDB that is opened again", () => {
  test("has both, or none of a snapshot that was not taken", async () => {
    const path = await directory();
    const first = await openLevelStore(path);
    await loaded(first); // and the process ends here
    await first.close();
    const second = await openLevelStore(path);
    await isKept(second, 3);
    const below = await (await second.loadCoins(batches(coinsAt[9] ?? []))).activate(BASE);
    await connect(below, second, [4]);
    await second.close();
    const third = await openLevelStore(path);
    await isKept(third, 9);
    const again = await third.readBackground();
    expect([again?.base, again?.tip]).toEqual([BASE, STEPS[3]?.block.hash]);
    expect((await again?.coinStatistics())?.count).toBe(coinsAt[4]?.length);
    await again?.end("snapshot");
    await third.close();
    const fourth = await openLevelStore(path);
    expect(await fourth.readBackground()).toBeUndefined();
    await isKept(fourth, 9);
    await fourth.close();
    // Nothing is left of the coins that are no more.
    const db = new ClassicLevel<Uint8Array, Uint8Array>(join(path, "index"), {
      keyEncoding: "view",
      valueEncoding: "view",
    });
    const keys = await db.keys({ gte: Uint8Array.of(0x63), lt: Uint8Array.of(0x64) }).all();
    await db.close();
    expect(new Set(keys.map((key) => key[1])).size).toBe(1);
    expect(keys).toHaveLength(coinsAt[9]?.length ?? 0);
  });

  test.each(["blk", "rev"] as const)(
    "keeps the snapshot where a power cut took bytes of %s below it",
    async (prefix) => {
      const path = await directory();
      const first = await openLevelStore(path);
      const below = await (await loaded(first)).activate(BASE);
      await connect(below, first, [4, 5, 6]);
      const copy = await directory();
      await cp(path, copy, { recursive: true });
      await first.close();
      const file = join(copy, "blocks", `${prefix}00000.dat`);
      truncateSync(file, statSync(file).size - 10);
      const recoveries: Recovery[] = [];
      const second = await openLevelStore(copy, { onRecovery: (each) => recoveries.push(each) });
      const lost = prefix === "blk" ? 1 : 0;
      expect(recoveries).toEqual([{ adopted: 0, lost, forgetsCoins: false, forgetsBelow: true }]);
      await isKept(second, 9);
      const again = await second.readBackground();
      if (again === undefined) expect.unreachable();
      expect([again.base, again.tip]).toEqual([BASE, GENESIS.hash]);
      expect((await again.coinStatistics()).count).toBe(0);
      const sixth = STEPS[5]?.block.hash ?? noStep();
      const status = prefix === "blk" ? "header" : "body";
      expect(await second.readRecord(sixth)).toMatchObject({ status, hasBody: prefix === "rev" });
      await connect(again, second, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(await all(second.coins())).toEqual(coinsAt[9]);
      expect((await again.coinStatistics()).count).toBe(coinsAt[9]?.length);
      await again.end("snapshot");
      await second.close();
      const third = await openLevelStore(copy);
      await isKept(third, 9);
      await third.close();
    },
  );
});
