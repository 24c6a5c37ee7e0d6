import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { ClassicLevel } from "classic-level";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openLevelStore } from "../src/level/open.ts";
import { META } from "../src/level/schema.ts";
import { MemoryStore } from "../src/memory.ts";
import type { ChainStore } from "../src/store.ts";
import { begin, chainSteps, numbers, recordOf } from "./support/chainSteps.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "chain-storage-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function write(store: ChainStore, seed: number, from: number, to: number): Promise<void> {
  for (const { block, height, update } of chainSteps(seed, to)) {
    if (height < from) continue;
    await store.writeBlock(block.toBytes(), recordOf(block, height, "body"));
    await store.commit(update);
  }
}

/** What the coins must be at a height. */
async function replay(seed: number, height: number) {
  const store = new MemoryStore();
  await begin(store);
  await write(store, seed, 1, height);
  return store.coinStatistics();
}

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
    expect((await second.loadIndex()).records).toHaveLength(31);
    await write(second, 1, 31, 35);
    for (const { block } of chainSteps(1, 35)) {
      expect(await second.readBlock(block.hash)).toEqual(block.toBytes());
    }
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

  it("comes back from torn files at a state it had committed, or makes its coins anew", async () => {
    const random = numbers(20261123);
    let rebuilt = 0;
    for (let round = 0; round < 25; round++) {
      const path = join(directory, `db${round}`);
      const torn = join(directory, `torn${round}`);
      const seed = 100 + round;
      const steps = 5 + random(20);
      const store = await openLevelStore(path);
      await begin(store);
      await write(store, seed, 1, steps);
      // As a power cut leaves it: everything as it is now, and the ends of files gone.
      await cp(path, torn, { recursive: true });
      await store.close();
      const files = [
        join("blocks", "blk00000.dat"),
        join("blocks", "rev00000.dat"),
        ...readdirSync(join(torn, "index")).flatMap((name) =>
          name.endsWith(".log") ? [join("index", name)] : [],
        ),
      ];
      const victim = join(torn, files[random(files.length)] as string);
      const { size } = statSync(victim);
      truncateSync(victim, size - random(Math.min(size, 600)));

      const survivor = await openLevelStore(torn);
      const { tip, records } = await survivor.loadIndex();
      const at = records.find(({ header }) => header.hash === tip);
      if (at === undefined) {
        rebuilt++;
        expect((await survivor.coinStatistics()).count).toBe(0);
      } else {
        expect(await survivor.coinStatistics()).toEqual(await replay(seed, at.height));
      }
      for (const { header, hasBody } of records) {
        expect((await survivor.readBlock(header.hash)) !== undefined).toBe(hasBody);
      }
      await survivor.close();
    }
    expect(rebuilt).toBeLessThan(25);
  });

  it("survives kill -9 at any moment", async () => {
    const path = join(directory, "db");
    const random = numbers(9);
    let before = 0;
    for (let round = 0; round < 4; round++) {
      const writer = startWriter(path, 42);
      const enough = 10 + random(60);
      await seen(writer, enough);
      writer.kill("SIGKILL");
      await once(writer, "close");
      const store = await openLevelStore(path);
      const { tip, records } = await store.loadIndex();
      const height = records.find(({ header }) => header.hash === tip)?.height ?? -1;
      expect(height).toBeGreaterThanOrEqual(before + enough);
      expect(await store.coinStatistics()).toEqual(await replay(42, height));
      await store.close();
      before = height;
    }
    expect(existsSync(path)).toBe(true);
  });
});

/** A process that goes on writing the chain of a seed, and prints each height when it is stored. */
function startWriter(path: string, seed: number): ChildProcess {
  const program = fileURLToPath(new URL("./support/writer.ts", import.meta.url));
  const flags = ["--conditions=@chain/source", "--import", import.meta.resolve("tsx")];
  return spawn(process.execPath, [...flags, program, path, String(seed)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

async function seen(writer: ChildProcess, lines: number): Promise<void> {
  if (writer.stdout === null) throw new Error("a pipe");
  let count = 0;
  for await (const _ of createInterface({ input: writer.stdout })) if (++count >= lines) return;
  throw new Error("the writer ended by itself");
}
