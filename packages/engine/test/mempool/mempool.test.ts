import type { Outpoint } from "@chain/core";
import { describe, expect, it } from "vitest";
import { grow, mine, output, spend } from "../support/chains.ts";
import { removals, withCoins } from "../support/mempools.ts";

const HOUR = 60 * 60 * 1000;

describe("a waiting transaction", () => {
  it("is found by its ids and by what it spends, and is a coin for others", async () => {
    const { chain, coins, clock, events } = await withCoins(1);
    const [coin] = coins as [Outpoint];
    const parent = spend([coin], [600_000n, 399_000n]);
    const child = spend([output(parent, 1)], [398_000n]);
    expect(await chain.acceptTransaction(parent)).toEqual({ ok: true, fee: 1000n });
    expect(await chain.acceptTransaction(child)).toEqual({ ok: true, fee: 1000n });
    const { mempool } = chain;
    expect(mempool.get(parent.txid)).toMatchObject({ fee: 1000n, time: clock.now() });
    expect(mempool.getByWtxid(child.wtxid)?.transaction).toBe(child);
    expect(mempool.spenderOf(coin)?.transaction).toBe(parent);
    expect(mempool.coin(output(parent), 2)).toMatchObject({ value: 600_000n, height: 2 });
    expect([...mempool.entries()].map(({ transaction }) => transaction)).toEqual([parent, child]);
    expect(events.map(({ type }) => type)).toEqual(["transaction-added", "transaction-added"]);
  });

  it("leaves with the block that holds it, and with the one that holds its rival", async () => {
    const { chain, coins, events } = await withCoins(2);
    const [coin, other] = coins as [Outpoint, Outpoint];
    const good = spend([coin], [1n]);
    const after = spend([output(good)], [1n]);
    const loser = spend([other], [2n]);
    const loserChild = spend([output(loser)], [2n]);
    for (const each of [good, after, loser, loserChild]) await chain.acceptTransaction(each);
    events.length = 0;
    await mine(chain, chain.tip, [good, spend([other], [3n])]);
    expect(removals(events)).toEqual([
      [good.txid, "block"],
      [loserChild.txid, "conflict"],
      [loser.txid, "conflict"],
    ]);
    expect([...chain.mempool.entries()].map(({ transaction }) => transaction)).toEqual([after]);
    expect(chain.mempool.get(after.txid)?.ancestors.count).toBe(1);
  });

  it("is dropped after two weeks, with what depends on it", async () => {
    const { chain, coins, clock, events } = await withCoins(2);
    const [coin, other] = coins as [Outpoint, Outpoint];
    const old = spend([coin], [1n]);
    await chain.acceptTransaction(old);
    clock.milliseconds += HOUR;
    const child = spend([output(old)], [1n]);
    const young = spend([other], [2n]);
    await chain.acceptTransaction(child);
    await chain.acceptTransaction(young);
    clock.milliseconds += 336 * HOUR - HOUR;
    await grow(chain, chain.tip, 1);
    expect(chain.mempool.count).toBe(3);
    clock.milliseconds += 1;
    await grow(chain, chain.tip, 1);
    expect(removals(events)).toEqual([
      [child.txid, "expiry"],
      [old.txid, "expiry"],
    ]);
    expect(chain.mempool.count).toBe(1);
  });
});
