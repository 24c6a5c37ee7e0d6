import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Transaction } from "@chain/core";
import { type ChainStore, MemoryStore } from "@chain/storage";
import { openLevelStore } from "@chain/storage/level";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ChainManager } from "../../src/chain/manager.ts";
import { build, type Planned, plans } from "../support/blockTree.ts";
import { coinbaseOf, grow, mine, openNode, params, spend } from "../support/chains.ts";
import { SessionStore } from "../support/sessionStore.ts";
import {
  EMPTY,
  expectInStep,
  type IndexDisk,
  TransactionIndex,
} from "../support/transactionIndex.ts";

const genesisSpend = spend([coinbaseOf(params.genesis)], [7n]);

describe("followers of a random tree of blocks", () => {
  interface Life {
    readonly chain: ChainManager;
    readonly indexes: readonly TransactionIndex[];
  }

  /** Opens the chain, and follows it by two indexes at once, each from what its disk had at some time. */
  async function live(store: ChainStore, disks: readonly IndexDisk[]): Promise<Life> {
    const { chain } = await openNode({ store });
    const indexes = disks.map((disk, i) => new TransactionIndex({ disk, mempool: i === 0 }));
    const followings = await Promise.all(indexes.map((index) => chain.follow(index)));
    await Promise.all(followings.map(({ caughtUp }) => caughtUp));
    for (const index of indexes) await expectInStep(chain, index);
    return { chain, indexes };
  }

  async function run(
    tree: readonly Planned[],
    next: () => number,
    open: () => Promise<ChainStore>,
  ): Promise<void> {
    const history: IndexDisk[][] = [[EMPTY], [EMPTY]];
    const disks = () => history.map((states) => states[next() % states.length] as IndexDisk);
    let { chain, indexes } = await live(await open(), disks());
    await chain.acceptHeaders(tree.map(({ block }) => block.header));
    const queue = [...tree];
    while (queue.length > 0) {
      const [{ block }] = queue.splice(next() % queue.length, 1) as [Planned];
      const [, ...payments] = block.transactions;
      const payment = payments[next() % 2] as Transaction | undefined;
      if (payment !== undefined) await chain.acceptTransaction(payment);
      await chain.acceptBlock(block, { requested: true });
      for (const [i, index] of indexes.entries()) {
        await expectInStep(chain, index);
        history[i]?.push(index.disk);
      }
      if (next() % 5 === 0) {
        // The process ends, and an index has lost its last writes, or was off for a while.
        await chain.close();
        ({ chain, indexes } = await live(await open(), disks()));
      }
    }
    await chain.close();
  }

  it("see every change in order, whatever position they begin at (memory)", async () => {
    await fc.assert(
      fc.asyncProperty(plans, fc.infiniteStream(fc.nat()), async (plan, random) => {
        const disk = new MemoryStore();
        const next = () => random.next().value as number;
        await run(build(plan).slice(1), next, async () => new SessionStore(disk));
      }),
      { numRuns: 25 },
    );
  });

  it("see every change in order, whatever position they begin at (LevelDB)", async () => {
    await fc.assert(
      fc.asyncProperty(plans, fc.infiniteStream(fc.nat()), async (plan, random) => {
        const directory = await mkdtemp(join(tmpdir(), "followers-"));
        try {
          const next = () => random.next().value as number;
          await run(build(plan).slice(1), next, () => openLevelStore(directory));
        } finally {
          await rm(directory, { recursive: true });
        }
      }),
      { numRuns: 5 },
    );
  });
});

describe("a follower", () => {
  it("at the tip has seen what the chain answers for, before any listener hears of it", async () => {
    const { chain } = await openNode();
    const index = new TransactionIndex({ mempool: true });
    await (await chain.follow(index)).caughtUp;
    const seen: (number | boolean | undefined)[] = [];
    chain.subscribe((event) => {
      if (event.type === "block-connected") seen.push(index.disk.position?.height);
      if (event.type === "transaction-added") {
        seen.push(index.unconfirmed.has(event.transaction.txid));
      }
    });
    await chain.acceptTransaction(genesisSpend);
    await mine(chain, chain.tip, [genesisSpend]);
    expect(seen).toEqual([true, 1]);
    await expectInStep(chain, index);
  });

  it("comes to the tip while blocks come, and misses none", async () => {
    const { chain } = await openNode();
    for (let round = 0; round < 10; round++) {
      const index = new TransactionIndex();
      index.gate = () => new Promise((resolve) => setImmediate(resolve));
      const following = await chain.follow(index);
      await grow(chain, chain.tip, 1 + round);
      await following.caughtUp;
      await expectInStep(chain, index);
      await following.stop();
    }
  });

  it("is told of all that waits when it comes to the tip", async () => {
    const { chain } = await openNode();
    await chain.acceptTransaction(genesisSpend);
    const index = new TransactionIndex({ mempool: true });
    await (await chain.follow(index)).caughtUp;
    expect([...index.unconfirmed.keys()]).toEqual([genesisSpend.txid]);
  });

  it("gets a whole reorganisation in one call, and one that only declares a block invalid", async () => {
    const { chain } = await openNode();
    const fork = await grow(chain, chain.tip, 2);
    await grow(chain, fork, 3, 1);
    const index = new TransactionIndex();
    await (await chain.follow(index)).caughtUp;
    index.calls.length = 0;
    const other = await grow(chain, fork, 4, 2);
    expect(index.calls).toEqual([3 + 4]);
    await chain.invalidateBlock(other.ancestor(4) as never);
    await expectInStep(chain, index);
    await chain.reconsiderBlock(other);
    expect(chain.tip).toBe(other);
    await expectInStep(chain, index);
  });

  it("that throws is reported, stops nobody, and goes on from its position another time", async () => {
    const { chain, events, lines } = await openNode();
    const [bad, good] = [new TransactionIndex({ name: "bad index" }), new TransactionIndex()];
    const following = await chain.follow(bad);
    await Promise.all([following.caughtUp, (await chain.follow(good)).caughtUp]);
    await grow(chain, chain.tip, 1);
    const whole = bad.gate;
    bad.gate = () => {
      throw new TypeError("no room");
    };
    await grow(chain, chain.tip, 2);
    expect(chain.tip.height).toBe(3);
    await expectInStep(chain, good);
    expect(following).toMatchObject({ state: "failed", error: new TypeError("no room") });
    expect(following.position?.height).toBe(1);
    expect(events.filter(({ type }) => type === "follower-failed")).toEqual([
      { type: "follower-failed", name: "bad index", why: "no room" },
    ]);
    expect(lines.filter(({ level }) => level === "error").map(({ message }) => message)).toEqual([
      "the bad index has stopped following the chain at height 1: no room",
    ]);
    bad.gate = whole;
    await (await chain.follow(bad)).caughtUp;
    await expectInStep(chain, bad);
  });

  it("hears nothing of a rebuild of the coins", async () => {
    const { chain } = await openNode();
    await grow(chain, chain.tip, 5);
    const index = new TransactionIndex();
    await (await chain.follow(index)).caughtUp;
    const calls = [...index.calls];
    await chain.reindexUtxo();
    expect(index.calls).toEqual(calls);
    await grow(chain, chain.tip, 1);
    await expectInStep(chain, index);
  });
});
