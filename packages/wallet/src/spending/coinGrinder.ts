/** The lightest coins that pay with change. Core: CoinGrinder. */

import { present } from "@chain/core/arguments";
import { type SearchRequest, TOTAL_TRIES } from "./branchAndBound.ts";
import type { OutputGroup } from "./candidate.ts";
import { type NotFound, SelectionResult } from "./selectionResult.ts";

/** By falling amount; of equal ones the lighter first. Core: descending_effval_weight. */
function byAmountAndWeight(a: OutputGroup, b: OutputGroup): number {
  return b.amount - a.amount || a.weight - b.weight;
}

/** For each group, of those behind it: their sum, and the least weight. */
function tailsOf(groups: readonly OutputGroup[]): {
  readonly total: number;
  readonly lookahead: Float64Array;
  readonly minTailWeight: Float64Array;
} {
  const lookahead = new Float64Array(groups.length);
  const minTailWeight = new Float64Array(groups.length);
  let [total, lightest] = [0, Number.POSITIVE_INFINITY];
  for (let index = groups.length - 1; index >= 0; index--) {
    const { amount, weight } = present(groups[index], "groups[index]");
    lookahead[index] = total;
    minTailWeight[index] = lightest;
    total += amount;
    lightest = Math.min(lightest, weight);
  }
  return { total, lookahead, minTailWeight };
}

/** The next move of the search. */
type Move = "explore" | "shift" | "cut";

class Grinder {
  readonly #groups: readonly OutputGroup[];
  readonly #target: number;
  readonly #maxWeight: number;
  readonly #tails: ReturnType<typeof tailsOf>;
  readonly #chosen: number[] = [];
  #amount = 0;
  #weight = 0;
  #next = 0;
  best: readonly number[] = [];
  #bestWeight: number;
  #bestAmount = Number.POSITIVE_INFINITY;
  isTooHeavy: boolean = false;
  tries: number = 0;

  constructor(groups: readonly OutputGroup[], target: number, maxWeight: number) {
    this.#groups = groups;
    this.#target = target;
    this.#maxWeight = maxWeight;
    this.#bestWeight = maxWeight;
    this.#tails = tailsOf(groups);
  }

  get isPossible(): boolean {
    return this.#tails.total >= this.#target && this.#groups.length > 0;
  }

  search(): void {
    for (;;) {
      const group = this.#group(this.#next);
      this.#amount += group.amount;
      this.#weight += group.weight;
      this.#chosen.push(this.#next++);
      const move = this.#evaluate(group, this.#next - 1);
      if (++this.tries >= TOTAL_TRIES) return;
      const isLast = this.#next === this.#groups.length;
      if (isLast || move === "cut") this.#dropLast();
      else if (move === "explore") continue;
      if (!this.#shift()) return;
    }
  }

  /** Looks at the groups chosen so far, of which this is the last. */
  #evaluate(group: OutputGroup, tail: number): Move {
    const lookahead = present(this.#tails.lookahead[tail], "lookahead[tail]");
    const lightest = present(this.#tails.minTailWeight[tail], "minTailWeight[tail]");
    if (this.#amount + lookahead < this.#target) return "cut";
    // Without a lighter group behind it, the same number of groups would weigh as much again.
    const giveUp: Move = group.weight <= lightest ? "cut" : "shift";
    if (this.#weight > this.#bestWeight) {
      this.isTooHeavy ||= this.#weight > this.#maxWeight;
      return giveUp;
    }
    if (this.#amount >= this.#target) {
      const isLighter = this.#weight < this.#bestWeight;
      if (isLighter || this.#amount < this.#bestAmount) {
        this.best = [...this.#chosen];
        this.#bestWeight = this.#weight;
        this.#bestAmount = this.#amount;
      }
      return "shift";
    }
    // Groups behind this one are no larger: so many more are needed, and weigh so much at least.
    const more = Math.ceil((this.#target - this.#amount) / group.amount);
    if (this.best.length > 0 && this.#weight + lightest * more > this.#bestWeight) return giveUp;
    return "explore";
  }

  /** Leaves the last group out and goes on behind it. @returns whether anything is left to be tried */
  #shift(): boolean {
    for (;;) {
      const last = this.#chosen.at(-1);
      if (last === undefined) return false;
      this.#dropLast();
      this.#next = last + 1;
      // Groups of the same amount are as heavy or heavier: they lead to nothing better than the one left out.
      const { amount } = this.#group(last);
      while (this.#groups[this.#next]?.amount === amount) this.#next++;
      if (this.#next < this.#groups.length) return true;
    }
  }

  #dropLast(): void {
    const group = this.#group(present(this.#chosen.pop(), "a group to drop"));
    this.#amount -= group.amount;
    this.#weight -= group.weight;
  }

  #group(index: number): OutputGroup {
    return present(this.#groups[index], "groups[index]");
  }
}

/**
 * The groups of least weight that reach the target and a change output, for high fee rates: a search over all sets,
 * which gives up a branch as soon as it can't become lighter than the best one.
 * @param changeTarget least amount of the change
 */
export function coinGrinder(
  request: SearchRequest,
  changeTarget: number,
): SelectionResult | NotFound {
  const { target, maxWeight, subtractsFee } = request;
  const groups = [...request.groups].sort(byAmountAndWeight);
  const grinder = new Grinder(groups, target + changeTarget, maxWeight);
  if (!grinder.isPossible) return "insufficient";
  grinder.search();
  if (grinder.best.length === 0) return grinder.isTooHeavy ? "too-heavy" : "insufficient";
  const taken = grinder.best.map((i) => present(groups[i], "groups[i]"));
  return SelectionResult.ofGroups("cg", target, taken, subtractsFee, grinder.tries);
}
