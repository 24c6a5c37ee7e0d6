import { type AncestorView, type Block, type OutpointKey, outpointKey } from "@chain/core";
import { MemoryStore } from "@chain/storage";
import { makeBlock } from "@chain/testing/blockFactory";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { COIN_VALUE, coinbaseOf, openNode, output, params, spend } from "../support/chains.ts";
import { SessionStore } from "../support/sessionStore.ts";

/** One block of a random tree. */
interface Plan {
  /** Index among the blocks before it, the genesis block first. */
  readonly parent: number;
  readonly bad: boolean;
  readonly spends: boolean;
}

interface Planned {
  readonly block: Block;
  readonly parent: Planned | undefined;
  readonly height: number;
  readonly bad: boolean;
}

function build(plans: readonly Plan[]): Planned[] {
  const views: View[] = [view(params.genesis, undefined)];
  const planned: Planned[] = [{ block: params.genesis, parent: undefined, height: 0, bad: false }];
  plans.forEach(({ parent: index, bad, spends }, i) => {
    const parent = planned[index % planned.length] as Planned;
    const above = views[index % planned.length] as View;
    // What the parent's coinbase made is always there to be spent, and split.
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

/** The naive twin: looks at everything again after each block. Equal work is equal height here. */
class Twin {
  #tip: Planned;
  readonly #known: Planned[];

  constructor(genesis: Planned) {
    this.#tip = genesis;
    this.#known = [genesis];
  }

  get tip(): Planned {
    return this.#tip;
  }

  take(block: Planned): void {
    this.#known.push(block);
    const whole = (each: Planned): boolean =>
      each.parent === undefined || (this.#known.includes(each) && !each.bad && whole(each.parent));
    for (const each of this.#known) {
      if (each.height > this.#tip.height && whole(each)) this.#tip = each;
    }
  }

  coins(): Map<OutpointKey, bigint> {
    const path: Planned[] = [];
    for (let each: Planned | undefined = this.#tip; each !== undefined; each = each.parent) {
      path.unshift(each);
    }
    const coins = new Map<OutpointKey, bigint>();
    for (const { block } of path) {
      for (const transaction of block.transactions) {
        for (const { prevout } of transaction.inputs) coins.delete(outpointKey(prevout));
        transaction.outputs.forEach(({ value }, vout) => {
          coins.set(outpointKey(output(transaction, vout)), value);
        });
      }
    }
    return coins;
  }
}

const plans = fc.array(
  fc.record({
    parent: fc.nat(),
    bad: fc.integer({ min: 0, max: 7 }).map((n) => n === 0),
    spends: fc.boolean(),
  }),
  { minLength: 1, maxLength: 24 },
);

describe("a random tree of blocks in a random order", () => {
  it("ends with the height and coins of a naive twin, restarts included", async () => {
    await fc.assert(
      fc.asyncProperty(plans, fc.infiniteStream(fc.nat()), async (plan, random) => {
        const [genesis, ...tree] = build(plan) as [Planned, ...Planned[]];
        const disk = new MemoryStore();
        let { chain } = await openNode({ store: new SessionStore(disk) });
        const twin = new Twin(genesis);
        const queue = [...tree];
        const next = () => random.next().value as number;
        // Headers in an order that connects; bodies in any order.
        await chain.acceptHeaders(tree.map(({ block }) => block.header));
        while (queue.length > 0) {
          const [planned] = queue.splice(next() % queue.length, 1) as [Planned];
          await chain.acceptBlock(planned.block, { requested: true });
          twin.take(planned);
          if (next() % 5 === 0) {
            ({ chain } = await openNode({ store: new SessionStore(disk) }));
          }
          expect(chain.tip.height).toBe(twin.tip.height);
        }
        const { count, total } = await chain.coinStatistics();
        // Where one body completes several equally high branches at once, any of them will do.
        const own = tree.find(({ block }) => block.hash === chain.tip.hash) ?? genesis;
        const coins = new Twin(genesis);
        for (let each: Planned | undefined = own; each?.parent !== undefined; each = each.parent) {
          coins.take(each);
        }
        expect(coins.tip).toBe(own);
        const expected = [...coins.coins().values()];
        expect({ count, total }).toEqual({
          count: expected.length,
          total: expected.reduce((sum, value) => sum + value, 0n),
        });
      }),
      { numRuns: 60 },
    );
  });
});
