import {
  bytesToHex,
  concatBytes,
  encodeDerSignature,
  hash160,
  hexToBytes,
  legacySighash,
  MANDATORY_SCRIPT_FLAGS,
  NULL_OUTPOINT,
  nobleVerifier,
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
  type SignatureChecker,
  type SignatureVerifier,
  STANDARD_SCRIPT_FLAGS,
  scriptChecks,
  scriptFromAsm,
  Transaction,
  TransactionSpend,
  transactionChecker,
  verifyScript,
} from "@chain/core";
import { signInput, type TestKey, testKey } from "@chain/testing/blockFactory";
import * as secp256k1 from "@noble/secp256k1";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

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

function checkerFor(
  transaction: Transaction,
  scriptPubKey: Uint8Array,
  verifier: SignatureVerifier = nobleVerifier,
): SignatureChecker {
  return transactionChecker(
    new TransactionSpend(transaction, [{ value: 0n, scriptPubKey }]),
    0,
    verifier,
  );
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
    const checker = checkerFor(spending(scriptSig, owner.script), owner.script);
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
    ["an operation", Uint8Array.of(0x61), 0, "INVALID_STACK_OPERATION"],
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

  test("a refusal names Core's sentence and the input", () => {
    const other = hexToBytes(`a914${"00".repeat(20)}87`);
    const transaction = spending(EMPTY, other);
    const [check] = scriptChecks(transaction, [{ value: 0n, scriptPubKey: other }], 0);
    const spent = transaction.inputs[0]!.prevout;
    expect(runScriptCheck(check!, nobleVerifier)).toEqual({
      ok: false,
      kind: "consensus",
      reason:
        "mandatory-script-verify-flag-failed (Operation not valid with the current stack size)",
      debug: `input 0 of ${transaction.txid} (wtxid ${transaction.wtxid}), spending ${spent.txid}:${spent.vout}`,
    });
    // A form that today's blocks may have is refused, and nobody blamed for it.
    const flags = STANDARD_SCRIPT_FLAGS;
    const output = { value: 0n, scriptPubKey: scriptFromAsm("1 1") };
    const unclean = scriptChecks(spending(EMPTY, output.scriptPubKey), [output], flags)[0]!;
    expect(runScriptCheck(unclean, nobleVerifier)).toMatchObject({
      kind: "policy",
      reason: "mempool-script-verify-flag-failed (Stack size must be exactly one after execution)",
    });
    expect(runScriptCheck({ ...unclean, flags: MANDATORY_SCRIPT_FLAGS }, nobleVerifier).ok).toBe(
      true,
    );
    const none = scriptChecks(transaction, [], 0)[0]!;
    expect(runScriptCheck(none, nobleVerifier)).toMatchObject({
      reason: "bad-txns-inputs-missingorspent",
    });
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
  const checker = checkerFor(transaction, EMPTY, {
    ...nobleVerifier,
    verifyEcdsa: () => expect.unreachable("asked"),
  });
  const wellFormed = hexToBytes("300602010102010101");
  for (const key of [EMPTY, testKey(1).publicKey.with(0, 5), testKey(1).publicKey.subarray(1)]) {
    expect(checker.checkEcdsaSignature(wellFormed, key, EMPTY, false)).toBe(false);
  }
  expect(checker.checkEcdsaSignature(EMPTY, testKey(1).publicKey, EMPTY, false)).toBe(false);
});
