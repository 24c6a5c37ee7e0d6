import { Rng } from "@chain/testing/random";
import { Stranger } from "@chain/testing/stranger";
import { describe, expect, it } from "vitest";
import { FeeFilter } from "../../../src/net/transactions/feeFilter.ts";
import { nodeWith } from "../../support/nodes.ts";

describe("FeeFilter", () => {
  const HOUR = 3_600_000;
  function setUp(least = 0n) {
    let rate = 0n;
    const filter = new FeeFilter({ random: new Rng(9), raised: () => rate, least });
    const run = (from: number, to: number) => {
      const told: { at: number; feeRate: bigint }[] = [];
      for (let at = from; at < to; at += 1_000) {
        for (const action of filter.tick(at)) {
          if (action.type !== "send" || action.message.command !== "feefilter") continue;
          told.push({ at, feeRate: action.message.feeRate });
        }
      }
      return told;
    };
    return {
      filter,
      run,
      ask: (next: bigint) => {
        rate = next;
      },
    };
  }

  it("says nothing to those who don't know it, and nothing where there is nothing to say", () => {
    const { filter, ask, run } = setUp();
    expect(filter.add(1, 70_013, 0)).toEqual([]);
    ask(5_000n);
    expect(filter.add(2, 70_012, 0)).toEqual([]);
    filter.remove(1);
    expect(run(0, HOUR)).toEqual([]);
  });

  it("tells a new peer at once, and all after a while, about what it asks and never less than it does", () => {
    const { filter, ask, run } = setUp(1_000n);
    for (let peer = 1; peer <= 50; peer++) {
      expect(filter.add(peer, 70_016, 0)).toMatchObject([{ message: { feeRate: 1_000n } }]);
    }
    ask(50_000n);
    const [first] = run(0, HOUR);
    expect(first?.at).toBeLessThan(5 * 60_000 + 1_000);
    const rates = run(HOUR, 48 * HOUR).map(({ feeRate }) => Number(feeRate));
    expect(new Set(rates).size).toBe(2);
    for (const rate of rates) expect(Math.abs(Math.log(rate / 50_000))).toBeLessThan(Math.log(1.1));
    ask(0n);
    expect(run(48 * HOUR, 49 * HOUR).at(-1)?.feeRate).toBe(1_000n);
  });
});

describe("transactions from peers", () => {
  it("ignores a feefilter that no amount of money can pay", async () => {
    const { network, node } = await nodeWith(1);
    const stranger = await Stranger.connect(network, node);
    const rates: (bigint | undefined)[] = [];
    for (const feeRate of [
      5_000n,
      -1n,
      2_100_000_000_000_001n,
      2n ** 62n,
      2_100_000_000_000_000n,
      0n,
    ]) {
      stranger.say({ command: "feefilter", feeRate });
      await network.time.pass(100);
      rates.push(node.node.peers()[0]?.minFeeRate);
    }
    const [some, most] = [5_000n, 2_100_000_000_000_000n];
    expect(rates).toEqual([some, some, some, some, most, 0n]);
  });
});
