/** Blocks of a file as Bitcoin Core writes it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Block, concatBytes } from "@chain/core";
import { createNode } from "@chain/fullnode";
import { temporaryDirectory } from "@chain/testing/place";
import { expect, onTestFinished, test } from "vitest";
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
    ...records.slice(6).reverse(),
    magic, // one without a block
    Uint8Array.of(255, 255, 255, 255),
    ...records.slice(0, 6),
    first, // once more
    first.subarray(0, 40), // an end that is missing
  ];
  const path = join(await temporaryDirectory(), "bootstrap.dat");
  writeFileSync(path, concatBytes(...parts));
  const target = await node();
  expect(await importBlocks(target.chain, path)).toBe(12);
  expect(target.chain.tip.hash).toBe(source.chain.tip.hash);
  expect(await importBlocks(target.chain, path)).toBe(0);
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
