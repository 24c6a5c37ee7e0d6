/** Which of the algorithms' choices is taken, and of which coins. Cases of Core's coinselector_tests.cpp. */
import { describe, expect, test } from "vitest";
import { type CandidateCoin, candidateOf } from "../../src/spending/candidate.ts";
import { Random } from "../../src/spending/random.ts";
import { type SelectionParams, selectCoins } from "../../src/spending/select.ts";
import { SelectionResult } from "../../src/spending/selectionResult.ts";
import { CENT, COIN, coinOf, paramsOf, seededBytes, valuesOf } from "./groups.ts";

function select(
  coins: readonly CandidateCoin[],
  target: number,
  params: Partial<SelectionParams> = {},
  presets: readonly CandidateCoin[] = [],
  allowsOthers = true,
): SelectionResult | string | undefined {
  const outcome = selectCoins({ target, coins, presets, allowsOthers }, paramsOf(params));
  return outcome instanceof SelectionResult ? outcome : outcome.reason;
}

function found(outcome: unknown): SelectionResult {
  expect(outcome).toBeInstanceOf(SelectionResult);
  return outcome as SelectionResult;
}

describe("the waste of a choice", () => {
  const costs = { minViableChange: 300, changeFee: 30, costOfChange: 125 };
  const make = (
    target: number,
    fee: number,
    longTermFee: number,
    bumps: readonly number[] = [0, 0],
  ) =>
    new SelectionResult({
      algorithm: "manual",
      target,
      subtractsFee: false,
      candidates: [COIN, 2 * COIN].map((value, index) => {
        const bumpFee = bumps[index] ?? 0;
        const coin = coinOf(value);
        return { coin, value, fee: fee + bumpFee, bumpFee, longTermFee, weight: 592 };
      }),
    });
  const exact = 3 * COIN - 200;

  test("with change is what change costs, and what inputs cost more or less than later", () => {
    expect(make(2 * COIN, 100, 60).waste(costs)).toBe(40 * 2 + 125);
    expect(make(2 * COIN, 200, 60).waste(costs)).toBe(140 * 2 + 125);
    expect(make(2 * COIN, 100, 140).waste(costs)).toBe(-40 * 2 + 125);
  });

  test("without change is what goes to the miner in its place", () => {
    expect(make(exact - 80, 100, 60).waste(costs)).toBe(40 * 2 + 80);
    expect(make(exact - 80, 100, 140).waste(costs)).toBe(-40 * 2 + 80);
    expect(make(exact, 100, 60).waste(costs)).toBe(40 * 2);
    expect(make(exact, 100, 100).waste(costs)).toBe(0);
    // Change that is left is at least what is worth making.
    expect(make(exact - 329, 100, 100).change(costs)).toBe(0);
    expect(make(exact - 330, 100, 100).change(costs)).toBe(300);
  });

  test("counts fees of ancestors, those of shared ones once", () => {
    const bumpCosts = { minViableChange: 200, changeFee: 35, costOfChange: 125 };
    const withChange = make(2 * COIN, 100, 140, [20, 40]);
    expect(withChange.waste(bumpCosts)).toBe(-80 + 125 + 60);
    expect(withChange.withBumpFeeDiscount(30).waste(bumpCosts)).toBe(-80 + 125 + 30);
    const changeless = make(3 * COIN - 200 - 100, 100, 140, [20, 40]);
    expect(changeless.waste(bumpCosts)).toBe(-80 + 60 + 40);
    expect(changeless.withBumpFeeDiscount(30).waste(bumpCosts)).toBe(-80 + 30 + 70);
    expect(changeless.withBumpFeeDiscount(30).bumpFees).toBe(30);
  });
});

test("a coin is worth its value less the fee of its input", () => {
  const rates = (feeRate: number) => ({ feeRate, longTermFeeRate: 0 });
  const coin = coinOf(10_000, { inputSize: 148 });
  expect(10_000 - candidateOf(coin, rates(1000)).fee).toBe(9852);
  expect(10_000 - candidateOf(coin, rates(100_000)).fee).toBe(-4800);
  expect(candidateOf({ ...coin, bumpFee: 7n }, rates(1000)).fee).toBe(155);
});

describe("presets", () => {
  test("are spent in any case", () => {
    const rates = { feeRate: 5000, longTermFeeRate: 3000, costOfChange: 500, changeFee: 155 };
    const [ten, nine, one] = [10, 9, 1].map((amount) => coinOf(amount * CENT + 340)) as [
      CandidateCoin,
      CandidateCoin,
      CandidateCoin,
    ];
    const result = found(select([ten, one], 10 * CENT, rates, [nine]));
    expect(valuesOf(result)).toEqual([CENT + 340, 9 * CENT + 340]);
  });

  test("suffice alone", () => {
    const result = found(select([coinOf(COIN)], CENT, {}, [coinOf(2 * CENT)]));
    expect([result.algorithm, result.candidates.length]).toEqual(["manual", 1]);
  });

  test("must suffice where no other may be spent: by their worth", () => {
    const params = { feeRate: 3000, longTermFeeRate: 1000 };
    const preset = coinOf(100_000, { inputSize: 148 });
    expect(select([], 99_900, params, [preset], false)).toMatch(
      /^The preselected coins total amount does not cover the transaction target/,
    );
    found(select([], 99_556, params, [preset], false));
  });
});

describe("eligible coins", () => {
  const names = (outcome: unknown) => valuesOf(found(outcome));

  test("of others need six confirmations, then one; own change none", () => {
    const old = coinOf(10 * CENT, { depth: 6 });
    const young = coinOf(11 * CENT, { depth: 1 });
    const change = coinOf(12 * CENT, { depth: 0, isFromMe: true, ancestors: 1 });
    const foreign = coinOf(13 * CENT, { depth: 0, ancestors: 1 });
    const all = [old, young, change, foreign];
    expect(names(select(all, 9 * CENT))).toEqual([10 * CENT]);
    expect(names(select(all, 20 * CENT))).toEqual([10 * CENT, 11 * CENT]);
    expect(names(select(all, 33 * CENT))).toEqual([10, 11, 12].map((amount) => amount * CENT));
    expect(select(all, 46 * CENT)).toBeUndefined();
    expect(select(all, 33 * CENT, { spendsUnconfirmedChange: false })).toBeUndefined();
    const unsafe = select(all, 46 * CENT, { includesUnsafe: true });
    expect(names(unsafe)).toHaveLength(4);
  });

  test("are not at the end of a long unconfirmed chain", () => {
    const deep = coinOf(10 * CENT, { depth: 0, isFromMe: true, ancestors: 25, clusterCount: 25 });
    expect(select([deep], 9 * CENT)).toMatch(/^Unconfirmed UTXOs are available, but spending them/);
    expect(names(select([deep], 9 * CENT, { rejectsLongChains: false }))).toEqual([10 * CENT]);
    expect(names(select([{ ...deep, ancestors: 24, clusterCount: 24 }], 9 * CENT))).toHaveLength(1);
  });

  test("of one type of address are not mixed with others without need", () => {
    const types = [
      coinOf(5 * CENT, { kind: "legacy" }),
      coinOf(6 * CENT, { kind: "legacy" }),
      coinOf(5 * CENT, { kind: "bech32m" }),
      coinOf(4 * CENT, { kind: "bech32m" }),
    ];
    for (let seed = 0; seed < 20; seed++) {
      const random = new Random(seededBytes(seed));
      const params = { random, minChangeTarget: 0 };
      const kinds = (target: number) =>
        new Set(found(select(types, target, params)).candidates.map(({ coin }) => coin.kind)).size;
      expect(kinds(8 * CENT)).toBe(1);
      expect(kinds(19 * CENT)).toBe(2);
    }
  });

  test("of one address are spent together, at most 100 of them, if so told", () => {
    const at = (byte: number) => ({
      output: { value: BigInt(CENT), scriptPubKey: Uint8Array.of(0x51, byte) },
    });
    const coins = [1, 1, 1, 2, 2].map((byte) => coinOf(CENT, at(byte)));
    const params = { avoidsPartialSpends: true, minChangeTarget: 0 };
    expect(found(select(coins, CENT / 2, params)).candidates.length).toBeGreaterThan(1);
    const crowd = Array.from({ length: 150 }, () => coinOf(CENT, at(3)));
    expect(found(select(crowd, 50 * CENT, params)).candidates).toHaveLength(100);
    // The other fifty only where they are needed.
    expect(found(select(crowd, 120 * CENT, params)).candidates).toHaveLength(150);
  });
});

test("payees that pay the fee get no choice without change", () => {
  const params = paramsOf({
    ...{ feeRate: 3000, longTermFeeRate: 1000, subtractsFee: true, noInputsSize: 0 },
    ...{ changeFee: 93, costOfChange: 161, minChangeTarget: 162, minViableChange: 1 },
  });
  const coins = [COIN + 161, COIN / 2 + 161, COIN / 2].map((value) =>
    coinOf(value, { isFromMe: true, depth: 6 }),
  );
  const result = found(select(coins, COIN, params));
  expect(["knapsack", "srd"]).toContain(result.algorithm);
  expect(result.candidates).toHaveLength(2);
});

describe("the weight of all inputs", () => {
  test("is kept by larger coins, or by a mixture, or not at all", () => {
    const small = Array.from({ length: 1515 }, () => coinOf(0.033 * COIN));
    const limit = 400_000 - 4 * (44 + 34);
    const one = found(select([...small, coinOf(50 * COIN)], 49.5 * COIN));
    expect(valuesOf(one)).toContain(50 * COIN);
    expect(one.weight).toBeLessThanOrEqual(limit);
    const mixture = [
      ...Array.from({ length: 400 }, () => coinOf(0.0625 * COIN)),
      ...Array.from({ length: 2000 }, () => coinOf(0.025 * COIN)),
    ];
    const mixed = found(select(mixture, 49.5 * COIN));
    expect(new Set(valuesOf(mixed)).size).toBe(2);
    expect(mixed.weight).toBeLessThanOrEqual(limit);
    expect(select(small, 49.5 * COIN)).toMatch(/^The inputs size exceeds the maximum weight/);
  });

  test("names limits that no choice can keep", () => {
    expect(select([coinOf(COIN)], CENT, { maxWeight: 100 })).toBe(
      "Maximum transaction weight is less than transaction weight without inputs",
    );
    expect(select([coinOf(COIN)], CENT, { maxWeight: 200 })).toBe(
      "Maximum transaction weight is too low, can not accommodate change output",
    );
  });
});

test("high fee rates take the fewest inputs", () => {
  const coins = [...Array.from({ length: 30 }, () => coinOf(2 * CENT)), coinOf(40 * CENT)];
  const rates = { feeRate: 40_000, longTermFeeRate: 10_000, costOfChange: 2000, changeFee: 1000 };
  const result = found(select(coins, 10 * CENT, { ...rates, minChangeTarget: CENT }));
  expect(result.candidates).toHaveLength(1);
});

test("a thousand coins of random value pay any part of them", () => {
  const bytes = seededBytes(5);
  const coins = Array.from({ length: 1000 }, () => {
    const [a = 0, b = 0, c = 0] = bytes(3);
    return coinOf(1 + a * 65_536 + b * 256 + c);
  });
  const sum = coins.reduce((total, { output }) => total + Number(output.value), 0);
  for (const part of [0.0001, 0.1, 0.5, 0.9, 0.99]) {
    const target = Math.floor(sum * part);
    expect(found(select(coins, target)).value).toBeGreaterThanOrEqual(target);
  }
});
