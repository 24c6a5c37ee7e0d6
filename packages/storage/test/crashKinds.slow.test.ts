import {
  appendFileSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { Block } from "@chain/core";
import { ClassicLevel } from "classic-level";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Database } from "../src/level/checked.ts";
import { openLevelStore, type Recovery } from "../src/level/open.ts";
import { rebuildLevelStore } from "../src/level/rebuild.ts";
import { decodeMarks, encodeMarks } from "../src/level/records.ts";
import { journalKey, META } from "../src/level/schema.ts";
import { begin, chainSteps, fakeBlock, GENESIS, recordOf } from "./support/chainSteps.ts";
import {
  blockFile,
  copyOf,
  expectConsistent,
  killWriters,
  logFile,
  makeHoles,
  tearFiles,
} from "./support/crashes.ts";
import { loadIndex } from "./support/loadIndex.ts";
import { replay, write } from "./support/process.ts";

const keepsCoins = { forgetsCoins: false, forgetsBelow: false };
let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "chain-storage-"));
  path = join(directory, "db");
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe("after a crash", () => {
  it("a store of torn files is consistent, or makes its coins anew", {
    timeout: 30_000,
  }, async () => {
    const { kept, rebuilt } = await tearFiles(directory, 20_261_123, 16);
    expect(kept).toBeGreaterThan(1);
    expect(rebuilt).toBeGreaterThan(1);
  });

  it("a hole in LevelDB's log does not go unnoticed", { timeout: 30_000 }, async () => {
    expect((await makeHoles(directory, 7, 3)).rebuilt).toBeGreaterThan(0);
  });

  it("a process killed with -9 leaves what it had committed", { timeout: 30_000 }, async () => {
    await killWriters(directory, 9, 3);
  });

  it("lost blocks are headers again, and the genesis block is never lost", async () => {
    const copy = join(directory, "copy");
    await copyOf(directory, 5, 10, copy);
    truncateSync(blockFile(copy, "blk"), 0);
    const store = await openLevelStore(copy);
    const { tip, records } = await loadIndex(store);
    expect(tip).toBeUndefined();
    expect(records.map(({ status }) => status)).toEqual(["body", ...Array(10).fill("header")]);
    expect(await store.readBlock(GENESIS.hash)).toEqual(GENESIS.toBytes());
    await begin(store);
    await write(store, 5, 1, 12);
    expect(await store.coinStatistics()).toEqual(await replay(5, 12));
    await store.close();
  });

  it.each([
    ["blk", "header"],
    ["rev", "body"],
  ] as const)("bytes of %s that never reached the disk are found", async (prefix, status) => {
    const store = await openLevelStore(path);
    await begin(store);
    for (const { block, height, update } of chainSteps(14, 8)) {
      await store.writeBlock(block.toBytes(), recordOf(block, height, "body"));
      await store.commit({ ...update, durable: false });
    }
    const copy = join(directory, "copy");
    await cp(path, copy, { recursive: true });
    await store.close();
    // The file has its length, but zeros for its last page.
    const bytes = readFileSync(blockFile(copy, prefix));
    writeFileSync(blockFile(copy, prefix), bytes.fill(0, bytes.length - 20));
    const survivor = await openLevelStore(copy);
    const { tip, records } = await loadIndex(survivor);
    expect(tip).toBeUndefined();
    expect(records.map((record) => record.status).slice(-2)).toEqual(["connected", status]);
    expect(await expectConsistent(survivor, 14)).toBe(true);
    await survivor.close();
  });

  it.each([0.3, 0.6, 0.9])(
    "blocks that the end of LevelDB's log has lost, cut at %f of it, are in the index again",
    async (share) => {
      const copy = join(directory, "copy");
      await copyOf(directory, 15, 40, copy);
      const file = logFile(copy);
      truncateSync(file, Math.floor(statSync(file).size * share));
      const bytes = readFileSync(blockFile(copy, "blk"));
      const recoveries: Recovery[] = [];
      const options = { onRecovery: (recovery: Recovery) => recoveries.push(recovery) };
      const store = await openLevelStore(copy, options);
      const { tip, records } = await loadIndex(store);
      expect(records.map(({ hasBody }) => hasBody)).toEqual(Array(41).fill(true));
      const at = records.findIndex(({ header }) => header.hash === tip);
      expect(at).toBeGreaterThan(0);
      const adopted = records.filter(({ height, status }) => height > at && status === "body");
      expect(adopted).toHaveLength(40 - at);
      expect(recoveries).toEqual([{ adopted: expect.any(Number), lost: 0, ...keepsCoins }]);
      expect([40 - at, 39 - at]).toContain(recoveries[0]?.adopted);
      expect(readFileSync(blockFile(copy, "blk"))).toEqual(bytes);
      expect(await expectConsistent(store, 15)).toBe(false);
      await write(store, 15, at + 1, 42);
      await store.close();
      const again = await openLevelStore(copy, options);
      expect(recoveries).toHaveLength(1);
      expect(await again.coinStatistics()).toEqual(await replay(15, 42));
      await again.close();
    },
  );

  it("blocks behind the index are taken in whatever their order, and no child of an invalid one", async () => {
    const store = await openLevelStore(path);
    await begin(store);
    const chain = [GENESIS];
    for (let height = 1; height <= 130; height++) {
      chain.push(fakeBlock(height, (chain.at(-1) as Block).hash));
    }
    // Headers of a download stand in one record.
    await store.writeHeaders(
      1,
      chain.slice(1, 101).map(({ header }) => header),
    );
    const bad = fakeBlock(1, GENESIS.hash, 7);
    const reason = "bad";
    await store.writeRecords([{ ...recordOf(bad, 1, "invalid"), hasBody: false, reason }]);
    const copy = join(directory, "copy");
    await cp(path, copy, { recursive: true });
    await store.close();
    const order = [120, 3, 1, 2, 101, 100, 99, 119, 125].map((height) => chain[height] as Block);
    appendBlocks(copy, [...order, fakeBlock(2, bad.hash), bad]);
    const recoveries: Recovery[] = [];
    const next = await openLevelStore(copy, { onRecovery: (each) => recoveries.push(each) });
    const { records } = await loadIndex(next);
    const stored = records.filter(({ hasBody }) => hasBody).map(({ height }) => height);
    expect(stored).toEqual([0, 1, 2, 3, 99, 100, 101]);
    expect(records.filter(({ status }) => status === "invalid")).toHaveLength(1);
    expect(recoveries).toEqual([{ adopted: 6, lost: 0, ...keepsCoins }]);
    for (const height of stored) {
      const { hash } = chain[height] as Block;
      expect(await next.readBlock(hash)).toEqual(chain[height]?.toBytes());
    }
    await next.close();
  });

  it("blocks without a genesis block in the index are damage, and stay where they are", async () => {
    const copy = join(directory, "copy");
    await copyOf(directory, 16, 10, copy);
    const file = logFile(copy);
    const log = readFileSync(file);
    // LevelDB's first record holds the version of the format, the second the genesis block.
    truncateSync(file, 7 + log.readUInt16LE(4));
    const bytes = readFileSync(blockFile(copy, "blk"));
    await expect(openLevelStore(copy)).rejects.toMatchObject({ code: "corrupt" });
    expect(readFileSync(blockFile(copy, "blk"))).toEqual(bytes);
    expect(await rebuildLevelStore(copy)).toMatchObject({ blocks: 11 });
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
      const changed = encodeMarks({ ...marks, journalStart: batch + 1, batch });
      await db.batch().put(META.marks, changed).write({ sync: true });
      await db.clear({ gte: journalKey(0), lt: journalKey(lastSlot + 1) });
    });
    const store = await openLevelStore(path);
    expect(await expectConsistent(store, 8)).toBe(false);
    await write(store, 8, 6, 10);
    await store.close();
    const whole = await openLevelStore(path);
    expect(await expectConsistent(whole, 8)).toBe(false);
    await whole.close();
    await edit((db) => db.batch().del(journalKey(lastSlot)).write({ sync: true }));
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
});

/** Writes records to a block file as a store does, of which its index knows nothing. */
function appendBlocks(store: string, blocks: readonly Block[]): void {
  for (const block of blocks) {
    const payload = Buffer.from(block.toBytes());
    const head = Buffer.alloc(8);
    head.writeUInt32LE(payload.length, 0);
    head.writeUInt32LE(crc32(payload), 4);
    appendFileSync(blockFile(store, "blk"), Buffer.concat([head, payload]));
  }
}

/** Changes a closed store behind its back. */
async function edit(change: (db: Database) => Promise<void>): Promise<void> {
  const db = new ClassicLevel<Uint8Array, Uint8Array>(join(path, "index"), {
    keyEncoding: "view",
    valueEncoding: "view",
    compression: false,
  });
  await db.open();
  await change(new Database(db));
  await db.close();
}
