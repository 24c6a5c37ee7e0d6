import { MemoryKeyValueStore, StorageError } from "@chain/storage";
import { describe, expect, test } from "vitest";
import type { ChainIndex } from "../src/chainIndex.ts";
import { followChain } from "../src/followChain.ts";
import { copyOf, openChain } from "./support/chain.ts";

/** Counts transactions; a block may be made to wait. */
class Counter implements ChainIndex {
  readonly name = "counter";
  gate: () => Promise<void> | void = () => {};
  async connect({ block }: Parameters<ChainIndex["connect"]>[0], records: Records) {
    await this.gate();
    await this.#add(block.transactions.length, records);
  }
  disconnect({ block }: Parameters<ChainIndex["connect"]>[0], records: Records) {
    return this.#add(-block.transactions.length, records);
  }
  async #add(count: number, records: Records) {
    const [sum = 0] = (await records.get(KEY)) ?? [];
    records.put(KEY, Uint8Array.of(sum + count));
  }
}
type Records = Parameters<ChainIndex["connect"]>[1];
const KEY = Uint8Array.of(99, 99);
const countOf = async (records: MemoryKeyValueStore) => (await records.get(KEY))?.[0];

describe("an index that follows a chain", () => {
  test("is written in one batch with its position, several blocks at once", async () => {
    const { chain, grow, log } = await openChain();
    await grow(5);
    const batches: number[] = [];
    const records = new MemoryKeyValueStore();
    const write = records.write.bind(records);
    records.write = (changes) => {
      batches.push(changes.length);
      return write(changes);
    };
    const running = await followChain(new Counter(), { chain, records, log });
    await running.caughtUp;
    expect(await countOf(records)).toBe(6);
    // One record and the position.
    expect(batches).toEqual([2]);
    expect(running.position).toEqual({ hash: chain.tip.hash, height: 5 });
    await grow(1);
    expect(await countOf(records)).toBe(7);
  });

  test("is exact after a write that failed, from the records that it had", async () => {
    const { chain, grow, log, lines } = await openChain();
    const records = new MemoryKeyValueStore();
    const running = await followChain(new Counter(), { chain, records, log });
    await running.caughtUp;
    await grow(2);
    records.write = () => Promise.reject(new StorageError("io", "no room"));
    await grow(2);
    expect(running).toMatchObject({ isSynced: false, error: { message: "no room" } });
    expect(await running.isCaughtUp()).toBe(false);
    expect(lines.join("\n")).toContain("the counter has stopped following the chain");
    expect(chain.tip.height).toBe(4);
    const again = await copyOf(records);
    expect(await countOf(again)).toBe(3);
    const other = await followChain(new Counter(), { chain, records: again, log });
    await other.caughtUp;
    expect(await countOf(again)).toBe(5);
  });

  test("says whether it holds what the chain shows, and waits for a block that is being connected", async () => {
    const { chain, add, grow, log } = await openChain();
    await grow(1);
    const records = new MemoryKeyValueStore();
    const index = new Counter();
    let open = () => {};
    const closed = () =>
      new Promise<void>((resolve) => {
        open = resolve;
      });
    index.gate = closed;
    const running = await followChain(index, { chain, records, log });
    expect(await running.isCaughtUp()).toBe(false);
    index.gate = () => {};
    open();
    await running.caughtUp;
    expect(await running.isCaughtUp()).toBe(true);

    const before = chain.tip;
    const moved = new Promise<void>((resolve) => {
      index.gate = () => {
        resolve();
        return closed();
      };
    });
    const adding = add();
    await moved;
    // The chain shows the block already.
    expect(chain.tip.parent).toBe(before);
    let counted: number | undefined;
    const asked = running.isCaughtUp().then(async (isReady) => {
      counted = await countOf(records);
      return isReady;
    });
    expect(counted).toBeUndefined();
    open();
    expect(await asked).toBe(true);
    expect(counted).toBe(3);
    await adding;
  });

  test("is built again where it stood at a block that the chain does not know", async () => {
    const [one, other] = [await openChain(), await openChain()];
    await one.grow(3);
    await other.add([], other.chain.tip, 7);
    const records = new MemoryKeyValueStore();
    const first = await followChain(new Counter(), { chain: one.chain, records, log: one.log });
    await first.caughtUp;
    await first.stop();
    const { chain, log, lines } = other;
    const running = await followChain(new Counter(), { chain, records, log });
    await running.caughtUp;
    expect(await countOf(records)).toBe(2);
    expect(lines.join("\n")).toContain("warn counter is built again from the first block");
  });

  test("that is damaged is refused", async () => {
    const { chain, log } = await openChain();
    const records = new MemoryKeyValueStore();
    await records.write([{ key: Uint8Array.of(0x70, 0x70), value: Uint8Array.of(1) }]);
    await expect(followChain(new Counter(), { chain, records, log })).rejects.toMatchObject({
      code: "damaged",
    });
  });

  test("is told of nothing more once it is stopped, and goes on the next time", async () => {
    const { chain, grow, log } = await openChain();
    const records = new MemoryKeyValueStore();
    const running = await followChain(new Counter(), { chain, records, log });
    await running.caughtUp;
    await running.stop();
    await grow(2);
    expect(await countOf(records)).toBe(1);
    const again = await followChain(new Counter(), { chain, records, log });
    await again.caughtUp;
    expect(await countOf(records)).toBe(3);
  });
});
