import type { Outpoint } from "@chain/core";
import { MemoryStore } from "@chain/storage";
import { expect, it } from "vitest";
import { CoinReader } from "../../src/chain/coinReader.ts";
import { COIN_VALUE, coinbaseOf, openNode, params } from "../support/chains.ts";

it("CoinReader reads what it lacks in one go, and nothing twice, absent coins included", async () => {
  const questions: (readonly Outpoint[])[] = [];
  class Counting extends MemoryStore {
    override getCoins(outpoints: readonly Outpoint[]) {
      questions.push(outpoints);
      return super.getCoins(outpoints);
    }
  }
  const store = new Counting();
  await openNode({ store });
  questions.length = 0;
  const coin = coinbaseOf(params.genesis);
  const [absent, another] = [
    { ...coin, vout: 1 },
    { ...coin, vout: 2 },
  ];
  const reader = new CoinReader(store);
  expect(reader.get(coin)).toBeUndefined(); // not read yet
  await reader.fetch([coin, absent]);
  await reader.fetch([absent, coin]);
  await reader.fetch([another, coin]);
  expect(questions).toEqual([[coin, absent], [another]]);
  expect(reader.get(coin)).toMatchObject({ value: COIN_VALUE, height: 0, coinbase: true });
  expect(reader.get(absent)).toBeUndefined();
});
