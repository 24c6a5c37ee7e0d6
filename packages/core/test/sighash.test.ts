import {
  bytesToHex,
  concatBytes,
  hexToBytes,
  legacySighash,
  Opcode,
  reversedHex,
  sha256,
  sha256d,
  Transaction,
  TransactionSpend,
  type TxInput,
  Writer,
} from "@chain/core";
import { vectors } from "@chain/testing/vectors";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findAndDelete } from "../src/script/scriptCode.ts";
import { i32, transaction } from "./support/arbitraries.ts";

type Vector = [transaction: string, script: string, index: number, type: number, hash: string];

/** A push of up to 75 bytes, which may look like operations. */
const push = fc.uint8Array({ minLength: 1, maxLength: 75 }).map((data) => [data.length, ...data]);

/** As Core before 0.9 did it: a changed copy of the transaction is written and hashed. */
function naiveSighash(given: Transaction, index: number, script: Uint8Array, type: number): string {
  const kind = type & 0x1f;
  if (kind === 3 && index >= given.outputs.length) return `01${"00".repeat(31)}`;
  const code: number[] = [];
  for (let i = 0; i < script.length; ) {
    const opcode = script[i] as number;
    const next = i + 1 + (opcode <= 75 ? opcode : 0);
    if (opcode !== Opcode.OP_CODESEPARATOR) code.push(...script.subarray(i, next));
    i = next;
  }
  let inputs: TxInput[] = given.inputs.map((input, i) => ({
    ...input,
    scriptSig: i === index ? Uint8Array.from(code) : new Uint8Array(0),
    sequence: i !== index && (kind === 2 || kind === 3) ? 0 : input.sequence,
    witness: [],
  }));
  let { outputs } = given;
  if (kind === 2) outputs = [];
  if (kind === 3) {
    const blank = { value: -1n, scriptPubKey: new Uint8Array(0) };
    outputs = outputs.slice(0, index + 1).map((output, i) => (i === index ? output : blank));
  }
  if ((type & 0x80) !== 0) inputs = [inputs[index] as TxInput];
  // Without a witness, and without the rules of a decoder: written by hand.
  const writer = new Writer(100).i32(given.version).compactSize(inputs.length);
  for (const { prevout, scriptSig, sequence } of inputs) {
    writer.hash(prevout.txid).u32(prevout.vout).varBytes(scriptSig).u32(sequence);
  }
  writer.compactSize(outputs.length);
  for (const { value, scriptPubKey } of outputs) writer.i64(value).varBytes(scriptPubKey);
  return bytesToHex(sha256d(writer.u32(given.lockTime).i32(type).finish()));
}

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

  test("is that of Core's serializer for every hash type, by either hash function", () => {
    const code = fc.array(
      fc.oneof(fc.constant([Opcode.OP_CODESEPARATOR]), fc.constant([Opcode.OP_CHECKSIG]), push),
      { maxLength: 40 },
    );
    const hashType = fc.oneof(i32, fc.constantFrom(0, 1, 2, 3, 0x81, 0x82, 0x83));
    const filler = fc.constantFrom(0, 300, 5000); // beyond what is worth a call of the platform's hash, and not
    let calls = 0;
    const platform = (parts: readonly Uint8Array[]): Uint8Array => {
      calls++;
      return sha256(concatBytes(...parts));
    };
    fc.assert(
      fc.property(
        transaction,
        code,
        hashType,
        filler,
        fc.boolean(),
        (random, ops, type, size, front) => {
          const scriptPubKey = new Uint8Array(size);
          const long = { value: 1n, scriptPubKey };
          const { outputs } = random;
          const wide = front ? [long, ...outputs] : [...outputs, long];
          const given = new Transaction({ ...random, outputs: wide });
          const script = Uint8Array.from(ops.flat());
          const spend = new TransactionSpend(given, []);
          for (const index of given.inputs.keys()) {
            const expected = naiveSighash(given, index, script, type);
            expect(bytesToHex(legacySighash(spend, index, script, type))).toBe(expected);
            expect(bytesToHex(legacySighash(spend, index, script, type, platform))).toBe(expected);
          }
        },
      ),
      { numRuns: 500 },
    );
    expect(calls).toBeGreaterThan(100);
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
