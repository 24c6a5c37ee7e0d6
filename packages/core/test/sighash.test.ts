import {
  bytesToHex,
  hexToBytes,
  legacySighash,
  reversedHex,
  Transaction,
  TransactionSpend,
} from "@chain/core";
import { describe, expect, test } from "vitest";
import { findAndDelete } from "../src/script/scriptCode.ts";
import { vectors } from "./support/vectors.ts";

type Vector = [transaction: string, script: string, index: number, type: number, hash: string];

describe("legacy signature hash", () => {
  const all = vectors<(Vector | [string])[]>("sighash.json").filter(
    (row): row is Vector => row.length === 5,
  );

  test("Core's sighash.json, all of it", () => {
    expect(all.length).toBe(500);
    for (const [hex, script, index, type, expected] of all) {
      const hash = legacySighash(Transaction.fromHex(hex), index, hexToBytes(script), type);
      expect(reversedHex(hash)).toBe(expected);
    }
  });

  test("SIGHASH_SINGLE without an output of that index signs the number one", () => {
    const transaction = Transaction.fromHex(all[0]![0]);
    const { inputs, outputs } = transaction;
    const wide = new Transaction({ ...transaction, outputs: outputs.slice(0, 1) });
    expect(inputs.length).toBeGreaterThan(1);
    const one = `01${"00".repeat(31)}`;
    expect(bytesToHex(legacySighash(wide, 1, new Uint8Array(0), 3))).toBe(one);
    expect(bytesToHex(legacySighash(wide, 1, new Uint8Array(0), 0x83))).toBe(one);
    expect(bytesToHex(legacySighash(wide, 0, new Uint8Array(0), 3))).not.toBe(one);
  });

  test("what inputs have in common may be asked for in any order", () => {
    for (const [hex, script, , type] of all.slice(0, 100)) {
      const transaction = Transaction.fromHex(hex);
      const spend = new TransactionSpend(transaction, []);
      const code = hexToBytes(script);
      const indices = [...transaction.inputs.keys()];
      for (const index of [...indices, ...indices.toReversed(), ...indices, ...indices]) {
        for (const hashType of [1, type]) {
          const shared = legacySighash(spend, index, code, hashType);
          expect(shared).toEqual(legacySighash(transaction, index, code, hashType));
        }
      }
    }
  });

  test("an input that is not there is misuse", () => {
    const transaction = Transaction.fromHex(all[0]![0]);
    expect(() => legacySighash(transaction, 99, new Uint8Array(0), 1)).toThrow("no input 99");
  });
});

test("what all inputs of a transaction have in common is computed once", () => {
  const [hex] = vectors<Vector[]>("sighash.json")[1] as Vector;
  const transaction = Transaction.fromHex(hex);
  const spent = transaction.inputs.map(() => ({ value: 1n, scriptPubKey: Uint8Array.of(0x51) }));
  const spend = new TransactionSpend(transaction, spent);
  const parts = [
    "prevoutsHash",
    "sequencesHash",
    "outputsHash",
    "amountsHash",
    "scriptsHash",
    "outputs",
    "blankInputs",
    "blankInputsWithoutSequences",
  ] as const;
  for (const part of parts) expect(spend[part]).toBe(spend[part]);
  expect(new Set(parts.map((part) => bytesToHex(spend[part]))).size).toBe(parts.length);
});

test("a script without the pattern is the same object", () => {
  const script = hexToBytes("5152535455");
  expect(findAndDelete(script, hexToBytes("ff"))).toBe(script);
  expect(findAndDelete(script, new Uint8Array(0))).toBe(script);
});

// Cases of Core's script_tests.cpp (script_FindAndDelete).
test.each([
  ["5152", "", "5152"],
  ["515253", "52", "5153"],
  ["535153535453", "53", "5154"],
  ["0302ff03", "0302ff03", ""],
  ["0302ff030302ff03", "0302ff03", ""],
  ["0302ff030302ff03", "02", "0302ff030302ff03"],
  ["0302ff030302ff03", "ff", "0302ff030302ff03"],
  ["0302ff030302ff03", "03", "02ff0302ff03"],
  ["02feed5169", "feed51", "02feed5169"],
  ["02feed5169", "02feed51", "69"],
  ["516902feed5169", "feed51", "516902feed5169"],
  ["516902feed5169", "02feed51", "516969"],
  ["00005151", "0051", "0051"],
  ["000051005151", "0051", "0051"],
  ["0003feed", "03feed", "00"],
  ["0003feed", "00", "03feed"],
])("%s without %s is %s", (script, pattern, expected) => {
  expect(bytesToHex(findAndDelete(hexToBytes(script), hexToBytes(pattern)))).toBe(expected);
});
