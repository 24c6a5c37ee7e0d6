/** Reading all coins leaves nothing open in the store, however it ends. */
import type { HeaderNode, LocatedCoin } from "@chain/core";
import { MemoryStore } from "@chain/storage";
import { expect, test } from "vitest";
import { grow, openNode } from "../support/chains.ts";

/** Counts those that read its coins. */
class CountingStore extends MemoryStore {
  begun = 0;
  open = 0;
  hasUndo = true;

  override async *coins(): AsyncGenerator<LocatedCoin> {
    this.begun++;
    this.open++;
    try {
      yield* super.coins();
    } finally {
      this.open--;
    }
  }

  override async readUndo(...of: Parameters<MemoryStore["readUndo"]>) {
    return this.hasUndo ? super.readUndo(...of) : undefined;
  }
}

async function chainOfFive() {
  const store = new CountingStore();
  const { chain } = await openNode({ store });
  await grow(chain, chain.tip, 5);
  return { store, chain, third: chain.headers.activeAt(3) as HeaderNode };
}

test("coins that nobody has begun to read are left", async () => {
  const { store, chain, third } = await chainOfFive();
  const { coins } = await chain.coinsAt(third);
  expect(store.open).toBe(1);
  await coins.return();
  expect(store.open).toBe(0);
  expect((await coins.next()).done).toBe(true);
  const { coins: all } = await chain.coins();
  expect(store.open).toBe(1);
  await all[Symbol.asyncIterator]().return?.();
  expect(store.open).toBe(0);
});

test("coins that are read in part, or to the end, are left", async () => {
  const { store, chain, third } = await chainOfFive();
  const { coins } = await chain.coinsAt(third);
  for await (const { coin } of coins) {
    expect(coin.height).toBeLessThanOrEqual(3);
    break;
  }
  expect(store.open).toBe(0);
  const heights: number[] = [];
  for await (const { coin } of (await chain.coinsAt(third)).coins) heights.push(coin.height);
  expect(heights.sort()).toEqual([0, 1, 2, 3]);
  expect(store.open).toBe(0);
});

test("coins are left where undo data is missing, and not begun for a block off the best chain", async () => {
  const { store, chain, third } = await chainOfFive();
  store.hasUndo = false;
  await expect(chain.coinsAt(third)).rejects.toMatchObject({ code: "missing-data" });
  expect([store.begun, store.open]).toEqual([2, 0]);
  const stale = await grow(chain, third, 1, 7);
  await expect(chain.coinsAt(stale)).rejects.toThrow(
    `block ${stale.hash} is not of the best chain`,
  );
  expect(store.begun).toBe(2);
});
