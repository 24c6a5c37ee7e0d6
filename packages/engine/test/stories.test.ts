/** The block catalogue, put to the chain manager: the same verdicts as the rules alone, and the same coins. */
import { nobleVerifier } from "@chain/core";
import { MemoryStore } from "@chain/storage";
import { NaiveNode } from "@chain/testing/naiveNode";
import { rememberingVerifier } from "@chain/testing/scriptCases";
import { allStories } from "@chain/testing/stories";
import { describe, expect, test } from "vitest";
import type { ChainManager } from "../src/chain/manager.ts";
import { openNode } from "./support/chains.ts";

describe.each(allStories())("$name", ({ params, steps }) => {
  const verifier = rememberingVerifier(nobleVerifier);
  const twin = new NaiveNode(params, verifier);
  const store = new MemoryStore();
  const open = async () => (await openNode({ params, store, verifier })).chain;
  let chain: ChainManager | undefined;

  test.each(steps)("$name: $expected", async ({ raw, hash, expected }) => {
    chain ??= await open();
    const verdict = await chain.acceptBlock(raw, { requested: true });
    const outcome = verdict.ok
      ? chain.tip.hash === hash
        ? "tip"
        : "side"
      : `${verdict.kind}: ${verdict.reason}`;
    expect(outcome).toBe(expected);
    twin.accept(raw);
    expect(chain.tip.hash).toBe(twin.chain.tip.hash);
    const located = [...twin.chain.coins.values()];
    const total = located.reduce((sum, { coin }) => sum + coin.value, 0n);
    expect(await chain.coinStatistics()).toMatchObject({ count: located.length, total });
  });

  test("has the coins of its twin in the end, and after a restart", async () => {
    for (const again of [chain as ChainManager, await open()]) {
      const located = [...twin.chain.coins.values()];
      const coins = await again.getCoins(located.map(({ outpoint }) => outpoint));
      expect(coins).toEqual(located.map(({ coin }) => coin));
      expect(again.tip.hash).toBe(twin.chain.tip.hash);
    }
  });
});
