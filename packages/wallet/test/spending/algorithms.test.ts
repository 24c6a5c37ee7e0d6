/** The algorithms of coin selection. Cases of Core's coinselector_tests.cpp, and twins that try every set. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { branchAndBound } from "../../src/spending/branchAndBound.ts";
import type { CandidateCoin, OutputGroup } from "../../src/spending/candidate.ts";
import { coinGrinder } from "../../src/spending/coinGrinder.ts";
import { knapsack } from "../../src/spending/knapsack.ts";
import { Random } from "../../src/spending/random.ts";
import { SelectionResult } from "../../src/spending/selectionResult.ts";
import { singleRandomDraw } from "../../src/spending/singleRandomDraw.ts";
import { CENT, COIN, coinOf, groupsOf, searchOf, seededBytes, valuesOf } from "./groups.ts";

const many = (count: number, make: (index: number) => CandidateCoin): CandidateCoin[] =>
  Array.from({ length: count }, (_, index) => make(index));
const cents = (...amounts: readonly number[]): CandidateCoin[] =>
  amounts.map((amount) => coinOf(amount * CENT));

function found(outcome: unknown): SelectionResult {
  expect(outcome).toBeInstanceOf(SelectionResult);
  return outcome as SelectionResult;
}

/** All sets of groups. */
function* subsets(groups: readonly OutputGroup[]): Generator<readonly OutputGroup[]> {
  for (let mask = 1; mask < 2 ** groups.length; mask++) {
    yield groups.filter((_, index) => (mask >> index) & 1);
  }
}
const total = (groups: readonly OutputGroup[], of: (group: OutputGroup) => number) =>
  groups.reduce((sum, group) => sum + of(group), 0);

const smallCoins = fc.array(
  fc.record({ value: fc.integer({ min: 1, max: 60 }), size: fc.integer({ min: 1, max: 9 }) }),
  { minLength: 1, maxLength: 9 },
);
const coinsOf = (specs: readonly { readonly value: number; readonly size: number }[]) =>
  specs.map(({ value, size }) => coinOf(value, { inputSize: size }));

describe("branch and bound", () => {
  test("finds the exact sum, and nothing where none is", () => {
    const coins = cents(1, 2, 3, 4);
    const exact = found(branchAndBound(searchOf(coins, 5 * CENT), 0));
    expect(exact.value).toBe(5 * CENT);
    expect(branchAndBound(searchOf(cents(2, 4, 8), 5 * CENT), 0)).toBe("insufficient");
    expect(branchAndBound(searchOf(coins, 11 * CENT), 0)).toBe("insufficient");
    expect(branchAndBound(searchOf([], 1), 0)).toBe("insufficient");
  });

  test("takes what is above the target by less than change costs", () => {
    const coins = cents(10);
    expect(branchAndBound(searchOf(coins, 10 * CENT - 5), 4)).toBe("insufficient");
    expect(valuesOf(found(branchAndBound(searchOf(coins, 10 * CENT - 5), 5)))).toEqual([10 * CENT]);
  });

  test("says that the coins which fit are too heavy", () => {
    const heavy = [...cents(10, 9, 8, 3, 1), coinOf(5 * CENT, { inputSize: 100_000 })];
    const request = { subtractsFee: true, feeRate: 5000 };
    expect(branchAndBound(searchOf(heavy, 16 * CENT, request), 0)).toBe("too-heavy");
    const light = [...heavy, coinOf(5 * CENT)];
    const result = found(branchAndBound(searchOf(light, 16 * CENT, request), 0));
    expect(valuesOf(result)).toEqual([3, 5, 8].map((amount) => amount * CENT));
  });

  test("takes fewer coins where fees are high, and more where they are low", () => {
    const coins = many(12, () => coinOf(2 * CENT)).concat(cents(6, 6, 12));
    const target = 12 * CENT;
    const worth = (rate: number) =>
      coins.map((coin) => coinOf(Number(coin.output.value) + Math.ceil((rate * 68) / 1000)));
    const high = searchOf(worth(5000), target, { feeRate: 5000, longTermFeeRate: 1000 });
    expect(found(branchAndBound(high, 0)).candidates).toHaveLength(1);
    const low = searchOf(worth(1000), target, { feeRate: 1000, longTermFeeRate: 5000 });
    expect(found(branchAndBound(low, 0)).candidates).toHaveLength(6);
  });

  test("ends after 100,000 steps", () => {
    // No sum of these is odd.
    const coins = many(60, (index) => coinOf(2 ** 20 + 2 * index));
    expect(branchAndBound(searchOf(coins, 20 * 2 ** 20 + 1), 0)).toBe("insufficient");
  });

  test("wastes as little as any set within the window", () => {
    const costs = fc.record({ target: fc.integer({ min: 1, max: 150 }), cost: fc.nat(10) });
    fc.assert(
      fc.property(
        smallCoins,
        costs,
        fc.integer({ min: 1, max: 3 }),
        fc.nat(3),
        (specs, costs, rate, longTerm) => {
          const { target, cost } = costs;
          // Whole units for each byte: equal fees mean equal sizes then, which the search relies on.
          const rates = { feeRate: rate * 1000, longTermFeeRate: longTerm * 1000 };
          const all = groupsOf(coinsOf(specs), rates).filter(({ amount }) => amount > 0);
          const request = { groups: all, target, maxWeight: 100, subtractsFee: false };
          let best = Number.POSITIVE_INFINITY;
          for (const set of subsets(all)) {
            const amount = total(set, (group) => group.amount);
            if (amount < target || amount > target + cost) continue;
            if (total(set, ({ weight }) => weight) > 100) continue;
            // More coins than needed burn money, even where they waste less by the numbers.
            if (set.some((left) => amount - left.amount >= target)) continue;
            const waste = total(set, (group) => group.fee - group.longTermFee) + amount - target;
            best = Math.min(best, waste);
          }
          const outcome = branchAndBound(request, cost);
          if (!(outcome instanceof SelectionResult)) return best === Number.POSITIVE_INFINITY;
          const amount = outcome.effectiveValue;
          expect(amount).toBeGreaterThanOrEqual(target);
          expect(amount).toBeLessThanOrEqual(target + cost);
          expect(outcome.weight).toBeLessThanOrEqual(100);
          const free = { minViableChange: cost + 1, changeFee: 0, costOfChange: cost };
          return outcome.waste(free) === best;
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe("coin grinder", () => {
  const grind = (coins: readonly CandidateCoin[], target: number, maxWeight: number, aim = CENT) =>
    coinGrinder(searchOf(coins, target, { maxWeight, feeRate: 5000 }), aim);
  const worth = (value: number, inputSize = 68) => coinOf(value, { inputSize });

  test("does not suffice, or is too heavy", () => {
    const coins = many(10, () => coinOf(COIN)).concat(many(10, () => coinOf(2 * COIN)));
    expect(grind(coins, 49.5 * COIN, 10_000)).toBe("insufficient");
    expect(grind(coins, 29.5 * COIN, 3000)).toBe("too-heavy");
    expect(grind([], 1, 3000)).toBe("insufficient");
  });

  // The counts of attempts are Core's.
  test("fits a weight that some sets exceed", () => {
    const coins = many(60, () => worth(0.33 * COIN)).concat(many(10, () => worth(2 * COIN)));
    const result = found(grind(coins, 25.33 * COIN, 10_000));
    expect(valuesOf(result)).toEqual([
      ...new Array(17).fill(0.33 * COIN),
      ...new Array(10).fill(2 * COIN),
    ]);
    expect(result.evaluated).toBe(37);
  });

  test("prefers two light coins to a heavy one", () => {
    const coins = [worth(2 * COIN, 148), worth(COIN), worth(COIN)];
    const result = found(grind(coins, 1.9 * COIN, 400_000));
    expect(valuesOf(result)).toEqual([COIN, COIN]);
    expect(result.evaluated).toBe(3);
  });

  test("finds the lightest set of mixed weights", () => {
    const coins = many(5, (j) => worth((3 + 3 * j) * COIN, 350))
      .concat(many(5, (j) => worth((2 + 3 * j) * COIN, 250)))
      .concat(many(5, (j) => worth((1 + 3 * j) * COIN, 150)));
    const result = found(grind(coins, 30 * COIN, 400_000));
    expect(valuesOf(result)).toEqual([4 * COIN, 13 * COIN, 14 * COIN]);
    expect(result.evaluated).toBe(92);
  });

  test("skips the likes of coins left out", () => {
    const coins = [4, 3, 2, 1].map((amount) => worth(amount * COIN, 100));
    for (const [amount, size] of [
      [8, 1000],
      [7, 800],
      [6, 600],
      [5, 400],
    ] as const) {
      coins.push(...many(100, () => worth(amount * COIN, size)));
    }
    const result = found(grind(coins, 9.9 * COIN, 400_000));
    expect(valuesOf(result)).toEqual([1, 2, 3, 4].map((amount) => amount * COIN));
    expect(result.evaluated).toBe(38);
  });

  test("skips small coins that are too heavy together", () => {
    const coins = [worth(1.8 * COIN, 2500), worth(COIN, 1000), worth(COIN, 1000)];
    coins.push(...many(100, (j) => worth(0.01 * COIN + j, 110)));
    const result = found(grind(coins, 1.9 * COIN, 40_000));
    expect(valuesOf(result)).toEqual([COIN, COIN]);
    expect(result.evaluated).toBe(7);
  });

  test("gives up after 100,000 attempts", () => {
    const alike = (count: number) => many(count, (i) => coinOf(COIN + i, { inputSize: 96 + i }));
    const search = (count: number) =>
      coinGrinder(searchOf(alike(count), 8 * COIN, { maxWeight: 3200 }), 0);
    const result = found(search(18));
    expect(result.candidates).toHaveLength(8);
    expect(result.evaluated).toBe(87_525);
    expect(search(19)).toBe("too-heavy");
  });

  test("is as light as any set, and of those the smallest", () => {
    fc.assert(
      fc.property(
        smallCoins,
        fc.integer({ min: 1, max: 150 }),
        fc.nat(20),
        (specs, target, aim) => {
          const groups = groupsOf(coinsOf(specs));
          const outcome = coinGrinder({ groups, target, maxWeight: 120, subtractsFee: false }, aim);
          let best: readonly [number, number] | undefined;
          for (const set of subsets(groups)) {
            const amount = total(set, (group) => group.amount);
            const weight = total(set, (group) => group.weight);
            if (amount < target + aim || weight > 120) continue;
            const isBetter =
              best === undefined || weight < best[0] || (weight === best[0] && amount < best[1]);
            if (isBetter) best = [weight, amount];
          }
          if (!(outcome instanceof SelectionResult)) return best === undefined;
          expect([outcome.weight, outcome.value]).toEqual(best);
          return true;
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe("single random draw", () => {
  const draw = (coins: readonly CandidateCoin[], target: number, maxWeight: number, seed = 1) =>
    singleRandomDraw(searchOf(coins, target, { maxWeight }), 0, new Random(seededBytes(seed)));

  test("does not suffice, or is too heavy", () => {
    const coins = many(10, () => coinOf(COIN)).concat(many(10, () => coinOf(2 * COIN)));
    expect(draw(coins, 49.5 * COIN, 10_000)).toBe("insufficient");
    expect(draw(coins, 29.5 * COIN, 3000)).toBe("too-heavy");
  });

  test("puts small coins back where they are too heavy", () => {
    const coins = many(60, () => coinOf(0.33 * COIN)).concat(many(10, () => coinOf(2 * COIN)));
    for (let seed = 0; seed < 20; seed++) {
      const result = found(draw(coins, 25.33 * COIN, 10_000, seed));
      expect(result.weight).toBeLessThanOrEqual(10_000);
      expect(result.value).toBeGreaterThanOrEqual(25.33 * COIN + 50_000);
    }
  });

  test("draws others with other randomness", () => {
    const coins = many(50, () => coinOf(COIN));
    const names = (seed: number) =>
      found(draw(coins, 5 * COIN, 400_000, seed)).candidates.map(({ coin }) => coin.outpoint.txid);
    expect(names(1)).toEqual(names(1));
    expect(names(1)).not.toEqual(names(2));
  });
});

describe("knapsack", () => {
  const random = new Random(seededBytes(7));
  const solve = (coins: readonly CandidateCoin[], target: number, maxWeight = 400_000) =>
    knapsack(searchOf(coins, target, { maxWeight }), CENT, random);
  const sums = (coins: readonly CandidateCoin[], target: number) => {
    const result = found(solve(coins, target * CENT));
    return [Math.round((result.value / CENT) * 100) / 100, result.candidates.length];
  };

  test("comes close, and prefers the next larger coin where that is closer", () => {
    expect(solve([], CENT)).toBe("insufficient");
    const coins = cents(1, 2, 5, 10, 20);
    expect(sums(coins, 38)).toEqual([38, 5]);
    expect(sums(coins, 34)).toEqual([35, 3]);
    expect(sums(coins, 7)).toEqual([7, 2]);
    expect(sums(coins, 8)).toEqual([8, 3]);
    expect(sums(coins, 9)).toEqual([10, 1]);
    const others = cents(6, 7, 8, 20, 30);
    expect(sums(others, 71)).toEqual([71, 5]);
    expect(solve(others, 72 * CENT)).toBe("insufficient");
    expect(sums(others, 16)).toEqual([20, 1]);
    expect(sums([...others, ...cents(5)], 16)).toEqual([18, 3]);
    const more = [...others, ...cents(5, 18)];
    expect(sums(more, 16)).toEqual([18, 1]);
    expect(sums(more, 11)).toEqual([11, 2]);
    const large = [...more, ...cents(100, 200, 300, 400)];
    expect(sums(large, 95)).toEqual([100, 1]);
    expect(sums(large, 195)).toEqual([200, 1]);
  });

  test("avoids small change", () => {
    const tenths = cents(0.1, 0.2, 0.3, 0.4, 0.5);
    expect(sums(tenths, 1)[0]).toBe(1);
    expect(sums([...tenths, ...cents(1111)], 1)[0]).toBe(1);
    expect(sums([...tenths, ...cents(1111, 0.6, 0.7)], 1)[0]).toBe(1);
    expect(sums(cents(0.5, 0.6, 0.7, 1111), 1)).toEqual([1111, 1]);
    expect(sums(cents(0.4, 0.6, 0.8, 1111), 1)).toEqual([1, 2]);
    expect(sums(cents(0.05, 1, 100), 100.01)).toEqual([101.05, 3]);
    expect(sums(cents(0.05, 1, 100), 99.9)).toEqual([101, 2]);
  });

  test("takes exact sums of large coins", () => {
    const coins = many(20, () => coinOf(50_000 * COIN));
    const result = found(solve(coins, 500_000 * COIN));
    expect([result.value, result.candidates.length]).toEqual([500_000 * COIN, 10]);
    const one = found(
      solve([...many(1000, () => coinOf(1000 * COIN)), coinOf(3 * COIN)], 1003 * COIN),
    );
    expect(valuesOf(one)).toEqual([3 * COIN, 1000 * COIN]);
  });

  test.each([1500, 15_000, 150_000, 1_500_000, 15_000_000])("of 676 coins of %i", (amount) => {
    const coins = many(676, () => coinOf(amount));
    const result = found(solve(coins, 2000));
    const count = amount - 2000 < CENT ? Math.ceil((2000 + CENT) / amount) : 1;
    expect([result.candidates.length, result.value]).toEqual([count, count * amount]);
  });

  test("stays below the weight, by the next larger coin if need be", () => {
    const small = many(1515, () => coinOf(0.033 * COIN));
    const heavy = solve(small, 49.5 * COIN, 400_000 - 4 * 78);
    expect(heavy).toBe("too-heavy");
    const result = found(solve([...small, coinOf(50 * COIN)], 49.5 * COIN, 400_000 - 4 * 78));
    expect(valuesOf(result)).toEqual([50 * COIN]);
  });

  test("reaches the target whenever all coins together do", () => {
    fc.assert(
      fc.property(
        smallCoins,
        fc.integer({ min: 1, max: 300 }),
        fc.nat(40),
        (specs, target, aim) => {
          const coins = coinsOf(specs);
          const outcome = knapsack(searchOf(coins, target), aim, random);
          const all = specs.reduce((sum, { value }) => sum + value, 0);
          if (!(outcome instanceof SelectionResult)) return all < target;
          return outcome.value >= target && outcome.value <= all;
        },
      ),
    );
  });
});

test("a random number has no favourite", () => {
  const random = new Random(seededBytes(3));
  const counts = new Array(10).fill(0);
  for (let i = 0; i < 20_000; i++) counts[random.below(10)]++;
  for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(250);
  const large = Array.from({ length: 200 }, () => random.below(2 ** 40));
  expect(Math.max(...large)).toBeGreaterThan(2 ** 39);
});
