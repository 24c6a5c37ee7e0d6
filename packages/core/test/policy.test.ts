import {
  areInputsStandard,
  concatBytes,
  DEVNET,
  dustThreshold,
  feeForSize,
  feeRate,
  isDust,
  isStandardTransaction,
  isWitnessStandard,
  mainnet,
  multisigScript,
  nullDataScript,
  Opcode,
  type Policy,
  p2pkhScript,
  p2pkScript,
  p2shScript,
  p2trScript,
  p2wpkhScript,
  p2wshScript,
  policyOf,
  pushData,
  regtest,
  SEQUENCE_FINAL,
  spendsWitnessProgram,
  Transaction,
  type TransactionFields,
  virtualSizeWithSigops,
  witnessProgramScript,
} from "@chain/core";
import { summary } from "@chain/testing/blockFactory";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const EMPTY: Uint8Array = new Uint8Array(0);
const hash = new Uint8Array(20).fill(7);
const hash32 = new Uint8Array(32).fill(8);
const key = Uint8Array.of(2, ...hash32);
const bytes = (length: number, fill = 1): Uint8Array => new Uint8Array(length).fill(fill);
const policy = policyOf(mainnet);
const P2PKH = p2pkhScript(hash);

function input(scriptSig = EMPTY, witness: readonly Uint8Array[] = []) {
  const prevout = { txid: mainnet.genesis.transactions[0]!.txid, vout: 0 };
  return { prevout, scriptSig, sequence: SEQUENCE_FINAL, witness };
}

function transactionOf(fields: Partial<TransactionFields>): Transaction {
  const outputs = [{ value: 100_000n, scriptPubKey: P2PKH }];
  return new Transaction({ version: 2, inputs: [input()], outputs, lockTime: 0, ...fields });
}

function paying(...scripts: readonly Uint8Array[]): Transaction {
  return transactionOf({
    outputs: scripts.map((scriptPubKey) => ({ value: 100_000n, scriptPubKey })),
  });
}

describe("the policies of the networks", () => {
  test("standard forms on mainnet as in Core, any on regtest, any and no replacement on devnet", () => {
    expect(policy).toEqual({
      blockMaxWeight: 4_000_000,
      blockReservedWeight: 8000,
      requireStandard: true,
      dustRelayFeeRate: 3000n,
      maxDataCarrierSize: 83,
      permitBareMultisig: true,
      bytesPerSigop: 20,
      minRelayFeeRate: 1000n,
      incrementalRelayFeeRate: 1000n,
      blockMinFeeRate: 1n,
      replaceByFee: "full",
    });
    expect(policyOf(regtest)).toEqual({ ...policy, requireStandard: false });
    expect(policyOf(regtest, { requireStandard: true })).toEqual(policy);
    expect(policyOf(DEVNET)).toEqual({
      ...policy,
      requireStandard: false,
      blockMinFeeRate: 0n,
      minRelayFeeRate: 0n,
      replaceByFee: "off",
    });
  });
});

describe("dust is what costs more to spend than it holds", () => {
  test.each([
    ["P2PK", p2pkScript(key), 576n],
    ["P2PKH", P2PKH, 546n],
    ["P2SH", p2shScript(hash), 540n],
    ["P2WPKH", p2wpkhScript(hash), 294n],
    ["P2WSH", p2wshScript(hash32), 330n],
    ["P2TR", p2trScript(hash32), 330n],
    ["the largest witness program", witnessProgramScript(16, bytes(40)), 354n],
    ["the smallest witness program", witnessProgramScript(16, bytes(2)), 240n],
    ["OP_RETURN", nullDataScript(bytes(80)), 0n],
    ["what is too long to run", bytes(10_001), 0n],
    ["the longest that runs", bytes(10_000), 3n * (8n + 3n + 10_000n + 148n)],
  ])("%s", (_, script, threshold) => {
    expect(dustThreshold(script, 3000n)).toBe(threshold);
    expect(dustThreshold(script, 0n)).toBe(0n);
    expect(isDust({ value: threshold, scriptPubKey: script }, 3000n)).toBe(false);
    expect(isDust({ value: threshold - 1n, scriptPubKey: script }, 3000n)).toBe(true);
  });

  test("and thresholds are rounded up", () => {
    expect(dustThreshold(P2PKH, 1n)).toBe(1n);
    expect(dustThreshold(P2PKH, 1001n)).toBe(183n);
  });
});

describe("sizes and rates", () => {
  test.each([
    [400, 0, 100],
    [401, 0, 101],
    [400, 20, 100],
    [400, 21, 105],
    [401, 21, 105],
    [4, 80_000, 400_000],
  ])("weight %i with sigop cost %i has %i virtual bytes", (weight, cost, size) => {
    expect(virtualSizeWithSigops(weight, cost)).toBe(size);
  });

  test("a fee is rounded up, a rate down", () => {
    expect([feeForSize(1000n, 141), feeForSize(1n, 1), feeForSize(1n, 1001)]).toEqual([
      141n,
      1n,
      2n,
    ]);
    expect([feeForSize(0n, 141), feeRate(141n, 141), feeRate(1n, 3)]).toEqual([0n, 1000n, 333n]);
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 9n), fc.integer({ min: 1, max: 100_000 }), (rate, size) => {
        expect(feeRate(feeForSize(rate, size), size)).toBeGreaterThanOrEqual(rate);
      }),
    );
  });
});

describe("a standard transaction", () => {
  const judge = (transaction: Transaction, changes: Partial<Policy> = {}) =>
    summary(isStandardTransaction(transaction, { ...policy, ...changes }));

  test.each([
    [-1, "policy: version"],
    [0, "policy: version"],
    [1, "ok"],
    [2, "ok"],
    [3, "policy: version"],
    [0x7fff_ffff, "policy: version"],
  ])("of version %i: %s", (version, expected) => {
    expect(judge(transactionOf({ version }))).toBe(expected);
  });

  test("weighs at most a tenth of a block: tx-size", () => {
    const heavy = (length: number) => transactionOf({ inputs: [input(EMPTY, [bytes(length)])] });
    const room = 400_000 - heavy(70_000).weight;
    expect(heavy(70_000 + room).weight).toBe(400_000);
    expect(judge(heavy(70_000 + room))).toBe("ok");
    expect(judge(heavy(70_001 + room))).toBe("policy: tx-size");
  });

  test("has small scriptSigs that only push: scriptsig-size, scriptsig-not-pushonly", () => {
    const zeros = (length: number) => transactionOf({ inputs: [input(), input(bytes(length, 0))] });
    expect(judge(zeros(1650))).toBe("ok");
    expect(judge(zeros(1651))).toBe("policy: scriptsig-size");
    const running = transactionOf({ inputs: [input(Uint8Array.of(Opcode.OP_NOP))] });
    expect(judge(running)).toBe("policy: scriptsig-not-pushonly");
    const cut = transactionOf({ inputs: [input(Uint8Array.of(5, 1))] });
    expect(judge(cut)).toBe("policy: scriptsig-not-pushonly");
  });

  test.each([
    ["P2PK", p2pkScript(key)],
    ["P2PKH", P2PKH],
    ["P2SH", p2shScript(hash)],
    ["1 of 1", multisigScript(1, [key])],
    ["3 of 3", multisigScript(3, [key, key, key])],
    ["P2WPKH", p2wpkhScript(hash)],
    ["P2WSH", p2wshScript(hash32)],
    ["P2TR", p2trScript(hash32)],
    ["a witness program of the future", witnessProgramScript(2, hash)],
    ["a version 1 program of another size", witnessProgramScript(1, hash)],
    ["bare OP_RETURN", nullDataScript()],
    ["80 bytes of data", nullDataScript(bytes(80))],
  ])("pays to %s", (_, script) => {
    expect(judge(paying(script))).toBe("ok");
  });

  test.each([
    ["nothing", EMPTY],
    ["anybody", Uint8Array.of(Opcode.OP_1)],
    ["1 of 4", multisigScript(1, [key, key, key, key])],
    ["a version 0 program of another size", witnessProgramScript(0, bytes(21))],
    ["81 bytes of data", nullDataScript(bytes(81))],
    ["OP_RETURN and more than data", Uint8Array.of(Opcode.OP_RETURN, Opcode.OP_NOP)],
  ])("does not pay to %s: scriptpubkey", (_, script) => {
    expect(judge(paying(script))).toBe("policy: scriptpubkey");
  });

  test("carries data once, as far as the node likes: multi-op-return", () => {
    expect(judge(paying(P2PKH, nullDataScript(hash), P2PKH))).toBe("ok");
    expect(judge(paying(nullDataScript(hash), nullDataScript()))).toBe("policy: multi-op-return");
    expect(judge(paying(nullDataScript()), { maxDataCarrierSize: 0 })).toBe("policy: scriptpubkey");
    const free = transactionOf({ outputs: [{ value: 0n, scriptPubKey: nullDataScript(hash) }] });
    expect(judge(free)).toBe("ok");
  });

  test("has multisig without a script hash only where that is permitted: bare-multisig", () => {
    const multisig = paying(multisigScript(1, [key, key]));
    expect(judge(multisig, { permitBareMultisig: false })).toBe("policy: bare-multisig");
    const tooMany = paying(multisigScript(1, [key, key, key, key]));
    expect(judge(tooMany, { permitBareMultisig: false })).toBe("policy: scriptpubkey");
  });

  test("has no output that is not worth spending: dust", () => {
    const of = (value: bigint) => transactionOf({ outputs: [{ value, scriptPubKey: P2PKH }] });
    expect(judge(of(546n))).toBe("ok");
    expect(judge(of(545n))).toBe("policy: dust");
    expect(judge(of(0n), { dustRelayFeeRate: 0n })).toBe("ok");
  });
});

/** Anybody can spend it. */
const ANCHOR: Uint8Array = witnessProgramScript(1, Uint8Array.of(0x4e, 0x73));

describe("standard inputs: bad-txns-nonstandard-inputs", () => {
  const judge = (scriptPubKey: Uint8Array, scriptSig: Uint8Array = EMPTY) =>
    summary(
      areInputsStandard(transactionOf({ inputs: [input(scriptSig)] }), [
        { value: 1n, scriptPubKey },
      ]),
    );
  const NONSTANDARD = "nonstandard-inputs: bad-txns-nonstandard-inputs";
  const checksigs = (count: number) => bytes(count, Opcode.OP_CHECKSIG);

  test.each([
    p2pkScript(key),
    P2PKH,
    multisigScript(1, [key, key, key, key]),
    p2wpkhScript(hash),
    p2wshScript(hash32),
    p2trScript(hash32),
    ANCHOR,
    nullDataScript(),
  ])("spend known forms", (script) => {
    expect(judge(script)).toBe("ok");
  });

  test.each([
    EMPTY,
    Uint8Array.of(Opcode.OP_1),
    witnessProgramScript(2, hash),
    witnessProgramScript(1, hash),
    witnessProgramScript(1, Uint8Array.of(0x4e, 0x74)),
    witnessProgramScript(0, bytes(21)),
  ])("spend no unknown form", (script) => {
    expect(judge(script)).toBe(NONSTANDARD);
  });

  test("reveal a script with up to 15 signature operations", () => {
    const p2sh = p2shScript(hash);
    expect(judge(p2sh, pushData(checksigs(15)))).toBe("ok");
    expect(judge(p2sh, pushData(checksigs(16)))).toBe(NONSTANDARD);
    expect(judge(p2sh, pushData(multisigScript(1, Array(15).fill(key))))).toBe("ok");
    expect(judge(p2sh, pushData(Uint8Array.of(Opcode.OP_CHECKMULTISIG)))).toBe(NONSTANDARD);
    expect(judge(p2sh, EMPTY)).toBe(NONSTANDARD);
    expect(judge(p2sh, Uint8Array.of(Opcode.OP_1))).toBe("ok");
    expect(judge(p2sh, Uint8Array.of(Opcode.OP_0))).toBe("ok");
    expect(judge(p2sh, Uint8Array.of(5, 1))).toBe(NONSTANDARD);
    expect(judge(p2sh, pushData(bytes(521)))).toBe(NONSTANDARD);
    // As EvalScript leaves it, should it do more than push.
    const swapped = concatBytes(
      pushData(checksigs(16)),
      pushData(checksigs(1)),
      Uint8Array.of(Opcode.OP_SWAP),
    );
    expect(judge(p2sh, swapped)).toBe(NONSTANDARD);
    expect(judge(p2sh, Uint8Array.of(Opcode.OP_RETURN))).toBe(NONSTANDARD);
  });

  test("run up to 2500 signature operations without a witness (BIP-0054)", () => {
    const spending = (inputs: readonly (readonly [Uint8Array, Uint8Array])[]) =>
      summary(
        areInputsStandard(
          transactionOf({ inputs: inputs.map(([scriptSig]) => input(scriptSig)) }),
          inputs.map(([, scriptPubKey]) => ({ value: 1n, scriptPubKey })),
        ),
      );
    const p2sh = (count: number) => [pushData(checksigs(count)), p2shScript(hash)] as const;
    const many = Array.from({ length: 166 }, () => p2sh(15));
    expect(spending(many)).toBe("ok"); // 2490
    expect(spending([...many, p2sh(10)])).toBe("ok");
    expect(spending([...many, p2sh(11)])).toBe(NONSTANDARD);
    const bare = [EMPTY, multisigScript(1, [key, key, key])] as const; // three, as its script says
    expect(spending([...many, bare, bare, bare])).toBe("ok");
    expect(spending([...many, bare, bare, bare, [EMPTY, P2PKH], [EMPTY, P2PKH]])).toBe(NONSTANDARD);
    const own = [checksigs(10), p2wpkhScript(hash)] as const; // those of the input's own script count too
    expect(spending([...many, own])).toBe("ok");
    expect(spending([...many, own, [EMPTY, P2PKH]])).toBe(NONSTANDARD);
    // Inputs with a witness do not count.
    expect(spending([...many, p2sh(10), [EMPTY, p2wpkhScript(hash)]])).toBe("ok");
  });

  test("are all known", () => {
    expect(summary(areInputsStandard(transactionOf({}), []))).toBe(NONSTANDARD);
  });
});

describe("standard witnesses: bad-witness-nonstandard", () => {
  const NONSTANDARD = "policy: bad-witness-nonstandard";
  const judge = (
    scriptPubKey: Uint8Array,
    witness: readonly Uint8Array[],
    scriptSig: Uint8Array = EMPTY,
  ) =>
    summary(
      isWitnessStandard(transactionOf({ inputs: [input(scriptSig, witness)] }), [{ scriptPubKey }]),
    );
  const p2wsh = p2wshScript(hash32);
  const p2sh = p2shScript(hash);
  const small = Array<Uint8Array>(100).fill(bytes(80));

  test("stand where there is a witness program, bare or behind a script hash", () => {
    expect(judge(P2PKH, [])).toBe("ok");
    expect(judge(P2PKH, [EMPTY])).toBe(NONSTANDARD);
    expect(judge(p2sh, [EMPTY], pushData(p2wpkhScript(hash)))).toBe("ok");
    expect(judge(p2sh, [EMPTY], pushData(P2PKH))).toBe(NONSTANDARD);
    expect(judge(p2sh, [EMPTY])).toBe(NONSTANDARD);
    expect(judge(ANCHOR, [])).toBe("ok");
    expect(judge(ANCHOR, [EMPTY])).toBe(NONSTANDARD);
    expect(judge(p2sh, [EMPTY], pushData(ANCHOR))).toBe("ok");
    expect(judge(p2sh, [EMPTY], Uint8Array.of(5))).toBe(NONSTANDARD);
    expect(summary(isWitnessStandard(transactionOf({ inputs: [input(EMPTY, [hash])] }), []))).toBe(
      NONSTANDARD,
    );
  });

  test.each([
    ["bare", p2wsh, EMPTY],
    ["behind a script hash", p2sh, pushData(p2wsh)],
  ])("of P2WSH %s keep to 3,600 bytes of script and 100 items of 80", (_, output, scriptSig) => {
    expect(judge(output, [...small, bytes(3600)], scriptSig)).toBe("ok");
    expect(judge(output, [bytes(3601)], scriptSig)).toBe(NONSTANDARD);
    expect(judge(output, [...small, EMPTY, EMPTY], scriptSig)).toBe(NONSTANDARD);
    expect(judge(output, [bytes(81), EMPTY], scriptSig)).toBe(NONSTANDARD);
  });

  test("of other programs are of any size", () => {
    for (const script of [p2wpkhScript(hash), witnessProgramScript(2, hash32)]) {
      expect(judge(script, [bytes(5000), bytes(5000)])).toBe("ok");
    }
    // Taproot behind a script hash is nothing as yet.
    expect(judge(p2sh, [bytes(81), EMPTY, bytes(33, 0xc0)], pushData(p2trScript(hash32)))).toBe(
      "ok",
    );
  });

  test("of Taproot have no annex, and small items for tapscript", () => {
    const p2tr = p2trScript(hash32);
    const control = (first: number) => Uint8Array.of(first, ...hash32);
    expect(judge(p2tr, [bytes(65)])).toBe("ok");
    expect(judge(p2tr, [bytes(65), Uint8Array.of(0x50)])).toBe(NONSTANDARD);
    expect(judge(p2tr, [Uint8Array.of(0x50)])).toBe("ok");
    for (const first of [0xc0, 0xc1]) {
      expect(judge(p2tr, [bytes(80), bytes(9999), control(first)])).toBe("ok");
      expect(judge(p2tr, [bytes(81), bytes(1), control(first)])).toBe(NONSTANDARD);
    }
    expect(judge(p2tr, [bytes(81), bytes(1), control(0xc2)])).toBe("ok");
    expect(judge(p2tr, [bytes(1), EMPTY])).toBe(NONSTANDARD);
    expect(judge(p2tr, [bytes(1), bytes(1), control(0xc0), control(0x50)])).toBe(NONSTANDARD);
  });
});

test("a witness may be missing where a program takes one, bare or behind a script hash", () => {
  const program = p2wpkhScript(hash);
  const cases: readonly [scriptPubKey: Uint8Array, scriptSig: Uint8Array, expected: boolean][] = [
    [program, EMPTY, true],
    [witnessProgramScript(16, hash), EMPTY, true],
    [P2PKH, EMPTY, false],
    [ANCHOR, EMPTY, false],
    [p2shScript(hash), pushData(program), true],
    [p2shScript(hash), pushData(ANCHOR), true],
    [p2shScript(hash), pushData(P2PKH), false],
    [p2shScript(hash), Uint8Array.of(5), false],
    [p2shScript(hash), EMPTY, false],
  ];
  for (const [scriptPubKey, scriptSig, expected] of cases) {
    const transaction = transactionOf({ inputs: [input(), input(scriptSig)] });
    expect(spendsWitnessProgram(transaction, [{ scriptPubKey: P2PKH }, { scriptPubKey }])).toBe(
      expected,
    );
  }
  expect(spendsWitnessProgram(transactionOf({}), [])).toBe(false);
});

test("no input makes the policy throw", () => {
  const script = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.uint8Array({ minLength: 20, maxLength: 20 }).map(p2shScript),
    fc.uint8Array({ minLength: 32, maxLength: 32 }).map(p2trScript),
    fc.uint8Array({ minLength: 32, maxLength: 32 }).map(p2wshScript),
  );
  const sig = fc.oneof(fc.uint8Array({ maxLength: 60 }), script.map(pushData));
  const stack = fc.array(fc.uint8Array({ maxLength: 90 }), { maxLength: 4 });
  fc.assert(
    fc.property(
      sig,
      stack,
      script,
      script,
      fc.integer(),
      (scriptSig, witness, from, to, version) => {
        const outputs = [{ value: 600n, scriptPubKey: to }];
        const transaction = transactionOf({
          version,
          inputs: [input(scriptSig, witness)],
          outputs,
        });
        const spent = [{ value: 1n, scriptPubKey: from }];
        for (const verdict of [
          isStandardTransaction(transaction, policy),
          areInputsStandard(transaction, spent),
          isWitnessStandard(transaction, spent),
        ]) {
          expect(verdict.ok || verdict.kind).toSatisfy(
            (it: unknown) => it === true || it === "policy" || it === "nonstandard-inputs",
          );
        }
      },
    ),
    { numRuns: 1000 },
  );
});
