import { type OutpointKey, outpointKey } from "@chain/core";
import { MemoryStore } from "@chain/storage";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { build, type Planned, plans } from "../support/blockTree.ts";
import { openNode, output } from "../support/chains.ts";
import { SessionStore } from "../support/sessionStore.ts";

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
