import type { Txid } from "@chain/core";
import { FEE_HORIZONS, FeeEstimator } from "@chain/engine";
import { Rng } from "@chain/testing/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FeeTwin } from "./twin.ts";

/** Above the longest horizon, below which Core counts what waits by heights that are none. */
const START = 5_000;

function txid(number: number): Txid {
  return number.toString(16).padStart(64, "0") as Txid;
}

/** An estimator that has seen blocks of ten, each with one more at every fee rate. */
function fed(blocks: number, feeRates: readonly bigint[]): FeeEstimator {
  const estimator = new FeeEstimator();
  estimator.blockConnected(START, []);
  let next = 0;
  for (let height = START; height < START + blocks; height++) {
    const ids = feeRates.flatMap((fee) =>
      Array.from({ length: 10 }, () => {
        const id = txid(next++);
        estimator.transactionAdded(id, { fee, size: 1000, height });
        return id;
      }),
    );
    estimator.blockConnected(height + 1, ids);
  }
  return estimator;
}

describe("FeeEstimator", () => {
  it("answers nothing until it has seen enough", () => {
    const estimator = new FeeEstimator();
    expect(estimator.estimateSmart(6)).toEqual({ feeRate: undefined, target: 0 });
    expect(estimator.estimateSmart(1008, true)).toEqual({ feeRate: undefined, target: 0 });
    expect(fed(4, [5_000n]).estimateSmart(6)).toEqual({ feeRate: undefined, target: 1 });
    expect(estimator.estimateSmart(1009)).toEqual({ feeRate: undefined, target: 1009 });
  });

  it("answers for no more than half of the blocks that it has seen, and for two at least", () => {
    const estimator = fed(21, [5_000n]);
    expect(estimator.estimateSmart(1)).toEqual({ feeRate: 5_000n, target: 2 });
    expect(estimator.estimateSmart(6)).toEqual({ feeRate: 5_000n, target: 6 });
    expect(estimator.estimateSmart(1008)).toEqual({ feeRate: 5_000n, target: 10 });
  });

  it("takes the lowest fee rate that is confirmed as often as asked", () => {
    expect(fed(30, [2_000n, 50_000n]).estimateSmart(2).feeRate).toBe(2_000n);
  });

  it("forgets old blocks sooner on a short horizon", () => {
    const estimator = fed(30, [2_000n]);
    const before = FEE_HORIZONS.map((each) => estimator.estimateRaw(each, 2, 0.5).pass);
    for (let height = START + 31; height < START + 49; height++) {
      estimator.blockConnected(height, []);
    }
    const left = FEE_HORIZONS.map((each, i) => {
      const now = estimator.estimateRaw(each, 2, 0).pass?.totalConfirmed ?? 0;
      return now / (before[i]?.totalConfirmed ?? 0);
    });
    expect(left[0]).toBeCloseTo(0.5, 2);
    expect(left[1]).toBeCloseTo(0.9952 ** 18, 10);
    expect(left[2]).toBeCloseTo(0.99931 ** 18, 10);
  });

  it("does not count transactions that come at another height than that of the last block", () => {
    const estimator = new FeeEstimator();
    estimator.blockConnected(START, []);
    estimator.transactionAdded(txid(1), { fee: 1n, size: 1, height: START - 1 });
    estimator.transactionAdded(txid(2), { fee: 1n, size: 1, height: START + 1 });
    expect(estimator.tracked).toBe(0);
    estimator.transactionAdded(txid(3), { fee: 1n, size: 1, height: START });
    expect(estimator.tracked).toBe(1);
  });

  it("does not count a block that is not higher than those before", () => {
    const estimator = new FeeEstimator();
    estimator.blockConnected(START, []);
    estimator.transactionAdded(txid(1), { fee: 1n, size: 1, height: START });
    estimator.blockConnected(START, [txid(1)]);
    expect(estimator.tracked).toBe(1);
    estimator.blockConnected(START + 1, [txid(1)]);
    expect(estimator.tracked).toBe(0);
    expect(estimator.height).toBe(START + 1);
  });

  it("counts what waits at the end as not confirmed", () => {
    const estimator = fed(30, [2_000n]);
    for (let i = 0; i < 5; i++) {
      estimator.transactionAdded(txid(9_000 + i), { fee: 2_000n, size: 1000, height: START + 30 });
    }
    for (let height = START + 31; height < START + 33; height++) {
      estimator.blockConnected(height, []);
    }
    expect(estimator.estimateRaw("short", 2, 0).pass).toMatchObject({
      inMempool: 5,
      leftMempool: 0,
    });
    estimator.forgetMempool();
    expect(estimator.estimateRaw("short", 2, 0).pass).toMatchObject({
      inMempool: 0,
      leftMempool: 5,
    });
    expect(estimator.estimateRaw("short", 3, 0).pass).toMatchObject({
      inMempool: 0,
      leftMempool: 0,
    });
  });

  it("goes on with what another has remembered, for as long as that is not too old", () => {
    const before = fed(40, [3_000n]);
    const after = new FeeEstimator(before.state);
    expect(after.estimateSmart(6)).toEqual(before.estimateSmart(6));
    expect(after.state).toEqual(before.state);
    expect(after.state).toMatchObject({ firstRecorded: START + 1, lastRecorded: START + 40 });
    after.blockConnected(START + 40 + 6 * 1008, []);
    expect(after.estimateSmart(6).target).toBe(6);
    after.blockConnected(START + 41 + 6 * 1008, []);
    expect(after.estimateSmart(6)).toEqual({ feeRate: undefined, target: 0 });
  });

  it("is the same as one that remembers every transaction", () => {
    const operation = fc.oneof(
      { weight: 12, arbitrary: fc.record({ type: fc.constant("add"), rate: fc.nat(60_000) }) },
      { weight: 1, arbitrary: fc.record({ type: fc.constant("remove"), rate: fc.nat(100) }) },
      { weight: 3, arbitrary: fc.record({ type: fc.constant("block"), rate: fc.nat(40) }) },
    );
    fc.assert(
      fc.property(fc.array(operation, { minLength: 200, maxLength: 600 }), (operations) => {
        const estimator = new FeeEstimator();
        const twin = new FeeTwin();
        let [height, next] = [START, 0];
        estimator.blockConnected(height, []);
        twin.block(height, []);
        const waiting: { id: Txid; rate: number }[] = [];
        for (const { type, rate } of operations) {
          if (type === "add") {
            const id = txid(next++);
            // Few fee rates, so that buckets fill; each with a part that is lost in the division.
            const fee = BigInt(rate % 7) * 7_919n + BigInt(rate % 3);
            estimator.transactionAdded(id, { fee, size: 251, height });
            twin.added(id, Math.floor((Number(fee) * 1000) / 251));
            waiting.push({ id, rate: Number(fee) });
          } else if (type === "remove") {
            const [gone] = waiting.splice(rate % Math.max(waiting.length, 1), 1);
            if (gone === undefined) continue;
            estimator.transactionRemoved(gone.id);
            twin.removed(gone.id);
          } else {
            waiting.sort((a, b) => b.rate - a.rate);
            const ids = waiting.splice(0, rate).map(({ id }) => id);
            height++;
            estimator.blockConnected(height, ids);
            twin.block(height, ids);
          }
        }
        for (const target of [1, 2, 3, 7, 12, 13, 30, 48, 100, 1008]) {
          for (const horizon of FEE_HORIZONS) {
            if (target > estimator.maxTarget(horizon)) continue;
            for (const threshold of [0, 0.60123, 0.95123]) {
              const { feeRate, pass, fail } = estimator.estimateRaw(horizon, target, threshold);
              const told = twin.raw(horizon, target, threshold);
              expect(feeRate).toBe(inWhole(told.feeRate));
              expect(rough(pass)).toEqual(rough(told.pass));
              expect(rough(fail)).toEqual(rough(told.fail));
            }
          }
          for (const conservative of [false, true]) {
            const told = twin.smart(target, conservative);
            const { feeRate, target: until } = estimator.estimateSmart(target, conservative);
            expect([feeRate, until]).toEqual([inWhole(told.feeRate), told.target]);
          }
        }
      }),
      { numRuns: 4 },
    );
  });

  it("keeps estimates sane where more is sent than blocks can hold", () => {
    const rng = new Rng(20);
    const estimator = new FeeEstimator();
    let waiting: { id: Txid; rate: number; since: number }[] = [];
    const waits: { rate: number; blocks: number }[] = [];
    let next = 0;
    estimator.blockConnected(START, []);
    for (let height = START; height < START + 400; height++) {
      for (let i = 0; i < 60; i++) {
        const rate = Math.round(1_000 * 100 ** rng.uniform());
        const id = txid(next++);
        estimator.transactionAdded(id, { fee: BigInt(rate), size: 1000, height });
        waiting.push({ id, rate, since: height });
      }
      waiting.sort((a, b) => b.rate - a.rate);
      const mined = waiting.slice(0, 40 + rng.below(30));
      waiting = waiting.slice(mined.length);
      for (const { rate, since } of mined) waits.push({ rate, blocks: height + 1 - since });
      estimator.blockConnected(
        height + 1,
        mined.map(({ id }) => id),
      );
    }
    const estimates = [2, 4, 6, 12, 25, 48, 100].map((target) => estimator.estimateSmart(target));
    const rates = estimates.map(({ feeRate }) => Number(feeRate));
    // A longer target never costs more, and a short one costs clearly more than a long one.
    expect(rates).toEqual(rates.toSorted((a, b) => b - a));
    expect(rates[0]).toBeGreaterThan(rates[6] ?? 0);
    for (const { feeRate, target } of estimates) {
      expect(feeRate).toBeGreaterThan(1_000n);
      expect(feeRate).toBeLessThan(100_000n);
      const alike = waits.filter(({ rate }) => rate >= Number(feeRate));
      const inTime = alike.filter(({ blocks }) => blocks <= target);
      expect(inTime.length / alike.length).toBeGreaterThan(0.85);
      expect(estimator.estimateSmart(target, true).feeRate).toBeGreaterThanOrEqual(feeRate ?? 0n);
    }
  });
});

function inWhole(rate: number | undefined): bigint | undefined {
  return rate === undefined || rate < 0.5 ? undefined : BigInt(Math.round(rate));
}

/** Sums in another order differ in their last digits. */
function rough(range: object | undefined): object | undefined {
  return (
    range &&
    Object.fromEntries(
      Object.entries(range).map(([key, value]) => [key, Number(value).toPrecision(9)]),
    )
  );
}
