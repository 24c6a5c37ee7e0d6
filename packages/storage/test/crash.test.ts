/** What a kill, a power cut or a damaged disk leaves: the next open must find one consistent state in it. */
import { once } from "node:events";
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BlockHash } from "@chain/core";
import { ClassicLevel } from "classic-level";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openLevelStore } from "../src/level/open.ts";
import { decodeMarks, encodeMarks } from "../src/level/records.ts";
import { journalKey, META } from "../src/level/schema.ts";
import { MemoryStore } from "../src/memory.ts";
import type { ChainStore } from "../src/store.ts";
import {
  all,
  begin,
  chainSteps,
  fakeBlock,
  GENESIS,
  numbers,
  recordOf,
  script,
} from "./support/chainSteps.ts";
import { replay, seen, startWriter, write } from "./support/process.ts";

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "chain-storage-"));
  path = join(directory, "db");
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

/**
 * Holds a store against a replay of the chain it was written from: coins, script index, bodies, undo data. Where the
 * coins are gone they are made anew, as far as there are bodies, as a node does.
 * @returns whether they were gone
 */
async function expectConsistent(store: ChainStore, seed: number): Promise<boolean> {
  const { tip, records } = await store.loadIndex();
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
async function copyOfOpen(seed: number, steps: number, copy: string): Promise<void> {
  const store = await openLevelStore(path);
  await begin(store);
  await write(store, seed, 1, steps);
  await cp(path, copy, { recursive: true });
  await store.close();
  rmSync(path, { recursive: true });
}

function log(copy: string): string {
  const logs = readdirSync(join(copy, "index")).filter((name) => name.endsWith(".log"));
  return join(copy, "index", logs.sort().at(-1) as string);
}

function blockFile(copy: string, prefix: "blk" | "rev"): string {
  return join(copy, "blocks", `${prefix}00000.dat`);
}

describe("after a crash", () => {
  it("a store of torn files is consistent, or makes its coins anew", async () => {
    const random = numbers(20_261_123);
    const rebuilt: boolean[] = [];
    for (let round = 0; round < 30; round++) {
      const copy = join(directory, `torn${round}`);
      const seed = 100 + round;
      await copyOfOpen(seed, 5 + random(20), copy);
      const files = [blockFile(copy, "blk"), blockFile(copy, "rev"), log(copy)];
      // One file, or all of them; the last bytes, or anywhere.
      for (const file of round % 4 === 0 ? files : [files[round % 3] as string]) {
        const { size } = statSync(file);
        truncateSync(file, size - random(round % 2 === 0 ? Math.min(size, 600) : size));
      }
      let store: ChainStore;
      try {
        store = await openLevelStore(copy);
      } catch (error) {
        // With nothing left in the database, blocks are not thrown away.
        expect(error).toMatchObject({ code: "corrupt" });
        continue;
      }
      rebuilt.push(await expectConsistent(store, seed));
      await store.close();
    }
    expect(rebuilt.filter((each) => each).length).toBeGreaterThan(3);
    expect(rebuilt.filter((each) => !each).length).toBeGreaterThan(3);
  });

  it("a hole in LevelDB's log does not go unnoticed", async () => {
    const random = numbers(7);
    let rebuilt = 0;
    for (let round = 0; round < 12; round++) {
      const copy = join(directory, `hole${round}`);
      const seed = 200 + round;
      await copyOfOpen(seed, 120, copy); // more than one of the log's pages of 32 KiB
      const file = log(copy);
      const { size } = statSync(file);
      expect(size).toBeGreaterThan(40_000);
      const handle = openSync(file, "r+");
      writeSync(
        handle,
        new Uint8Array(1 + random(4096)),
        0,
        undefined,
        10_000 + random(size - 12_000),
      );
      closeSync(handle);
      const store = await openLevelStore(copy);
      if (await expectConsistent(store, seed)) rebuilt++;
      await store.close();
      const again = await openLevelStore(copy);
      expect(await expectConsistent(again, seed)).toBe(false); // recovered once and for all
      await again.close();
    }
    expect(rebuilt).toBeGreaterThan(3);
  });

  it("lost blocks are headers again, and the genesis block is never lost", async () => {
    const copy = join(directory, "copy");
    await copyOfOpen(5, 10, copy);
    truncateSync(blockFile(copy, "blk"), 0);
    const store = await openLevelStore(copy);
    const { tip, records } = await store.loadIndex();
    expect(tip).toBeUndefined();
    expect(records.map(({ status }) => status)).toEqual(["body", ...Array(10).fill("header")]);
    expect(await store.readBlock(GENESIS.hash)).toEqual(GENESIS.toBytes());
    await begin(store);
    await write(store, 5, 1, 12);
    expect(await store.coinStatistics()).toEqual(await replay(5, 12));
    await store.close();
  });

  it("what stands behind the last record of the index is overwritten", async () => {
    const store = await openLevelStore(path);
    await begin(store);
    await write(store, 6, 1, 4);
    await store.close();
    const before = readFileSync(blockFile(path, "blk"));
    // As if killed after a record, and after a new file, but before the batch.
    writeFileSync(blockFile(path, "blk"), "half a record", { flag: "a" });
    writeFileSync(join(path, "blocks", "blk00001.dat"), "another");
    const next = await openLevelStore(path);
    expect(readFileSync(blockFile(path, "blk"))).toEqual(before);
    expect(readdirSync(join(path, "blocks"))).toEqual(["blk00000.dat", "rev00000.dat"]);
    await write(next, 6, 5, 6);
    expect(await expectConsistent(next, 6)).toBe(false);
    await next.close();
  });

  it("the journal goes round", async () => {
    const first = await openLevelStore(path);
    await begin(first);
    await write(first, 8, 1, 5);
    await first.close();
    const lastSlot = 65_535;
    await edit(async (db) => {
      const marks = decodeMarks((await db.get(META.marks)) as Uint8Array);
      const batch = lastSlot - 3;
      await db.put(META.marks, encodeMarks({ ...marks, journalStart: batch + 1, batch }));
      await db.clear({ gte: journalKey(0), lte: journalKey(lastSlot) });
    });
    const store = await openLevelStore(path);
    expect(await expectConsistent(store, 8)).toBe(false);
    await write(store, 8, 6, 10);
    await store.close();
    const whole = await openLevelStore(path);
    expect(await expectConsistent(whole, 8)).toBe(false);
    await whole.close();
    await edit((db) => db.del(journalKey(lastSlot)));
    const broken = await openLevelStore(path);
    expect(await expectConsistent(broken, 8)).toBe(true);
    await broken.close();
  });

  it("what is written without being waited for is waited for now and then", async () => {
    const store = await openLevelStore(path);
    await begin(store);
    let parent = GENESIS.hash;
    for (let height = 1; height <= 10; height++) {
      const block = fakeBlock(height, parent);
      await store.writeBlock(new Uint8Array(4_000_000), recordOf(block, height, "body"));
      parent = block.hash;
    }
    const copy = join(directory, "copy");
    await cp(path, copy, { recursive: true });
    await store.close();
    path = copy;
    await edit(async (db) => {
      const { body, safeBody } = decodeMarks((await db.get(META.marks)) as Uint8Array);
      expect(body.offset).toBeGreaterThan(40_000_000);
      expect(safeBody.offset).toBeGreaterThan(32_000_000);
      expect(safeBody.offset).toBeLessThan(40_000_000);
    });
  });

  it("a process killed with -9 leaves what it had committed", { timeout: 30_000 }, async () => {
    const random = numbers(9);
    for (let round = 0; round < 6; round++) {
      const writer = startWriter(path, 42);
      // Among them the steps around a rebuild, which prints height 40 or 80, then 0.
      await seen(writer, round % 2 === 0 ? 40 + random(3) : 10 + random(60));
      writer.kill("SIGKILL");
      await once(writer, "close");
      const store = await openLevelStore(path);
      await expectConsistent(store, 42);
      await store.close();
    }
  });
});

/** Changes a closed store behind its back. */
async function edit(
  change: (db: ClassicLevel<Uint8Array, Uint8Array>) => Promise<void>,
): Promise<void> {
  const db = new ClassicLevel<Uint8Array, Uint8Array>(join(path, "index"), {
    keyEncoding: "view",
    valueEncoding: "view",
  });
  await change(db);
  await db.close();
}
