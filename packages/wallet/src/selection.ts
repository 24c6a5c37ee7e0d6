/** Which coins a payment spends. The same coins and the same wish always give the same answer. */

import { compareBytes, feeForSize, idToBytes, type LocatedCoin } from "@chain/core";
import {
  present,
  requireArray,
  requireFields,
  requireInteger,
  requireLocatedCoin,
} from "@chain/core/arguments";
import { type FeePolicy, overheadSize, requireFee } from "./fees.ts";

/** The request to a selection. */
export interface SelectionTarget {
  /** The sum of the outputs other than the change. */
  readonly amount: bigint;
  readonly fee: FeePolicy;
  /** Bytes of the outputs other than the change. */
  readonly outputsSize: number;
  readonly outputCount: number;
  /** Bytes that a change output would add. */
  readonly changeSize: number;
  /** Bytes of the input that spends the change some day. */
  readonly changeSpendSize: number;
  /** The least that a change output may hold. */
  readonly dust: bigint;
  /** Bytes of the input that spends this coin. */
  readonly inputSize: (coin: LocatedCoin) => number;
  /** The most bytes that the signed transaction may have. Default: no limit. */
  readonly maxSize?: number;
}

export interface Selection {
  readonly coins: readonly LocatedCoin[];
  /** The fee of the miner. */
  readonly fee: bigint;
  /** The part of the fee that was not asked for: a rest that is too small to be an output. */
  readonly excess: bigint;
  /** 0: no change output. */
  readonly change: bigint;
  /** Bytes of the signed transaction, at most. */
  readonly size: number;
}

/**
 * Coins for a payment, or `undefined` where no choice of them suffices and fits. In order:
 * 1. coins that leave no change (branch and bound), as change costs bytes now and an input later;
 * 2. the smallest single coin that suffices;
 * 3. the largest coins, which gives the fewest inputs;
 * 4. where inputs differ in size, the most valuable ones of each size that still fit together.
 * In 2 to 4 a choice whose rest is too small to be an output is taken only where there is no other.
 * @example
 * const size = { outputsSize: 34, outputCount: 1, changeSize: 34, changeSpendSize: 147, inputSize: () => 147 };
 * const target = { amount: 100_000_000n, fee: { type: "amount", amount: 0n }, dust: 546n, ...size };
 * selectCoins(coins, target)?.coins.length // 1: the coin of 1, without change
 */
export function selectCoins(
  candidates: readonly LocatedCoin[],
  target: SelectionTarget,
): Selection | undefined {
  requireArray(candidates, "candidates", requireLocatedCoin);
  requireTarget(target, "target");

  const coins = worthwhile(candidates, target);
  const changeless = withoutChange(coins, target);
  if (changeless !== undefined) return changeless;

  let leavesDust: Selection | undefined;
  for (const choice of choices(coins, target)) {
    const settled = settle(choice.tally, target);
    if (settled === undefined || settled.size > maxSizeOf(target)) continue;
    const selection = { coins: choice.coins(), ...settled };
    if (settled.excess === 0n) return selection;
    leavesDust ??= selection;
  }
  return leavesDust;
}

/**
 * The most that the coins can pay in one transaction: the largest amount that `selectCoins` finds coins for, or 0.
 * @param target its `amount` is not looked at
 */
export function largestPayment(
  candidates: readonly LocatedCoin[],
  target: SelectionTarget,
): bigint {
  let most = 0n;
  for (const { tally } of choices(worthwhile(candidates, target), target)) {
    const size = overheadSize(tally.count, target.outputCount) + tally.size + target.outputsSize;
    if (size > maxSizeOf(target)) continue;
    const amount = tally.value - feeFor(target.fee, size);
    if (amount > most) most = amount;
  }
  return most;
}

function maxSizeOf({ maxSize }: SelectionTarget): number {
  return maxSize ?? Number.POSITIVE_INFINITY;
}

/** By falling value, without those that cost more to spend than they are worth: they only make a payment dearer. */
export function worthwhile(
  candidates: readonly LocatedCoin[],
  target: SelectionTarget,
): readonly LocatedCoin[] {
  return candidates
    .filter((coin) => worth(coin, target) > 0n)
    .sort((a, b) => byValue(b, a) || byOutpoint(a, b));
}

/** A choice of coins; which they are is computed for the one that is taken. */
interface Choice {
  readonly tally: Tally;
  readonly coins: () => readonly LocatedCoin[];
}

/** Steps 2 to 4 of `selectCoins`. @param coins by falling value */
function* choices(coins: readonly LocatedCoin[], target: SelectionTarget): Iterable<Choice> {
  for (const coin of coins.toReversed()) {
    yield { tally: add(NOTHING, coin, target), coins: () => [coin] };
  }
  for (const [i, tally] of tallies(coins, target).entries()) {
    yield { tally, coins: () => coins.slice(0, i) };
  }
  yield* mixtures(coins, target);
}

/** The sums of the first 0, 1, 2, … coins. */
function tallies(coins: readonly LocatedCoin[], target: SelectionTarget): readonly Tally[] {
  const sums = [NOTHING];
  for (const coin of coins) sums.push(add(sums.at(-1) ?? NOTHING, coin, target));
  return sums;
}

/**
 * Inputs have two sizes, as keys have 33 bytes or 65. For each number of small inputs: the most valuable ones, and as
 * many of the most valuable large ones as fit beside them. No other choice of as many of both is worth more, so one of
 * these suffices where any choice does.
 */
function* mixtures(coins: readonly LocatedCoin[], target: SelectionTarget): Iterable<Choice> {
  const sizes = [...new Set(coins.map(target.inputSize))].sort((a, b) => a - b);
  if (sizes.length < 2 || target.maxSize === undefined) return;
  const small = coins.filter((coin) => target.inputSize(coin) === sizes[0]);
  const large = coins.filter((coin) => target.inputSize(coin) !== sizes[0]);
  const [ofSmall, ofLarge] = [tallies(small, target), tallies(large, target)];
  let many = large.length;
  for (const [few, left] of ofSmall.entries()) {
    // With change, that is: a choice that only fits without it is found as the next smaller one.
    while (
      many >= 0 &&
      sizeWithChange(sum(left, ofLarge[many] ?? NOTHING), target) > target.maxSize
    ) {
      many--;
    }
    if (many < 0) return;
    for (const count of new Set([many, Math.min(many + 1, large.length)])) {
      const tally = sum(left, ofLarge[count] ?? NOTHING);
      yield { tally, coins: () => [...small.slice(0, few), ...large.slice(0, count)] };
    }
  }
}

/** The sum of the inputs chosen so far. */
interface Tally {
  readonly count: number;
  readonly value: bigint;
  readonly size: number;
}

const NOTHING: Tally = { count: 0, value: 0n, size: 0 };

function add(tally: Tally, coin: LocatedCoin, target: SelectionTarget): Tally {
  return {
    count: tally.count + 1,
    value: tally.value + coin.coin.value,
    size: tally.size + target.inputSize(coin),
  };
}

function sum(a: Tally, b: Tally): Tally {
  return { count: a.count + b.count, value: a.value + b.value, size: a.size + b.size };
}

function sizeWithChange(inputs: Tally, target: SelectionTarget): number {
  return (
    overheadSize(inputs.count, target.outputCount + 1) +
    inputs.size +
    target.outputsSize +
    target.changeSize
  );
}

/** Fee and change for these inputs; `undefined` where they do not suffice. */
function settle(inputs: Tally, target: SelectionTarget): Omit<Selection, "coins"> | undefined {
  const without = settleWithoutChange(inputs, target);
  if (without === undefined) return undefined;
  const size = sizeWithChange(inputs, target);
  const fee = feeFor(target.fee, size);
  const change = inputs.value - target.amount - fee;
  if (change <= 0n || change < target.dust) return without;
  return { fee, excess: 0n, change, size };
}

function settleWithoutChange(
  inputs: Tally,
  target: SelectionTarget,
): Omit<Selection, "coins"> | undefined {
  const size = overheadSize(inputs.count, target.outputCount) + inputs.size + target.outputsSize;
  const fee = inputs.value - target.amount;
  const excess = fee - feeFor(target.fee, size);
  return excess < 0n ? undefined : { fee, excess, change: 0n, size };
}

function feeFor(fee: FeePolicy, size: number): bigint {
  return fee.type === "amount" ? fee.amount : feeForSize(fee.perKvB, size);
}

/** Thousandths of base units for each byte: without rounding, so that the worth of coins adds up. */
function milliRate(fee: FeePolicy): bigint {
  return fee.type === "rate" ? fee.perKvB : 0n;
}

/** The amount that a coin adds to a payment: its value less the fee for its input. In thousandths of base units. */
function worth(coin: LocatedCoin, target: SelectionTarget): bigint {
  return coin.coin.value * 1000n - milliRate(target.fee) * BigInt(target.inputSize(coin));
}

/** Most inputs whose count takes one byte. */
const MAX_SHORT_COUNT = 252;
/** Most steps of the search, as in Core: some tens of milliseconds. */
const MAX_STEPS = 100_000;

/**
 * Coins that need no change: their worth is what is wanted, or above it by less than a change output would cost now
 * and its input later. Of those it finds within its steps, the closest. Depth first, largest coins first, giving up a
 * branch that is above the window or can't reach it any more. Core: SelectCoinsBnB.
 * @param coins by falling value
 */
function withoutChange(
  coins: readonly LocatedCoin[],
  target: SelectionTarget,
): Selection | undefined {
  const rate = milliRate(target.fee);
  const fixed = target.fee.type === "amount" ? target.fee.amount : 0n;
  const base = overheadSize(1, target.outputCount) + target.outputsSize;
  const wanted = (target.amount + fixed) * 1000n + rate * BigInt(base);
  const most = wanted + rate * BigInt(target.changeSize + target.changeSpendSize);
  const values = coins.map((coin) => worth(coin, target));

  const sizes = coins.map(target.inputSize);
  const room =
    maxSizeOf(target) - overheadSize(MAX_SHORT_COUNT + 1, target.outputCount) - target.outputsSize;

  let remaining = values.reduce((sum, value) => sum + value, 0n); // worth of coins[index] and all behind it
  let index = 0;
  let sum = 0n;
  let size = 0;
  const chosen: number[] = [];
  let best: { readonly sum: bigint; readonly chosen: readonly number[] } | undefined;
  for (let step = 0; step < MAX_STEPS; step++) {
    const found = sum >= wanted && sum <= most && size <= room;
    if (found && (best === undefined || sum < best.sum)) best = { sum, chosen: [...chosen] };
    if (best?.sum === wanted) break;
    if (found || sum > most || size > room || sum + remaining < wanted) {
      // Back to the coin taken last, and on without it.
      const last = chosen.pop();
      if (last === undefined) break;
      while (index > last + 1) remaining += present(values[--index], "values[--index]");
      sum -= present(values[last], "values[last]");
      size -= sizes[last] as number;
      continue;
    }
    const value = present(values[index], "values[index]");
    remaining -= value;
    // The same worth was just left out: taking this one instead leads where that one led.
    const tried = index > 0 && values[index - 1] === value && chosen.at(-1) !== index - 1;
    if (!tried) {
      chosen.push(index);
      sum += value;
      size += sizes[index] as number;
    }
    index++;
  }
  if (best === undefined) return undefined;
  const picked = best.chosen.map((i) => present(coins[i], "coins[i]"));
  const inputs = picked.reduce((tally, coin) => add(tally, coin, target), NOTHING);
  // More than 252 inputs take two more bytes to count, which the search did not know.
  const settled = settleWithoutChange(inputs, target);
  return settled && { coins: picked, ...settled };
}

function byValue(a: LocatedCoin, b: LocatedCoin): number {
  return a.coin.value < b.coin.value ? -1 : a.coin.value > b.coin.value ? 1 : 0;
}

function byOutpoint(a: LocatedCoin, b: LocatedCoin): number {
  return (
    compareBytes(idToBytes(a.outpoint.txid), idToBytes(b.outpoint.txid)) ||
    a.outpoint.vout - b.outpoint.vout
  );
}

function requireTarget(value: unknown, name: string): void {
  requireFields(value, name, {
    amount: "bigint",
    fee: "object",
    dust: "bigint",
    inputSize: "function",
    maxSize: "number?",
  });
  const { outputsSize, outputCount, changeSize, changeSpendSize } = value as SelectionTarget;
  requireInteger(outputsSize, `${name}.outputsSize`, 0);
  requireInteger(outputCount, `${name}.outputCount`, 0);
  requireInteger(changeSize, `${name}.changeSize`, 0);
  requireInteger(changeSpendSize, `${name}.changeSpendSize`, 0);
  requireFee((value as SelectionTarget).fee, `${name}.fee`);
}
