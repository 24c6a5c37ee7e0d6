import {
  type BlockHash,
  blockFilter,
  decodeUndo,
  encodeUndo,
  filterHash,
  filterHeader,
  filterMatches,
  type HeaderNode,
  ZERO_FILTER_HEADER,
} from "@chain/core";
import type { ChainManager } from "@chain/engine";
import { MemoryKeyValueStore } from "@chain/storage";
import { MINER } from "@chain/testing/blockFactory";
import { describe, expect, test } from "vitest";
import { BlockFilterIndex } from "../src/blockFilterIndex.ts";
import { followChain } from "../src/followChain.ts";
import { openChain, spending } from "./support/chain.ts";

/** The headers of all filters up to a block, made of the blocks alone. */
async function naiveHeaders(chain: ChainManager, tip: HeaderNode): Promise<readonly string[]> {
  const headers: string[] = [];
  let previous = ZERO_FILTER_HEADER;
  for (let height = 0; height <= tip.height; height++) {
    const { hash } = tip.ancestor(height) ?? expect.unreachable();
    const block = (await chain.getBlock(hash)) ?? expect.unreachable();
    const undo = (await chain.getUndo(hash)) ?? expect.unreachable();
    const filter = blockFilter(block, decodeUndo(encodeUndo(undo)));
    previous = filterHeader(filterHash(filter), previous);
    headers.push(previous);
  }
  return headers;
}

const hashesTo = (tip: HeaderNode): BlockHash[] =>
  Array.from({ length: tip.height + 1 }, (_, height) => tip.ancestor(height)?.hash as BlockHash);

describe("the index of block filters", () => {
  test("has the filter and the header of each block, also of those that the chain has left", async () => {
    const own = await openChain();
    const { chain, log, add, grow } = own;
    const [first] = await grow(2);
    const fork = chain.tip;
    const payment = spending(first ?? expect.unreachable(), 1);
    const old = await add([payment], fork, 1);
    const records = new MemoryKeyValueStore();
    const { index, caughtUp } = await followChain(new BlockFilterIndex(records), {
      chain,
      records,
      log,
    });
    await caughtUp;
    const branch = await add([], fork, 2);
    await add([payment], branch.node, 3);
    expect(chain.headers.isActive(old.node)).toBe(false);
    for (const tip of [chain.tip, old.node]) {
      const summaries = await index.summaries(hashesTo(tip));
      expect(summaries?.map(({ header }) => header)).toEqual(await naiveHeaders(chain, tip));
      const filters = await index.filters(hashesTo(tip));
      expect(filters?.map(filterHash)).toEqual(summaries?.map(({ hash }) => hash));
    }
    const filter = (await index.filter(old.node.hash)) ?? expect.unreachable();
    expect(filterMatches(filter, old.node.hash, [MINER.script])).toBe(true);
  });

  test("has none of a block that was never in the best chain", async () => {
    const { chain, log, add, grow } = await openChain();
    const records = new MemoryKeyValueStore();
    const { index, caughtUp } = await followChain(new BlockFilterIndex(records), {
      chain,
      records,
      log,
    });
    await caughtUp;
    await grow(2);
    const { node } = await add([], chain.headers.genesis, 9);
    expect(await index.filter(node.hash)).toBeUndefined();
    expect(await index.filters([chain.tip.hash, node.hash])).toBeUndefined();
    expect(await index.summaries([node.hash])).toBeUndefined();
  });

  test("stops where the header before is missing, and writes none that is wrong", async () => {
    const { chain, log, grow, lines } = await openChain();
    const records = new MemoryKeyValueStore();
    const options = { chain, records, log };
    const running = await followChain(new BlockFilterIndex(records), options);
    await running.caughtUp;
    const [entry] = await records.range(
      { from: Uint8Array.of(0x68, 0), end: Uint8Array.of(0x69, 0) },
      1,
    );
    await records.write([{ key: entry?.key ?? expect.unreachable(), value: undefined }]);
    await grow(1);
    expect(running.error).toMatchObject({ code: "damaged" });
    expect(await running.index.filter(chain.tip.hash)).toBeUndefined();
    expect(lines.join("\n")).toContain("has stopped following the chain");
  });
});
