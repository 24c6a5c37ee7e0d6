/** A chain with payments to put into compact blocks. */

import type { Transaction } from "@chain/core";
import { payment, TestChain, testKey } from "@chain/testing/blockFactory";

export const source: TestChain = new TestChain();
for (let i = 0; i < 12; i++) source.mine();

export const pay = (height: number, to = 3): Transaction => {
  const coin = source.coinbaseCoin(height);
  return payment({
    coins: [coin],
    outputs: [{ value: coin.coin.value, scriptPubKey: testKey(to).script }],
  });
};
