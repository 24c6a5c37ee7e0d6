import { Block, type HeaderNode } from "@chain/core";
import { MemoryStore } from "@chain/storage";
import { makeBlock } from "@chain/testing/blockFactory";
import { describe, expect, it } from "vitest";
import type { ChainManager } from "../../src/chain/manager.ts";
import { give, grow, openNode, params } from "../support/chains.ts";

const at = (chain: ChainManager, height: number) => chain.headers.activeAt(height) as HeaderNode;

async function longChain(
  store: MemoryStore,
  prune: { target?: number; afterHeight?: number } = {},
) {
  const node = await openNode({ store, prune });
  await grow(node.chain, node.chain.tip, 330);
  return node;
}

describe("pruning", () => {
  it("keeps the last 288 blocks, and what is gone is told from what never came", async () => {
    const store = new MemoryStore();
    const { chain } = await longChain(store);
    const before = await chain.coinStatistics();
    expect(chain.prunedHeight).toBeUndefined();
    await chain.prune(20);
    expect(chain.prunedHeight).toBe(20);
    await chain.prune(10_000);
    expect(chain.prunedHeight).toBe(330 - 288);
    expect(await chain.isPruned(at(chain, 42))).toBe(true);
    expect(await chain.isPruned(at(chain, 43))).toBe(false);
    expect(await chain.getRawBlock(at(chain, 42).hash)).toBeUndefined();
    expect(await chain.getRawBlock(at(chain, 43).hash)).toBeDefined();
    expect(await chain.wasConnected(at(chain, 42).hash)).toBe(true);
    expect(await chain.coinStatistics()).toEqual(before);

    // The chain goes on, also after a restart, and knows what is gone.
    const again = (await openNode({ store, prune: {} })).chain;
    expect(again.tip.hash).toBe(chain.tip.hash);
    expect(again.tip.chainTransactionCount).toBe(331);
    expect(again.prunedHeight).toBe(42);
    await grow(again, again.tip, 2);
    expect(again.tip.height).toBe(332);
  });

  it("is off unless it was asked for", async () => {
    const { chain } = await openNode();
    await expect(chain.prune(0)).rejects.toMatchObject({ code: "not-pruning" });
    await grow(chain, chain.tip, 1);
    expect(chain.tip.height).toBe(1);
  });

  it("deletes by itself what is more than its target", async () => {
    const store = new MemoryStore();
    const { chain } = await longChain(store, { target: 40_000, afterHeight: 300 });
    expect(chain.prunedHeight).toBeGreaterThan(330 - 288 - 5);
    expect(chain.prunedHeight).toBeLessThanOrEqual(330 - 288);
    const roomy = new MemoryStore();
    expect(
      (await longChain(roomy, { target: 1e9, afterHeight: 300 })).chain.prunedHeight,
    ).toBeUndefined();
    const early = new MemoryStore();
    expect((await longChain(early, { target: 40_000 })).chain.prunedHeight).toBeUndefined();
  });

  it("takes a pruned block again if it was asked for, and no other way", async () => {
    const store = new MemoryStore();
    const { chain } = await longChain(store);
    const node = at(chain, 7);
    const raw = (await chain.getRawBlock(node.hash)) as Uint8Array;
    await chain.prune(10);
    const block = Block.fromBytes(raw);
    expect(await chain.acceptBlock(block)).toMatchObject({ ok: true, fresh: false });
    expect(await chain.getRawBlock(node.hash)).toBeUndefined();
    expect(await chain.acceptBlock(block, { requested: true })).toMatchObject({ ok: true });
    expect(await chain.getRawBlock(node.hash)).toEqual(raw);
    expect(await chain.isPruned(node)).toBe(false);
    expect(chain.tip.height).toBe(330);
  });

  it("says what is impossible without the blocks, and goes on", async () => {
    const store = new MemoryStore();
    const { chain } = await longChain(store);
    await chain.prune(10);
    await expect(chain.invalidateBlock(at(chain, 9))).rejects.toMatchObject({ code: "pruned" });
    await expect(chain.reindexUtxo()).rejects.toMatchObject({ code: "pruned" });
    await chain.invalidateBlock(at(chain, 320));
    expect(chain.tip.height).toBe(319);
  });

  it("makes headers of pruned blocks that are not of the best chain: they can come again", async () => {
    const store = new MemoryStore();
    const { chain } = await openNode({ store, prune: {} });
    await grow(chain, chain.tip, 3);
    const stale = await give(chain, makeBlock({ parent: at(chain, 2), params, extra: 5 }));
    const raw = (await chain.getRawBlock(stale.hash)) as Uint8Array;
    await grow(chain, chain.tip, 330);
    await chain.prune(20);
    expect(stale.transactionCount).toBe(0);
    expect(stale.chainTransactionCount).toBe(0);
    await give(chain, Block.fromBytes(raw));
    expect(stale.transactionCount).toBe(1);
    expect(chain.tip.height).toBe(333);
  });

  it("waits for followers", async () => {
    const store = new MemoryStore();
    const { chain } = await longChain(store);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const following = await chain.follow({
      name: "slow index",
      position: async () => ({ hash: at(chain, 25).hash, height: 25 }),
      apply: () => held,
    });
    await chain.prune(300);
    expect(chain.prunedHeight).toBe(15);
    release();
    await following.caughtUp;
    await chain.prune(300);
    expect(chain.prunedHeight).toBe(42);
  });

  it("tells a follower that begins too late that its blocks are gone", async () => {
    const store = new MemoryStore();
    const { chain, events } = await longChain(store);
    await chain.prune(20);
    const apply = async () => {};
    const late = await chain.follow({ name: "late index", position: async () => undefined, apply });
    await expect(late.caughtUp).rejects.toMatchObject({ code: "pruned" });
    expect(events.at(-1)).toMatchObject({ type: "follower-failed", name: "late index" });
    const position = async () => ({ hash: at(chain, 20).hash, height: 20 });
    const soon = await chain.follow({ name: "index", position, apply });
    await soon.caughtUp;
    expect(soon.position?.height).toBe(330);
  });
});
