/** Coins in random order until they suffice. Core: SelectCoinsSRD. */

import { present } from "@chain/core/arguments";
import type { SearchRequest } from "./branchAndBound.ts";
import type { OutputGroup } from "./candidate.ts";
import type { Random } from "./random.ts";
import { type NotFound, SelectionResult } from "./selectionResult.ts";

/** Least change that is aimed at. Core: CHANGE_LOWER. */
export const CHANGE_LOWER = 50_000;

/**
 * Draws groups until they reach the target and a change output that is worth making. While they are too heavy, the ones
 * of least amount are put back, so that it can fail where another choice would suffice.
 */
export function singleRandomDraw(
  { groups, target, maxWeight, subtractsFee }: SearchRequest,
  changeFee: number,
  random: Random,
): SelectionResult | NotFound {
  const wanted = target + CHANGE_LOWER + changeFee;
  const heap = new LeastFirst();
  let [amount, weight, tooHeavy] = [0, 0, false];
  for (const group of random.shuffle([...groups])) {
    heap.push(group);
    amount += group.amount;
    weight += group.weight;
    while (weight > maxWeight && heap.groups.length > 0) {
      tooHeavy = true;
      const least = heap.pop();
      amount -= least.amount;
      weight -= least.weight;
    }
    if (amount >= wanted) {
      return SelectionResult.ofGroups("srd", target, heap.groups, subtractsFee);
    }
  }
  return tooHeavy ? "too-heavy" : "insufficient";
}

/** A binary heap with the group of least amount on top. */
class LeastFirst {
  readonly groups: OutputGroup[] = [];

  push(group: OutputGroup): void {
    const { groups } = this;
    let index = groups.push(group) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = present(groups[parent], "groups[parent]");
      if (above.amount <= group.amount) break;
      groups[index] = above;
      groups[parent] = group;
      index = parent;
    }
  }

  pop(): OutputGroup {
    const { groups } = this;
    const top = present(groups[0], "groups[0]");
    const last = present(groups.pop(), "groups.pop()");
    if (groups.length === 0) return top;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const [a, b] = [groups[left], groups[left + 1]];
      const least = b !== undefined && a !== undefined && b.amount < a.amount ? left + 1 : left;
      const below = groups[least];
      if (below === undefined || below.amount >= last.amount) break;
      groups[index] = below;
      index = least;
    }
    groups[index] = last;
    return top;
  }
}
