/** Cases that Core's vectors do not reach: limits, lock times, tapscript's own rules, and hostile scripts of every kind. */
import {
  concatBytes,
  hash160,
  hexToBytes,
  multisigScript,
  nobleVerifier,
  Opcode,
  p2shScript,
  p2trScript,
  p2wshScript,
  pushData,
  pushNumber,
  ScriptFlag,
  type ScriptFlags,
  type SignatureChecker,
  type SignatureVerifier,
  STANDARD_SCRIPT_FLAGS,
  scriptErrorSentence,
  scriptFromAsm,
  sha256,
  Transaction,
  TransactionSpend,
  type TxOutput,
  tapleafHash,
  taptweakHash,
  transactionChecker,
  verifyScript,
} from "@chain/core";
import { spending, spendOutcome } from "@chain/testing/scriptCases";
import * as secp256k1 from "@noble/secp256k1";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConditionStack } from "../src/script/interpreter/conditionStack.ts";
import { evaluate } from "../src/script/interpreter/evaluate.ts";
import type { Environment, SignatureVersion } from "../src/script/interpreter/machine.ts";

const { P2SH, WITNESS, TAPROOT, CHECKSEQUENCEVERIFY, CHECKLOCKTIMEVERIFY } = ScriptFlag;
const CONSENSUS = P2SH | WITNESS | TAPROOT | ScriptFlag.NULLDUMMY;
const EMPTY: Uint8Array = new Uint8Array(0);
const ONE: Uint8Array = Uint8Array.of(1);

/** Agrees to everything. */
const agreeable: SignatureChecker = {
  checkEcdsaSignature: () => true,
  checkSchnorrSignature: () => undefined,
  checkTaprootTweak: () => true,
  checkLockTime: () => true,
  checkSequence: () => true,
};

function run(
  script: Uint8Array | string,
  options: {
    readonly stack?: Uint8Array[];
    readonly version?: SignatureVersion;
    readonly flags?: ScriptFlags;
    readonly weight?: number;
    readonly checker?: SignatureChecker;
  } = {},
): string {
  const { stack = [], version = "base", flags = 0, weight = 1000, checker = agreeable } = options;
  const execution = {
    annexHash: undefined,
    leafHash: new Uint8Array(32),
    codeSeparatorPosition: 0xffff_ffff,
    weightLeft: weight,
  };
  const environment: Environment = { flags, checker, version, execution };
  const code = typeof script === "string" ? scriptFromAsm(script) : script;
  return evaluate(stack, code, environment) ?? "OK";
}

const times = (count: number, opcode: number): Uint8Array => new Uint8Array(count).fill(opcode);

describe("limits", () => {
  const tenThousand = concatBytes(
    ...Array<Uint8Array>(19).fill(pushData(new Uint8Array(517))), // 520 bytes each
    pushData(new Uint8Array(118)),
  );

  test.each<[string, Uint8Array, SignatureVersion, string]>([
    ["10,000 bytes", tenThousand, "base", "OK"],
    ["10,001 bytes", times(10_001, Opcode.OP_NOP), "base", "SCRIPT_SIZE"],
    ["10,001 bytes", times(10_001, Opcode.OP_NOP), "witness-v0", "SCRIPT_SIZE"],
    ["any length", times(1_000_000, Opcode.OP_NOP), "tapscript", "OK"],
    ["201 operations", times(201, Opcode.OP_NOP), "base", "OK"],
    ["202 operations", times(202, Opcode.OP_NOP), "base", "OP_COUNT"],
    ["202 pushes", times(202, Opcode.OP_16), "base", "OK"],
    ["202 operations", times(202, Opcode.OP_NOP), "witness-v0", "OP_COUNT"],
    ["1,000 items", times(1000, Opcode.OP_1), "tapscript", "OK"],
    ["1,001 items", times(1001, Opcode.OP_1), "tapscript", "STACK_SIZE"],
    ["1,001 items", times(1001, Opcode.OP_1), "base", "STACK_SIZE"],
    ["520 bytes", pushData(new Uint8Array(520)), "tapscript", "OK"],
    ["521 bytes", pushData(new Uint8Array(521)), "tapscript", "PUSH_SIZE"],
  ])("%s, %#: %s", (_, script, version, expected) => {
    expect(run(script, { version })).toBe(expected);
  });

  test("OP_NUMEQUALVERIFY has a name of its own for its failure", () => {
    expect(run("1 2 NUMEQUALVERIFY 1")).toBe("NUMEQUALVERIFY");
    expect(run("2 2 NUMEQUALVERIFY 1")).toBe("OK");
    expect(run("0 NUMEQUALVERIFY 1")).toBe("INVALID_STACK_OPERATION");
  });

  test("both stacks count", () => {
    const script = concatBytes(times(999, Opcode.OP_1), scriptFromAsm("TOALTSTACK 1"));
    expect(run(script)).toBe("OK");
    expect(run(concatBytes(script, ONE, ONE))).toBe("STACK_SIZE");
  });

  test("keys of OP_CHECKMULTISIG count as operations, skipped ones do not", () => {
    const multisig = concatBytes(
      scriptFromAsm("0 0"),
      times(20, Opcode.OP_1),
      scriptFromAsm("0x01 0x14 CHECKMULTISIG DROP"),
    );
    const nine = concatBytes(...Array<Uint8Array>(9).fill(multisig));
    // Nine times 22, and three more: 201.
    expect(run(concatBytes(nine, times(3, Opcode.OP_NOP)))).toBe("OK");
    expect(run(concatBytes(nine, times(4, Opcode.OP_NOP)))).toBe("OP_COUNT");
    const skipped = concatBytes(scriptFromAsm("0 IF"), nine, scriptFromAsm("ENDIF"));
    expect(run(concatBytes(skipped, times(181, Opcode.OP_NOP)))).toBe("OK");
    expect(run(concatBytes(skipped, times(182, Opcode.OP_NOP)))).toBe("OP_COUNT");
  });

  test.each([
    [
      "CAT SUBSTR LEFT RIGHT INVERT AND OR XOR 2MUL 2DIV MUL DIV MOD LSHIFT RSHIFT",
      "DISABLED_OPCODE",
    ],
    ["VERIF VERNOTIF", "BAD_OPCODE"],
    ["RESERVED VER RESERVED1 RESERVED2 CHECKSIGADD", "OK"],
  ])("%s, skipped: %s", (words, expected) => {
    for (const word of words.split(" ")) {
      expect([word, run(`0 IF ${word} ENDIF`)]).toEqual([word, expected]);
      expect([word, run(`1 1 1 ${word}`)]).not.toEqual([word, "OK"]);
    }
  });
});

test("code that signatures cover stays what it is, where that is asked for", () => {
  const flags = ScriptFlag.CONST_SCRIPTCODE;
  for (const script of ["CODESEPARATOR", "0 IF CODESEPARATOR ENDIF"]) {
    expect(run(script, { flags })).toBe("OP_CODESEPARATOR");
    expect(run(script)).toBe("OK");
    expect(run(script, { flags, version: "witness-v0" })).toBe("OK");
    expect(run(script, { flags, version: "tapscript" })).toBe("OK");
  }
  const own = "'sig' 'key' CHECKSIG";
  expect(run(own, { flags })).toBe("SIG_FINDANDDELETE");
  expect(run(own)).toBe("OK");
  expect(run(own, { flags, version: "witness-v0" })).toBe("OK");
  expect(run("'another' CHECKSIG", { flags, stack: [ONE] })).toBe("OK");
  // Behind an OP_CODESEPARATOR it is not covered.
  const code: Uint8Array[] = [];
  const checker: SignatureChecker = {
    ...agreeable,
    checkEcdsaSignature: (_signature, _key, scriptCode) => code.push(scriptCode) > 0,
  };
  const separated = "'sig' CODESEPARATOR 'key' CHECKSIG";
  for (const version of ["base", "witness-v0"] as const) run(separated, { version, checker });
  for (const version of ["base", "witness-v0"] as const) run(own, { version, checker });
  expect(code).toEqual(
    ["'key' CHECKSIG", "'key' CHECKSIG", "'key' CHECKSIG", own].map(scriptFromAsm),
  );
});

describe("OP_CHECKMULTISIG", () => {
  test.each([
    ["", "INVALID_STACK_OPERATION"],
    ["-1", "PUBKEY_COUNT"],
    ["0x01 0x15", "PUBKEY_COUNT"],
    ["1", "INVALID_STACK_OPERATION"],
    ["1 1", "INVALID_STACK_OPERATION"],
    ["-1 1 1", "SIG_COUNT"],
    ["2 1 1", "SIG_COUNT"],
    ["0 0", "INVALID_STACK_OPERATION"], // the item too many
    ["0 1 1 1", "INVALID_STACK_OPERATION"],
    ["0 0 0", "OK"],
    ["0 1 1 1 1", "OK"],
    ["0x05 0x0000000000", "SCRIPTNUM"],
    ["0x05 0x0000000000 0", "SCRIPTNUM"],
  ])("%s: %s", (stack, expected) => {
    expect(run(`${stack} CHECKMULTISIG`)).toBe(expected);
  });

  test("takes what it took off the stack, and no more", () => {
    const stack = [ONE];
    expect(run("0 'a' 'b' 2 'x' 'y' 'z' 3 CHECKMULTISIG", { stack })).toBe("OK");
    expect(stack).toEqual([ONE, ONE]);
  });

  test("matches signatures to keys in their order, from the last on, and stops when it can't succeed", () => {
    const asked: string[] = [];
    const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
    const checker = {
      ...agreeable,
      checkEcdsaSignature: (signature: Uint8Array, key: Uint8Array) => {
        asked.push(text(signature) + text(key));
        return text(signature).toLowerCase() === text(key);
      },
    };
    const stack: Uint8Array[] = [];
    expect(run("0 'A' 'C' 2 'a' 'b' 'c' 3 CHECKMULTISIG", { checker, stack })).toBe("OK");
    expect(asked.splice(0)).toEqual(["Cc", "Ab", "Aa"]);
    expect(stack).toEqual([ONE]);
    expect(run("0 'C' 'A' 2 'a' 'b' 'c' 3 CHECKMULTISIGVERIFY", { checker })).toBe(
      "CHECKMULTISIGVERIFY",
    );
    expect(asked.splice(0)).toEqual(["Ac", "Ab"]);
    const { NULLFAIL } = ScriptFlag;
    expect(run("0 'C' 'A' 2 'a' 'b' 2 CHECKMULTISIG", { checker, flags: NULLFAIL })).toBe(
      "NULLFAIL",
    );
    expect(run("0 'C' 0 2 'a' 'c' 2 CHECKMULTISIG", { checker, flags: NULLFAIL })).toBe("NULLFAIL");
    expect(run("0 0 0 2 'a' 'c' 2 CHECKMULTISIG", { checker, flags: NULLFAIL })).toBe("OK");
  });

  test("twenty keys cost one hash of the transaction", () => {
    const transaction = spending(EMPTY, { value: 0n, scriptPubKey: EMPTY });
    const spend = new TransactionSpend(transaction, [{ value: 0n, scriptPubKey: EMPTY }]);
    const hashes = new Set<Uint8Array>();
    const verifier: SignatureVerifier = {
      ...nobleVerifier,
      verifyEcdsa: (_, hash) => {
        hashes.add(hash);
        return false;
      },
    };
    const key = secp256k1.getPublicKey(ONE32);
    const script = multisigScript(1, Array<Uint8Array>(20).fill(key));
    const signature = hexToBytes("300602010102010101");
    const checker = transactionChecker(spend, 0, verifier);
    expect(run(script, { stack: [EMPTY, signature], checker })).toBe("OK");
    expect(hashes.size).toBe(1);
    for (const other of [hexToBytes("300602010102010102"), signature]) {
      run(concatBytes(script, scriptFromAsm("NOP")), { stack: [EMPTY, other], checker });
    }
    expect(hashes.size).toBe(3); // another hash type, another script
  });
});

const ONE32: Uint8Array = new Uint8Array(32).fill(1);

/** A strict signature with this hash type, and keys, as the pushes of a script. */
const der = (hashType: number): Uint8Array =>
  pushData(concatBytes(hexToBytes("3006020101020101"), Uint8Array.of(hashType)));
const keyOf = (length: number, first: number): Uint8Array =>
  pushData(new Uint8Array(length).fill(first, 0, 1));
const checking = (signature: Uint8Array, key: Uint8Array): Uint8Array =>
  concatBytes(signature, key, scriptFromAsm("CHECKSIG"));

describe("forms of signatures and keys", () => {
  const { STRICTENC, WITNESS_PUBKEYTYPE } = ScriptFlag;

  test.each([
    [0, "SIG_HASHTYPE"],
    [1, "OK"],
    [3, "OK"],
    [4, "SIG_HASHTYPE"],
    [0x80, "SIG_HASHTYPE"],
    [0x81, "OK"],
    [0x83, "OK"],
    [0x84, "SIG_HASHTYPE"],
  ])("hash type %i: %s", (hashType, expected) => {
    const script = checking(der(hashType), keyOf(33, 2));
    expect(run(script, { flags: STRICTENC })).toBe(expected);
    expect(run(script, { flags: ScriptFlag.DERSIG })).toBe("OK");
  });

  test.each([
    [33, 2, "OK", "OK"],
    [33, 3, "OK", "OK"],
    [33, 4, "PUBKEYTYPE", "WITNESS_PUBKEYTYPE"],
    [32, 2, "PUBKEYTYPE", "WITNESS_PUBKEYTYPE"],
    [34, 3, "PUBKEYTYPE", "WITNESS_PUBKEYTYPE"],
    [65, 4, "OK", "WITNESS_PUBKEYTYPE"],
    [65, 6, "PUBKEYTYPE", "WITNESS_PUBKEYTYPE"], // hybrid
    [64, 4, "PUBKEYTYPE", "WITNESS_PUBKEYTYPE"],
    [66, 4, "PUBKEYTYPE", "WITNESS_PUBKEYTYPE"],
    [0, 0, "PUBKEYTYPE", "WITNESS_PUBKEYTYPE"],
  ])("a key of %i bytes that begins with %i: %s, %s", (length, first, strict, witness) => {
    const script = checking(der(1), keyOf(length, first));
    expect(run(script, { flags: STRICTENC })).toBe(strict);
    // BIP-0143 asks for compressed keys; what was before it does not.
    const flags = WITNESS_PUBKEYTYPE;
    expect(run(script, { flags, version: "witness-v0" })).toBe(witness);
    expect(run(script, { flags })).toBe("OK");
  });
});

describe("witness programs", () => {
  const spend = (script: Uint8Array, witness: Uint8Array[], flags: ScriptFlags): string => {
    const result = verifyScript(EMPTY, script, witness, flags, agreeable);
    return result.ok ? "OK" : result.error;
  };

  test("32 bytes of a version without rules can be spent by anything (BIP-0141)", () => {
    const discouraged = CONSENSUS | ScriptFlag.DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM;
    for (let version = 2; version <= 16; version++) {
      const script = concatBytes(pushNumber(version), pushData(ONE32));
      expect(spend(script, [], CONSENSUS)).toBe("OK");
      expect(spend(script, [], discouraged)).toBe("DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM");
    }
    expect(spend(p2trScript(ONE32), [], CONSENSUS)).toBe("WITNESS_PROGRAM_WITNESS_EMPTY");
  });

  test("the witness stays as it was, whatever the script does with it", () => {
    const key = new Uint8Array(33).fill(2);
    const keyHash = concatBytes(Uint8Array.of(0), pushData(hash160(key)));
    const drop = scriptFromAsm("DROP");
    for (const [script, witness] of [
      [keyHash, [ONE, key]],
      [p2wshScript(sha256(drop)), [ONE, ONE, drop]],
      [p2trScript(ONE32), [ONE, ONE, drop, new Uint8Array(33).fill(0xc0)]],
    ] as const) {
      const given = [...witness];
      expect(spend(script, given, CONSENSUS)).toBe("OK");
      expect(given).toEqual(witness);
    }
  });
});

describe("of several failures the first counts", () => {
  const { DERSIG, STRICTENC, NULLFAIL, CONST_SCRIPTCODE } = ScriptFlag;
  const disagreeable = { ...agreeable, checkEcdsaSignature: () => false };
  const garbled = pushData(ONE);

  test("a form, before the signature that does not hold and is not empty", () => {
    const flags = DERSIG | NULLFAIL;
    const key = keyOf(33, 2);
    expect(run(checking(garbled, key), { flags, checker: disagreeable })).toBe("SIG_DER");
    expect(run(checking(der(1), key), { flags, checker: disagreeable })).toBe("NULLFAIL");
    const multisig = concatBytes(scriptFromAsm("1"), garbled, scriptFromAsm("1"), key);
    const script = concatBytes(multisig, scriptFromAsm("1 CHECKMULTISIG"));
    const all = flags | ScriptFlag.NULLDUMMY;
    expect(run(script, { flags: all, checker: disagreeable })).toBe("SIG_DER");
  });

  test("a signature in its own script, before its form", () => {
    const flags = DERSIG | CONST_SCRIPTCODE;
    expect(run("'sig' 'key' CHECKSIG", { flags })).toBe("SIG_FINDANDDELETE");
    expect(run("0 'sig' 1 'key' 1 CHECKMULTISIG", { flags })).toBe("SIG_FINDANDDELETE");
  });

  test("the last key of a multisig, before signatures further down", () => {
    const keys = [keyOf(33, 2), keyOf(33, 2), keyOf(33, 9)];
    const script = concatBytes(
      scriptFromAsm("0"),
      garbled,
      der(1),
      scriptFromAsm("2"),
      ...keys,
      scriptFromAsm("3 CHECKMULTISIG"),
    );
    expect(run(script, { flags: STRICTENC })).toBe("PUBKEYTYPE");
  });

  test("the number of operations, before what the last of them does", () => {
    const nops = (count: number): Uint8Array => times(count, Opcode.OP_NOP);
    expect(run(concatBytes(nops(201), scriptFromAsm("CAT")))).toBe("OP_COUNT");
    const keys = (count: number): Uint8Array =>
      concatBytes(nops(count), scriptFromAsm("0x01 0x14 CHECKMULTISIG"));
    expect(run(keys(180))).toBe("INVALID_STACK_OPERATION");
    expect(run(keys(181))).toBe("OP_COUNT");
  });

  test("the number of OP_CHECKSIGADD, before the signature", () => {
    const checker: SignatureChecker = { ...agreeable, checkSchnorrSignature: () => "SCHNORR_SIG" };
    const add = (number: string): string =>
      run(
        concatBytes(
          scriptFromAsm(`'sig' ${number}`),
          pushData(ONE32),
          scriptFromAsm("CHECKSIGADD"),
        ),
        {
          checker,
          version: "tapscript",
        },
      );
    expect(add("0x05 0x0000000000")).toBe("SCRIPTNUM");
    expect(add("0")).toBe("SCHNORR_SIG");
  });
});

describe("locks", () => {
  interface Locks {
    readonly version?: number;
    readonly lockTime?: number;
    readonly sequence?: number;
  }

  function locked(script: string, { version = 2, lockTime = 0, sequence = 0 }: Locks): string {
    const output = { value: 0n, scriptPubKey: scriptFromAsm(script) };
    const template = spending(EMPTY, output);
    const inputs = [{ ...template.inputs[0]!, sequence }];
    const transaction = new Transaction({ ...template, version, lockTime, inputs });
    return spendOutcome(transaction, [output], 0, CHECKSEQUENCEVERIFY | CHECKLOCKTIMEVERIFY);
  }

  const UNSATISFIED = "UNSATISFIED_LOCKTIME";
  const FINAL = 0xffff_ffff;

  test.each<[lock: string, Locks, outcome: string]>([
    ["10", { sequence: 10 }, "OK"],
    ["10", { sequence: 9 }, UNSATISFIED],
    ["10", { sequence: 11 }, "OK"],
    ["10", { sequence: 10, version: 1 }, UNSATISFIED],
    ["10", { sequence: 10, version: 0 }, UNSATISFIED],
    ["10", { sequence: 10, version: -1 }, "OK"], // as unsigned number the greatest
    ["10", { sequence: 0x8000_000a }, UNSATISFIED],
    ["2147483648", { sequence: FINAL, version: 1 }, "OK"], // the bit that says: no lock
    ["2147483658", { sequence: 0 }, "OK"],
    ["4194314", { sequence: 10 }, UNSATISFIED], // seconds, not blocks
    ["10", { sequence: 4_194_314 }, UNSATISFIED],
    ["4194314", { sequence: 4_194_314 }, "OK"],
    ["4194314", { sequence: 4_194_313 }, UNSATISFIED],
    ["65546", { sequence: 10 }, "OK"], // only 16 bits count
    ["10", { sequence: 65_546 }, "OK"],
    ["-1", { sequence: 10 }, "NEGATIVE_LOCKTIME"],
    ["0x05 0xffffffffff", { sequence: 10 }, "NEGATIVE_LOCKTIME"],
    ["0x05 0xffffffff7f", { sequence: 10 }, "OK"],
    ["0x06 0x000000000000", { sequence: 10 }, "SCRIPTNUM"],
  ])("BIP-0112: %s against %o: %s", (lock, locks, expected) => {
    // The item that is left on the stack is true but for zero.
    expect(locked(`${lock} CHECKSEQUENCEVERIFY`, locks)).toBe(expected);
  });

  test.each<[lock: string, Locks, outcome: string]>([
    ["10", { lockTime: 10 }, "OK"],
    ["10", { lockTime: 9 }, UNSATISFIED],
    ["10", { lockTime: 10, sequence: FINAL }, UNSATISFIED],
    ["10", { lockTime: 10, sequence: FINAL - 1 }, "OK"],
    ["10", { lockTime: 500_000_000 }, UNSATISFIED],
    ["500000000", { lockTime: 499_999_999 }, UNSATISFIED],
    ["500000000", { lockTime: 500_000_000 }, "OK"],
    ["4294967295", { lockTime: 0xffff_ffff }, "OK"],
    ["0x05 0x0000000001", { lockTime: 0xffff_ffff }, UNSATISFIED],
    ["-1", { lockTime: 10 }, "NEGATIVE_LOCKTIME"],
  ])("BIP-0065: %s against %o: %s", (lock, locks, expected) => {
    expect(locked(`${lock} CHECKLOCKTIMEVERIFY`, locks)).toBe(expected);
  });

  test("nothing to compare", () => {
    expect(locked("CHECKSEQUENCEVERIFY", {})).toBe("INVALID_STACK_OPERATION");
    expect(locked("CHECKLOCKTIMEVERIFY", {})).toBe("INVALID_STACK_OPERATION");
    expect(run("CHECKSEQUENCEVERIFY CHECKLOCKTIMEVERIFY")).toBe("OK");
  });
});

describe("tapscript", () => {
  const key = pushData(ONE32);
  const tapscript = (
    script: Uint8Array | string,
    options: Parameters<typeof run>[1] = {},
  ): string => run(script, { ...options, version: "tapscript" });

  test("each signature that is given takes 50 from the budget", () => {
    const check = concatBytes(pushData(ONE), key, Uint8Array.of(Opcode.OP_CHECKSIGVERIFY));
    const four = concatBytes(check, check, check, check);
    expect(tapscript(four, { weight: 200 })).toBe("OK");
    expect(tapscript(four, { weight: 199 })).toBe("TAPSCRIPT_VALIDATION_WEIGHT");
    const empty = concatBytes(Uint8Array.of(0), key, scriptFromAsm("CHECKSIG DROP"));
    expect(tapscript(concatBytes(empty, empty), { weight: 0 })).toBe("OK");
    const unknown = scriptFromAsm("1 1 CHECKSIG");
    expect(tapscript(unknown, { weight: 49 })).toBe("TAPSCRIPT_VALIDATION_WEIGHT");
  });

  test.each([
    ["1 0 CHECKSIG", 0, "TAPSCRIPT_EMPTY_PUBKEY"],
    ["0 0 CHECKSIG", 0, "TAPSCRIPT_EMPTY_PUBKEY"],
    ["1 'key' CHECKSIG VERIFY", 0, "OK"],
    ["0 'key' CHECKSIGVERIFY", 0, "CHECKSIGVERIFY"],
    [
      "1 'key' CHECKSIG",
      ScriptFlag.DISCOURAGE_UPGRADABLE_PUBKEYTYPE,
      "DISCOURAGE_UPGRADABLE_PUBKEYTYPE",
    ],
    ["1 5 'key' CHECKSIGADD 6 EQUALVERIFY", 0, "OK"],
    ["0 5 'key' CHECKSIGADD 5 EQUALVERIFY", 0, "OK"],
    ["0 0x05 0x0000000000 'key' CHECKSIGADD", 0, "SCRIPTNUM"],
    ["0 0 CHECKSIGADD", 0, "INVALID_STACK_OPERATION"],
    ["0 0 0 CHECKMULTISIG", 0, "TAPSCRIPT_CHECKMULTISIG"],
    ["CHECKMULTISIGVERIFY", 0, "TAPSCRIPT_CHECKMULTISIG"],
    ["2 IF ENDIF", 0, "TAPSCRIPT_MINIMALIF"],
    ["0x01 0x00 NOTIF ENDIF", 0, "TAPSCRIPT_MINIMALIF"],
    ["1 IF ENDIF", 0, "OK"],
  ])("%s with %d: %s", (script, flags, expected) => {
    expect(tapscript(script, { flags })).toBe(expected);
  });

  test("which item is the signature and which the key", () => {
    const asked: (readonly Uint8Array[])[] = [];
    const checker: SignatureChecker = {
      ...agreeable,
      checkSchnorrSignature: (signature, publicKey) => {
        asked.push([signature, publicKey]);
        return undefined;
      },
    };
    const add = concatBytes(scriptFromAsm("'sig' 7"), key, scriptFromAsm("CHECKSIGADD 8 EQUAL"));
    expect(tapscript(add, { checker })).toBe("OK");
    const check = concatBytes(scriptFromAsm("'sig'"), key, scriptFromAsm("CHECKSIG"));
    expect(tapscript(check, { checker })).toBe("OK");
    expect(asked).toEqual(Array(2).fill([Uint8Array.of(0x73, 0x69, 0x67), ONE32]));
  });

  test("a signature that does not hold ends the script, with the reason", () => {
    const checker: SignatureChecker = { ...agreeable, checkSchnorrSignature: () => "SCHNORR_SIG" };
    const script = concatBytes(ONE, ONE, key, scriptFromAsm("CHECKSIG"));
    expect(tapscript(script, { checker })).toBe("SCHNORR_SIG");
  });

  test("a million nested conditions take linear time", () => {
    const depth = 500_000;
    const open = new Uint8Array(2 * depth).map((_, i) =>
      i % 2 === 0 ? Opcode.OP_0 : Opcode.OP_NOTIF,
    );
    expect(tapscript(concatBytes(open, times(depth, Opcode.OP_ENDIF)))).toBe("OK");
    expect(tapscript(open)).toBe("UNBALANCED_CONDITIONAL");
  });
});

describe("a spend of Taproot by script", () => {
  const internal = secp256k1.getPublicKey(ONE32).subarray(1);

  /** An output with one leaf, and what its control block is. */
  function taproot(
    script: Uint8Array,
    version = 0xc0,
  ): { output: Uint8Array; control: Uint8Array } {
    const { Point } = secp256k1;
    const tweak = taptweakHash(internal, tapleafHash(script, version));
    const even = Point.fromBytes(Uint8Array.of(2, ...internal));
    const sum = even.add(Point.BASE.multiply(secp256k1.etc.bytesToNumberBE(tweak))).toBytes();
    const first = version | ((sum[0] as number) & 1);
    return { output: p2trScript(sum.subarray(1)), control: Uint8Array.of(first, ...internal) };
  }

  function spend(
    script: Uint8Array | string,
    items: readonly Uint8Array[] = [],
    { flags = CONSENSUS, version = 0xc0 } = {},
  ): string {
    const code = typeof script === "string" ? scriptFromAsm(script) : script;
    const { output, control } = taproot(code, version);
    const spent = { value: 1n, scriptPubKey: output };
    const transaction = spending(EMPTY, spent, [...items, code, control]);
    return spendOutcome(transaction, [spent], 0, flags);
  }

  const { DISCOURAGE_OP_SUCCESS, DISCOURAGE_UPGRADABLE_TAPROOT_VERSION } = ScriptFlag;

  test("OP_SUCCESSx outdoes all, but what can't be read before it", () => {
    const long = new Uint8Array(521);
    expect(spend("1")).toBe("OK");
    expect(spend("0")).toBe("EVAL_FALSE");
    expect(spend("1 1")).toBe("CLEANSTACK");
    expect(spend("DROP 1", [long])).toBe("PUSH_SIZE");
    expect(spend("RETURN CAT", [long])).toBe("OK");
    expect(spend(concatBytes(pushData(long), scriptFromAsm("CAT")))).toBe("OK");
    expect(spend("RETURN CAT 0x05")).toBe("OK");
    expect(spend("0x05 CAT")).toBe("BAD_OPCODE");
    expect(spend("CAT", Array<Uint8Array>(1001).fill(EMPTY))).toBe("OK");
    expect(spend("NOP", Array<Uint8Array>(1001).fill(EMPTY))).toBe("STACK_SIZE");
    expect(spend("CAT", [], { flags: CONSENSUS | DISCOURAGE_OP_SUCCESS })).toBe(
      "DISCOURAGE_OP_SUCCESS",
    );
  });

  test("which opcodes are OP_SUCCESSx: those of BIP-0342", () => {
    const success: number[] = [];
    for (let opcode = 0x4f; opcode <= 0xff; opcode++) {
      const flags = CONSENSUS | DISCOURAGE_OP_SUCCESS;
      if (spend(Uint8Array.of(opcode), [], { flags }) === "DISCOURAGE_OP_SUCCESS") {
        success.push(opcode);
      }
    }
    const range = (first: number, last: number): number[] =>
      Array.from({ length: last - first + 1 }, (_, i) => first + i);
    expect(success).toEqual([
      80,
      98,
      ...range(126, 129),
      ...range(131, 134),
      137,
      138,
      141,
      142,
      ...range(149, 153),
      ...range(187, 254),
    ]);
  });

  test("leaves of another version mean nothing yet", () => {
    expect(spend("0", [], { version: 0xc2 })).toBe("OK");
    const flags = CONSENSUS | DISCOURAGE_UPGRADABLE_TAPROOT_VERSION;
    expect(spend("0", [], { version: 0xc2, flags })).toBe("DISCOURAGE_UPGRADABLE_TAPROOT_VERSION");
  });

  test("control blocks of a size that there is not", () => {
    const code = scriptFromAsm("1");
    const { output, control } = taproot(code);
    const spent = { value: 1n, scriptPubKey: output };
    const outcome = (...witness: Uint8Array[]): string =>
      spendOutcome(spending(EMPTY, spent, witness), [spent], 0, CONSENSUS);
    expect(outcome(code, control)).toBe("OK");
    for (const size of [0, 1, 32, 34, 64, 66, 33 + 32 * 128 + 32]) {
      const other = new Uint8Array(size);
      other.set(control.subarray(0, size));
      expect([size, outcome(code, other)]).toEqual([size, "TAPROOT_WRONG_CONTROL_SIZE"]);
    }
    const deepest = new Uint8Array(33 + 32 * 128);
    deepest.set(control);
    expect(outcome(code, deepest)).toBe("WITNESS_PROGRAM_MISMATCH");
    expect(outcome()).toBe("WITNESS_PROGRAM_WITNESS_EMPTY");
    expect(outcome(EMPTY)).toBe("SCHNORR_SIG_SIZE");
    expect(outcome(new Uint8Array(65))).toBe("SCHNORR_SIG_HASHTYPE");
    expect(outcome(new Uint8Array(65).fill(4))).toBe("SCHNORR_SIG_HASHTYPE");
    expect(outcome(new Uint8Array(64))).toBe("SCHNORR_SIG");
    // An annex alone is no annex.
    expect(outcome(Uint8Array.of(0x50))).toBe("SCHNORR_SIG_SIZE");
    expect(outcome(code, control, Uint8Array.of(0x50))).toBe("OK");
  });

  test("without its flag, and inside P2SH, anything may spend it", () => {
    const { output } = taproot(scriptFromAsm("0"));
    const bare = { value: 1n, scriptPubKey: output };
    expect(spendOutcome(spending(EMPTY, bare), [bare], 0, P2SH | WITNESS)).toBe("OK");
    const nested = { value: 1n, scriptPubKey: p2shScript(hash160(output)) };
    const transaction = spending(pushData(output), nested);
    expect(spendOutcome(transaction, [nested], 0, CONSENSUS)).toBe("OK");
    expect(spendOutcome(transaction, [nested], 0, STANDARD_SCRIPT_FLAGS)).toBe(
      "DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM",
    );
  });
});

test("an anchor is no program of the future, but for anybody to spend; not inside P2SH", () => {
  const anchor = scriptFromAsm("1 0x02 0x4e73");
  const outcome = (output: TxOutput, scriptSig: Uint8Array, witness: readonly Uint8Array[]) =>
    spendOutcome(spending(scriptSig, output, witness), [output], 0, STANDARD_SCRIPT_FLAGS);
  const bare = { value: 240n, scriptPubKey: anchor };
  expect(outcome(bare, EMPTY, [])).toBe("OK");
  expect(outcome(bare, EMPTY, [EMPTY])).toBe("OK");
  expect(outcome(bare, Uint8Array.of(0), [])).toBe("WITNESS_MALLEATED");
  const nested = { value: 240n, scriptPubKey: p2shScript(hash160(anchor)) };
  const other = { value: 240n, scriptPubKey: scriptFromAsm("1 0x02 0x4e74") };
  const future = "DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM";
  expect(outcome(nested, pushData(anchor), [])).toBe(future);
  expect(outcome(other, EMPTY, [])).toBe(future);
});

describe("hostile scripts", () => {
  const opcode = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0x4f, max: 0xba }) },
    { weight: 1, arbitrary: fc.nat(255) },
  );
  const piece = fc.oneof(
    { weight: 3, arbitrary: opcode.map((byte) => Uint8Array.of(byte)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 6 }).map(pushData) },
    { weight: 2, arbitrary: fc.integer({ min: -2, max: 20 }).map(pushNumber) },
  );
  const script = fc.array(piece, { maxLength: 60 }).map((pieces) => concatBytes(...pieces));
  const flags = fc.nat(0x1f_ffff);
  const witness = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 });
  const unverified: SignatureVerifier = {
    name: "none",
    verifyEcdsa: () => false,
    verifySchnorr: () => false,
    checkTaprootTweak: () => true,
  };

  function outcome(
    scriptSig: Uint8Array,
    scriptPubKey: Uint8Array,
    items: readonly Uint8Array[],
    bits: ScriptFlags,
  ): string {
    const output = { value: 1n, scriptPubKey };
    return spendOutcome(spending(scriptSig, output, items), [output], 0, bits, unverified);
  }

  test("any scripts in any place: a result with a name, and nothing thrown", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(script, script, witness, flags, (first, second, items, bits) => {
        const control = Uint8Array.of(0xc0, ...ONE32);
        for (const result of [
          outcome(first, second, items, bits),
          outcome(pushData(second), p2shScript(hash160(second)), items, bits),
          outcome(EMPTY, p2wshScript(sha256(second)), [...items, second], bits),
          outcome(EMPTY, p2trScript(ONE32), [...items, second, control], bits),
        ]) {
          if (result !== "OK") {
            expect(
              scriptErrorSentence(result as Parameters<typeof scriptErrorSentence>[0]),
            ).toMatch(/./);
          }
          seen.add(result);
        }
      }),
      { numRuns: 2000, seed: 1 },
    );
    // Not only the cheap ways to fail.
    expect(seen.size).toBeGreaterThan(25);
  });

  test("stacks never grow beyond their limits", () => {
    const versions = fc.constantFrom<SignatureVersion[]>("base", "witness-v0", "tapscript");
    const start = fc.array(fc.uint8Array({ maxLength: 5 }), { maxLength: 20 });
    fc.assert(
      fc.property(script, start, versions, flags, (code, items, version, bits) => {
        const stack = items.slice();
        const result = run(concatBytes(code, code), { stack, version, flags: bits });
        if (result === "OK") expect(stack.length).toBeLessThanOrEqual(1000);
        expect(stack.every((item) => item.length <= 520)).toBe(true);
        // Items are shared, so nothing may change one.
        expect(items).toEqual(items.map((item) => item.slice()));
      }),
      { numRuns: 2000 },
    );
  });

  test("the same with the verifier that is used", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), fc.uint8Array({ maxLength: 70 }), (a, b) => {
        const output = { value: 1n, scriptPubKey: scriptFromAsm("CHECKSIG NOT") };
        const transaction = spending(concatBytes(pushData(a), pushData(b)), output);
        expect(spendOutcome(transaction, [output], 0, 0)).toBe("OK");
      }),
      { numRuns: 200 },
    );
  });

  test("signatures in the code they sign are taken out in linear time", () => {
    // Sixteen times one signature to look for in 9,900 empty pushes, each of which is a hit.
    const code = concatBytes(
      times(900, Opcode.OP_0),
      scriptFromAsm("0 'a' 'a' 'a' 3 'a' 'a' 'a' 3 CHECKMULTISIG"),
    );
    expect(run(code)).toBe("OK");
    expect(run(code, { flags: ScriptFlag.CONST_SCRIPTCODE })).toBe("SIG_FINDANDDELETE");
  });
});

test("conditions agree with a plain list of them", () => {
  const step = fc.constantFrom("push true", "push false", "pop", "toggle");
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const clever = new ConditionStack();
      const plain: boolean[] = [];
      for (const each of steps) {
        if (each.startsWith("push")) {
          clever.push(each === "push true");
          plain.push(each === "push true");
        } else if (plain.length > 0 && each === "pop") {
          clever.pop();
          plain.pop();
        } else if (plain.length > 0) {
          clever.toggle();
          plain.push(!plain.pop());
        }
        expect([clever.isEmpty, clever.allTrue]).toEqual([
          plain.length === 0,
          plain.every(Boolean),
        ]);
      }
    }),
  );
});

test("a check needs its input and all that the transaction spends", () => {
  const output = { value: 0n, scriptPubKey: EMPTY };
  const transaction = spending(EMPTY, output);
  const checker =
    (spent: (typeof output)[], index: number): (() => unknown) =>
    () =>
      transactionChecker(new TransactionSpend(transaction, spent), index, nobleVerifier);
  expect(checker([output], 0)).not.toThrow();
  expect(checker([output], 1)).toThrow("no input 1");
  expect(checker([], 0)).toThrow("no input 0");
  expect(verifyScript(EMPTY, EMPTY, [], 0, agreeable)).toEqual({ ok: false, error: "EVAL_FALSE" });
});
