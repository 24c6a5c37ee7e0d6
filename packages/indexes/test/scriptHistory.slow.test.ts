/** The history of scripts over many random histories, and of one script with very many transactions. */
import { Block, regtest, Transaction, ZERO_TXID } from "@chain/core";
import type { KeyValueRecord, KeyValueStore } from "@chain/storage";
import { openLevelKeyValueStore } from "@chain/storage/level";
import { temporaryDirectory } from "@chain/testing/place";
import { expect, onTestFinished, test } from "vitest";
import { Batch } from "../src/batch.ts";
import { ScriptHistoryIndex } from "../src/scriptHistory/scriptHistoryIndex.ts";
import { scriptHashOf } from "../src/scriptHistory/touches.ts";
import { expectExactOverHistories, TRUE } from "./support/naiveHistory.ts";

test("is what chain and mempool have, over many histories", async () => {
  await expectExactOverHistories(50);
});

const BLOCKS = 250;
const TRANSACTIONS = 2_000;

/** A block whose transactions pay one script each. */
function paying(height: number): Block {
  const transactions = Array.from({ length: TRANSACTIONS }, (_, i) => {
    const prevout = { txid: ZERO_TXID, vout: i === 0 ? 0xffff_ffff : i };
    const input = {
      prevout,
      scriptSig: Uint8Array.of(height, i >> 8, i),
      sequence: 0,
      witness: [],
    };
    const outputs = [{ value: 1n, scriptPubKey: TRUE }];
    return new Transaction({ version: 1, inputs: [input], outputs, lockTime: height });
  });
  return new Block(regtest.genesis.header, transactions);
}

/** Counts what is read. */
class Counted {
  readonly #store: KeyValueStore;
  records = 0;
  bytes = 0;

  constructor(store: KeyValueStore) {
    this.#store = store;
  }

  get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#store.get(key);
  }

  async getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    const found = await this.#store.getMany(keys);
    for (const value of found) this.#count(value?.length ?? 0);
    return found;
  }

  async range(
    ...[range, limit, order]: Parameters<KeyValueStore["range"]>
  ): Promise<readonly KeyValueRecord[]> {
    const found = await this.#store.range(range, limit, order);
    for (const { key, value } of found) this.#count(key.length + value.length);
    return found;
  }

  #count(bytes: number): void {
    this.records++;
    this.bytes += bytes;
  }
}

test("a page of a script with 500,000 transactions reads no more than the page", async () => {
  const store = await openLevelKeyValueStore(await temporaryDirectory());
  onTestFinished(() => store.close());
  const records = new Counted(store);
  const chain = { getCoins: () => {}, run: () => {}, mempool: {}, params: regtest } as never;
  const index = new ScriptHistoryIndex(records, chain, () => {});
  // As if the inputs spent nothing: this is about the outputs.
  const undo = Array.from({ length: TRANSACTIONS - 1 }, () => []);
  for (let height = 1; height <= BLOCKS; height++) {
    const block = paying(height);
    const batch = new Batch(store);
    await index.connect({ block, undo, hash: block.hash, height }, batch);
    await store.write(batch.changes);
  }
  const settled = { mempool: { count: 0 }, run: () => {}, getCoins: () => {}, params: regtest };
  const reader = new ScriptHistoryIndex(records, settled as never, () => {});
  const script = scriptHashOf(TRUE);
  for (const newestFirst of [false, true]) {
    for (const after of [undefined, { height: BLOCKS / 2, position: 7 }]) {
      Object.assign(records, { records: 0, bytes: 0 });
      const { confirmed } = await reader.scriptHistory(script, { limit: 100, newestFirst, after });
      expect(confirmed).toHaveLength(100);
      // 101 of the history, and the ids of the blocks in up to four records.
      expect(records.records).toBeLessThan(106);
      expect(records.bytes).toBeLessThan(12_000);
    }
  }
  const { confirmed } = await reader.scriptBalance(script);
  const total = BLOCKS * TRANSACTIONS;
  expect(confirmed).toMatchObject({ transactions: total, funded: { count: total } });
  await expect(reader.scriptStatus(script)).rejects.toMatchObject({ code: "too-many" });
  const seen = new Set<string>();
  let after: { height: number; position: number } | undefined;
  do {
    const page = await reader.scriptHistory(script, { limit: 10_000, after });
    for (const { txid } of page.confirmed) seen.add(txid);
    after = page.next;
  } while (after !== undefined);
  expect(seen.size).toBe(total);
});
