/** BIP-0340 and BIP-0341: signatures, tweaks, trees and signature hashes. */
import {
  bytesToHex,
  hexToBytes,
  nobleVerifier,
  p2trScript,
  ScriptFlag,
  STANDARD_SCRIPT_FLAGS,
  Transaction,
  TransactionSpend,
  taggedHash,
  tapbranchHash,
  tapleafHash,
  taprootSighash,
  taptweakHash,
} from "@chain/core";
import { spendOutcome, witnessOf } from "@chain/testing/scriptCases";
import { vectors } from "@chain/testing/vectors";
import * as secp256k1 from "@noble/secp256k1";
import { describe, expect, test } from "vitest";

const { Point } = secp256k1;
const { n: N, p: P } = Point.CURVE();
const EMPTY: Uint8Array = new Uint8Array(0);
const bytes32 = (number: bigint): Uint8Array => hexToBytes(number.toString(16).padStart(64, "0"));

describe("Schnorr signatures", () => {
  interface Vector {
    readonly index: number;
    readonly public_key: string;
    readonly message: string;
    readonly signature: string;
    readonly verification_result: boolean;
    readonly comment: string;
  }
  const cases = vectors<readonly Vector[]>("bip340.js");

  test("there are the 15 of BIP-0340 that sign 32 bytes", () => {
    expect(cases.length).toBe(15);
  });

  test.each(cases)("BIP-0340, $index: $verification_result $comment", (vector) => {
    const [signature, message, key] = [vector.signature, vector.message, vector.public_key].map(
      hexToBytes,
    );
    const result = nobleVerifier.verifySchnorr(signature!, message!, key!);
    expect(result).toBe(vector.verification_result);
  });

  test("of the wrong length, and with numbers out of range", () => {
    const { signature, message, public_key } = cases[0]!;
    const [good, hash, key] = [signature, message, public_key].map(hexToBytes);
    expect(nobleVerifier.verifySchnorr(good!, hash!, key!)).toBe(true);
    const s = BigInt(`0x${signature.slice(64)}`);
    const with_ = (r: Uint8Array, number: bigint): Uint8Array =>
      Uint8Array.from([...r, ...bytes32(number)]);
    const r = good!.subarray(0, 32);
    for (const [label, bad, badKey] of [
      ["63 bytes", good!.subarray(1), key!],
      ["s = n", with_(r, N), key!],
      ["s + n", with_(r, (s + N) % 2n ** 256n), key!],
      ["s = 0", with_(r, 0n), key!],
      ["r = p", with_(bytes32(P), s), key!],
      ["r = 0", with_(bytes32(0n), s), key!],
      ["zeros", new Uint8Array(64), key!],
      ["a key of 33 bytes", good!, Uint8Array.of(2, ...key!)],
      ["a key of 31 bytes", good!, key!.subarray(1)],
      ["no key", good!, EMPTY],
      ["key = p", good!, bytes32(P)],
      ["key = 0", good!, bytes32(0n)],
    ] as const) {
      expect([label, nobleVerifier.verifySchnorr(bad, hash!, badKey)]).toEqual([label, false]);
    }
    expect(nobleVerifier.verifySchnorr(good!, hash!.subarray(1), key!)).toBe(false);
  });
});

describe("tweaks", () => {
  const internal = Point.BASE.multiply(7n);
  const internalKey = internal.toBytes().subarray(1);
  const even = internal.toBytes()[0] === 2 ? internal : internal.negate();

  function check(tweak: bigint, expected = even.add(Point.BASE.multiplyUnsafe(tweak))): boolean[] {
    const output = expected.toBytes();
    return [0, 1].map((parity) =>
      nobleVerifier.checkTaprootTweak(output.subarray(1), parity, internalKey, bytes32(tweak)),
    );
  }

  test("hold for the parity that the sum has, and for no other", () => {
    const seen = new Set<string>();
    for (let tweak = 0n; tweak < 20n; tweak++) {
      const output = even.add(Point.BASE.multiplyUnsafe(tweak)).toBytes();
      const results = check(tweak);
      expect(results).toEqual([output[0] === 2, output[0] === 3]);
      seen.add(String(results));
    }
    expect(seen.size).toBe(2);
  });

  test("not for another key", () => {
    expect(check(5n, Point.BASE)).toEqual([false, false]);
  });

  test("not for a tweak beyond the order of the group, an infinite sum, or no key at all", () => {
    const output = even.toBytes().subarray(1);
    const parity = (even.toBytes()[0] as number) - 2;
    expect(nobleVerifier.checkTaprootTweak(output, parity, internalKey, bytes32(0n))).toBe(true);
    expect(nobleVerifier.checkTaprootTweak(output, parity, internalKey, bytes32(N))).toBe(false);
    // y of 7 G is even or not; the tweak that cancels the even one out leaves nothing.
    const cancel = even.equals(internal) ? N - 7n : 7n;
    for (const candidate of [bytes32(0n), output]) {
      expect(nobleVerifier.checkTaprootTweak(candidate, 0, internalKey, bytes32(cancel))).toBe(
        false,
      );
    }
    expect(nobleVerifier.checkTaprootTweak(output, parity, bytes32(5n), bytes32(0n))).toBe(false);
    expect(nobleVerifier.checkTaprootTweak(output, parity, EMPTY, bytes32(0n))).toBe(false);
    expect(nobleVerifier.checkTaprootTweak(EMPTY, parity, internalKey, bytes32(0n))).toBe(false);
  });
});

describe("BIP-0341, wallet test vectors", () => {
  interface Leaf {
    readonly id: number;
    readonly script: string;
    readonly leafVersion: number;
  }
  type Tree = Leaf | readonly [Tree, Tree];
  interface ScriptPubKeyVector {
    readonly given: { readonly internalPubkey: string; readonly scriptTree: Tree | null };
    readonly intermediary: {
      readonly leafHashes?: readonly string[];
      readonly merkleRoot: string | null;
      readonly tweak: string;
      readonly tweakedPubkey: string;
    };
    readonly expected: {
      readonly scriptPubKey: string;
      readonly scriptPathControlBlocks?: readonly string[];
    };
  }
  interface SpendingVector {
    readonly given: {
      readonly rawUnsignedTx: string;
      readonly utxosSpent: readonly {
        readonly scriptPubKey: string;
        readonly amountSats: number;
      }[];
    };
    readonly intermediary: Readonly<Record<string, string>>;
    readonly inputSpending: readonly {
      readonly given: { readonly txinIndex: number; readonly hashType: number };
      readonly intermediary: { readonly sigHash: string };
      readonly expected: { readonly witness: readonly string[] };
    }[];
    readonly auxiliary: { readonly fullySignedTx: string };
  }
  const file = vectors<{
    readonly scriptPubKey: readonly ScriptPubKeyVector[];
    readonly keyPathSpending: readonly SpendingVector[];
  }>("bitcoind/wallet_test_vectors.json");

  const isLeaf = (tree: Tree): tree is Leaf => "script" in tree;

  function rootOf(tree: Tree, leaves: string[]): Uint8Array {
    if (isLeaf(tree)) {
      const hash = tapleafHash(hexToBytes(tree.script), tree.leafVersion);
      leaves[tree.id] = bytesToHex(hash);
      return hash;
    }
    return tapbranchHash(rootOf(tree[0], leaves), rootOf(tree[1], leaves));
  }

  function leavesOf(tree: Tree): readonly Leaf[] {
    return isLeaf(tree) ? [tree] : tree.flatMap(leavesOf);
  }

  test.each(file.scriptPubKey)("output $expected.scriptPubKey", (vector) => {
    const { given, intermediary, expected } = vector;
    const internalKey = hexToBytes(given.internalPubkey);
    const leaves: string[] = [];
    const root = given.scriptTree === null ? EMPTY : rootOf(given.scriptTree, leaves);
    expect(bytesToHex(root)).toBe(intermediary.merkleRoot ?? "");
    expect(leaves).toEqual(intermediary.leafHashes ?? []);
    const tweak = taptweakHash(internalKey, root);
    expect(bytesToHex(tweak)).toBe(intermediary.tweak);
    const outputKey = hexToBytes(intermediary.tweakedPubkey);
    expect(bytesToHex(p2trScript(outputKey))).toBe(expected.scriptPubKey);
    const fits = [0, 1].map((parity) =>
      nobleVerifier.checkTaprootTweak(outputKey, parity, internalKey, tweak),
    );
    expect(fits.filter(Boolean).length).toBe(1);

    // Each control block opens the output for its leaf, and for no other.
    const scripts = given.scriptTree === null ? [] : leavesOf(given.scriptTree);
    for (const [i, { id, script }] of scripts.entries()) {
      const control = expected.scriptPathControlBlocks![id]!;
      const other = scripts[(i + 1) % scripts.length]!;
      expect(openWith(script, control)).not.toBe("WITNESS_PROGRAM_MISMATCH");
      if (other !== scripts[i]) {
        expect(openWith(other.script, control)).toBe("WITNESS_PROGRAM_MISMATCH");
      }
    }

    function openWith(script: string, control: string): string {
      const template = Transaction.fromHex(file.keyPathSpending[0]!.given.rawUnsignedTx);
      const inputs = [{ ...template.inputs[0]!, witness: witnessOf([script, control]) }];
      const spent = [{ value: 0n, scriptPubKey: hexToBytes(expected.scriptPubKey) }];
      const { P2SH, WITNESS, TAPROOT } = ScriptFlag;
      const transaction = new Transaction({ ...template, inputs });
      return spendOutcome(transaction, spent, 0, P2SH | WITNESS | TAPROOT);
    }
  });

  test.each(file.keyPathSpending)("spending by key", ({ given, intermediary, ...vector }) => {
    const spent = given.utxosSpent.map(({ scriptPubKey, amountSats }) => ({
      value: BigInt(amountSats),
      scriptPubKey: hexToBytes(scriptPubKey),
    }));
    const spend = new TransactionSpend(Transaction.fromHex(given.rawUnsignedTx), spent);
    const hashes = {
      hashAmounts: spend.amountsHash,
      hashOutputs: spend.outputsHash,
      hashPrevouts: spend.prevoutsHash,
      hashScriptPubkeys: spend.scriptsHash,
      hashSequences: spend.sequencesHash,
    };
    for (const [name, hash] of Object.entries(hashes)) {
      expect([name, bytesToHex(hash)]).toEqual([name, intermediary[name]]);
    }
    for (const input of vector.inputSpending) {
      const { txinIndex, hashType } = input.given;
      const hash = taprootSighash(spend, txinIndex, hashType)!;
      expect(bytesToHex(hash)).toBe(input.intermediary.sigHash);
      const signature = hexToBytes(input.expected.witness[0]!).subarray(0, 64);
      const key = spent[txinIndex]!.scriptPubKey.subarray(2);
      expect(nobleVerifier.verifySchnorr(signature, hash, key)).toBe(true);
    }
    const signed = Transaction.fromHex(vector.auxiliary.fullySignedTx);
    for (const i of signed.inputs.keys()) {
      expect(spendOutcome(signed, spent, i, STANDARD_SCRIPT_FLAGS)).toBe("OK");
    }
  });

  test("hash types that there are not", () => {
    const { given } = file.keyPathSpending[0]!;
    const transaction = Transaction.fromHex(given.rawUnsignedTx);
    const spend = new TransactionSpend(
      transaction,
      transaction.inputs.map(() => ({ value: 1n, scriptPubKey: EMPTY })),
    );
    const known = Array.from({ length: 256 }, (_, type) => type).filter(
      (type) => taprootSighash(spend, 0, type) !== undefined,
    );
    expect(known).toEqual([0, 1, 2, 3, 0x81, 0x82, 0x83]);
    // Two outputs, so the third input has none of its own.
    expect(taprootSighash(spend, 2, 3)).toBe(undefined);
    expect(taprootSighash(spend, 2, 0x83)).toBe(undefined);
    expect(() => taprootSighash(spend, 99, 0)).toThrow("no input 99");
    for (const count of [0, transaction.inputs.length - 1, transaction.inputs.length + 1]) {
      const spent = Array(count).fill(spend.spentOutputs[0]);
      const other = new TransactionSpend(transaction, spent);
      expect(() => taprootSighash(other, 0, 0)).toThrow("not all that is spent");
    }
  });
});

test("tagged hashes, BIP-0340", () => {
  const parts = [Uint8Array.of(1), Uint8Array.of(2, 3)];
  expect(taggedHash("a", ...parts)).toEqual(taggedHash("a", Uint8Array.of(1, 2, 3)));
  expect(taggedHash("a", ...parts)).not.toEqual(taggedHash("b", ...parts));
});
