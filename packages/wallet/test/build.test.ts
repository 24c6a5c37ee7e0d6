import {
  bytesToHex,
  COIN,
  checkTransaction,
  checkTxInputs,
  type LocatedCoin,
  legacySighash,
  MAX_MONEY,
  nobleVerifier,
  outpointKey,
  parseDerSignature,
  ScriptReader,
  SIGHASH_ALL,
  type SignatureVerifier,
  Transaction,
} from "@chain/core";
import * as scure from "@scure/btc-signer";
import * as bitcoinjs from "bitcoinjs-lib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  buildConsolidation,
  buildPayment,
  type Payment,
  type PaymentRequest,
  paymentSequence,
} from "../src/build.ts";
import { inputSize } from "../src/fees.ts";
import type { PrivateKey } from "../src/keys.ts";
import { signTransaction } from "../src/sign.ts";
import { testCoin, testKey } from "./support/fixtures.ts";

const [payer, payee] = [testKey(1), testKey(2)];
const devnet = { minRelayFeeRate: 0n, coinbaseMaturity: 1 };
const bitcoin = { minRelayFeeRate: 1000n, coinbaseMaturity: 100 };

function request(wishes: Partial<PaymentRequest> = {}): PaymentRequest {
  return {
    coins: [testCoin(1, 10n * COIN, payer.script)],
    to: payee.script,
    amount: COIN,
    fee: { type: "amount", amount: 0n },
    changeScript: payer.script,
    params: devnet,
    spendHeight: 200,
    ...wishes,
  };
}

function built(wishes: Partial<PaymentRequest> = {}): Payment {
  const result = buildPayment(request(wishes));
  if (!result.ok) expect.fail(result.reason);
  return result;
}

const keyring = [...Array(6).keys()].flatMap((n) => [testKey(n), testKey(n, false)]);
function keyFor(script: Uint8Array): PrivateKey | undefined {
  return keyring.find((key) => bytesToHex(key.script) === bytesToHex(script));
}

function signed(payment: Payment): Transaction {
  const result = signTransaction(payment.transaction, payment.coins, keyFor);
  if (!result.ok) expect.fail(result.reason);
  expect(result.fee).toBe(payment.fee);
  return result.transaction;
}

describe("the sequence of a payment", () => {
  test("makes equal payments of the same coins two transactions", () => {
    const [one, other] = [paymentSequence(), paymentSequence()].map((sequence) =>
      signed(built({ sequence })),
    );
    expect(one?.outputs).toEqual(other?.outputs);
    expect(one?.txid).not.toBe(other?.txid);
  });

  test("is never a lock (BIP-0068), and signals replacement (BIP-0125)", () => {
    const from = (number: bigint) => {
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setBigUint64(0, number, true);
      return paymentSequence(() => bytes);
    };
    expect([from(0n), from(0x7fff_fffdn), from(0x7fff_fffen)]).toEqual([
      0x8000_0000, 0xffff_fffd, 0x8000_0000,
    ]);
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (number) => {
        const sequence = from(number);
        expect(sequence).toBeGreaterThanOrEqual(0x8000_0000);
        expect(sequence).toBeLessThanOrEqual(0xffff_fffd);
      }),
    );
  });
});

describe("a payment", () => {
  test("pays, and returns the rest to the sender, behind the payment", () => {
    const { transaction, fee, change } = built();
    expect(transaction.outputs).toEqual([
      { value: COIN, scriptPubKey: payee.script },
      { value: 9n * COIN, scriptPubKey: payer.script },
    ]);
    expect({ fee, change }).toEqual({ fee: 0n, change: { index: 1, amount: 9n * COIN } });
    expect(transaction).toMatchObject({ version: 2, lockTime: 0 });
    expect(transaction.inputs.map(({ sequence }) => sequence)).toEqual([0xfffffffd]);
  });

  test("has no change where nothing is left", () => {
    const { transaction, change } = built({ amount: 10n * COIN });
    expect(transaction.outputs.length).toBe(1);
    expect(change).toBeUndefined();
  });

  test("puts the change where it is told", () => {
    const { transaction, change } = built({ changePosition: () => 0 });
    expect(change?.index).toBe(0);
    expect(transaction.outputs[0]?.scriptPubKey).toEqual(payer.script);
  });

  test("leaves aside coinbases that are too young, and says so", () => {
    const young = testCoin(2, 10n * COIN, payer.script, { coinbase: true, height: 101 });
    const wishes = { coins: [young], params: bitcoin };
    expect(buildPayment(request({ ...wishes, spendHeight: 200 }))).toEqual({
      ok: false,
      code: "insufficient-funds",
      reason: "not enough: has 0, needs 1; 10 more is immature: mined less than 100 blocks ago",
    });
    expect(buildPayment(request({ ...wishes, spendHeight: 201 })).ok).toBe(true);
  });

  test("leaves aside what is no P2PKH output", () => {
    const strange = testCoin(2, 10n * COIN, Uint8Array.of(0x51));
    expect(buildPayment(request({ coins: [strange] }))).toMatchObject({
      code: "insufficient-funds",
    });
  });

  test("spends coins of blocks before those of pending payments", () => {
    const pending = { ...testCoin(1, 5n * COIN, payer.script), pending: true };
    const confirmed = testCoin(2, 7n * COIN, payer.script);
    expect(built({ coins: [pending, confirmed], amount: 5n * COIN }).coins).toEqual([confirmed]);
    expect(built({ coins: [pending, confirmed], amount: 6n * COIN }).coins).toEqual([confirmed]);
    expect(built({ coins: [pending, confirmed], amount: 12n * COIN }).coins.length).toBe(2);
  });

  test.each<[string, Partial<PaymentRequest>, string, string]>([
    ["nothing", { amount: 0n }, "invalid-amount", "above 0"],
    ["less than nothing", { amount: -1n }, "invalid-amount", "above 0"],
    ["more than there is", { amount: MAX_MONEY + 1n }, "invalid-amount", "21000000"],
    ["a negative fee", { fee: { type: "amount", amount: -1n } }, "invalid-fee", "from 0"],
    ["a negative rate", { fee: { type: "rate", perKvB: -1n } }, "invalid-fee", "from 0"],
    ["dust", { amount: 545n, params: bitcoin }, "dust", "0.00000546"],
    ["too much", { amount: 11n * COIN }, "insufficient-funds", "has 10, needs 11"],
    [
      "too much with the fee",
      { amount: 10n * COIN, fee: { type: "amount", amount: 1n } },
      "insufficient-funds",
      "has 10, needs 10.00000001 (10 and a fee of 0.00000001)",
    ],
    [
      "too much with the rate",
      { amount: 10n * COIN, fee: { type: "rate", perKvB: 1000n } },
      "insufficient-funds",
      "has 10, needs 10 and the fee",
    ],
  ])("%s is refused", (_, wishes, code, words) => {
    const result = buildPayment(request(wishes));
    if (result.ok) expect.fail("accepted");
    expect(result.code).toBe(code);
    expect(result.reason).toContain(words);
  });

  test("more coins than one transaction can carry are refused", () => {
    const coins = Array.from({ length: 700 }, (_, n) => testCoin(n, 10n, payer.script));
    const result = buildPayment(request({ coins, amount: 7000n }));
    expect(result).toMatchObject({ ok: false, code: "too-large" });
    expect(buildPayment(request({ coins, amount: 6000n })).ok).toBe(true);
  });
});

describe("signatures", () => {
  test("make a transaction that the rules accept and whose size was known before", () => {
    const coins = [
      testCoin(1, 3n * COIN, payer.script),
      testCoin(2, 4n * COIN, testKey(3, false).script),
      testCoin(3, 5n * COIN, testKey(4).script),
    ];
    const payment = built({
      coins,
      amount: 11n * COIN,
      params: bitcoin,
      fee: { type: "rate", perKvB: 2500n },
      inputSize: ({ coin }) => inputSize(keyFor(coin.scriptPubKey)?.compressed !== false),
    });
    const transaction = signed(payment);
    expect(checkTransaction(transaction)).toEqual({ ok: true });
    const byKey = new Map(coins.map((coin) => [outpointKey(coin.outpoint), coin.coin]));
    const view = { get: (outpoint: LocatedCoin["outpoint"]) => byKey.get(outpointKey(outpoint)) };
    expect(checkTxInputs(transaction, view, 200, bitcoin)).toMatchObject({
      ok: true,
      fee: payment.fee,
    });
    expect(payment.fee).toBe((2500n * BigInt(payment.size) + 999n) / 1000n);
    // One signature in 256 is a byte shorter than it could be.
    expect(payment.size - transaction.virtualSize).toBeGreaterThanOrEqual(0);
    expect(payment.size - transaction.virtualSize).toBeLessThan(4);
  });

  test("are refused where a key is missing", () => {
    const coins = [testCoin(1, 3n * COIN, testKey(99).script)];
    const { transaction } = built({ coins });
    expect(signTransaction(transaction, coins, keyFor)).toMatchObject({
      ok: false,
      code: "no-key",
    });
  });

  test("are refused for a transaction that breaks the rules", () => {
    const { transaction, coins } = built();
    const twice = new Transaction({
      ...fieldsOf(transaction),
      inputs: [...transaction.inputs, ...transaction.inputs],
    });
    expect(signTransaction(twice, coins, keyFor)).toEqual({
      ok: false,
      code: "invalid",
      reason: "not signed: bad-txns-inputs-duplicate",
    });
    const inflated = new Transaction({
      ...fieldsOf(transaction),
      outputs: [{ value: 11n * COIN, scriptPubKey: payee.script }],
    });
    expect(signTransaction(inflated, coins, keyFor)).toMatchObject({
      reason: "not signed: bad-txns-in-belowout",
    });
    expect(signTransaction(transaction, [], keyFor)).toMatchObject({
      reason: "not signed: bad-txns-inputs-missingorspent",
    });
  });

  test("do not leave when they do not verify", () => {
    const { transaction, coins } = built();
    const suspicious: SignatureVerifier = { ...nobleVerifier, verifyEcdsa: () => false };
    expect(() => signTransaction(transaction, coins, keyFor, { verifier: suspicious })).toThrow(
      expect.objectContaining({ code: "bad-signature" }),
    );
    const wrongKey = (): PrivateKey => testKey(50);
    expect(() => signTransaction(transaction, coins, wrongKey)).toThrow(
      expect.objectContaining({ code: "bad-signature" }),
    );
  });
});

describe("other implementations", () => {
  const payments = fc
    .record({
      values: fc.array(fc.bigInt(1000n, 10n * COIN), { minLength: 1, maxLength: 4 }),
      amount: fc.bigInt(1n, 20n * COIN),
      compressed: fc.boolean(),
    })
    .map(({ values, amount, compressed }) => {
      const coins = values.map((value, n) => testCoin(n, value, testKey(n, compressed).script));
      const sum = values.reduce((a, b) => a + b, 0n);
      return built({ coins, amount: (amount % sum) + 1n });
    });

  test("read the same transaction, and its signatures sign what they say is signed", () => {
    fc.assert(
      fc.property(payments, (payment) => {
        const transaction = signed(payment);
        const bytes = transaction.toBytes();
        const theirs = bitcoinjs.Transaction.fromBuffer(bytes);
        expect(theirs.getId()).toBe(transaction.txid);
        expect(theirs.virtualSize()).toBe(transaction.virtualSize);
        const scures = scure.Transaction.fromRaw(bytes, { allowUnknownOutputs: true });
        expect(scures.id).toBe(transaction.txid);
        expect(scures.outputsLength).toBe(transaction.outputs.length);

        payment.coins.forEach(({ coin }, i) => {
          const [signature, publicKey] = pushes(theirs.ins[i]?.script as Uint8Array);
          const hash = theirs.hashForSignature(i, coin.scriptPubKey, SIGHASH_ALL);
          expect(hash).toEqual(legacySighash(transaction, i, coin.scriptPubKey, SIGHASH_ALL));
          expect(signature.at(-1)).toBe(SIGHASH_ALL);
          const compact = parseDerSignature(signature.subarray(0, -1)) as Uint8Array;
          expect(nobleVerifier.verifyEcdsa(compact, hash, publicKey)).toBe(true);
          // bitcoinjs derives the same output from the key alone.
          const { output } = bitcoinjs.payments.p2pkh({ pubkey: publicKey });
          expect(output).toEqual(coin.scriptPubKey);
        });
      }),
      { numRuns: 15 },
    );
  });

  test("sign the same payment with the same bytes", () => {
    const previous = new Transaction({
      version: 1,
      inputs: built().transaction.inputs,
      outputs: [{ value: 10n * COIN, scriptPubKey: payer.script }],
      lockTime: 0,
    });
    const outpoint = { txid: previous.txid, vout: 0 };
    const coins = [{ outpoint, coin: testCoin(1, 10n * COIN, payer.script).coin }];
    let equal = 0;
    for (let amount = COIN; amount <= 8n * COIN; amount += COIN) {
      const ours = signed(built({ coins, amount }));
      const theirs = new scure.Transaction({ version: 2 });
      const nonWitnessUtxo = previous.toBytes();
      theirs.addInput({ txid: previous.txid, index: 0, sequence: 0xfffffffd, nonWitnessUtxo });
      for (const { value, scriptPubKey } of ours.outputs) {
        theirs.addOutput({ amount: value, script: scriptPubKey });
      }
      theirs.sign(payer.toBytes());
      theirs.finalize();
      // Theirs may have high r, which takes a byte more and which ours never has.
      if (theirs.extract().length > ours.totalSize) continue;
      expect(bytesToHex(theirs.extract())).toBe(bytesToHex(ours.toBytes()));
      equal++;
    }
    expect(equal).toBeGreaterThan(0);
  });
});

function fieldsOf({ version, inputs, outputs, lockTime }: Transaction): Transaction {
  return { version, inputs, outputs, lockTime } as Transaction;
}

/** Signature and public key of a P2PKH scriptSig. */
function pushes(script: Uint8Array): [Uint8Array, Uint8Array] {
  const reader = new ScriptReader(script);
  return [reader.next()?.data as Uint8Array, reader.next()?.data as Uint8Array];
}

describe("consolidation", () => {
  const many = (count: number, value: bigint) =>
    Array.from({ length: count }, (_, n) => testCoin(n, value, payer.script));

  test("a payment that does not fit names the most that does, and the way out", () => {
    const result = buildPayment(request({ coins: many(1000, COIN), amount: 900n * COIN }));
    expect(result).toMatchObject({ ok: false, code: "too-large" });
    expect(result.ok ? "" : result.reason).toMatch(/pay 67\d at most, .*chain-wallet consolidate/);
  });

  test("merges the smallest coins, as many as fit, at the fee rate", () => {
    const coins = [...many(1000, 1000n), testCoin(5000, COIN, payer.script)];
    const fee = { type: "rate", perKvB: 1000n } as const;
    const ask = { coins, to: payer.script, fee, params: bitcoin, spendHeight: 200 };
    const result = buildConsolidation(ask);
    if (!result.ok) expect.fail(result.reason);
    expect(result.size).toBeLessThanOrEqual(100_000);
    expect(result.size + inputSize(true)).toBeGreaterThan(100_000);
    expect(result.coins.every(({ coin }) => coin.value === 1000n)).toBe(true);
    expect(result.fee).toBe(BigInt(result.size));
    expect(result.transaction.outputs).toHaveLength(1);
  });

  test.each([
    ["one coin", many(1, COIN)],
    ["none", []],
    ["unconfirmed ones", many(5, COIN).map((coin) => ({ ...coin, pending: true }))],
    ["ones that are not worth their input", many(5, 100n)],
  ])("refuses %s", (_, coins) => {
    const fee = { type: "rate", perKvB: 1000n } as const;
    const ask = { coins, to: payer.script, fee, params: bitcoin, spendHeight: 200 };
    expect(buildConsolidation(ask)).toMatchObject({ ok: false, code: "insufficient-funds" });
  });
});
