import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Transaction } from "@chain/core";
import { type ChainStore, MemoryStore } from "@chain/storage";
import { openLevelStore } from "@chain/storage/level";
import { makeBlock } from "@chain/testing/blockFactory";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Following } from "../../src/chain/follower.ts";
import type { ChainManager } from "../../src/chain/manager.ts";
import { build, type Planned, plans } from "../support/blockTree.ts";
import { coinbaseOf, grow, mine, openNode, params, spend } from "../support/chains.ts";
import { DamagedStore } from "../support/damagedStore.ts";
import { SessionStore } from "../support/sessionStore.ts";
import {
  EMPTY,
  type IndexDisk,
  naiveIndex,
  TransactionIndex,
} from "../support/transactionIndex.ts";

/** Whether an index holds what the chain has, as soon as the chain has answered. */
async function expectInStep(chain: ChainManager, index: TransactionIndex): Promise<void> {
  expect(index.disk).toEqual(await naiveIndex(chain));
  if (!index.mempool) return;
  const waiting = Array.from(chain.mempool.entries(), ({ transaction }) => transaction.txid);
  expect([...index.unconfirmed.keys()].sort()).toEqual(waiting.sort());
}

/** Resolves at the next change of state of a follower. */
async function until(condition: () => boolean): Promise<void> {
  await expect.poll(condition, { interval: 1 }).toBe(true);
}

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
      { numRuns: 60 },
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
  it("of a long chain is handed a hundred blocks at a time, and the chain does not wait for it", async () => {
    const { chain } = await openNode();
    await grow(chain, chain.tip, 250);
    const index = new TransactionIndex();
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    index.gate = () => gate;
    const following = await chain.follow(index);
    expect(following).toMatchObject({ state: "catching-up", position: undefined });
    await grow(chain, chain.tip, 5); // answered, though the follower does not move
    expect(following.goal).toEqual({ hash: chain.tip.hash, height: 255 });
    open();
    await following.caughtUp;
    expect(index.calls).toEqual([100, 100, 56]);
    expect(following).toMatchObject({ state: "at-tip", position: following.goal });
    await expectInStep(chain, index);
  });

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

  it("that throws while it catches up is reported as well", async () => {
    const { chain, events } = await openNode();
    const index = new TransactionIndex();
    index.gate = () => Promise.reject(new Error("no room"));
    const following = await chain.follow(index);
    await expect(following.caughtUp).rejects.toThrow("no room");
    expect(following.state).toBe("failed");
    expect(events.at(-1)).toMatchObject({ type: "follower-failed", why: "no room" });
  });

  it("stops in the midst of it, after the call that is under way", async () => {
    const { chain } = await openNode();
    await grow(chain, chain.tip, 250);
    const index = new TransactionIndex();
    let stopped: Promise<void> = Promise.resolve();
    let following: Following | undefined;
    index.gate = () => {
      if (index.calls.length === 1) stopped = following?.stop() as Promise<void>;
    };
    following = await chain.follow(index);
    await expect(following.caughtUp).rejects.toMatchObject({ code: "closed" });
    await stopped;
    expect(index.disk.position?.height).toBe(199);
    expect(following).toMatchObject({ state: "stopped", position: index.disk.position });
    await grow(chain, chain.tip, 1);
    expect(index.calls).toEqual([100, 100]);
    await (await chain.follow(index)).caughtUp;
    await expectInStep(chain, index);
  });

  it("is stopped before the store is closed", async () => {
    const { chain } = await openNode();
    await grow(chain, chain.tip, 250);
    const index = new TransactionIndex();
    const following = await chain.follow(index);
    await until(() => index.calls.length > 0);
    await chain.close();
    expect(following.state).toBe("stopped");
    expect(following.position).toEqual(index.disk.position);
    await expect(chain.follow(index)).rejects.toMatchObject({ code: "closed" });
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

describe("the position of a follower", () => {
  it("has to be a block that the chain knows", async () => {
    const { chain } = await openNode();
    const hash = "ab".repeat(32) as never;
    const index = new TransactionIndex({ disk: { ...EMPTY, position: { hash, height: 3 } } });
    await expect(chain.follow(index)).rejects.toMatchObject({
      code: "unknown-position",
      message: `the transaction index stands at block ${hash} at height 3, which this chain does not know`,
    });
  });

  /** An index that has five blocks, of which another chain knows but the headers. */
  async function ahead() {
    const { chain: first } = await openNode();
    const tip = await grow(first, first.tip, 5);
    const index = new TransactionIndex();
    await (await first.follow(index)).caughtUp;
    const blocks = await Promise.all(
      [1, 2, 3, 4, 5].map((height) => first.getBlock(tip.ancestor(height)?.hash as never)),
    );
    const { chain } = await openNode();
    await chain.acceptHeaders(blocks.map((block) => block?.header as never));
    index.calls.length = 0;
    return { chain, index, blocks };
  }

  it("may be ahead of a chain that has lost its last blocks: then it waits for them", async () => {
    const { chain, index, blocks } = await ahead();
    const following = await chain.follow(index);
    await until(() => following.state === "waiting");
    for (const block of blocks) await chain.acceptBlock(block as never);
    await following.caughtUp;
    expect(index.calls).toEqual([]);
    await grow(chain, chain.tip, 1);
    await expectInStep(chain, index);
  });

  it("is of no use where the chain goes another way, and has no undo data of the block", async () => {
    const { chain, index, blocks } = await ahead();
    const following = await chain.follow(index);
    await chain.acceptBlock(blocks[0] as never);
    await grow(chain, chain.tip, 5, 1);
    await expect(following.caughtUp).rejects.toMatchObject({ code: "unknown-position" });
    expect(following.state).toBe("failed");
    expect(index.disk.position?.height).toBe(5);
  });

  it("stays where a block can't be read, until a peer has sent it again", async () => {
    const store = new DamagedStore();
    const { chain } = await openNode({ store });
    const tip = await grow(chain, chain.tip, 5);
    const third = await chain.getBlock(tip.ancestor(3)?.hash as never);
    store.damaged.add(third?.hash as never);
    const index = new TransactionIndex();
    const following = await chain.follow(index);
    await until(() => following.state === "waiting");
    expect(following.position?.height).toBe(2);
    await chain.acceptBlock(makeBlock({ parent: tip, params }), { requested: true });
    await chain.acceptBlock(third as never);
    await following.caughtUp;
    await expectInStep(chain, index);
  });
});
