import { summary } from "@chain/testing/blockFactory";
import { describe, expect, it } from "vitest";
import { mine, output, spend } from "../support/chains.ts";
import { withCoins } from "../support/mempools.ts";

describe("the memory of a mempool", () => {
  it("is counted as Core counts it", async () => {
    const { chain, coins } = await withCoins(3);
    expect(chain.mempool.memory).toBe(0);
    const parent = spend([coins[0]!], [10n, 20n]);
    // Core 29: an entry 416, its place among the spent 64, the transaction 144 and its counter 48, the input 128, two
    // outputs 96, scriptSig of 106 bytes 128, and 32 for the pointer among all.
    await chain.acceptTransaction(parent);
    expect(chain.mempool.memory).toBe(416 + 64 + 144 + 48 + 128 + 96 + 128 + 32);
    // The link to its parent is known to both, and there are two pointers of 16.
    const child = spend([output(parent)], [10n]);
    await chain.acceptTransaction(child);
    expect(chain.mempool.memory).toBe(1024 + 416 + 64 + 144 + 48 + 128 + 64 + 128 + 2 * 64 + 48);
    await mine(chain, chain.tip, [parent]);
    expect(chain.mempool.memory).toBe(416 + 64 + 144 + 48 + 128 + 64 + 128 + 32);
  });

  it("is bounded by what it really takes where that is far more", async () => {
    const maxMemory = 10_000;
    const { chain, coins } = await withCoins(3, { mempool: { maxMemory } });
    const verdicts: string[] = [];
    for (const [n, coin] of coins.entries()) {
      const wide = spend([coin], new Array<bigint>(50).fill(BigInt(n)));
      verdicts.push(summary(await chain.acceptTransaction(wide)));
    }
    // Each is counted as 3 kB, and takes 13 kB.
    expect(verdicts).toEqual(["ok", "ok", "policy: mempool full"]);
    expect(chain.mempool.memory).toBeLessThan(0.7 * maxMemory);
  });
});
