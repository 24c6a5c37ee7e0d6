/** Coins whose sum is close to the target, by random attempts. Core: KnapsackSolver. */

import { byAmount, type SearchRequest } from "./branchAndBound.ts";
import type { OutputGroup } from "./candidate.ts";
import type { Random } from "./random.ts";
import { type NotFound, SelectionResult } from "./selectionResult.ts";

/** Attempts at a sum. Core: ApproximateBestSubset. */
const ATTEMPTS = 1000;
/** Most groups looked at in all attempts together, because 1,000 times 100,000 coins would take seconds. */
const MAX_LOOKS = 1_000_000;

interface Subset {
  readonly sum: number;
  readonly included: Uint8Array;
}

/**
 * Groups that reach the target exactly, or with change of at least `changeTarget` with little over it; or the smallest
 * group that alone reaches both, where that is closer. Amounts may be negative.
 */
export function knapsack(
  { groups, target, maxWeight, subtractsFee }: SearchRequest,
  changeTarget: number,
  random: Random,
): SelectionResult | NotFound {
  const found = (taken: readonly OutputGroup[]) =>
    SelectionResult.ofGroups("knapsack", target, taken, subtractsFee);
  const smaller: OutputGroup[] = [];
  let [larger, total, tooHeavy]: [OutputGroup | undefined, number, boolean] = [undefined, 0, false];
  for (const group of random.shuffle([...groups])) {
    if (group.weight > maxWeight) {
      tooHeavy = true;
    } else if (group.amount === target) {
      return found([group]);
    } else if (group.amount < target + changeTarget) {
      smaller.push(group);
      total += group.amount;
    } else if (larger === undefined || group.amount < larger.amount) {
      larger = group;
    }
  }
  if (total === target) {
    const all = found(smaller);
    if (all.weight <= maxWeight) return all;
    tooHeavy = true;
  }
  if (total < target) {
    if (larger !== undefined) return found([larger]);
    return tooHeavy ? "too-heavy" : "insufficient";
  }
  smaller.sort(byAmount);
  let best = closestSubset(smaller, total, target, maxWeight, random);
  if (best.sum !== target && total >= target + changeTarget) {
    best = closestSubset(smaller, total, target + changeTarget, maxWeight, random);
  }
  const leavesLittle = best.sum !== target && best.sum < target + changeTarget;
  if (larger !== undefined && (leavesLittle || larger.amount <= best.sum)) return found([larger]);
  const chosen = found(smaller.filter((_, i) => best.included[i] === 1));
  if (chosen.weight <= maxWeight) return chosen;
  return larger === undefined ? "too-heavy" : found([larger]);
}

/**
 * The least sum that reaches the target of all that were tried; all groups where none was closer. Each attempt takes
 * every group with a chance of one half and then those that are left; whenever the sum suffices, the group taken last
 * is put back, so that a smaller one may take its place. @param groups by falling amount
 */
function closestSubset(
  groups: readonly OutputGroup[],
  total: number,
  target: number,
  maxWeight: number,
  random: Random,
): Subset {
  const { length } = groups;
  const amounts = Float64Array.from(groups, ({ amount }) => amount);
  const weights = Float64Array.from(groups, ({ weight }) => weight);
  let best: Subset = { sum: total, included: new Uint8Array(length).fill(1) };
  const attempts = Math.min(ATTEMPTS, Math.max(1, Math.floor(MAX_LOOKS / Math.max(1, length))));
  const included = new Uint8Array(length);
  // A group that was kept stays: the first of these and the last one tried are what a sum was made of.
  const kept = new Uint32Array(length);
  for (let attempt = 0; attempt < attempts && best.sum !== target; attempt++) {
    included.fill(0);
    let [sum, weight, count, reached] = [0, 0, 0, false];
    let [least, leastCount, last] = [best.sum, 0, -1];
    for (let pass = 0; pass < 2 && !reached; pass++) {
      for (let i = 0; i < length; i++) {
        if (pass === 0 ? !random.boolean() : included[i] === 1) continue;
        const [more, heavier] = [sum + (amounts[i] ?? 0), weight + (weights[i] ?? 0)];
        if (more < target || heavier > maxWeight) {
          [sum, weight] = [more, heavier];
          included[i] = 1;
          kept[count++] = i;
          continue;
        }
        reached = true;
        if (more < least) [least, leastCount, last] = [more, count, i];
      }
    }
    if (last < 0) continue;
    best = { sum: least, included: new Uint8Array(length) };
    best.included[last] = 1;
    for (const index of kept.subarray(0, leastCount)) best.included[index] = 1;
  }
  return best;
}
