import {
  checkReplacement,
  checkSpendsNoConflict,
  isReplaceable,
  type Outpoint,
  p2pkhScript,
  policyOf,
  type Replaceable,
  regtest,
  SEQUENCE_FINAL,
  signalsReplaceability,
  Transaction,
  type Txid,
} from "@chain/core";
import { summary } from "@chain/testing/blockFactory";
import { describe, expect, test } from "vitest";

const policy = policyOf(regtest);
const scriptPubKey = p2pkhScript(new Uint8Array(20));
const confirmed = (vout: number): Outpoint => ({
  txid: regtest.genesis.transactions[0]!.txid,
  vout,
});

function spending(prevouts: readonly Outpoint[], sequence = 0): Transaction {
  const inputs = prevouts.map((prevout) => ({
    prevout,
    scriptSig: new Uint8Array(0),
    sequence,
    witness: [],
  }));
  return new Transaction({
    version: 2,
    inputs,
    outputs: [{ value: 1n, scriptPubKey }],
    lockTime: 0,
  });
}

interface Waiting extends Replaceable {
  readonly children: Set<Waiting>;
  readonly descendants: { count: number };
}

/** A waiting transaction of 100 virtual bytes, as far as the rules look at it. */
function waiting(fee: bigint, vout = 0, children: readonly Waiting[] = []): Waiting {
  const count = 1 + children.reduce((sum, { descendants }) => sum + descendants.count, 0);
  const transaction = spending([confirmed(vout)]);
  return {
    transaction,
    modifiedFee: fee,
    size: 100,
    children: new Set(children),
    descendants: { count },
  };
}

describe("rule 1: only what signals is replaced", () => {
  test.each([
    [SEQUENCE_FINAL, false],
    [SEQUENCE_FINAL - 1, false],
    [SEQUENCE_FINAL - 2, true],
    [0, true],
  ])("sequence %i: %s", (sequence, signals) => {
    const transaction = spending([confirmed(0)], sequence);
    expect(signalsReplaceability(transaction)).toBe(signals);
    expect(isReplaceable(transaction, { replaceByFee: "off" })).toBe(false);
    expect(isReplaceable(transaction, { replaceByFee: "opt-in" })).toBe(signals);
    expect(isReplaceable(transaction, { replaceByFee: "full" })).toBe(true);
  });

  test("one input is enough", () => {
    const { inputs, ...rest } = spending([confirmed(0), confirmed(1)], SEQUENCE_FINAL);
    const signalling = [inputs[0]!, { ...inputs[1]!, sequence: 1 }];
    expect(
      signalsReplaceability(
        new Transaction({ ...rest, outputs: [], inputs: signalling, version: 2, lockTime: 0 }),
      ),
    ).toBe(true);
  });
});

describe("a replacement", () => {
  const judge = (
    fee: bigint,
    conflicts: readonly Waiting[],
    {
      size = 100,
      transaction = spending([confirmed(0)]),
      unconfirmed = [] as readonly Txid[],
      incrementalRelayFeeRate = policy.incrementalRelayFeeRate,
    } = {},
  ) =>
    checkReplacement(
      { transaction, modifiedFee: fee, size },
      new Set(conflicts),
      (txid) => unconfirmed.includes(txid),
      { incrementalRelayFeeRate },
    );

  test("of nothing needs nothing", () => {
    expect(judge(0n, [])).toEqual({ ok: true, replaced: new Set() });
  });

  test("takes all that depends on the conflicts, each once", () => {
    const shared = waiting(10n, 5);
    const [a, b] = [waiting(100n, 1, [shared]), waiting(100n, 2, [shared])];
    const verdict = judge(310n, [a, b]);
    expect(verdict).toEqual({ ok: true, replaced: new Set([a, b, shared]) });
    expect(summary(judge(309n, [a, b]))).toBe("policy: insufficient fee");
  });

  test("rule 2: adds no unconfirmed input: replacement-adds-unconfirmed", () => {
    const parent = spending([confirmed(7)]);
    const unconfirmed = [parent.txid];
    const output = { txid: parent.txid, vout: 0 };
    const transaction = spending([confirmed(0), output]);
    expect(judge(1000n, [waiting(100n)], { transaction, unconfirmed })).toMatchObject({
      kind: "policy",
      reason: "replacement-adds-unconfirmed",
      debug: `replacement ${transaction.txid} adds unconfirmed input, idx 1`,
    });
    expect(summary(judge(1000n, [waiting(100n)], { transaction }))).toBe("ok");
    // Another output of a parent that the conflict had already.
    const conflict = { ...waiting(100n), transaction: spending([{ ...output, vout: 1 }]) };
    expect(summary(judge(1000n, [conflict], { transaction, unconfirmed }))).toBe("ok");
    // As in Core 29, or a parent of what depends on the conflict.
    const evicted = { ...waiting(100n), children: new Set([conflict]) };
    expect(summary(judge(1000n, [evicted], { transaction, unconfirmed }))).toBe("ok");
  });

  test("rules 3 and 4: pays for what goes and for its own way: insufficient fee", () => {
    const { txid } = spending([confirmed(0)]);
    const conflict = waiting(100n, 0, [waiting(900n, 1)]);
    expect(judge(999n, [conflict])).toMatchObject({
      reason: "insufficient fee",
      debug: `rejecting replacement ${txid}, less fees than conflicting txs; 0.00000999 < 0.00001`,
    });
    expect(judge(1099n, [conflict])).toMatchObject({
      reason: "insufficient fee",
      debug: `rejecting replacement ${txid}, not enough additional fees to relay; 0.00000099 < 0.000001`,
    });
    expect(summary(judge(1100n, [conflict]))).toBe("ok");
    expect(summary(judge(1000n, [conflict], { incrementalRelayFeeRate: 0n }))).toBe("ok");
  });

  test("pays a higher rate than each conflict, whatever it pays in all: insufficient fee", () => {
    const conflicts = [waiting(100n), waiting(50n, 1)];
    const free = { size: 1000, incrementalRelayFeeRate: 0n };
    expect(judge(1000n, conflicts, free)).toMatchObject({
      reason: "insufficient fee",
      debug: `rejecting replacement ${spending([confirmed(0)]).txid}; new feerate 0.00001000 BTC/kvB <= old feerate 0.00001000 BTC/kvB`,
    });
    // Whole coins have two decimals all the same.
    const rich = waiting(400_000_000n);
    expect(judge(300_000_000n, [{ ...rich, size: 1000 }])).toMatchObject({
      debug: expect.stringContaining(", less fees than conflicting txs; 3.00 < 4.00"),
    });
    expect(summary(judge(1001n, conflicts, free))).toBe("ok");
  });

  test("rule 5: takes 100 at most: too many potential replacements", () => {
    const family = (descendants: number, vout: number) =>
      waiting(
        1n,
        vout,
        Array.from({ length: descendants }, (_, i) => waiting(1n, 1000 + i)),
      );
    const four = [0, 1, 2, 3].map((vout) => family(24, vout));
    expect(summary(judge(1_000_000n, four))).toBe("ok");
    expect(judge(1_000_000n, [...four, family(0, 4)])).toMatchObject({
      kind: "policy",
      reason: "too many potential replacements",
      debug: expect.stringMatching(/^rejecting .*; too many potential replacements \(101 > 100\)$/),
    });
  });

  test("does not depend on what it replaces: bad-txns-spends-conflicting-tx", () => {
    const [a, b] = [waiting(1n), waiting(1n, 1)];
    const transaction = spending([confirmed(3)]);
    expect(checkSpendsNoConflict(transaction, [a], new Set([b]))).toBeUndefined();
    expect(checkSpendsNoConflict(transaction, [a, b], new Set([b]))).toMatchObject({
      kind: "consensus",
      reason: "bad-txns-spends-conflicting-tx",
      debug: `${transaction.txid} spends conflicting transaction ${b.transaction.txid}`,
    });
  });
});
