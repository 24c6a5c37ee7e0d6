/** A disk that spoils what was written: what is read is right, or there is an error, and the blocks give all of it back. */
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Rng } from "@chain/testing/random";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { crc32c } from "../src/level/crc32c.ts";
import { liveTables } from "../src/level/manifest.ts";
import { openLevelStore } from "../src/level/open.ts";
import { rebuildLevelStore } from "../src/level/rebuild.ts";
import { TableVerifier } from "../src/level/tables.ts";
import { begin, chainSteps, GENESIS } from "./support/chainSteps.ts";
import { damageMany, readInProcess } from "./support/damage.ts";
import { write } from "./support/process.ts";

const SEED = 21;
const HEIGHT = 400;
let root: string;
let whole: string;
let right: unknown;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "chain-damage-"));
  whole = join(root, "whole");
  // Several tables, several logs, and a last part that stands in the log alone.
  for (let height = 0; height < HEIGHT; height += 100) {
    const store = await openLevelStore(whole);
    if (height === 0) await begin(store);
    await write(store, SEED, height + 1, height + 100);
    await store.close();
  }
  // Of a copy: to open the store moves what stands in LevelDB's log into a table.
  const copy = join(root, "right");
  cpSync(whole, copy, { recursive: true });
  [right] = await readInProcess([copy]);
  expect(right).toMatchObject({ headers: HEIGHT + 1, bodies: HEIGHT + 1 });
}, 60_000);
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

const copyOf = (name: string) => {
  const path = join(root, name);
  cpSync(whole, path, { recursive: true });
  return path;
};

describe("CRC-32C", () => {
  // RFC 3720, B.4.
  it.each([
    ["32 zeros", new Uint8Array(32), 0x8a9136aa],
    ["32 ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ["rising", Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ["nine digits", new TextEncoder().encode("123456789"), 0xe3069283],
  ])("of %s", (_, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });
});

/** Names of LevelDB's tables. A close may leave others, which compaction has replaced: they are not read any more. */
async function tablesOf(path: string): Promise<string[]> {
  const numbers = [...(await liveTables(path)).keys()];
  expect(numbers.length).toBeGreaterThan(0);
  return numbers.map((number) => `${String(number).padStart(6, "0")}.ldb`);
}

describe("tables", () => {
  it("are found whole, and damaged by any flipped bit, cut or zero", async () => {
    const path = join(copyOf("tables"), "index");
    await new TableVerifier(path).verify("whole");
    const rng = new Rng(SEED);
    const tables = await tablesOf(path);
    for (let n = 0; n < 40; n++) {
      const file = join(path, tables[rng.below(tables.length)] as string);
      const bytes = readFileSync(file);
      const spoilt = Buffer.from(bytes);
      const at = rng.below(bytes.length);
      spoilt[at] = (spoilt[at] as number) ^ (1 << rng.below(8));
      writeFileSync(file, n % 8 === 0 ? bytes.subarray(0, at) : spoilt);
      const verifier = new TableVerifier(path);
      await expect(verifier.verify("whole")).rejects.toMatchObject({ code: "corrupt" });
      writeFileSync(file, bytes);
    }
    await new TableVerifier(path).verify("whole");
  });

  it("are not read again for a while once they were found whole", async () => {
    const path = join(copyOf("once"), "index");
    let now = 0;
    const verifier = new TableVerifier(path, { now: () => now, always: 0 });
    await verifier.verify("whole");
    const [table] = await tablesOf(path);
    const file = join(path, table as string);
    const bytes = readFileSync(file);
    bytes[10] = (bytes[10] as number) ^ 1;
    writeFileSync(file, bytes);
    await verifier.verify("whole");
    now = 11 * 60 * 1000;
    await expect(verifier.verify("whole")).rejects.toMatchObject({ code: "corrupt" });
  });
});

describe("what the disk spoils", () => {
  it("is found or harmless, ends no process, and is made again from the blocks", async () => {
    await damageMany({ whole, right, root }, new Rng(SEED), 8);
  }, 120_000);

  it("of LevelDB's log is found after a clean end, and costs no block", async () => {
    const size = () => statSync(join(path, "blocks", "blk00000.dat")).size;
    let path = copyOf("log");
    const full = size();
    const [name] = readdirSync(join(path, "index")).filter((each) => each.endsWith(".log"));
    const log = join("index", name as string);
    const bytes = readFileSync(join(path, log));
    expect(bytes.length).toBeGreaterThan(10_000);
    const damages: readonly (readonly [what: string, spoil: (file: string) => void])[] = [
      ...[10, 60, 5_000].map((at) => [`bit at ${at}`, (file: string) => flip(file, at)] as const),
      ["cut in half", (file) => truncateSync(file, bytes.length >> 1)],
      ["cut at its first record", (file) => truncateSync(file, 7 + bytes.readUInt16LE(4))],
      ["empty", (file) => truncateSync(file, 0)],
      ["gone", (file) => rmSync(file)],
    ];
    for (const [what, spoil] of damages) {
      rmSync(path, { recursive: true });
      path = copyOf("log");
      spoil(join(path, log));
      const [answer] = await readInProcess([path]);
      expect({ what, answer }).toMatchObject({ what, answer: { code: "corrupt" } });
      expect({ what, size: size() }).toEqual({ what, size: full });
      expect(await rebuildLevelStore(path)).toMatchObject({ blocks: HEIGHT + 1 });
    }
  }, 120_000);

  it("is made again without any index at all", async () => {
    const path = copyOf("bare");
    rmSync(join(path, "index"), { recursive: true });
    const [before] = await readInProcess([path]);
    expect(before).toMatchObject({ code: "corrupt" });
    expect(await rebuildLevelStore(path)).toEqual({ blocks: HEIGHT + 1, damaged: 0, orphans: 0 });
    await expectBlocks(path, HEIGHT + 1);
  });

  it("in the middle of the blocks leaves those before it", async () => {
    const path = copyOf("holes");
    const file = join(path, "blocks", "blk00000.dat");
    const bytes = readFileSync(file);
    const size = bytes.length / (HEIGHT + 1);
    // A length, whose damage hides where the next block begins, and a payload.
    bytes[Math.floor(200 * size)] = 0xff;
    bytes[Math.floor(300 * size) + 50] = 0xff;
    writeFileSync(file, bytes);
    const { blocks, damaged, orphans } = await rebuildLevelStore(path);
    expect(damaged).toBeGreaterThanOrEqual(1);
    expect(blocks).toBeGreaterThan(195);
    expect(blocks + orphans).toBeGreaterThan(395);
    await expectBlocks(path, blocks);
  });

  it("cuts block files short is found after a clean end", async () => {
    for (const [what, spoil] of [
      ["cut", (file: string) => truncateSync(file, statSync(file).size >> 1)],
      ["empty", (file: string) => truncateSync(file, 0)],
      ["gone", (file: string) => rmSync(file)],
    ] as const) {
      const path = copyOf(`short-${what}`);
      spoil(join(path, "blocks", "blk00000.dat"));
      for (let start = 0; start < 2; start++) {
        await expect(openLevelStore(path)).rejects.toMatchObject({ code: "corrupt" });
      }
      const { blocks } = await rebuildLevelStore(path);
      if (what === "cut") expect(blocks).toBeGreaterThan(HEIGHT / 3);
      else expect(blocks).toBe(1);
      await expectBlocks(path, blocks);
    }
  });

  it("of the genesis block is made good by the old index", async () => {
    const path = copyOf("genesis-index");
    flip(join(path, "blocks", "blk00000.dat"), 20);
    expect(await rebuildLevelStore(path)).toMatchObject({ blocks: HEIGHT + 1 });
    await expectBlocks(path, HEIGHT + 1);
  });

  it("of the genesis block and of the index is made good by whoever knows it", async () => {
    const path = copyOf("genesis");
    const file = join(path, "blocks", "blk00000.dat");
    const bytes = readFileSync(file);
    bytes[20] = (bytes[20] as number) ^ 1;
    writeFileSync(file, bytes);
    truncateSync(join(path, "index", "CURRENT"), 0);
    await expect(rebuildLevelStore(path)).rejects.toMatchObject({ code: "no-genesis" });
    const { blocks } = await rebuildLevelStore(path, { genesis: GENESIS });
    expect(blocks).toBe(HEIGHT + 1);
    await expectBlocks(path, HEIGHT + 1);
  });

  it("keeps its index where the disk refuses to delete", async () => {
    const path = copyOf("stubborn");
    const undo = join(path, "blocks", "rev00000.dat");
    rmSync(undo);
    mkdirSync(undo); // a directory can't be deleted as a file
    await expect(rebuildLevelStore(path)).rejects.toThrow("rev00000.dat");
    expect(readdirSync(join(path, "index"))).toContain("CURRENT");
  });

  it("is left alone while another process has the store open", async () => {
    const path = copyOf("held");
    const store = await openLevelStore(path);
    await expect(rebuildLevelStore(path)).rejects.toMatchObject({ code: "in-use" });
    await store.close();
    expect((await readInProcess([path]))[0]).toEqual(right);
  });
});

function flip(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] as number) ^ 4;
  writeFileSync(file, bytes);
}

/** The first so many blocks of the chain are there, and can be read. */
async function expectBlocks(path: string, count: number): Promise<void> {
  const store = await openLevelStore(path);
  try {
    expect(await store.readGenesis()).toEqual(GENESIS.toBytes());
    expect(await store.readTip()).toBeUndefined();
    for (const { block, height } of chainSteps(SEED, HEIGHT)) {
      if (height >= count) break;
      expect(await store.readBlock(block.hash)).toEqual(block.toBytes());
      expect(await store.readRecord(block.hash)).toMatchObject({ height, status: "body" });
    }
  } finally {
    await store.close();
  }
}
