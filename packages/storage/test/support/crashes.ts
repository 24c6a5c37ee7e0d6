/** Crashes of every kind, as often as asked for. */

import { once } from "node:events";
import {
  closeSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import type { BlockHash } from "@chain/core";
import { Rng } from "@chain/testing/random";
import { expect } from "vitest";
import { openLevelStore } from "../../src/level/open.ts";
import { MemoryStore } from "../../src/memory.ts";
import type { ChainStore } from "../../src/store.ts";
import {
  all,
  begin,
  chainSteps,
  GENESIS,
  KEPT_BLOCKS,
  PRUNED_FILE_SIZE,
  script,
} from "./chainSteps.ts";
import { loadIndex } from "./loadIndex.ts";
import { connectMany } from "./manyCoins.ts";
import { replay, seen, startSwitcher, startWriter, write } from "./process.ts";
import { scriptKeys } from "./scriptKeys.ts";

/**
 * Holds a store against a replay of the chain it was written from: coins, script index, bodies, undo data. Where the
 * coins are gone they are made anew, as far as there are bodies, as a node does.
 * @returns whether they were gone
 */
export async function expectConsistent(store: ChainStore, seed: number): Promise<boolean> {
  const { tip, records } = await loadIndex(store);
  const known = new Set<BlockHash>(records.map(({ header }) => header.hash));
  for (const { header, height } of records) {
    if (height > 0) expect(known.has(header.previousHash)).toBe(true);
  }
  const written = [GENESIS, ...[...chainSteps(seed, records.length)].map(({ block }) => block)];
  for (const { header, hasBody, height } of records) {
    const expected = hasBody ? written[height]?.toBytes() : undefined;
    expect(await store.readBlock(header.hash)).toEqual(expected);
  }
  const at = records.find(({ header }) => header.hash === tip)?.height;
  if (at !== undefined) {
    for (const { block, update } of chainSteps(seed, at)) {
      expect(await store.readUndo(block.hash)).toEqual(update.connected[0]?.undo);
    }
    await expectCoins(store, seed, at);
    return false;
  }
  expect(tip).toBeUndefined();
  expect((await store.coinStatistics()).count).toBe(0);
  if (records.length === 0) return true;
  await begin(store);
  const bodies = new Set(records.flatMap(({ header, hasBody }) => (hasBody ? [header.hash] : [])));
  let height = 0;
  for (const { block, update } of chainSteps(seed, records.length - 1)) {
    if (!bodies.has(block.hash)) break;
    await store.commit(update);
    height++;
  }
  await expectCoins(store, seed, height);
  return true;
}

async function expectCoins(store: ChainStore, seed: number, height: number): Promise<void> {
  const twin = new MemoryStore();
  await begin(twin);
  await write(twin, seed, 1, height);
  expect(await store.coinStatistics()).toEqual(await twin.coinStatistics());
  for (const n of [0, 1, 2]) {
    expect(await all(store.unspentByScript(script(n)))).toEqual(
      await all(twin.unspentByScript(script(n))),
    );
  }
}

/** A copy of a store in the middle of its life: what the disk would hold, had it been waited for. */
export async function copyOf(
  directory: string,
  seed: number,
  steps: number,
  copy: string,
): Promise<void> {
  const path = join(directory, "original");
  const store = await openLevelStore(path);
  await begin(store);
  await write(store, seed, 1, steps);
  await cp(path, copy, { recursive: true });
  await store.close();
  rmSync(path, { recursive: true });
}

export function logFile(copy: string): string {
  const logs = readdirSync(join(copy, "index")).filter((name) => name.endsWith(".log"));
  return join(copy, "index", logs.sort().at(-1) as string);
}

export function blockFile(copy: string, prefix: "blk" | "rev"): string {
  return join(copy, "blocks", `${prefix}00000.dat`);
}

interface Outcome {
  /** How often the coins were still there, and how often they had to be made anew. */
  readonly kept: number;
  readonly rebuilt: number;
}

/** Cuts block files, undo files and LevelDB's log anywhere, as a power cut may. */
export async function tearFiles(directory: string, seed: number, rounds: number): Promise<Outcome> {
  const rng = new Rng(seed);
  let kept = 0;
  let rebuilt = 0;
  for (let round = 0; round < rounds; round++) {
    const copy = join(directory, `torn${round}`);
    const chain = seed + round;
    await copyOf(directory, chain, 5 + rng.below(20), copy);
    const files = [blockFile(copy, "blk"), blockFile(copy, "rev"), logFile(copy)];
    // One file, or all of them; the last bytes, or anywhere.
    for (const file of round % 4 === 0 ? files : [files[round % 3] as string]) {
      const { size } = statSync(file);
      truncateSync(file, size - rng.below(round % 2 === 0 ? Math.min(size, 600) : size));
    }
    let store: ChainStore;
    try {
      store = await openLevelStore(copy);
    } catch (error) {
      // With nothing left in the database, blocks are not thrown away.
      expect(error).toMatchObject({ code: "corrupt" });
      continue;
    }
    if (await expectConsistent(store, chain)) rebuilt++;
    else kept++;
    await store.close();
  }
  return { kept, rebuilt };
}

/** Fills some of LevelDB's log with zeros: pages that never reached the disk, though later ones did. */
export async function makeHoles(directory: string, seed: number, rounds: number): Promise<Outcome> {
  const rng = new Rng(seed);
  let rebuilt = 0;
  for (let round = 0; round < rounds; round++) {
    const copy = join(directory, `hole${round}`);
    const chain = seed + round;
    await copyOf(directory, chain, 120, copy); // more than one of the log's pages of 32 KiB
    const file = logFile(copy);
    const { size } = statSync(file);
    expect(size).toBeGreaterThan(40_000);
    const handle = openSync(file, "r+");
    writeSync(
      handle,
      new Uint8Array(1 + rng.below(4096)),
      0,
      undefined,
      10_000 + rng.below(size - 12_000),
    );
    closeSync(handle);
    const store = await openLevelStore(copy);
    // No block is lost, as the block files hold all of them.
    const { records } = await loadIndex(store);
    expect(records.filter(({ hasBody }) => hasBody)).toHaveLength(121);
    if (await expectConsistent(store, chain)) rebuilt++;
    await store.close();
    const again = await openLevelStore(copy);
    expect(await expectConsistent(again, chain)).toBe(false); // recovered once and for all
    await again.close();
  }
  return { kept: rounds - rebuilt, rebuilt };
}

/** Kills processes while they write, again and again on the same store. @param mode `hold`: they write some blocks later */
export async function killWriters(
  directory: string,
  seed: number,
  rounds: number,
  mode: "" | "hold" = "",
): Promise<void> {
  const path = join(directory, "killed");
  const rng = new Rng(seed);
  for (let round = 0; round < rounds; round++) {
    const writer = await startWriter(path, seed, mode);
    // Among them the steps around a rebuild, which prints height 40 or 80, then 0.
    await seen(writer, round % 2 === 0 ? 40 + rng.below(3) : 10 + rng.below(60));
    writer.kill("SIGKILL");
    await once(writer, "close");
    const store = await openLevelStore(path);
    await expectConsistent(store, seed);
    await store.close();
  }
}

/** Kills processes while they delete or make the index by script, again and again on the same store. */
export async function killSwitchers(
  directory: string,
  seed: number,
  rounds: number,
): Promise<void> {
  const path = join(directory, "switched");
  const rng = new Rng(seed);
  for (let round = 0; round < rounds; round++) {
    const switcher = await startSwitcher(path);
    await seen(switcher, 1 + rng.below(60));
    switcher.kill("SIGKILL");
    await once(switcher, "close");
    const wanted = [{}, { scripts: true }, { scripts: false }][rng.below(3)];
    const store = await openLevelStore(path, wanted);
    const { tip, records } = await loadIndex(store);
    const twin = new MemoryStore();
    await begin(twin);
    await connectMany(twin, 1, records.find(({ header }) => header.hash === tip)?.height ?? 0);
    const statistics = await twin.coinStatistics();
    expect(await store.coinStatistics()).toEqual(statistics);
    const lockedBy = async (from: ChainStore, n: number) => {
      const found = await all(from.unspentByScript(script(n)));
      return found.map(({ outpoint }) => outpoint.txid).join();
    };
    for (const n of [0, 1, 2]) expect(await lockedBy(store, n)).toBe(await lockedBy(twin, n));
    const { hasScripts } = store;
    await store.close();
    if (hasScripts) expect(await scriptKeys(path)).toBe(statistics.count);
  }
  // Nothing is left of it in the end.
  const off = await openLevelStore(path, { scripts: false });
  await off.resetChainState();
  await off.close();
  expect(await scriptKeys(path)).toBe(0);
}

/** Kills processes while they write and prune, again and again on the same store. */
export async function killPruners(directory: string, seed: number, rounds: number): Promise<void> {
  const path = join(directory, "pruned");
  const rng = new Rng(seed);
  for (let round = 0; round < rounds; round++) {
    const writer = await startWriter(path, seed, "prune");
    await seen(writer, 10 + rng.below(40));
    writer.kill("SIGKILL");
    await once(writer, "close");
    const store = await openLevelStore(path, { fileSize: PRUNED_FILE_SIZE });
    const { tip, records } = await loadIndex(store);
    const height = records.find(({ header }) => header.hash === tip)?.height ?? 0;
    expect(await store.coinStatistics()).toEqual(await replay(seed, height));
    for (const record of records) {
      const { hash } = record.header;
      const [body, undo] = [await store.readBlock(hash), await store.readUndo(hash)];
      expect(body !== undefined).toBe(record.hasBody);
      // A block above the tip was stored, and not connected.
      if (record.height <= height) {
        expect(record).toMatchObject({ status: "connected", transactionCount: 1 });
        expect(undo !== undefined).toBe(record.hasBody);
      }
      if (record.height > height - KEPT_BLOCKS) expect(record.hasBody).toBe(true);
    }
    await store.prune({ height: height - KEPT_BLOCKS, isActive: () => true });
    // A dozen files of some blocks each at the most: what a killed process has left is gone.
    expect(store.blockBytes()).toBeLessThan(12 * PRUNED_FILE_SIZE);
    await store.close();
  }
}
