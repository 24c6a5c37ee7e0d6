import { type Block, hexToBytes } from "@chain/core";
import { type KeyValueStore, MemoryKeyValueStore } from "@chain/storage";
import { accepted, MINER } from "@chain/testing/blockFactory";
import { describe, expect, it, test } from "vitest";
import { followChain } from "../src/followChain.ts";
import { ScriptHistoryIndex } from "../src/scriptHistory/scriptHistoryIndex.ts";
import { scriptHashOf } from "../src/scriptHistory/touches.ts";
import { openChain, spending, spendingOutput } from "./support/chain.ts";
import { expectExact, expectExactOverHistories, TRUE } from "./support/naiveHistory.ts";

/** @param read through which the index reads its records */
async function openIndex(read = bound) {
  const own = await openChain();
  const { chain, log } = own;
  const records = new MemoryKeyValueStore();
  const made = new ScriptHistoryIndex(read(records), chain, log);
  const { index, caughtUp } = await followChain(made, { chain, records, log });
  await caughtUp;
  return { ...own, own, index, records };
}

describe("the history of scripts", () => {
  it("is what chain and mempool have, whatever it had when it began", async () => {
    await expectExactOverHistories(6);
  });

  test("leaves no record of a block that was taken back", async () => {
    const { chain, add, grow, records } = await openIndex();
    const [first] = await grow(2);
    const all = { from: Uint8Array.of(0x10, 0), end: Uint8Array.of(0xff, 0) };
    const rows = async () =>
      (await records.range(all, 1000)).filter(({ key }) => key[0] !== 0x70).map(String);
    const before = await rows();
    const payment = spending(first as Block, 1);
    const { node } = await add([payment, spendingOutput(payment, 1n)]);
    expect((await rows()).length).toBeGreaterThan(before.length);
    await chain.invalidateBlock(node);
    expect(await rows()).toEqual(before);
  });

  test("shows a transaction once, although a block confirms it between two reads", async () => {
    const gate = { opened: Promise.resolve() };
    const { own, chain, add, grow, index } = await openIndex((records) => ({
      ...bound(records),
      get: async (key) => {
        const found = await records.get(key);
        await gate.opened;
        return found;
      },
    }));
    const script = scriptHashOf(MINER.script);
    const [first] = await grow(2);
    const payment = spending(first as Block, 1, 5_000n);
    accepted(await chain.acceptTransaction(payment));
    let open = () => {};
    gate.opened = new Promise((resolve) => {
      open = resolve;
    });
    // The records of the chain are read, and those of the mempool are not yet.
    const asked = index.scriptHistory(script, { limit: 1000 });
    const balance = index.scriptBalance(script);
    await add([payment]);
    open();
    const { confirmed, unconfirmed } = await asked;
    expect(confirmed.at(-1)).toMatchObject({ txid: payment.txid, height: 3 });
    expect(unconfirmed).toEqual([]);
    expect((await balance).confirmed.transactions).toBe(confirmed.length);
    await expectExact(own, index);
  });

  test("tells those that watch a script, a parent's confirmation too", async () => {
    const { lines, chain, add, grow, index } = await openIndex();
    const [first] = await grow(1);
    const script = scriptHashOf(TRUE);
    const seen: (string | undefined)[] = [];
    const status = () => index.scriptStatus(script);
    const end = index.subscribe(script, () => seen.push("told"));
    const failing = index.subscribe(script, () => {
      throw new Error("of the test");
    });
    const payment = spending(first as Block, 1, 5_000n);
    accepted(await chain.acceptTransaction(payment));
    expect(seen).toEqual([]);
    const child = spendingOutput(payment, 1_000n);
    accepted(await chain.acceptTransaction(child));
    expect(seen).toEqual(["told"]);
    const { unconfirmed } = await index.scriptHistory(script);
    expect(unconfirmed).toMatchObject([{ txid: child.txid, height: -1, fee: 4_000n }]);
    const before = await status();
    await add([payment]);
    expect(seen).toEqual(["told", "told"]);
    expect(await status()).not.toBe(before);
    expect((await index.scriptHistory(script)).unconfirmed).toMatchObject([{ height: 0 }]);
    end();
    failing();
    await add([child]);
    expect(seen).toEqual(["told", "told"]);
    expect(lines).toContain("error a listener to a script failed: Error: of the test");
  });

  test("makes no status of more transactions than it may read", async () => {
    const { grow, index } = await openIndex();
    await grow(5);
    const script = scriptHashOf(MINER.script);
    expect(await index.scriptStatus(script, 6)).toHaveLength(64);
    await expect(index.scriptStatus(script, 5)).rejects.toMatchObject({ code: "too-many" });
  });

  test("agrees with the example of the Electrum protocol on the hash of a script", () => {
    const script = hexToBytes("76a91462e907b15cbf27d5425399ebf6f0fb50ebb88f1888ac");
    const hash = "8b01df4e368ea28f8dc0423bcf7a4923e3a12d307c875e47a0cfbf90b5c39161";
    expect(scriptHashOf(script)).toBe(hash);
  });

  test("says that it is behind where its records could not be written", async () => {
    const { own, records, chain, log } = await openIndex();
    const index = new ScriptHistoryIndex(records, chain, log);
    const write = async () => {
      throw new Error("the disk is full");
    };
    const broken = { ...bound(new MemoryKeyValueStore()), write };
    const running = await followChain(index, { chain, records: broken, log });
    await expect(running.caughtUp).rejects.toThrow("the disk is full");
    const script = scriptHashOf(MINER.script);
    await expect(index.scriptBalance(script)).rejects.toMatchObject({ code: "behind" });
    await own.grow(1);
  });
});

function bound(store: MemoryKeyValueStore): KeyValueStore {
  return {
    get: (key) => store.get(key),
    getMany: (keys) => store.getMany(keys),
    range: (range, limit, order) => store.range(range, limit, order),
    write: (changes) => store.write(changes),
    rewrite: () => store.rewrite(),
    clear: () => store.clear(),
    close: () => store.close(),
  };
}
