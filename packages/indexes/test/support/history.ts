/** Chains that grow, branch and lose blocks while an index follows them, is switched off, and has its disk set back. */
import type { Block } from "@chain/core";
import { type KeyValueStore, MemoryKeyValueStore } from "@chain/storage";
import fc from "fast-check";
import type { ChainIndex } from "../../src/chainIndex.ts";
import { followChain } from "../../src/followChain.ts";
import { copyOf, openChain, spending, spendingOutput, type TestChain } from "./chain.ts";

export interface HistoriesOptions {
  /** How many. */
  readonly runs?: number;
  /** Whether transactions wait for a block, and are confirmed together. */
  readonly mempool?: boolean;
}

/** Builds the index over such histories. `check` is handed all blocks of all branches so far, after each step. */
export async function overHistories<Index extends ChainIndex>(
  make: (records: KeyValueStore, test: TestChain) => Index,
  check: (test: TestChain, index: Index, blocks: readonly Block[]) => Promise<void>,
  { runs = 25, mempool = false }: HistoriesOptions = {},
): Promise<void> {
  const step = fc.record({
    /** Of the blocks so far: the one to build on. */
    parent: fc.nat(),
    spends: fc.boolean(),
    /** Of the blocks so far: the one whose coinbase an unconfirmed payment spends, or the output of such a payment. */
    pays: mempool ? fc.option(fc.nat(), { nil: undefined }) : fc.constant(undefined),
    /** Whether the index is switched off and on again, with the records of some time. */
    restart: fc.option(fc.nat(), { nil: undefined, freq: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (steps) => {
      const own = await openChain();
      const { chain, log } = own;
      const start = async (records: KeyValueStore) => {
        const running = await followChain(make(records, own), { chain, records, log });
        await running.caughtUp;
        return { records, running };
      };
      const blocks = [{ block: chain.params.genesis, node: chain.tip }];
      const expectExact = () =>
        check(
          own,
          now.running.index,
          blocks.map(({ block }) => block),
        );
      let now = await start(new MemoryKeyValueStore());
      const history = [await copyOf(now.records)];
      for (const [i, { parent, spends, pays, restart }] of steps.entries()) {
        const above = blocks[parent % blocks.length] as (typeof blocks)[number];
        const { block, node } = above;
        if (pays !== undefined) {
          const { block, node } = blocks[pays % blocks.length] as (typeof blocks)[number];
          const coinbaseSpender = spending(block, node.height, 1000n);
          // Refused where something spends the coinbase already, or the block is not in the best chain.
          const outcome = await chain.acceptTransaction(coinbaseSpender);
          if (!outcome.ok) await chain.acceptTransaction(spendingOutput(coinbaseSpender, 500n));
          await expectExact();
        }
        const waiting = Array.from(chain.mempool.entries(), ({ transaction }) => transaction);
        const confirms = spends && node === chain.tip && waiting.length > 0;
        const payments = confirms ? waiting : spends ? [spending(block, node.height)] : [];
        blocks.push(await own.add(payments, node, i + 1));
        await expectExact();
        history.push(await copyOf(now.records));
        if (restart === undefined) continue;
        await now.running.stop();
        const disk = history[restart % history.length] as MemoryKeyValueStore;
        now = await start(await copyOf(disk));
        await expectExact();
      }
    }),
    { numRuns: runs },
  );
}
