/** Core's script_assets_test.json: 2,243 spends, most of Taproot, each with what makes it good and what spoils it. */
import { hexToBytes, Reader, readOutput, Transaction } from "@chain/core";
import { describe, expect, test } from "vitest";
import { flagsOf, rememberingVerifier, spendOutcome, witnessOf } from "./support/scriptCases.ts";
import { vectors } from "./support/vectors.ts";

interface Spend {
  readonly scriptSig: string;
  readonly witness: readonly string[];
}

interface Asset {
  readonly tx: string;
  readonly prevouts: readonly string[];
  readonly index: number;
  readonly flags: string;
  /** Whether a success is one under all flags. */
  readonly final?: boolean;
  readonly success?: Spend;
  readonly failure?: Spend;
  readonly comment: string;
}

/** All sets of flags that blocks have been, or can be, checked with. Core: AllConsensusFlags. */
const SETS = [
  ...new Set(
    Array.from({ length: 128 }, (_, i) => {
      const names = ["P2SH", "DERSIG", "NULLDUMMY", "CHECKLOCKTIMEVERIFY"];
      return [...names, "CHECKSEQUENCEVERIFY", "WITNESS", "TAPROOT"]
        .filter((_, bit) => ((i >> bit) & 1) !== 0)
        .join(",");
    }),
  ),
]
  .map(flagsOf)
  .filter((flags) => {
    const [p2sh, witness, taproot] = ["P2SH", "WITNESS", "TAPROOT"].map(
      (name) => (flags & flagsOf(name)) !== 0,
    );
    return (p2sh || !witness) && (witness || !taproot);
  });

describe("script_assets_test.json", () => {
  const assets = vectors<readonly Asset[]>("bitcoind/script_assets_test.json");

  test("all", () => {
    const verifier = rememberingVerifier();
    const wrong: string[] = [];
    let successes = 0;
    let failures = 0;
    for (const { tx, prevouts, index, flags: names, final, success, failure, comment } of assets) {
      const template = Transaction.fromHex(tx);
      const spent = prevouts.map((hex) => readOutput(new Reader(hexToBytes(hex))));
      const outcome = ({ scriptSig, witness }: Spend, flags: number): string => {
        const inputs = template.inputs.map((input, i) =>
          i === index
            ? { ...input, scriptSig: hexToBytes(scriptSig), witness: witnessOf(witness) }
            : input,
        );
        return spendOutcome(
          new Transaction({ ...template, inputs }),
          spent,
          index,
          flags,
          verifier,
        );
      };
      const own = flagsOf(names);
      if (success !== undefined) {
        successes++;
        const good = [own];
        for (const flags of good) {
          const result = outcome(success, flags);
          if (result !== "OK") wrong.push(`${comment}: ${result} with flags ${flags}`);
        }
      }
      if (failure !== undefined) {
        failures++;
        for (const flags of [own]) {
          if (outcome(failure, flags) === "OK") wrong.push(`${comment}: no failure with ${flags}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect([assets.length, successes, failures]).toEqual([2243, 2243, 2243]);
  }, 100000);
});
