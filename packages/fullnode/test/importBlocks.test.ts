/** Blocks of a file as Bitcoin Core writes it. */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Block, concatBytes } from "@chain/core";
import { createNode } from "@chain/fullnode";
import { temporaryDirectory } from "@chain/testing/place";
import { expect, onTestFinished, test } from "vitest";
import { readGenesisOf } from "../src/chain/blockFile.ts";
import { exportBlocks } from "../src/chain/exportBlocks.ts";
import { importBlocks, startImport } from "../src/chain/importBlocks.ts";

async function node() {
  const made = await createNode();
  onTestFinished(() => made.close());
  return made;
}

function record(magic: Uint8Array, block: Block): Uint8Array {
  const raw = block.toBytes();
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, raw.length, true);
  return concatBytes(magic, length, raw);
}

test("blocks are taken in whatever order, and what is none is passed over", async () => {
  const source = await node();
  const blocks = await source.mine(12);
  const { magic } = source.params;
  const records = blocks.map((block) => record(magic, block));
  const [first = new Uint8Array()] = records;
  const parts = [
    Uint8Array.of(1, 2, 3), // dirt
    ...records.slice(6).reverse(), // the youngest first
    magic, // one without a block
    Uint8Array.of(255, 255, 255, 255),
    ...records.slice(0, 6),
    first, // once more
    first.subarray(0, 40), // an end that is missing
  ];
  const path = join(await temporaryDirectory(), "bootstrap.dat");
  writeFileSync(path, concatBytes(...parts));
  const target = await node();
  expect(await importBlocks(target.chain, path)).toEqual({
    ...{ taken: 12, known: 1, refused: 0, firstRefused: undefined, orphans: 0 },
  });
  expect(target.chain.tip.hash).toBe(source.chain.tip.hash);
  expect(await importBlocks(target.chain, path)).toMatchObject({ taken: 0, known: 13 });
});

test("a damaged copy of a block keeps none out whose parent it is, if a good one follows", async () => {
  const source = await node();
  const blocks = await source.mine(8);
  const records = blocks.map((block) => record(source.params.magic, block));
  const damaged = records[2]?.slice() ?? new Uint8Array();
  damaged.fill(0xff, damaged.length - 4, damaged.length); // of the lock time: another merkle root
  const path = join(await temporaryDirectory(), "bootstrap.dat");
  const [first, second, third, ...rest] = records as [Uint8Array, Uint8Array, Uint8Array];
  writeFileSync(path, concatBytes(first, second, damaged, ...rest, third, third));
  const target = await node();
  const outcome = await importBlocks(target.chain, path);
  expect(outcome).toMatchObject({ taken: 8, known: 1, refused: 1, orphans: 0 });
  expect(outcome.firstRefused?.reason).toBe("bad-txnmrklroot");
  expect(target.chain.tip.hash).toBe(source.chain.tip.hash);
});

test("a file that can't be read, or holds nothing, is no reason to end", async () => {
  const directory = await temporaryDirectory();
  const empty = join(directory, "empty.dat");
  writeFileSync(empty, "");
  const lines: string[] = [];
  const { chain } = await node();
  const service = startImport(chain, [join(directory, "none.dat"), empty], (level, _, text) => {
    lines.push(`${level} ${text}`);
  });
  await expect.poll(() => lines.length).toBe(2);
  await service.stop();
  expect(lines[0]).toMatch(/^error can't read the blocks of .*none.dat: there is no such file$/);
  expect(lines[1]).toMatch(/^info Loaded 0 blocks/);
});

test("a file of blocks with their lengths alone is read as well, to its end or to a height", async () => {
  const source = await node();
  const blocks = await source.mine(6);
  const path = join(await temporaryDirectory(), "blocks.dat");
  const records = blocks.map((block) => record(source.params.magic, block).subarray(4));
  writeFileSync(path, concatBytes(...records));
  const target = await node();
  expect(await importBlocks(target.chain, path, { stopHeight: 4 })).toMatchObject({ taken: 4 });
  expect(target.chain.tip.height).toBe(4);
  const read: number[] = [];
  const onProgress = (done: number) => void read.push(done);
  const rest = await importBlocks(target.chain, path, { onProgress });
  expect(rest).toMatchObject({ taken: 2, known: 4, orphans: 0 });
  expect(read).toHaveLength(6);
  expect(target.chain.tip.hash).toBe(source.chain.tip.hash);
  // Without the second one, four have no parents here.
  writeFileSync(path, concatBytes(...records.filter((_, i) => i !== 1)));
  expect(await importBlocks((await node()).chain, path)).toMatchObject({ taken: 1, orphans: 4 });
});

test("what is exported is imported again, and is never a half of it", async () => {
  const source = await node();
  await source.mine(5);
  const directory = await temporaryDirectory();
  const path = join(directory, "bootstrap.dat");
  expect(await exportBlocks(source.chain, path, { signal: { aborted: true } })).toBeUndefined();
  expect(readdirSync(directory)).toEqual([]);
  expect(await exportBlocks(source.chain, path)).toBe(6);
  expect((await readGenesisOf(path))?.hash).toBe(source.params.genesis.hash);
  const target = await node();
  expect(await importBlocks(target.chain, path)).toMatchObject({ taken: 5, known: 1 });
  expect(target.chain.tip.hash).toBe(source.chain.tip.hash);
  const part = join(directory, "part.dat");
  expect(await exportBlocks(source.chain, part, { from: 2, to: 3 })).toBe(2);
  expect(await readGenesisOf(part)).toBeUndefined();
  for (const [range, place, code] of [
    [{}, path, "exists"],
    [{ to: 6 }, join(directory, "more.dat"), "usage"],
    [{ from: 4, to: 3 }, join(directory, "more.dat"), "usage"],
  ] as const) {
    await expect(exportBlocks(source.chain, place, range)).rejects.toMatchObject({ code });
  }
  expect(readdirSync(directory).sort()).toEqual(["bootstrap.dat", "part.dat"]);
});
