import { type Block, type HeaderNode, regtest, type Txid, ZERO_TXID } from "@chain/core";
import { MemoryKeyValueStore } from "@chain/storage";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { followChain } from "../src/followChain.ts";
import { TransactionIndex } from "../src/transactionIndex.ts";
import { copyOf, openChain, spending, type TestChain } from "./support/chain.ts";

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
    const step = fc.record({
      /** Of the blocks so far: the one to build on. */
      parent: fc.nat(),
      spends: fc.boolean(),
      /** Whether the index is switched off and on again, with the records of some time. */
      restart: fc.option(fc.nat(), { nil: undefined, freq: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (steps) => {
        const own = await openChain();
        const { chain } = own;
        const blocks = [{ block: chain.params.genesis, node: chain.tip }];
        const ids = new Set([chain.params.genesis.transactions[0]?.txid as Txid]);
        let { records, running, index } = await start(own);
        await running.caughtUp;
        const history = [await copyOf(records)];
        for (const [i, { parent, spends, restart }] of steps.entries()) {
          const above = blocks[parent % blocks.length] as (typeof blocks)[number];
          const { block, node } = above;
          const payments = spends ? [spending(block, node.height)] : [];
          const added = await own.add(payments, node, i + 1);
          blocks.push(added);
          for (const { txid } of added.block.transactions) ids.add(txid);
          await expectExact(own, index, ids);
          history.push(await copyOf(records));
          if (restart === undefined) continue;
          await running.stop();
          const disk = history[restart % history.length] as MemoryKeyValueStore;
          ({ records, running, index } = await start(own, await copyOf(disk)));
          await running.caughtUp;
          await expectExact(own, index, ids);
        }
      }),
      { numRuns: 25 },
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
