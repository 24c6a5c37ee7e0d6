/** Questions to a node that is stopped: answered without the index of all blocks, and right all the same. */
import { readdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openLevelStore } from "@chain/storage/level";
import { testKey } from "@chain/testing/blockFactory";
import { newChain } from "@chain/testing/place";
import { describe, expect, it } from "vitest";
import { openStored } from "../src/chain/open.ts";
import { openReader } from "../src/chain/reader.ts";
import type { Identity } from "../src/identity.ts";
import { mineBlock, openOffline, openOfflineCoins } from "../src/offline.ts";

const { script } = testKey(1);

async function grown(blocks: number): Promise<Identity> {
  const identity = await newChain();
  const offline = await openOffline(identity);
  for (let i = 0; i < blocks; i++) await mineBlock(offline.chain, script);
  await offline.close();
  return identity;
}

const sum = (coins: readonly { readonly coin: { readonly value: bigint } }[]) =>
  coins.reduce((total, { coin }) => total + coin.value, 0n);

describe("a balance while the node is stopped", () => {
  it("is the node's, and does not load the index", async () => {
    const identity = await grown(5);
    const full = await openOffline(identity);
    const expected = { tip: full.chain.tip.hash, height: 5, sum: sum(await full.coins(script)) };
    await full.close();
    expect(expected.sum).toBeGreaterThan(0n);

    let scans = 0;
    const stored = await openStored(identity, async (directory) => {
      const store = await openLevelStore(directory);
      const { scanIndex } = store;
      store.scanIndex = (take) => {
        scans++;
        return scanIndex.call(store, take);
      };
      return store;
    });
    expect(stored?.tip).toEqual({ hash: expected.tip, height: 5 });
    await stored?.store.close();
    expect(scans).toBe(0);

    const coins = await openOfflineCoins(identity);
    expect(sum(await coins.coins(script))).toBe(expected.sum);
    expect(await coins.coins(testKey(2).script)).toEqual([]);
    await coins.close();
  });

  it("is made again first where the coins are gone", async () => {
    const identity = await grown(5);
    const whole = await openOfflineCoins(identity);
    const expected = await whole.coins(script);
    await whole.close();
    const store = await openLevelStore(identity.paths.database);
    await store.resetChainState();
    await store.close();
    expect(await openStored(identity)).toBeUndefined();
    const again = await openOfflineCoins(identity);
    expect(again.tip.height).toBe(5);
    expect(await again.coins(script)).toEqual(expected);
    await again.close();
  });

  it("is that of the chain that holds where the last block was declared invalid and nothing undone", async () => {
    const identity = await grown(5);
    const before = await openOfflineCoins(identity);
    const record = await before.store.readRecord(before.tip.hash);
    const expected = sum(await before.coins(script));
    await before.store.writeRecords([{ ...record!, status: "invalid", reason: "declared" }]);
    await before.close();
    const after = await openOfflineCoins(identity);
    expect(after.tip.height).toBe(4);
    expect(sum(await after.coins(script))).toBe((expected * 4n) / 5n);
    await after.close();
  });

  it("forgets what a power cut took of the blocks", async () => {
    const identity = await grown(5);
    const blocks = join(identity.paths.database, "blocks");
    for (const name of readdirSync(blocks)) truncateSync(join(blocks, name), 0);
    writeFileSync(join(identity.paths.database, "process.pid"), "1 0:0\n"); // nobody closed it
    const left = await openOfflineCoins(identity);
    expect([left.tip.height, await left.coins(script)]).toEqual([0, []]);
    await left.close();
  });
});

it("a reader of a stopped node finds blocks by height from the tip down", async () => {
  const identity = await grown(5);
  const full = await openOffline(identity);
  const hashes = [0, 1, 5, 6].map((height) => full.chain.headers.activeAt(height)?.hash);
  await full.close();
  const reader = await openReader(identity, () => {});
  expect(await Promise.all([0, 1, 5, 6].map((height) => reader.hashAt(height)))).toEqual(hashes);
  const { block, undo } = await reader.read((await reader.tip()).hash);
  expect([block.hash, undo]).toEqual([hashes[2], expect.anything()]);
  await reader.close();
});
