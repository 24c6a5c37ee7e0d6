import {
  bytesToHex,
  checkTransaction,
  concatBytes,
  encodeDerSignature,
  hash160,
  hexToBytes,
  isP2pkh,
  isPushOnly,
  legacySighash,
  NULL_OUTPOINT,
  nobleVerifier,
  type Outpoint,
  p2pkhScript,
  parseDerSignature,
  pushData,
  pushNumber,
  runScriptCheck,
  ScriptFlag,
  type ScriptFlags,
  ScriptReader,
  type ScriptResult,
  SEQUENCE_FINAL,
  STANDARD_SCRIPT_FLAGS,
  Transaction,
  type Txid,
  transactionChecker,
  verifyScript,
} from "@chain/core";
import * as secp256k1 from "@noble/secp256k1";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAsm } from "./support/asm.ts";
import { signInput, type TestKey, testKey } from "./support/blockFactory.ts";
import { vectors } from "./support/vectors.ts";

const { DERSIG, STRICTENC, LOW_S, NULLFAIL, MINIMALDATA, SIGPUSHONLY, CLEANSTACK, WITNESS, P2SH } =
  ScriptFlag;
const EMPTY: Uint8Array = new Uint8Array(0);
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** Core's script_tests.cpp: a transaction that makes an output with the script, and one that spends it. */
function spending(scriptSig: Uint8Array, scriptPubKey: Uint8Array): Transaction {
  const input = { sequence: SEQUENCE_FINAL, witness: [] };
  const credit = new Transaction({
    version: 1,
    inputs: [{ ...input, prevout: NULL_OUTPOINT, scriptSig: Uint8Array.of(0, 0) }],
    outputs: [{ value: 0n, scriptPubKey }],
    lockTime: 0,
  });
  return new Transaction({
    version: 1,
    inputs: [{ ...input, prevout: { txid: credit.txid, vout: 0 }, scriptSig }],
    outputs: [{ value: 0n, scriptPubKey: EMPTY }],
    lockTime: 0,
  });
}

function flagsOf(names: string): ScriptFlags {
  return names
    .split(",")
    .filter((name) => name in ScriptFlag)
    .reduce((flags, name) => flags | ScriptFlag[name as keyof typeof ScriptFlag], 0);
}

function outcome(result: ScriptResult): string {
  return result.ok ? "OK" : result.error;
}

describe("pay to public key hash", () => {
  const key = testKey(5);
  const uncompressed: TestKey = keyOf(secp256k1.getPublicKey(key.secretKey, false));
  const hybrid: TestKey = keyOf(
    uncompressed.publicKey.with(0, 6 + ((uncompressed.publicKey[64] as number) & 1)),
  );

  function keyOf(publicKey: Uint8Array): TestKey {
    return { secretKey: key.secretKey, publicKey, script: p2pkhScript(hash160(publicKey)) };
  }

  function sign(owner: TestKey = key, hashType = 1): Uint8Array {
    return signInput(spending(EMPTY, owner.script), 0, owner.script, owner, hashType);
  }

  function run(
    scriptSig: Uint8Array,
    flags: ScriptFlags,
    owner: TestKey = key,
    witness: Uint8Array[] = [],
  ): string {
    const checker = transactionChecker(spending(scriptSig, owner.script), 0, nobleVerifier);
    return outcome(verifyScript(scriptSig, owner.script, witness, flags, checker));
  }

  const pushes = (...items: Uint8Array[]): Uint8Array => concatBytes(...items.map(pushData));
  const good = sign();
  const compact = parseDerSignature(good.subarray(0, -1))!;
  const s = BigInt(`0x${bytesToHex(compact.subarray(32))}`);
  const highS = concatBytes(
    encodeDerSignature(
      concatBytes(compact.subarray(0, 32), hexToBytes((N - s).toString(16).padStart(64, "0"))),
    ),
    Uint8Array.of(1),
  );
  const lax = concatBytes(good.subarray(0, -1), Uint8Array.of(0, 1));
  const forged = signInput(spending(EMPTY, key.script), 0, key.script, testKey(6));
  const one = Uint8Array.of(1);

  test.each<[string, Uint8Array, ScriptFlags, string]>([
    ["signature and key", pushes(good, key.publicKey), STANDARD_SCRIPT_FLAGS | SIGPUSHONLY, "OK"],
    ["nothing", EMPTY, 0, "INVALID_STACK_OPERATION"],
    ["key only", pushes(key.publicKey), 0, "INVALID_STACK_OPERATION"],
    ["another key", pushes(good, testKey(6).publicKey), 0, "EQUALVERIFY"],
    ["another key's signature", pushes(forged, key.publicKey), 0, "EVAL_FALSE"],
    ["another key's signature, NULLFAIL", pushes(forged, key.publicKey), NULLFAIL, "NULLFAIL"],
    ["empty signature, NULLFAIL", pushes(EMPTY, key.publicKey), NULLFAIL, "EVAL_FALSE"],
    ["lax DER of old", pushes(lax, key.publicKey), 0, "OK"],
    ["lax DER, DERSIG", pushes(lax, key.publicKey), DERSIG, "SIG_DER"],
    ["lax DER, LOW_S", pushes(lax, key.publicKey), LOW_S, "SIG_DER"],
    ["high s", pushes(highS, key.publicKey), DERSIG, "OK"],
    ["high s, LOW_S", pushes(highS, key.publicKey), LOW_S, "SIG_HIGH_S"],
    ["odd hash type", pushes(sign(key, 5), key.publicKey), DERSIG, "OK"],
    ["odd hash type, STRICTENC", pushes(sign(key, 5), key.publicKey), STRICTENC, "SIG_HASHTYPE"],
    ["hash type 0x81", pushes(sign(key, 0x81), key.publicKey), STRICTENC, "OK"],
    ["one item too many", pushes(one, good, key.publicKey), 0, "OK"],
    ["one too many, CLEANSTACK", pushes(one, good, key.publicKey), CLEANSTACK | P2SH, "CLEANSTACK"],
    ["no script but a jump past the end", Uint8Array.of(0x4c), 0, "BAD_OPCODE"],
    ["push of 521 bytes", pushes(new Uint8Array(521)), 0, "PUSH_SIZE"],
    ["push of 520 bytes", pushes(new Uint8Array(520)), 0, "EQUALVERIFY"],
    ["script of 10,001 bytes", new Uint8Array(10_001), 0, "SCRIPT_SIZE"],
    ["1,001 items", new Uint8Array(1001), 0, "STACK_SIZE"],
    ["so many that the output's own do not fit", new Uint8Array(999), 0, "STACK_SIZE"],
    ["998 items", new Uint8Array(998), 0, "EQUALVERIFY"],
    ["an operation, SIGPUSHONLY", Uint8Array.of(0x61), SIGPUSHONLY, "SIG_PUSHONLY"],
    ["an operation", Uint8Array.of(0x61), 0, "UNSUPPORTED_SCRIPT"],
    [
      "a long form of a push",
      concatBytes(Uint8Array.of(0x4c), pushes(good, key.publicKey)),
      0,
      "OK",
    ],
    [
      "a long form of a push, MINIMALDATA",
      concatBytes(Uint8Array.of(0x4c), pushes(good, key.publicKey)),
      MINIMALDATA,
      "MINIMALDATA",
    ],
    ["a number pushed as bytes, MINIMALDATA", Uint8Array.of(1, 16), MINIMALDATA, "MINIMALDATA"],
  ])("%s: %s", (_, scriptSig, flags, expected) => {
    expect(run(scriptSig, flags)).toBe(expected);
  });

  test("witness where none belongs", () => {
    const scriptSig = pushes(good, key.publicKey);
    expect(run(scriptSig, WITNESS | P2SH, key, [one])).toBe("WITNESS_UNEXPECTED");
    expect(run(scriptSig, 0, key, [one])).toBe("OK");
  });

  test("kinds of keys", () => {
    for (const [owner, strict] of [
      [uncompressed, "OK"],
      [hybrid, "PUBKEYTYPE"],
      [keyOf(uncompressed.publicKey.with(0, 5)), "PUBKEYTYPE"],
      [keyOf(EMPTY), "PUBKEYTYPE"],
    ] as const) {
      const scriptSig = pushes(sign(owner), owner.publicKey);
      expect(run(scriptSig, STRICTENC, owner)).toBe(strict);
    }
    expect(run(pushes(sign(hybrid), hybrid.publicKey), 0, hybrid)).toBe("OK");
    const shapeless = keyOf(uncompressed.publicKey.with(0, 5));
    expect(run(pushes(sign(shapeless), shapeless.publicKey), 0, shapeless)).toBe("EVAL_FALSE");
  });

  test("OP_1NEGATE and OP_1 to OP_16 push numbers", () => {
    for (let n = -1; n <= 16; n++) {
      if (n === 0) continue;
      const bytes = n === -1 ? Uint8Array.of(0x81) : Uint8Array.of(n);
      const owner = { ...key, script: p2pkhScript(hash160(bytes)) };
      expect(run(concatBytes(pushNumber(1), pushNumber(n)), MINIMALDATA, owner)).toBe("EVAL_FALSE");
    }
  });

  test("what is not evaluated yet is refused by name", () => {
    const other = hexToBytes(`a914${"00".repeat(20)}87`);
    const transaction = spending(EMPTY, other);
    const output = { value: 0n, scriptPubKey: other };
    const check = { transaction, inputIndex: 0, output, flags: 0 };
    expect(runScriptCheck(check, nobleVerifier)).toEqual({
      ok: false,
      kind: "consensus",
      reason: "mandatory-script-verify-flag-failed (Script is of a kind that is not supported)",
      debug: `input 0 of ${transaction.txid}: output of type scripthash`,
    });
  });

  test("any scripts: a result, never an exception", () => {
    const script = fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.constant(key.script));
    fc.assert(
      fc.property(script, script, fc.nat(0x1fffff), (scriptSig, scriptPubKey, flags) => {
        const checker = transactionChecker(spending(scriptSig, scriptPubKey), 0, nobleVerifier);
        const result = verifyScript(scriptSig, scriptPubKey, [], flags, checker);
        expect(result.ok).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("Core's vectors, as far as they pay to public key hashes", () => {
  type ScriptVector = [
    sig: string,
    pubkey: string,
    flags: string,
    expected: string,
    comment: string,
  ];

  const scriptVectors = vectors<(string | unknown[])[][]>("bitcoind/script_tests.json")
    .filter((row): row is ScriptVector => row.length >= 4 && typeof row[0] === "string")
    .flatMap(([sig, pubkey, flags, expected, comment]) => {
      const scriptSig = parseAsm(sig);
      const scriptPubKey = parseAsm(pubkey);
      if (scriptSig === undefined || scriptPubKey === undefined || !isP2pkh(scriptPubKey))
        return [];
      return [{ scriptSig, scriptPubKey, flags, expected, comment: comment ?? sig }];
    });

  test("there are some", () => {
    expect(scriptVectors.length).toBeGreaterThan(1);
  });

  test.each(scriptVectors)("script_tests.json: $comment, $flags: $expected", (vector) => {
    const { scriptSig, scriptPubKey, flags, expected } = vector;
    const checker = transactionChecker(spending(scriptSig, scriptPubKey), 0, nobleVerifier);
    const result = verifyScript(scriptSig, scriptPubKey, [], flagsOf(flags), checker);
    expect(outcome(result)).toBe(expected);
  });

  type TxVector = [inputs: [Txid, number, string][], hex: string, flags: string];

  function txVectors(name: string): TxVector[] {
    return vectors<(TxVector | [string])[]>(name).filter(
      (row): row is TxVector => row.length === 3,
    );
  }

  /** Runs the scripts of a transaction; `undefined` where one is of another kind. */
  function runScripts([inputs, hex, flags]: TxVector): boolean | undefined {
    const transaction = Transaction.fromHex(hex);
    const outputs = new Map(inputs.map(([txid, vout, asm]) => [`${txid}:${vout >>> 0}`, asm]));
    let all = true;
    for (const [inputIndex, { prevout, scriptSig }] of transaction.inputs.entries()) {
      const scriptPubKey = parseAsm(outputs.get(keyOf(prevout)) ?? "");
      if (scriptPubKey === undefined || !isP2pkh(scriptPubKey) || !isPushOnly(scriptSig))
        return undefined;
      const output = { value: 0n, scriptPubKey };
      const check = { transaction, inputIndex, output, flags: flagsOf(flags) };
      all &&= runScriptCheck(check, nobleVerifier).ok;
    }
    return all;
  }

  const keyOf = ({ txid, vout }: Outpoint): string => `${txid}:${vout}`;

  test("tx_valid.json: valid by themselves, and all scripts that are evaluated hold", () => {
    let evaluated = 0;
    for (const vector of txVectors("bitcoind/tx_valid.json")) {
      expect([vector[1], checkTransaction(Transaction.fromHex(vector[1])).ok]).toEqual([
        vector[1],
        true,
      ]);
      const result = runScripts(vector);
      if (result === undefined) continue;
      expect([vector[1], result]).toEqual([vector[1], true]);
      evaluated++;
    }
    expect(evaluated).toBeGreaterThan(2);
  });

  test("tx_invalid.json: refused alone, or by a script, or of another kind", () => {
    const reasons = new Set<string>();
    for (const vector of txVectors("bitcoind/tx_invalid.json")) {
      const verdict = checkTransaction(Transaction.fromHex(vector[1]));
      if (!verdict.ok) {
        reasons.add(verdict.reason);
        continue;
      }
      expect([vector[1], runScripts(vector)]).not.toEqual([vector[1], true]);
    }
    expect([...reasons].sort()).toEqual([
      "bad-cb-length",
      "bad-txns-inputs-duplicate",
      "bad-txns-txouttotal-toolarge",
      "bad-txns-vout-empty",
      "bad-txns-vout-negative",
      "bad-txns-vout-toolarge",
    ]);
  });
});

test("a script is read to its end, or to the push that runs past it", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (script) => {
      const reader = new ScriptReader(script);
      let before = -1;
      while (!reader.done) {
        expect(reader.position).toBeGreaterThan(before);
        before = reader.position;
        if (reader.next() === undefined) break;
      }
      expect(reader.position).toBeLessThanOrEqual(script.length);
    }),
  );
  const lengths = [0, 1, 75, 76, 255, 256, 65_535, 65_536];
  for (const length of lengths) {
    const operation = new ScriptReader(pushData(new Uint8Array(length))).next();
    expect(operation?.data?.length).toBe(length);
  }
});

test("the signature hash is asked for once the key has the right shape only", () => {
  const transaction = spending(EMPTY, EMPTY);
  expect(legacySighash(transaction, 0, EMPTY, 1).length).toBe(32);
  const checker = transactionChecker(transaction, 0, {
    name: "never asked",
    verifyEcdsa: () => expect.unreachable("asked"),
  });
  expect(checker.checkEcdsaSignature(Uint8Array.of(1), EMPTY, EMPTY)).toBe(false);
  expect(checker.checkEcdsaSignature(EMPTY, testKey(1).publicKey, EMPTY)).toBe(false);
});
