/** Coins to spend are read while the chain goes on. */

import { spendableCoins } from "@chain/engine";
import { testKey } from "@chain/testing/blockFactory";
import { payAll } from "@chain/testing/nodes";
import { newChain } from "@chain/testing/place";
import { expect, it, onTestFinished } from "vitest";
import { mineBlock, openOffline } from "../src/offline.ts";

it("is of one moment, though a block confirms a payment while coins are read", async () => {
  const offline = await openOffline(await newChain());
  onTestFinished(() => offline.close());
  const { chain } = offline;
  const { script } = testKey(0);
  await mineBlock(chain, testKey(2).script);
  const payment = await payAll(offline, { from: testKey(2), to: testKey(0) });
  expect((await chain.acceptTransaction(payment)).ok).toBe(true);

  const read = chain.unspentByScript.bind(chain);
  chain.unspentByScript = async function* (scriptPubKey) {
    for await (const coin of read(scriptPubKey)) {
      yield coin;
      await mineBlock(chain, testKey(3).script);
    }
  };
  const coins = await spendableCoins(chain, script);
  expect(chain.mempool.count).toBe(0);
  expect(coins.map(({ coin, pending }) => [coin.value, pending])).toEqual([
    [1_000_000_000n, false],
    [1_000_000_000n, true],
  ]);
});
