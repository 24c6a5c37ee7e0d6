/** Core's own script and transaction vectors, all of them. */
import {
  bytesToHex,
  checkTransaction,
  type Outpoint,
  outpointKey,
  scriptFromAsm,
  Transaction,
  type Txid,
  type TxOutput,
} from "@chain/core";
import {
  flagsOf,
  rememberingVerifier,
  spending,
  spendOutcome,
  witnessOf,
} from "@chain/testing/scriptCases";
import { vectors } from "@chain/testing/vectors";
import { describe, expect, test } from "vitest";

const verifier = rememberingVerifier();

/** As today's ParseScript, and ours, reads it; these older files have numbers that it refuses, here made bytes. */
function parse(asm: string): Uint8Array {
  return scriptFromAsm(asm.replaceAll(/(?<=^| )-?\d{10,}(?= |$)/g, longNumber));
}

function longNumber(word: string): string {
  const value = BigInt(word);
  const bytes: number[] = [];
  for (let rest = value < 0n ? -value : value; rest > 0n; rest >>= 8n)
    bytes.push(Number(rest & 255n));
  if ((bytes.at(-1) as number) >= 0x80) bytes.push(0);
  if (value < 0n) bytes[bytes.length - 1] = (bytes.at(-1) as number) | 0x80;
  return `0x0${bytes.length} 0x${bytesToHex(Uint8Array.from(bytes))}`;
}

/** Cases of script_tests.json, older than Core 0.21, whose outcome has another name in Core 31. */
const RENAMED: readonly {
  readonly count: number;
  readonly since: string;
  readonly matches: (vector: ScriptVector) => boolean;
}[] = [
  {
    // A P2WSH script that leaves none or several items: Core tells it from one that leaves false.
    count: 14,
    since: "CLEANSTACK",
    matches: ({ expected, witness }) =>
      expected === "EVAL_FALSE" && ["635168", "645168"].includes(String(witness.at(-2))),
  },
  {
    // Numbers that are too long or not minimal have an error of their own now.
    count: 66,
    since: "SCRIPTNUM",
    matches: ({ expected }) => expected === "UNKNOWN_ERROR",
  },
  {
    // Without their flags these are plain NOPs now, no longer upgradable ones.
    count: 2,
    since: "OK",
    matches: ({ expected, scriptPubKey }) =>
      expected === "DISCOURAGE_UPGRADABLE_NOPS" &&
      ["CHECKLOCKTIMEVERIFY", "CHECKSEQUENCEVERIFY"].includes(scriptPubKey),
  },
];

interface ScriptVector {
  readonly witness: readonly [...items: string[], amount: number];
  readonly scriptSig: string;
  readonly scriptPubKey: string;
  readonly flags: string;
  readonly expected: string;
  readonly note: string;
}

describe("script_tests.json", () => {
  type Case = readonly [sig: string, pubkey: string, flags: string, error: string, note?: string];
  type Row = readonly [string] | Case | readonly [ScriptVector["witness"], ...Case];

  const cases = vectors<readonly Row[]>("bitcoind/script_tests.json")
    .filter((row) => row.length > 1)
    .map((row): ScriptVector => {
      const hasWitness = typeof row[0] !== "string";
      const plain = (hasWitness ? row.slice(1) : row) as unknown as Case;
      const [scriptSig, scriptPubKey, flags, expected, note = ""] = plain;
      const witness = hasWitness ? (row[0] as ScriptVector["witness"]) : ([0] as const);
      return { witness, scriptSig, scriptPubKey, flags, expected, note };
    });

  test("has as many cases as it had", () => {
    expect(cases.length).toBe(1189);
    for (const { count, matches } of RENAMED) expect(cases.filter(matches).length).toBe(count);
  });

  test.each(cases)("$expected: $scriptSig, $scriptPubKey ($flags) $note", (vector) => {
    const witness = witnessOf(vector.witness.slice(0, -1) as string[]);
    const value = BigInt(Math.round((vector.witness.at(-1) as number) * 1e8));
    const output = { value, scriptPubKey: parse(vector.scriptPubKey) };
    const transaction = spending(parse(vector.scriptSig), output, witness);
    const outcome = spendOutcome(transaction, [output], 0, flagsOf(vector.flags), verifier);
    const renamed = RENAMED.find(({ matches }) => matches(vector));
    expect(outcome).toBe(renamed?.since ?? vector.expected);
  });
});

describe("whole transactions", () => {
  type Input = readonly [txid: Txid, vout: number, scriptPubKey: string, value?: number];
  type Case = readonly [inputs: readonly Input[], hex: string, flags: string];

  /** With the comment that stands before each. */
  function cases(
    name: string,
  ): { note: string; hex: string; inputs: readonly Input[]; flags: string }[] {
    let note = "";
    return vectors<(readonly [string] | Case)[]>(name).flatMap((row) => {
      if (row.length === 1) {
        note = row[0];
        return [];
      }
      const [inputs, hex, flags] = row as Case;
      return [{ note, hex, inputs, flags }];
    });
  }

  /** The reason of the first rule or script that refuses it. */
  function outcome(hex: string, inputs: readonly Input[], flags: number): string {
    const transaction = Transaction.fromHex(hex);
    const verdict = checkTransaction(transaction);
    if (!verdict.ok) return verdict.reason;
    const outputs = new Map<string, TxOutput>(
      inputs.map(([txid, vout, asm, value = 0]) => [
        outpointKey({ txid, vout: vout >>> 0 }),
        { value: BigInt(value), scriptPubKey: parse(asm) },
      ]),
    );
    const spent = transaction.inputs.map(({ prevout }: { prevout: Outpoint }) => {
      const output = outputs.get(outpointKey(prevout));
      if (output === undefined) throw new TypeError("an input that the vector does not name");
      return output;
    });
    for (const i of spent.keys()) {
      const result = spendOutcome(transaction, spent, i, flags, verifier);
      if (result !== "OK") return result;
    }
    return "OK";
  }

  const valid = cases("bitcoind/tx_valid.json");
  const invalid = cases("bitcoind/tx_invalid.json");

  test("has as many cases as it had", () => {
    expect([valid.length, invalid.length]).toEqual([50, 39]);
  });

  test.each(valid)("tx_valid.json: $note ($flags)", ({ hex, inputs, flags }) => {
    expect(outcome(hex, inputs, flagsOf(flags))).toBe("OK");
  });

  test.each(invalid)("tx_invalid.json: $note ($flags)", ({ hex, inputs, flags }) => {
    expect(outcome(hex, inputs, flagsOf(flags))).not.toBe("OK");
  });
});
