import {
  hexToBytes,
  nobleVerifier,
  Reader,
  readOutput,
  type ScriptFlags,
  type SignatureVerifier,
  Transaction,
} from "@chain/core";
import { flagsOf, rememberingVerifier, spendOutcome, witnessOf } from "./scriptCases.ts";
import { vectors } from "./vectors.ts";

interface Spend {
  readonly scriptSig: string;
  readonly witness: readonly string[];
}

interface Asset {
  readonly tx: string;
  readonly prevouts: readonly string[];
  readonly index: number;
  readonly flags: string;
  /** Whether the success is one under all flags. */
  readonly final?: boolean;
  readonly success: Spend;
  readonly failure?: Spend;
  readonly comment: string;
}

/**
 * Runs Core's script_assets_test.json: spends, most of Taproot, each with what makes it good and what spoils it.
 * @param sets flags to try beside those of each case, as far as they say something: Core's script_assets_test
 * @param each of so many cases only one
 * @returns how many outcomes there were, and those that were wrong
 */
export function runScriptAssets(
  sets: readonly ScriptFlags[],
  base: SignatureVerifier = nobleVerifier,
  each = 1,
): {
  readonly runs: number;
  readonly wrong: readonly string[];
} {
  const assets = vectors<readonly Asset[]>("bitcoind/script_assets_test.json");
  const wrong: string[] = [];
  let runs = 0;
  for (const asset of assets.filter((_, i) => i % each === 0)) {
    if (wrong.length >= 20) break; // enough to see what is amiss
    const verifier = rememberingVerifier(base);
    const { index, success, failure, final = false, comment } = asset;
    const own = flagsOf(asset.flags);
    const spent = asset.prevouts.map((hex) => readOutput(new Reader(hexToBytes(hex))));
    const run = (spend: Spend, flags: ScriptFlags, good: boolean): void => {
      const outcome = spendOutcome(withSpend(asset, spend), spent, index, flags, verifier);
      if ((outcome === "OK") !== good) wrong.push(`${comment}, flags ${flags}: ${outcome}`);
      runs++;
    };
    run(success, own, true);
    if (failure !== undefined) run(failure, own, false);
    for (const flags of sets) {
      if (final || (flags & own) === flags) run(success, flags, true);
      if (failure !== undefined && (flags & own) === own) run(failure, flags, false);
    }
  }
  return { runs, wrong };
}

function withSpend({ tx, index }: Asset, { scriptSig, witness }: Spend): Transaction {
  const template = Transaction.fromHex(tx);
  const changed = { scriptSig: hexToBytes(scriptSig), witness: witnessOf(witness) };
  const inputs = template.inputs.map((input, i) =>
    i === index ? { ...input, ...changed } : input,
  );
  return new Transaction({ ...template, inputs });
}
