import type { Outpoint } from "@chain/core";
import { describe, expect, it } from "vitest";
import { blockTemplate } from "../../src/mining/template.ts";
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

  it("is dropped in time where the clock was set back after the first one came", async () => {
    const { chain, coins, clock } = await withCoins(3);
    const [first, second, trigger] = coins.map((coin) => spend([coin], [1n]));
    await chain.acceptTransaction(first!);
    clock.milliseconds -= 10 * HOUR;
    await chain.acceptTransaction(second!);
    clock.milliseconds += 336 * HOUR + 1;
    await chain.acceptTransaction(trigger!);
    expect(chain.mempool.get(second!.txid)).toBeUndefined();
    expect(chain.mempool.get(first!.txid)).toBeDefined();
  });
});

describe("a prioritised transaction", () => {
  it("counts as paying more or less: for blocks, for its relatives and for the least fee", async () => {
    const { chain, coins } = await withCoins(3, { policy: { minRelayFeeRate: 1000n } });
    const [one, two, three] = coins as [Outpoint, Outpoint, Outpoint];
    const rich = spend([one], [990_000n]);
    const parent = spend([two], [999_000n]);
    const child = spend([output(parent)], [998_000n]);
    const free = spend([three], [1_000_000n]);
    for (const each of [rich, parent, child]) {
      expect(await chain.acceptTransaction(each)).toMatchObject({ ok: true });
    }
    const order = () =>
      blockTemplate(chain, new Uint8Array(0)).entries.map(({ transaction }) => transaction);
    expect(order()).toEqual([rich, parent, child]);

    await chain.prioritiseTransaction(child.txid, 50_000n);
    expect(order()).toEqual([parent, child, rich]);
    const { mempool } = chain;
    expect(mempool.get(child.txid)).toMatchObject({
      fee: 1000n,
      modifiedFee: 51_000n,
      ancestors: { fees: 52_000n },
    });
    expect(mempool.get(parent.txid)?.descendants.fees).toBe(52_000n);

    // The rest of it is less than nothing, and so is the sum that its child pays for both.
    await chain.prioritiseTransaction(parent.txid, -60_000n);
    expect(order()).toEqual([rich]);

    expect(await chain.acceptTransaction(free)).toMatchObject({ reason: "min relay fee not met" });
    await chain.prioritiseTransaction(free.txid, 300n);
    expect(await chain.testTransaction(free)).toMatchObject({ fee: 0n, modifiedFee: 300n });
    expect(await chain.acceptTransaction(free)).toEqual({ ok: true, fee: 0n });
    expect(blockTemplate(chain, new Uint8Array(0)).fees).toBe(10_000n);
  });

  it("is one until a block holds it, also across a reorganisation", async () => {
    const { chain, coins } = await withCoins(2);
    const [one, two] = coins as [Outpoint, Outpoint];
    const [stays, mined] = [spend([one], [1n]), spend([two], [1n])];
    const { tip } = chain;
    for (const each of [stays, mined]) {
      await chain.acceptTransaction(each);
      await chain.prioritiseTransaction(each.txid, 5n);
    }
    await mine(chain, tip, [mined]);
    expect([...chain.mempool.feeDeltas()]).toEqual([[stays.txid, 5n]]);
    await chain.invalidateBlock(chain.tip);
    expect(chain.mempool.get(stays.txid)?.modifiedFee).toBe(999_999n + 5n);
    expect(chain.mempool.get(mined.txid)?.modifiedFee).toBe(999_999n);
  });
});
