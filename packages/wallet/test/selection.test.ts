import { feeForSize, type LocatedCoin, outpointKey } from "@chain/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dustThreshold, inputSize } from "../src/fees.ts";
import { largestPayment, type SelectionTarget, selectCoins } from "../src/selection.ts";
import { testCoin, testKey } from "./support/fixtures.ts";

const { script } = testKey(1);
const OUTPUT = 34;

function coinsOf(...values: readonly number[]): readonly LocatedCoin[] {
  return values.map((value, n) => testCoin(n, BigInt(value), script));
}

function target(amount: bigint | number, wishes: Partial<SelectionTarget> = {}): SelectionTarget {
  return {
    amount: BigInt(amount),
    fee: { type: "amount", amount: 0n },
    outputsSize: OUTPUT,
    outputCount: 1,
    changeSize: OUTPUT,
    changeSpendSize: inputSize(true),
    dust: 0n,
    inputSize: () => inputSize(true),
    ...wishes,
  };
}

function valuesOf(coins: readonly LocatedCoin[] | undefined): readonly number[] | undefined {
  return coins?.map(({ coin }) => Number(coin.value)).sort((a, b) => b - a);
}

describe("the choice", () => {
  test.each([
    ["an exact sum, which leaves no change", [7, 5, 4, 3], 9, [5, 4]],
    ["the smallest coin that suffices", [50, 20, 12, 3], 10, [12]],
    ["the largest ones where no single coin suffices", [9, 8, 2], 12, [9, 8]],
    ["everything", [3, 2, 1], 6, [3, 2, 1]],
  ])("%s", (_, values, amount, expected) => {
    const selection = selectCoins(coinsOf(...values), target(amount));
    expect(valuesOf(selection?.coins)).toEqual(expected);
    expect(selection?.excess).toBe(0n);
  });

  test("nothing, where all do not suffice", () => {
    expect(selectCoins(coinsOf(3, 2, 1), target(7))).toBeUndefined();
    expect(selectCoins([], target(1))).toBeUndefined();
  });

  test("a fixed fee is paid exactly, whatever the size", () => {
    const fee = { type: "amount", amount: 3n } as const;
    expect(selectCoins(coinsOf(6, 7, 20), target(10, { fee }))).toMatchObject({
      fee: 3n,
      excess: 0n,
      change: 0n,
    });
    expect(selectCoins(coinsOf(20), target(10, { fee }))).toMatchObject({ fee: 3n, change: 7n });
  });

  test("a rest too small to be an output is avoided where another coin helps", () => {
    const wish = target(10_000, { dust: 546n });
    const other = selectCoins(coinsOf(10_100, 20_000), wish);
    expect(valuesOf(other?.coins)).toEqual([20_000]);
    expect(other).toMatchObject({ fee: 0n, excess: 0n, change: 10_000n });
    const more = selectCoins(coinsOf(10_100, 700), wish);
    expect(valuesOf(more?.coins)).toEqual([10_100, 700]);
    expect(more).toMatchObject({ excess: 0n, change: 800n });
  });

  test("a rest too small to be an output, if it can't be avoided, goes to the miner and is named", () => {
    expect(selectCoins(coinsOf(10_100), target(10_000, { dust: 546n }))).toMatchObject({
      fee: 100n,
      excess: 100n,
      change: 0n,
    });
  });

  test("a coin that costs more than it is worth stays where it is", () => {
    const fee = { type: "rate", perKvB: 10_000n } as const; // an input costs 1,470
    expect(selectCoins(coinsOf(1_400, 1_400, 1_400), target(600, { fee }))).toBeUndefined();
    const selection = selectCoins(coinsOf(100_000, 1_400), target(90_000, { fee }));
    expect(valuesOf(selection?.coins)).toEqual([100_000]);
  });

  test("does not depend on the order of the coins", () => {
    const coins = coinsOf(8, 8, 8, 5, 5, 3);
    for (const amount of [4, 8, 11, 17, 30]) {
      const one = selectCoins(coins, target(amount))?.coins;
      const other = selectCoins(coins.toReversed(), target(amount))?.coins;
      expect(other).toEqual(one);
    }
  });

  test("ends soon for coins made to keep it busy", () => {
    // Even coins never make an odd sum, so every branch is tried until the steps run out.
    const coins = coinsOf(...Array.from({ length: 2000 }, (_, n) => 2 * (n + 1_000_000)));
    const selection = selectCoins(coins, target(601_000_001));
    expect(selection?.change).toBeGreaterThan(0n);
  });
});

describe("properties", () => {
  const wishes = fc.record({
    values: fc.array(fc.bigInt(1n, 100_000n), { maxLength: 12 }),
    amount: fc.bigInt(1n, 300_000n),
    fee: fc.oneof(
      fc.record({ type: fc.constant("amount" as const), amount: fc.bigInt(0n, 5_000n) }),
      fc.record({ type: fc.constant("rate" as const), perKvB: fc.bigInt(0n, 20_000n) }),
    ),
    relayRate: fc.constantFrom(0n, 1000n),
    uncompressed: fc.boolean(),
  });

  test("coins = amount + change + fee; no dust; the fee is what was asked for and the named excess", () => {
    fc.assert(
      fc.property(wishes, ({ values, amount, fee, relayRate, uncompressed }) => {
        const coins = values.map((value, n) => testCoin(n, value, script));
        const dust = dustThreshold(script, { minRelayFeeRate: relayRate });
        const bytes = inputSize(!uncompressed);
        const wish = target(amount, { fee, dust, inputSize: () => bytes });
        const selection = selectCoins(coins, wish);
        const sum = (some: readonly LocatedCoin[]): bigint =>
          some.reduce((total, { coin }) => total + coin.value, 0n);
        const askedFor = (count: number, outputs: number): bigint =>
          fee.type === "amount"
            ? fee.amount
            : feeForSize(fee.perKvB, 10 + count * bytes + outputs * OUTPUT);

        if (selection === undefined) {
          const worthIt = coins.filter(
            ({ coin }) => fee.type === "amount" || coin.value * 1000n > fee.perKvB * BigInt(bytes),
          );
          expect(sum(worthIt)).toBeLessThan(amount + askedFor(worthIt.length, 1));
          return;
        }
        const keys = selection.coins.map(({ outpoint }) => outpointKey(outpoint));
        expect(new Set(keys).size).toBe(keys.length);
        expect(sum(selection.coins)).toBe(amount + selection.change + selection.fee);
        const outputs = selection.change === 0n ? 1 : 2;
        const asked = askedFor(selection.coins.length, outputs);
        expect(selection.fee).toBe(asked + selection.excess);
        expect(selection.excess).toBeGreaterThanOrEqual(0n);
        if (selection.change > 0n) {
          expect(selection.change).toBeGreaterThanOrEqual(dust);
          expect(selection.excess).toBe(0n);
        } else {
          // Never more than a change output and its input would have cost, or could have held.
          const rate = fee.type === "rate" ? fee.perKvB : 0n;
          const bound = feeForSize(rate, OUTPUT + inputSize(true)) + dust;
          expect(selection.excess).toBeLessThanOrEqual(bound);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("a sum without change is found whenever there is one (against trying all subsets)", () => {
    const small = fc.array(fc.bigInt(1n, 40n), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(small, fc.bigInt(1n, 200n), (values, amount) => {
        const coins = values.map((value, n) => testCoin(n, value, script));
        let exact = false;
        for (let subset = 1; subset < 1 << values.length; subset++) {
          const chosen = values.filter((_, i) => (subset >> i) & 1);
          exact ||= chosen.reduce((a, b) => a + b, 0n) === amount;
        }
        expect(selectCoins(coins, target(amount))?.change === 0n).toBe(exact);
      }),
    );
  });
});

test("dust is what Core calls dust", () => {
  const bitcoin = { minRelayFeeRate: 1000n };
  expect(dustThreshold(script, bitcoin)).toBe(546n);
  expect(dustThreshold(Uint8Array.of(0x6a, 1, 1), bitcoin)).toBe(0n);
  expect(dustThreshold(script, { minRelayFeeRate: 0n })).toBe(0n);
});

describe("what fits into one transaction", () => {
  test("one large coin is taken where small ones, exact in sum, do not fit", () => {
    const coins = coinsOf(...Array.from({ length: 700 }, () => 10), 7001);
    const selection = selectCoins(coins, target(7000, { maxSize: 100_000 }));
    expect(valuesOf(selection?.coins)).toEqual([7001]);
  });

  test("coins of short keys are taken where those of long keys, of more value, do not fit", () => {
    const sizes = new Map([
      [60n, 180],
      [50n, 148],
    ]);
    const inputSizeOf = ({ coin }: LocatedCoin) => sizes.get(coin.value) as number;
    const maxSize = 10 + 4 * 148 + 2 * OUTPUT;
    const wish = target(200, { maxSize, inputSize: inputSizeOf });
    const coins = coinsOf(60, 60, 60, 50, 50, 50, 50);
    expect(valuesOf(selectCoins(coins, wish)?.coins)).toEqual([50, 50, 50, 50]);
    expect(largestPayment(coins, wish)).toBe(210n);
    expect(selectCoins(coins, { ...wish, amount: 211n })).toBeUndefined();
  });

  test("where any choice fits with room for change, one is found (brute force)", () => {
    const coin = fc.record({ value: fc.integer({ min: 1, max: 60 }), long: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(coin, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 250 }),
        fc.integer({ min: 200, max: 1300 }),
        (specified, amount, maxSize) => {
          const coins = coinsOf(...specified.map(({ value }) => value));
          const long = new Set(coins.filter((_, i) => specified[i]?.long));
          const inputSizeOf = (each: LocatedCoin) => (long.has(each) ? 180 : 148);
          const wish = target(amount, { maxSize, inputSize: inputSizeOf });
          const fits = [...Array(1 << coins.length).keys()].some((bits) => {
            const chosen = coins.filter((_, i) => (bits >> i) & 1);
            const value = chosen.reduce((sum, each) => sum + each.coin.value, 0n);
            const size = chosen.reduce((sum, each) => sum + inputSizeOf(each), 0);
            return value >= BigInt(amount) && 10 + size + 2 * OUTPUT <= maxSize;
          });
          const selection = selectCoins(coins, wish);
          if (fits) expect(selection).toBeDefined();
          if (selection === undefined) return;
          expect(selection.size).toBeLessThanOrEqual(maxSize);
          const value = selection.coins.reduce((sum, each) => sum + each.coin.value, 0n);
          expect(value).toBe(BigInt(amount) + selection.fee + selection.change);
          expect(largestPayment(coins, wish)).toBeGreaterThanOrEqual(BigInt(amount));
        },
      ),
      { seed: 11, numRuns: 500 },
    );
  });
});
