import { type Block, type HeaderNode, regtest, type Txid, ZERO_TXID } from "@chain/core";
import { MemoryKeyValueStore } from "@chain/storage";
import { describe, expect, it, test } from "vitest";
import { followChain } from "../src/followChain.ts";
import { TransactionIndex } from "../src/transactionIndex.ts";
import { openChain, type TestChain } from "./support/chain.ts";
import { overHistories } from "./support/history.ts";

async function start({ chain, log }: TestChain, records = new MemoryKeyValueStore()) {
  const running = await followChain(new TransactionIndex(records, chain), { chain, records, log });
  return { records, running, index: running.index };
}

/** Where every transaction of the best chain is, by reading all blocks. */
async function naivePlaces({ chain }: TestChain): Promise<ReadonlyMap<Txid, unknown>> {
  const places = new Map<Txid, unknown>();
  for (let node: HeaderNode | undefined = chain.tip; node !== undefined; node = node.parent) {
    const { transactions } = (await chain.getBlock(node.hash)) as Block;
    for (const [position, { txid }] of transactions.entries()) {
      places.set(txid, { hash: node.hash, position });
    }
  }
  return places;
}

async function expectExact(test: TestChain, index: TransactionIndex, ids: Iterable<Txid>) {
  const places = await naivePlaces(test);
  for (const txid of ids) {
    const found = await index.find(txid);
    if (found !== undefined) expect(found.transaction.txid).toBe(txid);
    const place = found && { hash: found.node.hash, position: found.position };
    expect(place, txid).toEqual(places.get(txid));
  }
}

describe("the index of transactions", () => {
  it("finds exactly the transactions of the best chain, whatever it had when it began", async () => {
    await overHistories(
      (records, { chain }) => new TransactionIndex(records, chain),
      (own, index, blocks) => {
        const ids = blocks.flatMap(({ transactions }) => transactions.map(({ txid }) => txid));
        return expectExact(own, index, new Set(ids));
      },
    );
  });

  test("finds a transaction by its whole id alone", async () => {
    const own = await openChain();
    const { index, running } = await start(own);
    await running.caughtUp;
    const [block] = await own.grow(1);
    const txid = block?.transactions[0]?.txid as Txid;
    expect(await index.find(txid)).toMatchObject({ position: 0, node: { height: 1 } });
    const alike = (ZERO_TXID.slice(0, 40) + txid.slice(40)) as Txid;
    expect(alike.slice(-16)).toBe(txid.slice(-16));
    expect(await index.find(alike)).toBeUndefined();
  });

  test("leaves out a genesis block whose coins can't be spent, as Core does", async () => {
    const chain = { headers: {}, getBlock: () => {}, params: regtest } as never;
    const keys: Uint8Array[] = [];
    const writer = {
      get: async () => undefined,
      getMany: async () => [],
      put: (key: Uint8Array) => void keys.push(key),
      delete: () => {},
    };
    const { genesis } = regtest;
    const index = new TransactionIndex(new MemoryKeyValueStore(), chain);
    index.connect({ block: genesis, undo: [], hash: genesis.hash, height: 0 }, writer);
    expect(keys).toEqual([]);
    index.connect({ block: genesis, undo: [], hash: genesis.hash, height: 1 }, writer);
    expect(keys.map(({ length }) => length)).toEqual([16]);
  });
});
