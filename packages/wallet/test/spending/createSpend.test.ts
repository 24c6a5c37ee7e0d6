/** Payments made of coins. */
import {
  COIN,
  dustThreshold,
  feeForSize,
  p2pkhScript,
  p2shScript,
  p2trScript,
  p2wpkhScript,
  regtest,
  type Transaction,
  type Txid,
} from "@chain/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ExtendedKey, parseDescriptor } from "../../src/descriptors.ts";
import { signRawTransaction } from "../../src/psbt.ts";
import {
  createSpend,
  DEFAULT_FEE_SETTINGS,
  type Spend,
  type SpendableCoin,
  type SpendRequest,
} from "../../src/spending.ts";
import { seededBytes } from "./groups.ts";

const master = ExtendedKey.fromSeed(new Uint8Array(32).fill(7), regtest);
const descriptors = (["pkh(K)", "sh(wpkh(K))", "wpkh(K)", "tr(K)"] as const).map((text) => {
  const parsed = parseDescriptor(text.replace("K", `${master.toPrivateString()}/0/*`), regtest);
  if (!parsed.ok) throw new TypeError(parsed.reason);
  return parsed.descriptor;
});
const [, , wpkh] = descriptors;

function coin(value: bigint, index: number, fields: Partial<SpendableCoin> = {}, kind = 2) {
  const descriptor = descriptors[kind] ?? wpkh;
  const satisfaction = descriptor?.maxSatisfaction();
  const scriptPubKey = descriptor?.expand(index)?.scripts[0];
  if (satisfaction === undefined || scriptPubKey === undefined) throw new TypeError("no script");
  return {
    outpoint: { txid: (index + 1).toString(16).padStart(64, "0") as Txid, vout: index % 3 },
    output: { value, scriptPubKey },
    ...{ satisfaction, depth: 10, isFromMe: false },
    ...fields,
  };
}

const payee = p2wpkhScript(new Uint8Array(20).fill(9));
const changeScript = wpkh?.expand(1000)?.scripts[0] as Uint8Array;
const change: SpendRequest["change"] = {
  kinds: ["legacy", "p2sh-segwit", "bech32", "bech32m"],
  defaultKind: "bech32",
  next: () => ({ ok: true, script: changeScript, satisfaction: wpkh?.maxSatisfaction() }),
};

function request(fields: Partial<SpendRequest> = {}): SpendRequest {
  return {
    payees: [{ script: payee, amount: COIN }],
    coins: [coin(5n * COIN, 0), coin(2n * COIN, 1), coin(COIN / 2n, 2)],
    change,
    fees: DEFAULT_FEE_SETTINGS,
    feeRate: 2000n,
    tip: { height: 200, isCurrent: true },
    randomBytes: seededBytes(11),
    ...fields,
  };
}

function made(fields: Partial<SpendRequest> = {}): Spend {
  const spend = createSpend(request(fields));
  if (!spend.ok) throw new TypeError(spend.reason);
  return spend;
}
function reasonOf(fields: Partial<SpendRequest>): string {
  const spend = createSpend(request(fields));
  return spend.ok ? "made" : spend.reason;
}

const sumOf = (outputs: readonly { readonly value: bigint }[]) =>
  outputs.reduce((sum, { value }) => sum + value, 0n);

/** Keys of all outputs that `coin` makes, by their scripts. */
const providers = new Map(
  descriptors.flatMap((descriptor) =>
    Array.from({ length: 12 }, (_, index) => {
      const expansion = descriptor.expand(index, { withPrivateKeys: true });
      return [String(expansion?.scripts[0]), expansion?.provider] as const;
    }),
  ),
);

function signWith({ transaction, spent }: Spend): Transaction {
  let signed = transaction;
  for (const output of spent) {
    const provider = providers.get(String(output.scriptPubKey));
    if (provider === undefined) throw new TypeError("no key");
    signed = signRawTransaction(signed, spent, provider).transaction;
  }
  return signed;
}

describe("a payment", () => {
  test("pays, and sends the rest back at the fee rate exactly", () => {
    const spend = made();
    const { transaction, changePosition, fee, spent } = spend;
    expect(transaction.outputs).toHaveLength(2);
    const payment = transaction.outputs[changePosition === 0 ? 1 : 0];
    expect(payment).toEqual({ value: COIN, scriptPubKey: payee });
    expect(transaction.outputs[changePosition ?? 9]?.scriptPubKey).toEqual(changeScript);
    expect(sumOf(spent) - sumOf(transaction.outputs)).toBe(fee);
    const signed = signWith(spend);
    expect(fee).toBe(feeForSize(2000n, signed.virtualSize));
    expect(spend.feeReason).toBe("None");
  });

  test("has its lock time at the tip, one in ten a little lower, and invites replacement", () => {
    const times = Array.from({ length: 60 }, (_, seed) => made({ randomBytes: seededBytes(seed) }));
    const locks = times.map(({ transaction }) => transaction.lockTime);
    const lower = locks.filter((lock) => lock < 200);
    expect(lower.length).toBeGreaterThan(0);
    expect(lower.length).toBeLessThan(20);
    expect(Math.min(...locks)).toBeGreaterThan(100);
    expect(times[0]?.transaction.inputs[0]?.sequence).toBe(0xfffffffd);
    expect(made({ signalsReplacement: false }).transaction.inputs[0]?.sequence).toBe(0xfffffffe);
    expect(made({ tip: { height: 200, isCurrent: false } }).transaction.lockTime).toBe(0);
    expect(made({ lockTime: 77, version: 1 }).transaction).toMatchObject({
      lockTime: 77,
      version: 1,
    });
  });

  test("has its change anywhere, or where it is told", () => {
    const places = new Set(
      Array.from(
        { length: 30 },
        (_, seed) => made({ randomBytes: seededBytes(seed) }).changePosition,
      ),
    );
    expect([...places].sort()).toEqual([0, 1]);
    expect(made({ changePosition: 1 }).changePosition).toBe(1);
    expect(reasonOf({ changePosition: 2 })).toBe("Transaction change output index out of range");
  });

  test("without change where coins fit", () => {
    const exact = coin(COIN + 2n * 110n + 30n, 7);
    const spend = made({ coins: [exact, coin(5n * COIN, 0)] });
    expect(spend.changePosition).toBeUndefined();
    expect(spend.algorithm).toBe("bnb");
    expect(spend.fee).toBe(250n);
  });

  test("takes the fee out of amounts, in equal parts, the rest from the first", () => {
    const payees = [1n, 2n, 3n].map((amount) => ({
      ...{ script: payee, amount: amount * COIN },
      subtractsFee: amount < 3n,
    }));
    const { transaction, changePosition, fee } = made({ payees, feeRate: 1001n });
    const amounts = transaction.outputs
      .filter((_, index) => index !== changePosition)
      .map(({ value }) => value);
    expect(amounts).toEqual([COIN - fee + fee / 2n, 2n * COIN - fee / 2n, 3n * COIN]);
    const all = made({
      payees: [{ script: payee, amount: (75n * COIN) / 10n, subtractsFee: true }],
    });
    expect([all.transaction.outputs.length, all.spent.length]).toEqual([1, 3]);
    expect(reasonOf({ payees: [{ script: payee, amount: 400n, subtractsFee: true }] })).toBe(
      "The transaction amount is too small to send after the fee has been deducted",
    );
    expect(
      reasonOf({ payees: [{ script: payee, amount: 300n, subtractsFee: true }], feeRate: 9000n }),
    ).toBe("The transaction amount is too small to pay the fee");
  });

  test("spends its presets first, in their order, and others if allowed", () => {
    const [five, two] = request().coins as [SpendableCoin, SpendableCoin];
    const presets = [two, five].map(({ outpoint, output, satisfaction }) => ({
      ...{ outpoint, output, satisfaction },
      sequence: 3,
    }));
    const fixed = made({ presets });
    expect(fixed.transaction.inputs.map(({ prevout }) => prevout)).toEqual([
      two.outpoint,
      five.outpoint,
    ]);
    // A given sequence may stand for a relative lock: the lock time is left alone.
    expect(fixed.transaction).toMatchObject({ lockTime: 0, inputs: [{ sequence: 3 }, {}] });
    const amount = [{ script: payee, amount: 3n * COIN }];
    const first = presets.slice(0, 1);
    expect(reasonOf({ presets: first, payees: amount })).toMatch(/^The preselected coins total/);
    const more = made({ presets: first, payees: amount, allowOtherInputs: true });
    expect(more.transaction.inputs).toHaveLength(2);
    expect(more.transaction.inputs[0]?.prevout).toEqual(two.outpoint);
    expect(reasonOf({ presets: [{ outpoint: two.outpoint }] })).toBe(
      "Not found pre-selected input COutPoint(0000000000, 1)",
    );
    expect(reasonOf({ presets: [{ outpoint: two.outpoint, output: two.output }] })).toBe(
      "Not solvable pre-selected input COutPoint(0000000000, 1)",
    );
    const weighed = made({
      presets: [{ outpoint: two.outpoint, output: two.output, weight: 4000 }],
    });
    expect(weighed.fee).toBe(feeForSize(2000n, Math.ceil((4000 + (8 + 2 + 62) * 4 + 2) / 4)));
  });

  test("spends what it may: safe, deep and not reused coins", () => {
    const coins = [
      coin(2n * COIN, 0, { isSafe: false, depth: 0 }),
      coin(2n * COIN, 1, { isReused: true }),
      coin(2n * COIN, 2, { depth: 3 }),
    ];
    expect(made({ coins, includeReused: false }).spent).toHaveLength(1);
    expect(reasonOf({ coins, includeReused: false, minDepth: 4 })).toBe("Insufficient funds");
    expect(reasonOf({ coins, maxDepth: 2 })).toBe("Insufficient funds");
    const all = [{ script: payee, amount: 5n * COIN }];
    expect(reasonOf({ coins, payees: all })).toBe("Insufficient funds");
    expect(made({ coins, payees: all, includeUnsafe: true }).spent).toHaveLength(3);
  });

  test("spends all coins of an address together where that costs no more", () => {
    const twin = coin(COIN, 0);
    const other = { ...twin, outpoint: { ...twin.outpoint, vout: 9 } };
    const coins = [twin, other];
    const payees = [{ script: payee, amount: COIN / 2n }];
    const one = made({ coins, payees });
    expect(one.spent).toHaveLength(1);
    expect(made({ coins, payees, maxAvoidPartialFee: 1000n }).spent).toHaveLength(2);
    expect(made({ coins, payees, avoidPartialSpends: true }).spent).toHaveLength(2);
  });
});

test("change is of a payee's type", () => {
  const hash = new Uint8Array(20).fill(3);
  const scripts = {
    bech32m: p2trScript(master.publicKey.slice(1)),
    bech32: p2wpkhScript(hash),
    "p2sh-segwit": p2shScript(hash),
    legacy: p2pkhScript(hash),
  };
  const kindFor = (
    paid: readonly Uint8Array[],
    fields: Partial<SpendRequest> = {},
    own = change,
  ) => {
    let asked: string | undefined;
    const next: SpendRequest["change"]["next"] = (kind) => {
      asked ??= kind;
      return change.next(kind);
    };
    const payees = paid.map((script) => ({ script, amount: COIN / 10n }));
    made({ payees, ...fields, change: { ...own, next } });
    return asked;
  };
  for (const [kind, script] of Object.entries(scripts)) expect(kindFor([script])).toBe(kind);
  expect(kindFor([scripts.legacy, scripts.bech32])).toBe("bech32");
  expect(kindFor([scripts.legacy], { changeKind: "bech32m" })).toBe("bech32m");
  expect(kindFor([scripts.bech32m], {}, { ...change, kinds: ["bech32"] })).toBe("bech32");
  expect(kindFor([scripts.bech32m], {}, { ...change, kinds: [] })).toBe("bech32");
  expect(kindFor([scripts.bech32m], {}, { ...change, defaultKind: "legacy" })).toBe("legacy");
});

describe("fee rates", () => {
  const fees = DEFAULT_FEE_SETTINGS;
  const unasked = { feeRate: undefined };

  test("come from the wish, the estimator, or the fallback, and never below the minimum", () => {
    const estimate = (target: number, isConservative: boolean) => ({
      feeRate: target === 3 ? (isConservative ? 7000n : 6000n) : 5000n,
      reason: "Half Target 60% Threshold",
    });
    const estimated = { ...unasked, fees: { ...fees, estimate } };
    expect(made({ ...estimated, confirmTarget: 3 }).feeRate).toBe(6000n);
    expect(made({ ...estimated, confirmTarget: 3, signalsReplacement: false }).feeRate).toBe(7000n);
    const economical = { confirmTarget: 3, signalsReplacement: false, estimateMode: "economical" };
    expect(made({ ...estimated, ...(economical as object) }).feeRate).toBe(6000n);
    expect(made(estimated)).toMatchObject({
      ...{ feeRate: 5000n, feeReason: "Half Target 60% Threshold" },
    });
    expect(made({ ...unasked, fees: { ...fees, fallback: 20_000n } })).toMatchObject({
      ...{ feeRate: 20_000n, feeReason: "Fallback fee" },
    });
    const busy = { ...fees, fallback: 20_000n, mempoolMinimum: 30_000n };
    expect(made({ ...unasked, fees: busy }).feeReason).toBe("Mempool Min Fee");
    const dear = { ...fees, fallback: 500n, mempoolMinimum: 500n };
    expect(made({ ...unasked, fees: dear })).toMatchObject({
      ...{ feeRate: 1000n, feeReason: "Minimum Required Fee" },
    });
    expect(reasonOf(unasked)).toBe(
      "Fee estimation failed. Fallbackfee is disabled. Wait a few blocks or enable -fallbackfee.",
    );
    expect(reasonOf({ feeRate: 999n })).toBe(
      "Fee rate (0.999 sat/vB) is lower than the minimum fee rate setting (1.000 sat/vB)",
    );
    expect(made({ feeRate: 999n, overridesFeeRate: true }).feeRate).toBe(999n);
    expect(reasonOf({ feeRate: 100_000_000n })).toMatch(/^Fee exceeds maximum configured by user/);
  });

  test("reach unconfirmed parents as well", () => {
    const young = coin(5n * COIN, 0, { depth: 0, isFromMe: true });
    const mempool = {
      ancestry: () => ({ ancestors: 1, clusterCount: 1 }),
      bumpFees: (outpoints: readonly unknown[]) => ({
        each: outpoints.map(() => 777n),
        combined: 777n,
      }),
      ...{ maxAncestors: 25, maxDescendants: 25, checkChainLimits: () => undefined },
    };
    const without = made({ coins: [young] });
    const withParents = made({ coins: [young], mempool });
    expect(withParents.fee - without.fee).toBe(777n);
    const refusing = { ...mempool, checkChainLimits: () => "too many" };
    expect(reasonOf({ coins: [young], mempool: refusing })).toBe("too many");
    const endless = { ...mempool, bumpFees: () => undefined };
    expect(reasonOf({ coins: [young], mempool: endless })).toMatch(
      /^Failed to calculate bump fees/,
    );
  });
});

test("each refusal is Core's sentence", () => {
  expect(reasonOf({ payees: [] })).toBe("Transaction must have at least one recipient");
  const pays = (amount: bigint) => ({ payees: [{ script: payee, amount }] });
  expect(reasonOf(pays(-1n))).toBe("Transaction amounts must not be negative");
  expect(reasonOf(pays(293n))).toBe("Transaction amount too small");
  expect(reasonOf(pays(8n * COIN))).toBe("Insufficient funds");
  expect(reasonOf(pays(7n * COIN + COIN / 2n))).toBe(
    "The total exceeds your balance when the 0.00000084 transaction fee is included.",
  );
  expect(reasonOf({ maxWeight: 259 })).toBe(
    "Maximum transaction weight must be between 260 and 400000",
  );
  const noChange = { ...change, next: () => ({ ok: false as const, reason: "Error: keypool" }) };
  expect(reasonOf({ change: noChange })).toBe(
    "Transaction needs a change address, but we can't generate it. Error: keypool",
  );
  expect(reasonOf({ sign: () => undefined })).toBe("Signing transaction failed");
});

test("whatever is asked: sums are exact, no output is dust, no fee above the maximum", () => {
  const spec = fc.record({
    values: fc.array(fc.tuple(fc.bigInt({ min: 200n, max: 300_000n }), fc.nat(3)), {
      ...{ minLength: 1, maxLength: 12 },
    }),
    amounts: fc.array(fc.tuple(fc.bigInt({ min: 0n, max: 400_000n }), fc.boolean()), {
      ...{ minLength: 1, maxLength: 4 },
    }),
    feeRate: fc.bigInt({ min: 1000n, max: 90_000n }),
    maxFee: fc.bigInt({ min: 1000n, max: 100_000n }),
    seed: fc.nat(),
    places: fc.option(fc.nat(1), { nil: undefined }),
  });
  let count = 0;
  fc.assert(
    fc.property(spec, ({ values, amounts, feeRate, maxFee, seed, places }) => {
      const coins = values.map(([value, kind], index) => coin(value, index, {}, kind));
      const payees = amounts.map(([amount, subtractsFee]) => ({
        script: payee,
        amount,
        subtractsFee,
      }));
      const spend = createSpend(
        request({
          ...{ coins, payees, feeRate, changePosition: places },
          ...{ fees: { ...DEFAULT_FEE_SETTINGS, maxFee }, randomBytes: seededBytes(seed) },
        }),
      );
      if (!spend.ok) return;
      count++;
      const { transaction, spent, fee, changePosition } = spend;
      expect(sumOf(spent) - sumOf(transaction.outputs)).toBe(fee);
      expect(fee).toBeLessThanOrEqual(maxFee);
      const names = transaction.inputs.map(({ prevout }) => `${prevout.txid}:${prevout.vout}`);
      expect(new Set(names).size).toBe(names.length);
      for (const { value, scriptPubKey } of transaction.outputs) {
        expect(value).toBeGreaterThanOrEqual(dustThreshold(scriptPubKey, 3000n));
      }
      const paid = transaction.outputs.filter((_, index) => index !== changePosition);
      const taken = payees.map(({ amount }, index) => amount - (paid[index]?.value ?? 0n));
      if (!payees.some(({ subtractsFee }) => subtractsFee)) {
        expect(taken.every((part) => part === 0n)).toBe(true);
      }
      if (seed % 4 !== 0) return;
      const signed = signWith(spend);
      expect(fee).toBeGreaterThanOrEqual(feeForSize(feeRate, signed.virtualSize));
    }),
    { numRuns: 60 },
  );
  expect(count).toBeGreaterThan(5);
});
