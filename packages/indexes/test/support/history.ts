/** Chains that grow, branch and lose blocks while an index follows them, is switched off, and has its disk set back. */
import type { Block } from "@chain/core";
import { type KeyValueStore, MemoryKeyValueStore } from "@chain/storage";
import fc from "fast-check";
import type { ChainIndex } from "../../src/chainIndex.ts";
import { followChain } from "../../src/followChain.ts";
import { copyOf, openChain, spending, type TestChain } from "./chain.ts";

/** Builds the index over 25 such histories. `check` is handed all blocks of all branches so far, after each step. */
export async function overHistories<Index extends ChainIndex>(
  make: (records: KeyValueStore, test: TestChain) => Index,
  check: (test: TestChain, index: Index, blocks: readonly Block[]) => Promise<void>,
): Promise<void> {
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
      for (const [i, { parent, spends, restart }] of steps.entries()) {
        const above = blocks[parent % blocks.length] as (typeof blocks)[number];
        const { block, node } = above;
        const payments = spends ? [spending(block, node.height)] : [];
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
    { numRuns: 25 },
  );
}
