/** Commits and coin reads a second: LevelDB against memory, waiting for the disk or not. Run with `pnpm bench storage`. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesToHex, type LocatedCoin, type Outpoint, sha256, type Txid } from "@chain/core";
import { Rng } from "@chain/testing/random";
import { openLevelStore } from "../src/level/open.ts";
import { MemoryStore } from "../src/memory.ts";
import type { ChainStore } from "../src/store.ts";
import { begin, fakeBlock, GENESIS, recordOf } from "../test/support/chainSteps.ts";

/** As a block of 500 payments: each spends one coin and makes two. */
const SPENT = 500;
const BLOCK_BYTES = 120_000;

function coin(id: number, height: number): LocatedCoin {
  const bytes = sha256(Uint8Array.of(id, id >> 8, id >> 16));
  const scriptPubKey = Uint8Array.from([0x76, 0xa9, 0x14, ...bytes.subarray(0, 20), 0x88, 0xac]);
  const outpoint: Outpoint = { txid: bytesToHex(bytes) as Txid, vout: id & 1 };
  return { outpoint, coin: { value: BigInt(id), scriptPubKey, height, coinbase: false } };
}

const rate = (count: number, since: number): string =>
  Math.round((count * 1000) / (performance.now() - since)).toLocaleString("en");

async function measure(name: string, store: ChainStore, blocks: number, durable: boolean) {
  await begin(store);
  const rng = new Rng(1);
  const unspent: LocatedCoin[] = [];
  let id = 0;
  let parent = GENESIS.hash;
  const steps = Array.from({ length: blocks }, (_, i) => {
    const spent = Array.from({ length: Math.min(SPENT, unspent.length) }, () => {
      const at = rng.below(unspent.length);
      const found = unspent[at] as LocatedCoin;
      unspent[at] = unspent.at(-1) as LocatedCoin;
      unspent.pop();
      return found;
    });
    const created = Array.from({ length: 2 * SPENT }, () => coin(id++, i + 1));
    unspent.push(...created);
    const block = fakeBlock(i + 1, parent);
    parent = block.hash;
    return { block, spent, created };
  });
  const raw = new Uint8Array(BLOCK_BYTES);
  const undo = new Uint8Array(SPENT * 35);

  let since = performance.now();
  for (const [i, { block, spent, created }] of steps.entries()) {
    await store.writeBlock(raw, recordOf(block, i + 1, "body"));
    await store.commit({
      tip: block.hash,
      connected: [{ hash: block.hash, undo }],
      coins: { spent, created },
      records: [recordOf(block, i + 1, "connected")],
      durable,
    });
  }
  const commits = rate(blocks, since);
  const reads: Record<string, string> = {};
  for (const at of [2, 50, 1000]) {
    const rounds = Math.ceil(20_000 / at);
    since = performance.now();
    for (let round = 0; round < rounds; round++) {
      const asked = Array.from(
        { length: at },
        () => unspent[rng.below(unspent.length)] as LocatedCoin,
      );
      await store.getCoins(asked.map(({ outpoint }) => outpoint));
    }
    reads[`coins/s, ${at} at a time`] = rate(rounds * at, since);
  }
  since = performance.now();
  for (let n = 0; n < 300; n++)
    await store.readBlock((steps[n % blocks] as { block: { hash: typeof parent } }).block.hash);
  const bodies = rate(300, since);
  since = performance.now();
  const { count } = await store.coinStatistics();
  const statistics = rate(count, since);
  await store.close();
  return {
    name,
    "commits/s": commits,
    ...reads,
    "blocks read/s": bodies,
    "statistics, coins/s": statistics,
  };
}

const directory = mkdtempSync(join(tmpdir(), "chain-bench-"));
try {
  console.log(`blocks of ${BLOCK_BYTES / 1000} kB that spend ${SPENT} coins and make ${2 * SPENT}`);
  const level = (name: string) => openLevelStore(join(directory, name));
  console.table([
    await measure("memory", new MemoryStore(), 200, false),
    await measure("LevelDB", await level("fast"), 200, false),
    await measure("LevelDB, durable", await level("durable"), 200, true),
  ]);
  const since = performance.now();
  await (await level("fast")).close();
  console.log(`opened and closed again in ${Math.round(performance.now() - since)} ms`);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
