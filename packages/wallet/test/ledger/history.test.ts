import { type Txid, ZERO_BLOCK_HASH } from "@chain/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { History } from "../../src/ledger/history.ts";
import { Journal } from "../../src/ledger/records.ts";
import { tell } from "./story.ts";
import { NOW } from "./support.ts";
import { foreign, World } from "./world.ts";

const step = fc.tuple(fc.nat(8), fc.nat(60), fc.nat(60));
const steps = fc.array(step, { minLength: 5, maxLength: 30 });

test("a ledger agrees with a twin that looks at the whole chain each time", () => {
  fc.assert(
    fc.property(steps, fc.boolean(), (steps, avoidReuse) => {
      tell(steps, avoidReuse);
    }),
    { numRuns: 12 },
  );
});

test("a transaction that is forgotten leaves no coin behind", () => {
  const tip = { hash: ZERO_BLOCK_HASH, height: 4 };
  const history = new History({
    ...{ journal: new Journal(), maturity: 3, now: () => NOW, takeOrder: () => 0, tip: () => tip },
    ...{ isMine: () => true, markUsed: () => {}, avoidReuse: () => false, noteTime: () => {} },
    ...{ isSpentScript: () => false, markSpentScript: () => false, unlockCoin: () => true },
    spendUnconfirmedChange: () => true,
  });
  const world = new World();
  const output = { value: 5n, scriptPubKey: foreign(1) };
  const theirs = { outpoint: { txid: "11".repeat(32) as Txid, vout: 0 }, output };
  const paid = history.add(world.make([theirs], [output]), { type: "mempool" });
  const coin = { outpoint: { txid: paid.txid, vout: 0 }, output };
  const spender = history.add(world.make([coin], [output, output]), { type: "mempool" });
  expect(history.coins.unspent.size).toBe(2);
  history.remove(spender);
  expect([...history.coins.unspent].map(({ transaction }) => transaction)).toEqual([paid]);
});
