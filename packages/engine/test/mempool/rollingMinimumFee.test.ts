import type { Outpoint } from "@chain/core";
import { summary } from "@chain/testing/blockFactory";
import { describe, expect, it } from "vitest";
import { mine, output, spend } from "../support/chains.ts";
import { removals, withCoins } from "../support/mempools.ts";

const HOUR = 60 * 60 * 1000;

describe("a full mempool", () => {
  it("throws out what pays least with its descendants, and asks for more until it has room", async () => {
    const one = 1250; // more than one, less than two
    const { chain, coins, events, clock } = await withCoins(6, { mempool: { maxMemory: 4 * one } });
    const [a, b, c, d, e, f] = coins as [
      Outpoint,
      Outpoint,
      Outpoint,
      Outpoint,
      Outpoint,
      Outpoint,
    ];
    const poor = spend([a], [1_000_000n - 100n]);
    const rich = spend([output(poor)], [1_000_000n - 900n]);
    const middle = spend([b], [1_000_000n - 300n]);
    const other = spend([c], [1_000_000n - 350n]);
    for (const each of [poor, rich, middle, other]) {
      expect(summary(await chain.acceptTransaction(each))).toBe("ok");
    }
    events.length = 0;
    // The child pays for its parent, so the one in the middle goes.
    const better = spend([d], [1_000_000n - 1000n]);
    expect(summary(await chain.acceptTransaction(better))).toBe("ok");
    expect(removals(events)).toEqual([[middle.txid, "size-limit"]]);
    expect(chain.mempool.memory).toBeLessThanOrEqual(4 * one);

    const rate = (300n * 1000n) / BigInt(middle.virtualSize) + 1000n;
    expect(chain.mempool.minFeeRate(clock.now())).toBe(rate);
    const size = BigInt(middle.virtualSize);
    const needed = (rate * size + 999n) / 1000n;
    const short = spend([e], [1_000_000n - needed + 1n]);
    expect(summary(await chain.acceptTransaction(short))).toBe("policy: mempool min fee not met");
    expect(summary(await chain.acceptTransaction(spend([e], [1_000_000n - needed])))).toBe("ok");
    expect(removals(events).at(-1)).toEqual([other.txid, "size-limit"]);

    // One that is large and pays enough by the price, but less than those that would have to go for it.
    const large = spend([f], [1_000_000n - 9000n, ...new Array<bigint>(80).fill(0n)]);
    const before = [...chain.mempool.entries()].map((entry) => [
      entry.transaction,
      entry.time,
      entry.ancestors,
    ]);
    expect(summary(await chain.acceptTransaction(large))).toBe("policy: mempool full");
    const after = [...chain.mempool.entries()].map((entry) => [
      entry.transaction,
      entry.time,
      entry.ancestors,
    ]);
    expect(new Set(after)).toEqual(new Set(before));
    expect(removals(events)).toHaveLength(2);
    expect(chain.mempool.get(large.txid)).toBeUndefined();
    expect(chain.mempool.count).toBe(4);

    // No block, no room: the price stands. After a block it halves, faster as the mempool is empty.
    const risen = chain.mempool.minFeeRate(clock.now());
    clock.milliseconds += 48 * HOUR;
    expect(chain.mempool.minFeeRate(clock.now())).toBe(risen);
    const all = [...chain.mempool.entries()].map(({ transaction }) => transaction);
    await mine(chain, chain.tip, all);
    clock.milliseconds += 3 * HOUR;
    const halved = chain.mempool.minFeeRate(clock.now());
    expect(halved).toBeGreaterThanOrEqual(risen / 2n);
    expect(halved).toBeLessThanOrEqual(risen / 2n + 1n > 1000n ? risen / 2n + 1n : 1000n);
    clock.milliseconds += 12 * HOUR;
    expect(chain.mempool.minFeeRate(clock.now())).toBe(0n);
  });
});
