import { summary } from "@chain/testing/blockFactory";
import { describe, expect, it } from "vitest";
import { spend } from "../support/chains.ts";
import { removals, withCoins } from "../support/mempools.ts";

describe("a full mempool", () => {
  it("keeps those who came first among those who pay the same", async () => {
    const { chain, coins, events } = await withCoins(3, { mempool: { maxMemory: 2500 } });
    const all = coins.map((coin) => spend([coin], [1_000_000n - 500n]));
    const verdicts = [];
    for (const each of all) verdicts.push(summary(await chain.acceptTransaction(each)));
    expect(verdicts).toEqual(["ok", "ok", "policy: mempool full"]);
    expect(removals(events)).toEqual([]);
  });
});
