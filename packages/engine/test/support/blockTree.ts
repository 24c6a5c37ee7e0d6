/** Random trees of blocks. */
import type { AncestorView, Block } from "@chain/core";
import { makeBlock } from "@chain/testing/blockFactory";
import fc from "fast-check";
import { COIN_VALUE, coinbaseOf, output, params, spend } from "./chains.ts";

/** One block of a random tree. */
export interface Plan {
  /** Index among the blocks before it, the genesis block first. */
  readonly parent: number;
  readonly bad: boolean;
  readonly spends: boolean;
}

export interface Planned {
  readonly block: Block;
  readonly parent: Planned | undefined;
  readonly height: number;
  readonly bad: boolean;
}

export function build(plans: readonly Plan[]): Planned[] {
  const views: View[] = [view(params.genesis, undefined)];
  const planned: Planned[] = [{ block: params.genesis, parent: undefined, height: 0, bad: false }];
  plans.forEach(({ parent: index, bad, spends }, i) => {
    const parent = planned[index % planned.length] as Planned;
    const above = views[index % planned.length] as View;
    // The coin of the parent's coinbase is always there to be spent, and split.
    const payment = spend([coinbaseOf(parent.block)], [3n, COIN_VALUE - 3n]);
    const block = makeBlock({
      parent: above,
      params,
      extra: i + 1,
      transactions: spends ? [payment, spend([output(payment)], [2n])] : [],
      reward: COIN_VALUE + (bad ? 2n : 0n),
    });
    planned.push({ block, parent, height: parent.height + 1, bad });
    views.push(view(block, above));
  });
  return planned;
}

interface View extends AncestorView {
  readonly parent: View | undefined;
}

function view({ header, hash }: Block, parent: View | undefined): View {
  const height = parent === undefined ? 0 : parent.height + 1;
  const times: number[] = [];
  const node: View = {
    ...header,
    hash,
    height,
    parent,
    get medianTimePast() {
      times.length = 0;
      for (let n: View | undefined = node; n !== undefined && times.length < 11; n = n.parent) {
        times.push(n.time);
      }
      times.sort((a, b) => a - b);
      return times[times.length >> 1] as number;
    },
    ancestor(at: number): View | undefined {
      let n: View | undefined = node;
      while (n !== undefined && n.height > at) n = n.parent;
      return n;
    },
  };
  return node;
}

export const plans: fc.Arbitrary<Plan[]> = fc.array(
  fc.record({
    parent: fc.nat(),
    bad: fc.integer({ min: 0, max: 7 }).map((n) => n === 0),
    spends: fc.boolean(),
  }),
  { minLength: 1, maxLength: 24 },
);
