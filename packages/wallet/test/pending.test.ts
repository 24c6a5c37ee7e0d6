import { COIN, type LocatedCoin, outpointKey, Transaction } from "@chain/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildPayment, type SpendableCoin } from "../src/build.ts";
import type { PrivateKey } from "../src/keys.ts";
import { applyPending, type PendingTransaction } from "../src/pending.ts";
import { signTransaction } from "../src/sign.ts";
import { testCoin, testKey } from "./support/fixtures.ts";

const [alice, bob, carol] = [testKey(1), testKey(2), testKey(3)];

/** A signed payment from `from`, change back to it. */
function pay(
  coins: readonly SpendableCoin[],
  from: PrivateKey,
  to: PrivateKey,
  amount: bigint,
): PendingTransaction {
  const payment = buildPayment({
    coins: coins.filter(({ coin }) => isFor(coin.scriptPubKey, from)),
    to: to.script,
    amount,
    fee: { type: "amount", amount: 0n },
    changeScript: from.script,
    params: { minRelayFeeRate: 0n, coinbaseMaturity: 1 },
    spendHeight: 10,
  });
  if (!payment.ok) expect.fail(payment.reason);
  const result = signTransaction(payment.transaction, payment.coins, () => from);
  if (!result.ok) expect.fail(result.reason);
  return { transaction: result.transaction, created: 0, accepted: true };
}

function isFor(script: Uint8Array, key: PrivateKey): boolean {
  return script.every((byte, i) => byte === key.script[i]);
}

/** The coins after a block with these transactions. */
function mine(coins: readonly LocatedCoin[], ...block: readonly Transaction[]): LocatedCoin[] {
  const left = new Map(coins.map((coin) => [outpointKey(coin.outpoint), coin]));
  for (const transaction of block) {
    for (const { prevout } of transaction.inputs) left.delete(outpointKey(prevout));
    transaction.outputs.forEach(({ value, scriptPubKey }, vout) => {
      const outpoint = { txid: transaction.txid, vout };
      const coin = { value, scriptPubKey, height: 9, coinbase: false };
      left.set(outpointKey(outpoint), { outpoint, coin });
    });
  }
  return [...left.values()];
}

function sum(coins: readonly LocatedCoin[]): bigint {
  return coins.reduce((total, { coin }) => total + coin.value, 0n);
}

const genesis = [testCoin(1, 10n * COIN, alice.script)];

describe("two payments in a row without a node", () => {
  const first = pay(genesis, alice, bob, COIN);
  const between = applyPending(genesis, [first], [alice.script]);
  const second = pay(between.spendable, alice, carol, 2n * COIN);

  test("the second spends the change of the first", () => {
    expect(between.spendable).toMatchObject([{ coin: { value: 9n * COIN }, pending: true }]);
    expect(second.transaction.inputs[0]?.prevout.txid).toBe(first.transaction.txid);
    const after = applyPending(genesis, [first, second], [alice.script]);
    expect(sum(after.spendable)).toBe(7n * COIN);
    expect(after.live).toEqual([first, second]);
    expect(after.dropped).toEqual([]);
  });

  test("once a block holds the first, it is dropped and the second lives on", () => {
    const coins = mine(genesis, first.transaction).filter(({ coin }) =>
      isFor(coin.scriptPubKey, alice),
    );
    const after = applyPending(coins, [first, second], [alice.script]);
    expect(after.dropped).toEqual([first]);
    expect(after.live).toEqual([second]);
    expect(after.spendable).toMatchObject([{ coin: { value: 7n * COIN }, pending: true }]);
  });

  test("once blocks hold both, both are dropped and nothing is pending", () => {
    const coins = mine(genesis, first.transaction, second.transaction);
    const after = applyPending(coins, [first, second], [alice.script]);
    expect(after.dropped).toEqual([first, second]);
    expect(after.spendable.some(({ pending }) => pending === true)).toBe(false);
  });

  test("a conflict in a block drops the first and what hangs on it", () => {
    const conflict = pay(genesis, alice, carol, 10n * COIN);
    const after = applyPending(
      mine(genesis, conflict.transaction),
      [first, second],
      [alice.script],
    );
    expect(after.dropped).toEqual([first, second]);
  });
});

describe("a payment that no node is known to have accepted", () => {
  const first = { ...pay(genesis, alice, bob, COIN), accepted: undefined };

  test("keeps its coins, and its change can't be spent", () => {
    const { spendable, live, dropped } = applyPending(genesis, [first], [alice.script]);
    expect([spendable, live, dropped]).toEqual([[], [first], []]);
  });

  test("does not drop a payment that was built on it", () => {
    const change = applyPending(genesis, [{ ...first, accepted: true }], [alice.script]).spendable;
    const second = pay(change, alice, carol, COIN);
    const { spendable, live } = applyPending(genesis, [first, second], [alice.script]);
    expect(live).toEqual([first, second]);
    expect(sum(spendable)).toBe(8n * COIN);
  });
});

describe("payments of other addresses of the wallet", () => {
  const fromBob = pay([testCoin(5, 3n * COIN, bob.script)], bob, alice, COIN);

  test("are neither counted nor dropped", () => {
    const { live, dropped, spendable } = applyPending(genesis, [fromBob], [alice.script]);
    expect(live).toEqual([fromBob]);
    expect(dropped).toEqual([]);
    expect(spendable).toEqual(genesis);
  });

  test("count where both addresses are asked for", () => {
    const coins = [...genesis, testCoin(5, 3n * COIN, bob.script)];
    const { spendable } = applyPending(coins, [fromBob], [alice.script, bob.script]);
    expect(sum(spendable)).toBe(13n * COIN);
    expect(spendable.filter(({ pending }) => pending === true).length).toBe(2);
  });
});

test("inputs that are not P2PKH belong to nobody", () => {
  const { transaction } = pay(genesis, alice, bob, COIN);
  for (const scriptSig of [[], [0x4c], [0x51, 0x51], [0x01, 0x01, 0x05, 0x01]]) {
    const strange = new Transaction({
      version: 2,
      lockTime: 0,
      outputs: transaction.outputs,
      inputs: transaction.inputs.map((input) => ({
        ...input,
        scriptSig: Uint8Array.from(scriptSig),
      })),
    });
    const pending = [{ transaction: strange, created: 0 }];
    expect(applyPending(genesis, pending, [alice.script]).spendable).toEqual(genesis);
  }
});

test("whatever is paid and mined, no coin is spent twice and what is dropped is settled", () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ do: fc.constant("pay" as const), amount: fc.bigInt(1n, 4n * COIN) }),
      fc.record({ do: fc.constant("mine" as const), count: fc.nat(3) }),
    ),
    { maxLength: 10 },
  );
  fc.assert(
    fc.property(steps, (plan) => {
      let chain = mine([...genesis, testCoin(2, 5n * COIN, alice.script)]);
      let pending: PendingTransaction[] = [];
      let paid = 0n;
      for (const step of plan) {
        const own = chain.filter(({ coin }) => isFor(coin.scriptPubKey, alice));
        const view = applyPending(own, pending, [alice.script]);
        expect(sum(view.spendable)).toBe(15n * COIN - paid);
        if (step.do === "pay") {
          if (sum(view.spendable) < step.amount) continue;
          pending.push(pay(view.spendable, alice, bob, step.amount));
          paid += step.amount;
        } else {
          const block = view.live.slice(0, step.count).map(({ transaction }) => transaction);
          chain = mine(chain, ...block);
          const left = chain.filter(({ coin }) => isFor(coin.scriptPubKey, alice));
          const after = applyPending(left, view.live, [alice.script]);
          expect(after.dropped.map(({ transaction }) => transaction)).toEqual(block);
          pending = [...after.live];
        }
      }
    }),
    { numRuns: 20 },
  );
});
