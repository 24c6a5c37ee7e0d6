/** The judgements that take one call, put to the catalogue of bad things. */
import {
  nobleVerifier,
  type Refusal,
  type SignatureVerifier,
  scriptFlags,
  verifyBlock,
  verifyTransaction,
} from "@chain/core";
import { summary, TestChain } from "@chain/testing/blockFactory";
import { badBlocks, badTransactions, goodBlock } from "@chain/testing/catalogue";
import { describe, expect, test } from "vitest";

const chain = new TestChain();
chain.mine();
chain.mine();
const coin = chain.coinbaseCoin(1);
const { params, tip: parent } = chain;
const context = { parent, params, coins: chain, now: 2 ** 32 };

describe("verifyBlock", () => {
  test("accepts the good one, and says what it changes", () => {
    const block = goodBlock(chain, coin);
    const verdict = verifyBlock(block, context);
    if (!verdict.ok) expect.fail(verdict.reason);
    expect(verdict.changes.spent.map(({ outpoint }) => outpoint)).toEqual([coin.outpoint]);
  });

  test.each(badBlocks(chain, coin))("refuses $name: $reason", ({ block, kind, reason }) => {
    expect(summary(verifyBlock(block, context))).toBe(`${kind}: ${reason}`);
  });

  test("wants the parent that the header names, and the clock", () => {
    const block = chain.next();
    const elsewhere = { ...context, parent: parent.parent ?? parent };
    expect(verifyBlock(block, elsewhere)).toMatchObject({ reason: "prev-blk-not-found" });
    const early = { ...context, now: block.header.time - 7_201 };
    expect(verifyBlock(block, early)).toMatchObject({ kind: "time-future" });
  });

  test("asks the verifier that it is given", () => {
    const no: SignatureVerifier = { ...nobleVerifier, verifyEcdsa: () => false };
    const verdict = verifyBlock(goodBlock(chain, coin), { ...context, verifier: no }) as Refusal;
    expect(verdict.reason).toMatch(/^mandatory-script-verify-flag-failed/);
  });
});

describe("verifyTransaction", () => {
  const good = goodBlock(chain, coin).transactions[1]!;

  test("accepts the good one, and says its fee", () => {
    const paid = good.outputs.reduce((sum, { value }) => sum + value, 0n);
    const fee = coin.coin.value - paid;
    expect(verifyTransaction(good, [coin.coin])).toEqual({ ok: true, fee });
    const flags = scriptFlags(parent.height + 1, params);
    expect(verifyTransaction(good, [coin.coin], { flags })).toEqual({ ok: true, fee });
  });

  const flags = scriptFlags(parent.height + 1, params);
  const places = ["isFinalTransaction", "checkTxInputs"];
  const alone = badTransactions(chain, coin).filter(({ rule }) => !places.includes(rule));
  test.each(alone)("refuses $name: $reason", ({ transaction, kind, reason }) => {
    const spent = transaction.inputs.flatMap(({ prevout }) => chain.get(prevout) ?? []);
    expect(summary(verifyTransaction(transaction, spent, { flags }))).toBe(`${kind}: ${reason}`);
  });

  test("refuses amounts that don't add up, and too few or too many outputs to spend", () => {
    const { scriptPubKey } = coin.coin;
    const verify = (...values: readonly bigint[]) =>
      verifyTransaction(
        good,
        values.map((value) => ({ value, scriptPubKey })),
      );
    expect(verify(0n)).toMatchObject({ reason: "bad-txns-in-belowout" });
    expect(verify(-1n)).toMatchObject({ reason: "bad-txns-inputvalues-outofrange" });
    expect(verify(2n ** 62n)).toMatchObject({ reason: "bad-txns-inputvalues-outofrange" });
    for (const values of [[], [1n, 2n]]) {
      expect(verify(...values)).toMatchObject({ reason: "bad-txns-inputs-missingorspent" });
    }
    const [coinbase] = chain.next().transactions;
    expect(verifyTransaction(coinbase!, [coin.coin])).toMatchObject({ reason: "coinbase" });
  });
});
