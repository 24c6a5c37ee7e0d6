import { MempoolFees, type MempoolView } from "@chain/engine";
import { describe, expect, it } from "vitest";
import type { MempoolEntry } from "../../src/mempool/entry.ts";

/** A mempool of transactions of 10,000 virtual bytes each, which pay these fee rates. */
function mempoolOf(rates: readonly bigint[]): MempoolView {
  const entries = rates.map((rate, sequence) => {
    const [fee, size] = [rate * 10n, 10_000];
    const total = { count: 1, size, fees: fee };
    const transaction = { weight: 4 * size };
    const relations = { parents: new Set(), children: new Set() };
    const paid = { fee, modifiedFee: fee, ancestors: total, descendants: total };
    return { transaction, size, sigopCost: 0, sequence, ...paid, ...relations };
  });
  const view: Pick<MempoolView, "entries" | "minFeeRate"> = {
    entries: () => (entries as unknown as MempoolEntry[]).values(),
    minFeeRate: () => 100n,
  };
  return view as MempoolView;
}

/** After six blocks, of whose weight the mempool had so much. */
function feesOf(chain: { mempool: MempoolView; now: number }, known = 4_000_000): MempoolFees {
  const fees = new MempoolFees(chain);
  for (let height = 11; height <= 16; height++) {
    fees.blockConnected({ height, weight: 4_000_000, known });
  }
  return fees;
}

describe("MempoolFees", () => {
  it("answers what the middle of the next block pays, or three quarters of it", () => {
    // 150 of them, of which 100 fill a block.
    const rates = Array.from({ length: 150 }, (_, i) => BigInt(1_000 + i));
    const fees = feesOf({ mempool: mempoolOf(rates), now: 0 });
    expect(fees.estimate(true)).toBe(1_100n);
    expect(fees.estimate(false)).toBe(1_075n);
  });

  it("answers the least that is taken where too little waits to fill a block", () => {
    const rates = Array.from({ length: 60 }, () => 5_000n);
    const fees = feesOf({ mempool: mempoolOf(rates), now: 0 });
    expect(fees.estimate(true)).toBe(5_000n);
    expect(fees.estimate(false)).toBe(100n);
  });

  it("answers only where the mempool had three quarters of the last six blocks", () => {
    const chain = { mempool: mempoolOf([]), now: 0 };
    expect(feesOf(chain, 3_000_000).estimate(false)).toBe(100n);
    expect(feesOf(chain, 2_999_999).estimate(false)).toBeUndefined();
    const fees = new MempoolFees(chain);
    for (let height = 1; height <= 5; height++) {
      fees.blockConnected({ height, weight: 100, known: 0 });
    }
    expect(fees.estimate(false)).toBeUndefined();
    // Together they hold too little to tell.
    fees.blockConnected({ height: 6, weight: 100, known: 0 });
    expect(fees.estimate(false)).toBe(100n);
    fees.blockConnected({ height: 5, weight: 100, known: 0 });
    expect(fees.estimate(false)).toBeUndefined();
    fees.blockConnected({ height: 6, weight: 100, known: 0 });
    expect(fees.estimate(false)).toBe(100n);
    fees.blockConnected({ height: 8, weight: 100, known: 0 });
    expect(fees.estimate(false)).toBeUndefined();
  });

  it("chooses again after seven seconds, or with a block", () => {
    const chain = { mempool: mempoolOf([]), now: 0 };
    const fees = feesOf(chain);
    expect(fees.estimate(false)).toBe(100n);
    chain.mempool = mempoolOf(Array.from({ length: 100 }, () => 9_000n));
    chain.now = 7_000;
    expect(fees.estimate(false)).toBe(100n);
    chain.now = 7_001;
    expect(fees.estimate(false)).toBe(9_000n);
    chain.mempool = mempoolOf([]);
    fees.blockConnected({ height: 17, weight: 4_000_000, known: 4_000_000 });
    expect(fees.estimate(false)).toBe(100n);
  });
});
