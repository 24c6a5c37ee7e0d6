import type { BlockHash } from "@chain/core";
import { describe, expect, it } from "vitest";
import { BlockIndex } from "../../src/chain/blockIndex.ts";
import { StoredBlocks } from "../../src/chain/storedBlocks.ts";
import { UnreadableBlocks } from "../../src/chain/unreadableBlocks.ts";
import { coinbaseOf, mine, openNode, params, spend } from "../support/chains.ts";
import { DamagedStore } from "../support/damagedStore.ts";

async function setUp() {
  const store = new DamagedStore();
  const { chain } = await openNode({ store });
  const { hash } = await mine(chain, chain.tip, [spend([coinbaseOf(params.genesis)], [7n])]);
  const index = new BlockIndex(params);
  await index.restore(store);
  return {
    store,
    hash,
    blocks: new StoredBlocks(store, new UnreadableBlocks(store, index.tree, () => {}), index),
  };
}

describe("StoredBlocks", () => {
  it("reads a block and the coins that it spent", async () => {
    const { blocks, hash } = await setUp();
    expect((await blocks.block(hash))?.hash).toBe(hash);
    expect(await blocks.undo(hash)).toEqual([[expect.objectContaining({ height: 0 })]]);
  });

  it("says of a block that is not there so, and throws where it has to be there", async () => {
    const { blocks } = await setUp();
    const unknown = "ab".repeat(32) as BlockHash;
    expect([await blocks.block(unknown), await blocks.undo(unknown)]).toEqual([
      undefined,
      undefined,
    ]);
    await expect(blocks.readable(unknown)).rejects.toMatchObject({ code: "missing-data" });
  });

  it("has no bytes of a damaged block for those that can wait until it comes again", async () => {
    const { blocks, store, hash } = await setUp();
    store.damaged.add(hash);
    expect(await blocks.readable(hash)).toBeUndefined();
    await expect(blocks.raw(hash)).rejects.toMatchObject({ code: "corrupt" });
  });

  it("knows that a block was connected, though its undo data is damaged", async () => {
    const { blocks, store, hash } = await setUp();
    store.damagedUndo.add(hash);
    expect(await blocks.wasConnected(hash)).toBe(true);
    await expect(blocks.undo(hash)).rejects.toMatchObject({ code: "corrupt" });
  });
});
