import type { ChainChange } from "@chain/engine";
import { MemoryKeyValueStore } from "@chain/storage";
import { MINER } from "@chain/testing/blockFactory";
import { expect, onTestFinished, test } from "vitest";
import type { ChainIndex } from "../src/chainIndex.ts";
import { followChain, type RunningIndex } from "../src/followChain.ts";
import { ChainLookup } from "../src/lookup/chainLookup.ts";
import { ScriptHistoryIndex } from "../src/scriptHistory/scriptHistoryIndex.ts";
import { scriptHashOf } from "../src/scriptHistory/touches.ts";
import { SpenderIndex } from "../src/spenderIndex.ts";
import { TransactionIndex } from "../src/transactionIndex.ts";
import { openChain, spending, spendingOutput } from "./support/chain.ts";

async function start() {
  const own = await openChain();
  const { chain, log } = own;
  const follow = async <Index extends ChainIndex>(
    make: (records: MemoryKeyValueStore) => Index,
  ): Promise<RunningIndex<Index>> => {
    const records = new MemoryKeyValueStore();
    const running = await followChain(make(records), { chain, records, log });
    await running.caughtUp;
    return running;
  };
  const gate = { wait: Promise.resolve(), reached: () => {} };
  /** Takes its time to hear of a change. */
  class HeldIndex extends ScriptHistoryIndex {
    override async settled(changes: readonly ChainChange[]): Promise<void> {
      gate.reached();
      await gate.wait;
      await super.settled(changes);
    }
  }
  const indexes = {
    transactions: await follow((records) => new TransactionIndex(records, chain)),
    spenders: await follow((records) => new SpenderIndex(records, chain)),
    scriptHistory: await follow((records) => new HeldIndex(records, chain, log)),
  };
  const lookup = new ChainLookup({ chain, indexes });
  /** Keeps the next change from the indexes, until it is called. */
  const hold = () => {
    let open = () => {};
    gate.wait = new Promise((resolve) => {
      open = resolve;
    });
    const reached = new Promise<void>((resolve) => {
      gate.reached = resolve;
    });
    onTestFinished(() => open());
    return { open, reached };
  };
  return { ...own, indexes, lookup, hold };
}

const SCRIPT = scriptHashOf(MINER.script);

test("a read waits for a change that a part of the node shows already", async () => {
  const { chain, lookup, hold, grow } = await start();
  const [block] = await grow(101);
  const payment = spending(block as never, 1, 1_000n);
  const { open, reached } = hold();
  const accepted = chain.acceptTransaction(payment);
  await reached;
  // The mempool has it, and the index has not.
  expect(chain.mempool.get(payment.txid)).toBeDefined();
  const { unconfirmed: early } = await lookup.scripts.scriptHistory(SCRIPT, { limit: 1 });
  expect(early).toEqual([]);
  let isAnswered = false;
  const read = lookup
    .atOneMoment(() => lookup.scripts.scriptHistory(SCRIPT, { limit: 1 }))
    .finally(() => {
      isAnswered = true;
    });
  for (let i = 0; i < 100; i++) await Promise.resolve();
  expect(isAnswered).toBe(false);
  open();
  expect((await read).unconfirmed.map(({ txid }) => txid)).toEqual([payment.txid]);
  expect(await accepted).toMatchObject({ ok: true });
});

test("a read that a change has come into is done again, and at last while the chain stands still", async () => {
  const { lookup, add, chain } = await start();
  const seen: number[] = [];
  const height = await lookup.atOneMoment(async () => {
    const before = chain.tip.height;
    seen.push(before);
    // Of the last one the chain waits for the end.
    if (seen.length <= 3) await add([], chain.tip, seen.length);
    return before;
  });
  expect([seen, height]).toEqual([[0, 1, 2, 3], 3]);
  const failing = lookup.atOneMoment(async () => {
    throw new RangeError("of the caller");
  });
  await expect(failing).rejects.toThrow("of the caller");
});

test("transactions, spenders and spent outputs are found in blocks and in the mempool", async () => {
  const { chain, lookup, grow, add } = await start();
  const [block] = await grow(101);
  const first = spending(block as never, 1, 5_000n);
  await chain.acceptTransaction(first);
  const second = spendingOutput(first, 4_000n);
  await chain.acceptTransaction(second);
  const places = async () =>
    Promise.all(
      [first, second].map(async ({ txid }) => {
        const found = await lookup.transaction(txid);
        return [found?.node?.height, found?.position];
      }),
    );
  expect(await places()).toEqual([
    [undefined, 0],
    [undefined, 0],
  ]);
  const spentOf = async () => {
    const located = await Promise.all([first, second].map(({ txid }) => lookup.transaction(txid)));
    const spent = await lookup.spentOutputs(located as never);
    return spent.map((each) => each?.map(({ value }) => value));
  };
  const values = [[block?.transactions[0]?.outputs[0]?.value], [5_000n]];
  expect(await spentOf()).toEqual(values);
  const outpoint = { txid: first.txid, vout: 0 };
  expect(await lookup.spender(outpoint)).toMatchObject({ vin: 0, transaction: second });
  expect(lookup.feeHistogram()).toHaveLength(1);
  expect(lookup.feeHistogram()).toBe(lookup.feeHistogram());
  await add([first, second]);
  expect(await places()).toEqual([
    [102, 1],
    [102, 2],
  ]);
  expect(await spentOf()).toEqual(values);
  expect((await lookup.spender(outpoint))?.node?.height).toBe(102);
  expect(await lookup.spender({ txid: second.txid, vout: 0 })).toBeUndefined();
  expect(lookup.feeHistogram()).toEqual([]);
  const found = await lookup.transactionsAt([{ height: 102, position: 2 }]);
  expect(found[0]?.transaction.txid).toBe(second.txid);
  await expect(lookup.transactionsAt([{ height: 103, position: 0 }])).rejects.toMatchObject({
    code: "behind",
  });
});

test("an index that has stopped answers nothing", async () => {
  const { lookup, indexes } = await start();
  await indexes.spenders.stop();
  await expect(lookup.atOneMoment(async () => 1)).rejects.toMatchObject({
    code: "behind",
    message: expect.stringContaining("txospenderindex"),
  });
});
