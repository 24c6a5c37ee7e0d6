/** Fees of ancestors, and payments that replace others. */
import { COIN, feeForSize, p2wpkhScript, feeRate as rateOf, regtest, type Txid } from "@chain/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ExtendedKey, parseDescriptor } from "../../src/descriptors.ts";
import {
  ancestorBumpFees,
  createSpend,
  DEFAULT_FEE_SETTINGS,
  type ReplaceRequest,
  replaceSpend,
  type SpendRequest,
  type UnconfirmedTransaction,
} from "../../src/spending.ts";
import { seededBytes } from "./groups.ts";

const id = (n: number) => n.toString(16).padStart(64, "0") as Txid;
const entry = (n: number, fee: bigint, size: number, ...parents: readonly number[]) => ({
  ...{ txid: id(n), fee, size },
  parents: parents.map(id),
});
const at = (n: number) => ({ txid: id(n), vout: 0 });

describe("fees that ancestors lack", () => {
  test("are those of the whole package, and none where it pays enough", () => {
    const cluster = [entry(1, 100n, 200), entry(2, 300n, 100, 1)];
    expect(ancestorBumpFees(cluster, [at(2)], 1000n).each).toEqual([0n]);
    expect(ancestorBumpFees(cluster, [at(2)], 2000n)).toEqual({ each: [200n], combined: 200n });
    expect(ancestorBumpFees(cluster, [at(1)], 2000n).each).toEqual([300n]);
    expect(ancestorBumpFees(cluster, [at(9)], 2000n)).toEqual({ each: [0n], combined: 0n });
  });

  test("count shared ancestors once", () => {
    const cluster = [entry(1, 100n, 200), entry(2, 100n, 100, 1), entry(3, 100n, 100, 1)];
    expect(ancestorBumpFees(cluster, [at(2), at(3)], 2000n)).toEqual({
      ...{ each: [400n, 400n], combined: 500n },
    });
  });

  test("of a parent that another child pays for are nothing", () => {
    const cluster = [entry(1, 100n, 200), entry(2, 5000n, 100, 1)];
    expect(ancestorBumpFees(cluster, [at(1)], 2000n).each).toEqual([0n]);
  });

  test("raise a child below the rate although its ancestors are above it", () => {
    // The example of Core's mini miner.
    const cluster = [
      entry(1, 1700n, 1700),
      entry(2, 17_000n, 200, 1),
      entry(3, 3000n, 200, 1),
      entry(4, 900n, 100, 2, 3),
    ];
    expect(ancestorBumpFees(cluster, [at(4)], 10_000n).each).toEqual([100n]);
  });

  test("suffice: with them nothing is left out of the block", () => {
    const shape = fc.array(
      fc.record({
        fee: fc.bigInt({ min: 0n, max: 2000n }),
        size: fc.integer({ min: 50, max: 400 }),
        parents: fc.array(fc.nat(7), { maxLength: 3 }),
      }),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(shape, fc.nat(7), fc.bigInt({ min: 1n, max: 5000n }), (specs, which, rate) => {
        const cluster = specs.map(({ fee, size, parents }, n) =>
          entry(n, fee, size, ...new Set(parents.filter((parent) => parent < n))),
        );
        const target = which % cluster.length;
        const { each, combined } = ancestorBumpFees(cluster, [at(target)], rate);
        const [bump = 0n] = each;
        expect(bump).toBeGreaterThanOrEqual(0n);
        expect(combined).toBeLessThanOrEqual(bump);
        const child: UnconfirmedTransaction = {
          ...{ txid: id(99), fee: bump + feeForSize(rate, 100) + 1n, size: 100 },
          parents: [id(target)],
        };
        const after = ancestorBumpFees([...cluster, child], [at(target)], rate);
        expect(after.each).toEqual([0n]);
      }),
    );
  });
});

const master = ExtendedKey.fromSeed(new Uint8Array(32).fill(7), regtest);
const parsed = parseDescriptor(`wpkh(${master.toPublicString()}/0/*)`, regtest);
if (!parsed.ok) throw new TypeError(parsed.reason);
const wpkh = parsed.descriptor;
const satisfaction = wpkh.maxSatisfaction();
if (satisfaction === undefined) throw new TypeError("not solvable");
const scriptAt = (index: number) => wpkh.expand(index)?.scripts[0] as Uint8Array;
const coinAt = (index: number, value: bigint) => ({
  outpoint: { txid: id(index + 100), vout: 0 },
  output: { value, scriptPubKey: scriptAt(index) },
  ...{ satisfaction, depth: 3, isFromMe: false },
});
const change: SpendRequest["change"] = {
  ...{ kinds: ["bech32"], defaultKind: "bech32" },
  next: () => ({ ok: true, script: scriptAt(50), satisfaction }),
};
const common = {
  ...{ change, fees: DEFAULT_FEE_SETTINGS, tip: { height: 100, isCurrent: true } },
  randomBytes: seededBytes(4),
};
const payee = p2wpkhScript(new Uint8Array(20).fill(9));
const coin = coinAt(0, COIN);

function paid(amount: bigint, subtractsFee = false) {
  const payees = [{ script: payee, amount, subtractsFee }];
  const spend = createSpend({ ...common, payees, coins: [coin], feeRate: 1000n });
  if (!spend.ok) throw new TypeError(spend.reason);
  return spend;
}

function replacing(fields: Partial<ReplaceRequest> = {}, old = paid(COIN / 2n)): ReplaceRequest {
  const isOwn = (script: Uint8Array) => String(script) === String(scriptAt(50));
  return {
    ...common,
    coins: [],
    replaced: old.transaction,
    inputs: [{ outpoint: coin.outpoint, output: coin.output, satisfaction }],
    isChange: ({ scriptPubKey: script }) => (isOwn(script) ? { script, satisfaction } : undefined),
    ...fields,
  };
}
function reasonOf(fields: Partial<ReplaceRequest>, old?: ReturnType<typeof paid>) {
  const replacement = replaceSpend(replacing(fields, old));
  return replacement.ok ? "made" : `${replacement.code}: ${replacement.reason}`;
}
function made(fields: Partial<ReplaceRequest> = {}, old?: ReturnType<typeof paid>) {
  const replacement = replaceSpend(replacing(fields, old));
  if (!replacement.ok) throw new TypeError(replacement.reason);
  return replacement;
}

describe("a replacement", () => {
  test("spends the same, pays the same, and takes the fee out of the change", () => {
    const old = paid(COIN / 2n);
    const { transaction, fee, oldFee, feeRate } = made({}, old);
    expect(oldFee).toBe(141n);
    // The old rate, 1 for what rounding took, and 5,000.
    expect(feeRate).toBe(rateOf(141n, old.transaction.virtualSize) + 5001n);
    expect(fee).toBe(feeForSize(feeRate, 141));
    expect(transaction.inputs.map(({ prevout }) => prevout)).toEqual([coin.outpoint]);
    expect(transaction.outputs).toContainEqual({ value: COIN / 2n, scriptPubKey: payee });
    expect(transaction.outputs).toContainEqual({
      value: COIN / 2n - fee,
      scriptPubKey: scriptAt(50),
    });
  });

  test("adds confirmed coins alone where the change does not suffice", () => {
    const old = paid(COIN - 5000n);
    const young = { ...coinAt(1, COIN), depth: 0, isFromMe: true };
    expect(reasonOf({ feeRate: 60_000n, coins: [young] }, old)).toBe(
      "wallet: Unable to create transaction. The total exceeds your balance when the 0.0000252 transaction fee is included.",
    );
    const more = made({ feeRate: 60_000n, coins: [young, coinAt(2, COIN)] }, old);
    expect(more.transaction.inputs.map(({ prevout }) => prevout)).toEqual([
      ...[coin.outpoint, coinAt(2, COIN).outpoint],
    ]);
  });

  test("pays others, or sends change to the address that it is told", () => {
    const outputs = [{ value: 7000n, scriptPubKey: payee }];
    const other = made({ outputs });
    expect(other.transaction.outputs).toContainEqual(outputs[0]);
    const old = paid(COIN / 2n);
    const index = old.changePosition === 0 ? 1 : 0;
    const swapped = made({ originalChangeIndex: index }, old);
    const kept = swapped.transaction.outputs.find(
      ({ value }) => value === old.transaction.outputs[1 - index]?.value,
    );
    expect(kept?.scriptPubKey).toEqual(scriptAt(50));
    expect(reasonOf({ outputs, originalChangeIndex: 0 })).toMatch(
      /^invalid-parameter: The options/,
    );
    expect(reasonOf({ originalChangeIndex: 2 })).toBe(
      "invalid-parameter: Change position is out of range",
    );
  });

  test("of a payment to change alone takes the fee out of it", () => {
    const all = { script: scriptAt(50), amount: COIN, subtractsFee: true };
    const spend = createSpend({ ...common, payees: [all], coins: [coin], feeRate: 1000n });
    if (!spend.ok) throw new TypeError(spend.reason);
    const { transaction, fee } = made({}, spend);
    expect(transaction.outputs).toEqual([{ value: COIN - fee, scriptPubKey: scriptAt(50) }]);
    expect(reasonOf({ outputs: [] })).toMatch(/Transaction must have at least one recipient$/);
  });

  test("must pay for itself, and no more than the wallet may", () => {
    expect(reasonOf({ feeRate: 900n })).toBe(
      "wallet: New fee rate (0.000009) is lower than the minimum fee rate (0.00001) to get into the mempool -- ",
    );
    expect(reasonOf({ feeRate: 1900n })).toBe(
      "invalid-parameter: Insufficient total fee 0.00000268, must be at least 0.00000282 (oldFee 0.00000141 + incrementalFee 0.00000141)",
    );
    expect(reasonOf({ feeRate: 2000n })).toBe("made");
    expect(reasonOf({ feeRate: 100_000_000n })).toBe(
      "wallet: Specified or calculated fee 0.141 is too high (cannot be higher than -maxtxfee 0.10)",
    );
    const low = { ...DEFAULT_FEE_SETTINGS, mempoolMinimum: 0n, minimum: 9000n };
    expect(reasonOf({ feeRate: 3000n, fees: low })).toMatch(/cannot be less than required fee/);
  });

  test("keeps the weight of inputs of others", () => {
    const inputs = [{ outpoint: coin.outpoint, output: coin.output, weight: 1000 }];
    expect(made({ inputs, feeRate: 4000n }).fee).toBe(
      feeForSize(4000n, Math.ceil((1000 + (8 + 2 + 62) * 4 + 2) / 4)),
    );
    const unknown = [{ outpoint: coin.outpoint, output: coin.output }];
    expect(reasonOf({ inputs: unknown, feeRate: 4000n })).toBe(
      "wallet: Missing solving data for estimating transaction size",
    );
  });
});
