import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BlockHash } from "@chain/core";
import { ClassicLevel } from "classic-level";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openLevelStore } from "../src/level/open.ts";
import { rebuildLevelStore } from "../src/level/rebuild.ts";
import { blockKey, META } from "../src/level/schema.ts";
import { begin, chainSteps } from "./support/chainSteps.ts";
import { loadIndex } from "./support/loadIndex.ts";
import { replay, seen, startWriter, write } from "./support/process.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "chain-storage-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe("a store in LevelDB", () => {
  it("is there again after it was closed", async () => {
    const path = join(directory, "db");
    const first = await openLevelStore(path);
    await begin(first);
    await write(first, 1, 1, 30);
    const before = await first.coinStatistics();
    await first.close();
    const second = await openLevelStore(path);
    expect(await second.coinStatistics()).toEqual(before);
    expect((await loadIndex(second)).records).toHaveLength(31);
    await write(second, 1, 31, 35);
    for (const { block } of chainSteps(1, 35)) {
      expect(await second.readBlock(block.hash)).toEqual(block.toBytes());
    }
    await second.close();
  });

  it("remembers what was pruned, and deletes what a killed process has left", async () => {
    const path = join(directory, "db");
    const first = await openLevelStore(path, { fileSize: 1_000 });
    await begin(first);
    await write(first, 1, 1, 40);
    const files = () => readdirSync(join(path, "blocks")).sort();
    const [oldest] = files();
    const { height } = await first.prune({ height: 30, isActive: () => true });
    const [tip, statistics] = [await first.readTip(), await first.coinStatistics()];
    const left = files();
    expect(left).not.toContain(oldest);
    expect(first.blockBytes()).toBe(
      left.reduce((sum, name) => sum + statSync(join(path, "blocks", name)).size, 0),
    );
    await first.close();
    writeFileSync(join(path, "blocks", "blk00000.dat"), "left by a process that was killed");
    writeFileSync(join(path, "blocks", "rev00000.dat"), "and this");
    const second = await openLevelStore(path, { fileSize: 1_000 });
    expect(await second.readTip()).toBe(tip);
    expect(await second.coinStatistics()).toEqual(statistics);
    const { records } = await loadIndex(second);
    for (const record of records) {
      const isHere = record.height > (height ?? 0);
      expect(record).toMatchObject({ status: "connected", hasBody: isHere, transactionCount: 1 });
    }
    await second.prune({ height: 30, isActive: () => true });
    expect(files()).toEqual(left);
    await second.close();
  });

  it("may be copied while nobody has it open", async () => {
    const store = await openLevelStore(join(directory, "db"));
    await begin(store);
    await write(store, 2, 1, 5);
    await store.close();
    await cp(join(directory, "db"), join(directory, "copy"), { recursive: true });
    const copy = await openLevelStore(join(directory, "copy"));
    expect(await copy.coinStatistics()).toEqual(await replay(2, 5));
    await copy.close();
  });

  it("says which process has it open", async () => {
    const path = join(directory, "db");
    const store = await openLevelStore(path);
    await expect(openLevelStore(path)).rejects.toMatchObject({
      code: "in-use",
      message: expect.stringContaining(`process ${process.pid}`),
    });
    await store.close();
  });

  it("does not touch what is not its own", async () => {
    const other = new ClassicLevel(join(directory, "db", "index"));
    await mkdir(join(directory, "db"), { recursive: true });
    await other.put("hello", "world");
    await other.close();
    await expect(openLevelStore(join(directory, "db"))).rejects.toMatchObject({ code: "foreign" });

    await mkdir(join(directory, "photos"));
    writeFileSync(join(directory, "photos", "cat.jpg"), "meow");
    await expect(openLevelStore(join(directory, "photos"))).rejects.toMatchObject({
      code: "foreign",
    });
    expect(readdirSync(join(directory, "photos"))).toEqual(["cat.jpg"]);
  });

  it("does not touch what a newer version wrote", async () => {
    const path = join(directory, "db");
    await (await openLevelStore(path)).close();
    const db = new ClassicLevel<Uint8Array, string>(join(path, "index"), { keyEncoding: "view" });
    await db.put(META.format, "chain-storage:999");
    await db.close();
    await expect(openLevelStore(path)).rejects.toMatchObject({
      code: "newer-version",
      message: expect.stringContaining("999"),
    });
  });

  it("says so where an older version wrote it, whose blocks can be taken over", async () => {
    const path = join(directory, "db");
    const store = await openLevelStore(path);
    await begin(store);
    await write(store, 3, 1, 3);
    await store.close();
    const db = new ClassicLevel<Uint8Array, string>(join(path, "index"), {
      keyEncoding: "view",
      compression: false,
    });
    await db.put(META.format, "chain-storage:1");
    await db.close();
    await expect(openLevelStore(path)).rejects.toMatchObject({ code: "older-version" });
    expect(await rebuildLevelStore(path)).toEqual({ blocks: 4, damaged: 0, orphans: 0 });
    await (await openLevelStore(path)).close();
  });

  it("finds a value that was changed, and one that stands under another key", async () => {
    const path = join(directory, "db");
    const store = await openLevelStore(path);
    await begin(store);
    await write(store, 3, 1, 3);
    const hash = [...chainSteps(3, 3)].map(({ block }) => block.hash)[2] as BlockHash;
    const other = [...chainSteps(3, 3)].map(({ block }) => block.hash)[1] as BlockHash;
    await store.close();
    for (const change of [
      (value: Uint8Array) => value.with(5, (value[5] as number) ^ 1),
      (_: Uint8Array, another: Uint8Array) => another,
      (value: Uint8Array) => value.subarray(0, 2),
    ]) {
      const db = new ClassicLevel<Uint8Array, Uint8Array>(join(path, "index"), {
        keyEncoding: "view",
        valueEncoding: "view",
        compression: false,
      });
      const key = blockKey(hash);
      const before = (await db.get(key)) as Uint8Array;
      const another = (await db.get(blockKey(other))) as Uint8Array;
      await db.put(key, change(before, another));
      await db.close();
      const damaged = await openLevelStore(path);
      await expect(damaged.readRecord(hash)).rejects.toMatchObject({ code: "corrupt" });
      await expect(damaged.scanIndex(() => {})).rejects.toMatchObject({ code: "corrupt" });
      await damaged.close();
      await db.open();
      await db.put(key, before);
      await db.close();
    }
  });

  it("says so when a block is not what was written", async () => {
    const path = join(directory, "db");
    const store = await openLevelStore(path);
    await begin(store);
    await write(store, 3, 1, 3);
    const file = join(path, "blocks", "blk00000.dat");
    const bytes = readFileSync(file);
    bytes[bytes.length - 10] = (bytes[bytes.length - 10] as number) ^ 1;
    writeFileSync(file, bytes);
    const hashes = [...chainSteps(3, 3)].map(({ block }) => block.hash);
    await expect(store.readBlock(hashes[2] as (typeof hashes)[0])).rejects.toMatchObject({
      code: "corrupt",
    });
    expect(await store.readBlock(hashes[0] as (typeof hashes)[0])).toBeDefined();
    await store.close();
  });

  it("names another process, and is not misled by the note that one left", async () => {
    const path = join(directory, "db");
    const writer = await startWriter(path, 11);
    await seen(writer, 3);
    await expect(openLevelStore(path)).rejects.toMatchObject({
      code: "in-use",
      message: `${path} is in use by process ${writer.pid}`,
    });
    const note = readFileSync(join(path, "process.pid"), "utf8");
    writer.kill("SIGKILL");
    await once(writer, "close");
    const store = await openLevelStore(path); // the note of the killed process is still there
    const copy = join(directory, "copy");
    await store.close();
    await cp(path, copy, { recursive: true });
    // As if copied from under a process that lives: the number is right, the lock file is not.
    writeFileSync(join(copy, "process.pid"), note.replace(/^\d+/, String(process.ppid)));
    const holder = new ClassicLevel(join(copy, "index"), { compression: false });
    await holder.open();
    await expect(openLevelStore(copy)).rejects.toMatchObject({
      code: "in-use",
      message: `${copy} is in use by another process`,
    });
    await holder.close();
    await (await openLevelStore(copy)).close();
    expect(readdirSync(copy).sort()).toEqual(["blocks", "index", "lock"]);
  });

  it("opens what a process killed at its very first open left", async () => {
    const path = join(directory, "db");
    mkdirSync(join(path, "index"), { recursive: true });
    writeFileSync(join(path, "index", "LOCK"), "");
    writeFileSync(join(path, "index", "MANIFEST-000001"), "half");
    mkdirSync(join(path, "blocks"));
    const store = await openLevelStore(path);
    await begin(store);
    await store.close();
  });

  it("does not begin anew beside blocks whose database is gone", async () => {
    const path = join(directory, "db");
    const store = await openLevelStore(path);
    await begin(store);
    await store.close();
    const index = join(path, "index");
    const tables = readdirSync(index).filter((name) => name !== "CURRENT");
    rmSync(join(index, "CURRENT"));
    await expect(openLevelStore(path)).rejects.toMatchObject({ code: "corrupt" });
    expect(readdirSync(index)).toEqual(tables);
    rmSync(index, { recursive: true });
    await expect(openLevelStore(path)).rejects.toMatchObject({ code: "corrupt" });
    expect(readFileSync(join(path, "blocks", "blk00000.dat")).length).toBeGreaterThan(80);
  });

  it("says in one sentence what else is in the way", async () => {
    const file = join(directory, "file");
    writeFileSync(file, "not a directory");
    await expect(openLevelStore(file)).rejects.toMatchObject({ name: "StorageError", code: "io" });
    const path = join(directory, "db");
    await (await openLevelStore(path)).close();
    writeFileSync(join(path, "index", "CURRENT"), "nonsense\n");
    await expect(openLevelStore(path)).rejects.toMatchObject({ name: "StorageError" });
  });

  it("writes no undo data twice, unless it was spoilt", async () => {
    const path = join(directory, "db");
    const file = join(path, "blocks", "rev00000.dat");
    const store = await openLevelStore(path);
    await begin(store);
    await write(store, 4, 1, 10);
    const { length } = readFileSync(file);
    await store.resetChainState();
    await begin(store);
    await write(store, 4, 1, 10);
    expect(readFileSync(file)).toHaveLength(length);
    const bytes = readFileSync(file);
    bytes[length - 1]! ^= 1;
    writeFileSync(file, bytes);
    const last = [...chainSteps(4, 10)].at(-1)!;
    await expect(store.readUndo(last.block.hash)).rejects.toMatchObject({ code: "corrupt" });
    await store.resetChainState();
    await begin(store);
    await write(store, 4, 1, 10);
    expect(await store.readUndo(last.block.hash)).toEqual(last.update.connected[0]?.undo);
    await store.close();
  });

  it("reads while it writes", async () => {
    const store = await openLevelStore(join(directory, "db"));
    await begin(store);
    await write(store, 12, 1, 20);
    const writing = write(store, 12, 21, 60);
    const reads = [...chainSteps(12, 20)].map(async ({ block, update }) => {
      expect(await store.readBlock(block.hash)).toEqual(block.toBytes());
      expect(await store.readUndo(block.hash)).toEqual(update.connected[0]?.undo);
      const { count } = await store.coinStatistics();
      expect(count).toBeGreaterThan(0);
    });
    await Promise.all([writing, ...reads]);
    expect(await store.coinStatistics()).toEqual(await replay(12, 60));
    await store.close();
  });
});
