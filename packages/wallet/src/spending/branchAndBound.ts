/** Coins that need no change. Core: SelectCoinsBnB. */

import { MAX_MONEY } from "@chain/core";
import { present } from "@chain/core/arguments";
import type { OutputGroup } from "./candidate.ts";
import { type NotFound, SelectionResult } from "./selectionResult.ts";

/** Most steps of a search. Core: TOTAL_TRIES. */
export const TOTAL_TRIES = 100_000;

/** A search for groups. */
export interface SearchRequest {
  /** Each of a positive amount. */
  readonly groups: readonly OutputGroup[];
  readonly target: number;
  /** Most weight of the inputs. */
  readonly maxWeight: number;
  readonly subtractsFee: boolean;
}

/** By falling amount; of equal ones the one first that is cheaper to spend now. Core: descending. */
export function byAmount(a: OutputGroup, b: OutputGroup): number {
  return b.amount - a.amount || a.fee - a.longTermFee - (b.fee - b.longTermFee);
}

/**
 * The least wasteful groups whose amount is the target, or above it by at most what change would cost. Depth first,
 * the largest groups first; a branch is given up where it is above the window, can't reach it any more, or wastes more
 * than the best one. @param costOfChange making a change output now and spending it later
 */
export function branchAndBound(
  request: SearchRequest,
  costOfChange: number,
): SelectionResult | NotFound {
  const { target, maxWeight } = request;
  const groups = [...request.groups].sort(byAmount);
  const [first] = groups;
  let available = groups.reduce((sum, { amount }) => sum + amount, 0);
  if (first === undefined || available < target) return "insufficient";

  const isFeeRateHigh = first.fee > first.longTermFee;
  let [value, waste, weight, index, tooHeavy] = [0, 0, 0, 0, false];
  const chosen: number[] = [];
  let best: readonly number[] = [];
  let bestWaste = Number(MAX_MONEY);
  let step = 0;
  for (; step < TOTAL_TRIES; step++, index++) {
    let goesBack = false;
    if (
      value + available < target ||
      value > target + costOfChange ||
      // More inputs waste more where fees are high.
      (waste > bestWaste && isFeeRateHigh)
    ) {
      goesBack = true;
    } else if (weight > maxWeight) {
      tooHeavy = true;
      goesBack = true;
    } else if (value >= target) {
      const total = waste + value - target;
      if (total <= bestWaste) [best, bestWaste] = [[...chosen], total];
      goesBack = true;
    }
    if (goesBack) {
      // Back to the group taken last, and on without it.
      const last = chosen.pop();
      if (last === undefined) break;
      for (index--; index > last; index--) available += present(groups[index], "groups").amount;
      const group = present(groups[last], "groups[last]");
      value -= group.amount;
      waste -= group.fee - group.longTermFee;
      weight -= group.weight;
      continue;
    }
    const group = present(groups[index], "groups[index]");
    available -= group.amount;
    // The like of a group just left out leads where that one would have led.
    const previous = groups[index - 1];
    const isLike = previous?.amount === group.amount && previous.fee === group.fee;
    if (chosen.length === 0 || chosen.at(-1) === index - 1 || !isLike) {
      chosen.push(index);
      value += group.amount;
      waste += group.fee - group.longTermFee;
      weight += group.weight;
    }
  }
  if (best.length === 0) return tooHeavy ? "too-heavy" : "insufficient";
  const taken = best.map((i) => present(groups[i], "groups[i]"));
  return SelectionResult.ofGroups("bnb", target, taken, request.subtractsFee, step);
}
