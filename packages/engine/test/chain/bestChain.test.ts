import { expect, it } from "vitest";
import { coinbaseOf, grow, mine, openNode, params, spend } from "../support/chains.ts";
import { TransactionIndex } from "../support/transactionIndex.ts";

it("BestChain tells followers and listeners of a reorganisation in one order: blocks, mempool, tip", async () => {
  const { chain, events } = await openNode();
  const fork = chain.tip;
  const payment = spend([coinbaseOf(params.genesis)], [7n]);
  const rival = spend([coinbaseOf(params.genesis)], [8n]);
  const old = await mine(chain, fork, [payment]);
  const told: string[] = [];
  class Listening extends TransactionIndex {
    override async apply(...[changes, end]: Parameters<TransactionIndex["apply"]>) {
      await super.apply(changes, end);
      told.push(...changes.map(({ type }) => type));
    }
  }
  const follower = new Listening({ mempool: true });
  await (await chain.follow(follower)).caughtUp;
  told.length = 0;
  events.length = 0;

  const side = await grow(chain, fork, 1, 1);
  expect([told, events]).toEqual([[], []]); // as much work as the tip has, and it came later
  await grow(chain, side, 1, 2);
  const order = ["block-disconnected", "block-connected", "block-connected", "transaction-added"];
  expect(told).toEqual(order);
  expect(events.map(({ type }) => type)).toEqual([...order, "tip-changed"]);
  expect(events.at(-1)).toMatchObject({ forkHeight: 0, height: 2 });

  told.length = 0;
  await mine(chain, chain.tip, [rival]);
  expect(told).toEqual(["block-connected", "transaction-removed"]);
  expect(old.height).toBe(1);
});
