import type { Outpoint } from "@chain/core";
import { present } from "@chain/core/arguments";
import { FeeEstimator, feedEstimator, MempoolFees } from "@chain/engine";
import { accepted, makeBlock } from "@chain/testing/blockFactory";
import { describe, expect, it } from "vitest";
import { grow, mine, output, spend, type TestNode } from "../support/chains.ts";
import { withCoins } from "../support/mempools.ts";

interface Fed extends TestNode {
  readonly estimator: FeeEstimator;
  readonly coins: readonly Outpoint[];
}

/** An estimator at work on a node that is at the end of its chain. */
async function fedNode(coins: number): Promise<Fed> {
  const node = await withCoins(coins, { policy: { replaceByFee: "full" } });
  const { chain, clock } = node;
  clock.milliseconds = chain.tip.header.time * 1000 + 60_000;
  const estimator = new FeeEstimator();
  feedEstimator(estimator, chain);
  // Beyond the shortest horizon, below which Core counts what waits by heights that are none.
  await grow(chain, chain.tip, 15);
  expect(estimator.height).toBe(chain.tip.height);
  return { ...node, estimator };
}

const accept = async ({ chain }: Fed, transaction: ReturnType<typeof spend>) => {
  expect(await chain.acceptTransaction(transaction)).toEqual({ ok: true, fee: expect.any(BigInt) });
};

const counted = (estimator: FeeEstimator, target = 1) =>
  estimator.estimateRaw("short", target, 0).fail;

describe("feedEstimator", () => {
  it("tells of transactions, and of the blocks that have them", async () => {
    const fed = await fedNode(3);
    const { chain, estimator, coins } = fed;
    const [a, b, c] = coins.map((coin) => spend([coin], [990_000n]));
    if (a === undefined || b === undefined || c === undefined) throw new Error("3 coins");
    for (const each of [a, b, c]) await accept(fed, each);
    expect(estimator.tracked).toBe(3);
    await mine(chain, chain.tip, [a]);
    await mine(chain, chain.tip, [b]);
    expect(estimator.tracked).toBe(1);
    expect(counted(estimator, 1)).toMatchObject({ withinTarget: 0.962, inMempool: 1 });
    expect(counted(estimator, 2)).toMatchObject({ withinTarget: 1.962, inMempool: 1 });
    expect(counted(estimator, 3)).toMatchObject({ withinTarget: 1.962, inMempool: 0 });
  });

  it("does not count what spends unconfirmed outputs", async () => {
    const fed = await fedNode(1);
    const parent = spend(fed.coins, [990_000n]);
    await accept(fed, parent);
    await accept(fed, spend([output(parent)], [980_000n]));
    expect(fed.estimator.tracked).toBe(1);
  });

  it("counts what was replaced, or conflicts with a block, as not confirmed", async () => {
    const fed = await fedNode(2);
    const { chain, estimator, coins } = fed;
    const [first, second] = coins;
    if (first === undefined || second === undefined) throw new Error("2 coins");
    await accept(fed, spend([first], [990_000n]));
    await accept(fed, spend([second], [990_000n]));
    await grow(chain, chain.tip, 1);
    await accept(fed, spend([first], [900_000n]));
    expect(counted(estimator)).toMatchObject({ leftMempool: 1 });
    expect(estimator.tracked).toBe(2);
    // At the height before the block, as in Core: it has waited for one block so far.
    await mine(chain, chain.tip, [spend([second], [980_000n])]);
    expect(estimator.tracked).toBe(1);
    expect(counted(estimator, 1)?.leftMempool).toBeCloseTo(2 * 0.962, 10);
    expect(counted(estimator, 2)).toMatchObject({ leftMempool: 0 });
  });

  it("does not count what a reorganisation puts back, nor blocks below the highest", async () => {
    const fed = await fedNode(1);
    const { chain, estimator } = fed;
    const payment = spend(fed.coins, [990_000n]);
    const fork = chain.tip;
    await accept(fed, payment);
    await mine(chain, fork, [payment]);
    const before = counted(estimator);
    expect(before).toMatchObject({ withinTarget: 1, totalConfirmed: 1 });
    await grow(chain, fork, 2, 7);
    expect(chain.mempool.get(payment.txid)).toBeDefined();
    expect(estimator.height).toBe(chain.tip.height);
    expect(estimator.tracked).toBe(0);
    await mine(chain, chain.tip, [payment]);
    expect(counted(estimator)?.totalConfirmed).toBeCloseTo(0.962 ** 2, 10);
  });

  it("does not count what comes while the chain is behind others, or is old", async () => {
    const fed = await fedNode(3);
    const { chain, clock, estimator, coins } = fed;
    const [a, b, c] = coins.map((coin) => spend([coin], [990_000n]));
    if (a === undefined || b === undefined || c === undefined) throw new Error("3 coins");
    const { now } = chain;
    clock.milliseconds = chain.tip.header.time * 1000 + 3 * 60 * 60 * 1000 + 1;
    await accept(fed, a);
    expect(estimator.tracked).toBe(0);
    clock.milliseconds = now;
    await accept(fed, b);
    expect(estimator.tracked).toBe(1);
    const next = makeBlock({ parent: chain.tip, params: chain.params });
    const { nodes } = accepted(await chain.acceptHeaders([next.header]));
    const after = makeBlock({ parent: present(nodes[0], "nodes[0]"), params: chain.params });
    await chain.acceptHeaders([after.header]);
    expect(chain.bestHeader.height).toBe(chain.tip.height + 2);
    await accept(fed, c);
    expect(estimator.tracked).toBe(1);
  });

  it("tells what the mempool had of each block", async () => {
    const fed = await fedNode(2);
    const { chain, coins } = fed;
    const [a, b] = coins.map((coin) => spend([coin], [990_000n]));
    if (a === undefined || b === undefined) throw new Error("2 coins");
    const told: Parameters<MempoolFees["blockConnected"]>[0][] = [];
    const mempoolFees = new MempoolFees(chain);
    mempoolFees.blockConnected = (block) => void told.push(block);
    feedEstimator(new FeeEstimator(), chain, mempoolFees);
    await accept(fed, a);
    await mine(chain, chain.tip, [a, b]);
    await grow(chain, chain.tip, 1);
    const { height } = chain.tip;
    expect(told).toEqual([
      { height: height - 1, weight: a.weight + b.weight, known: a.weight },
      { height, weight: 0, known: 0 },
    ]);
  });

  it("ends", async () => {
    const { chain } = await withCoins(1);
    const estimator = new FeeEstimator();
    feedEstimator(estimator, chain)();
    await grow(chain, chain.tip, 1);
    expect(estimator.height).toBe(0);
  });
});
