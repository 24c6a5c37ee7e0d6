/** Finds what a PSBT lacks, and the next role. Core: AnalyzePSBT (node/psbt.cpp). */

import {
  type Coin,
  feeRate,
  isMoney,
  isUnspendable,
  nobleVerifier,
  type SignatureVerifier,
  STANDARD_SCRIPT_FLAGS,
  sigopCost,
  Transaction,
  type TxOutput,
  virtualSizeWithSigops,
} from "@chain/core";
import { optional, present, requireFields, requireVerifier } from "@chain/core/arguments";
import { SigningProvider } from "../signingProvider.ts";
import { type Psbt, requirePsbt } from "./psbt.ts";
import { isVerified, type SignedInput, signInput, spentOutputsOf } from "./signInput.ts";
import { psbtInput } from "./view.ts";

const NOTHING = /* @__PURE__ */ new Uint8Array(0);

/** The role that has to work on it next. */
export type PsbtRole = "updater" | "signer" | "finalizer" | "extractor";
/** In the order in which they work. */
const ROLES: readonly PsbtRole[] = ["updater", "signer", "finalizer", "extractor"];

/** Data that an input lacks: hashes of keys and scripts. */
export interface MissingParts {
  readonly publicKeys: readonly Uint8Array[];
  readonly signatures: readonly Uint8Array[];
  readonly redeemScript: Uint8Array | undefined;
  readonly witnessScript: Uint8Array | undefined;
}

export interface InputAnalysis {
  readonly hasUtxo: boolean;
  readonly isFinal: boolean;
  readonly next: PsbtRole;
  /** Only where signatures, keys or scripts are known to be missing. */
  readonly missing: MissingParts | undefined;
}

export interface PsbtAnalysis {
  readonly inputs: readonly InputAnalysis[];
  readonly next: PsbtRole | "creator";
  /** Base units; only where all that is spent is known. */
  readonly fee: bigint | undefined;
  /** Virtual bytes, once it is signed; only where all scripts and keys are known. */
  readonly estimatedVsize: number | undefined;
  /** Base units for 1,000 virtual bytes. */
  readonly estimatedFeeRate: bigint | undefined;
  /** Why it can never be valid, in Core's words; the other fields say nothing then. */
  readonly error: string | undefined;
}

/**
 * Finds what each input of a PSBT lacks, the next role, and the fee that it pays. Source: Core, analyzepsbt.
 * @param options `verifier`: checks signatures; in JavaScript by default
 * @example analyzePsbt(psbt).next // "signer"
 */
export function analyzePsbt(
  psbt: Psbt,
  options: { readonly verifier?: SignatureVerifier } = {},
): PsbtAnalysis {
  requirePsbt(psbt, "psbt");
  requireFields(options, "options", { verifier: "object?" });
  optional(options.verifier, "options.verifier", requireVerifier);
  const { verifier = nobleVerifier } = options;
  const spent = spentOutputsOf(psbt);
  const inputs: InputAnalysis[] = [];
  const maps: Map[] = [];
  let paidIn = 0n;
  for (const [index, map] of psbt.inputs.entries()) {
    const output = spent.known[index];
    if (output !== undefined) {
      if (!isMoney(output.value) || !isMoney(paidIn + output.value)) {
        return invalid(`Input ${index} has invalid value`);
      }
      paidIn += output.value;
      if (isUnspendable(output.scriptPubKey)) {
        return invalid(`Input ${index} spends unspendable output`);
      }
    } else if (namesNoOutput(psbt, index)) {
      return invalid(`Input ${index} specifies invalid prevout`);
    }
    const { map: processed, ...analysis } = analyzeInput(map, index, spent, verifier);
    maps.push(processed);
    inputs.push(analysis);
  }
  const next = ROLES.find((role) => inputs.some((input) => input.next === role)) ?? "extractor";
  const nothing = { fee: undefined, estimatedVsize: undefined, estimatedFeeRate: undefined };
  if (spent.known.includes(undefined)) return { inputs, next, ...nothing, error: undefined };
  const paidOut = totalOf(psbt.transaction.outputs);
  if (paidOut === undefined) return invalid("Output amount invalid");
  const fee = paidIn - paidOut;
  const estimatedVsize = estimateSize(psbt, maps, spent, verifier);
  const estimatedFeeRate = estimatedVsize === undefined ? undefined : feeRate(fee, estimatedVsize);
  return { inputs, next, fee, estimatedVsize, estimatedFeeRate, error: undefined };
}

function invalid(reason: string): PsbtAnalysis {
  return {
    inputs: [],
    next: "creator",
    fee: undefined,
    estimatedVsize: undefined,
    estimatedFeeRate: undefined,
    error: `PSBT is not valid. ${reason}`,
  };
}

/** Whether the previous transaction is there, and has no such output. */
function namesNoOutput(psbt: Psbt, index: number): boolean {
  const { previousTransaction } = psbtInput(present(psbt.inputs[index], "psbt.inputs[index]"));
  const vout = psbt.transaction.inputs[index]?.prevout.vout ?? 0;
  return previousTransaction !== undefined && vout >= previousTransaction.outputs.length;
}

type Spent = ReturnType<typeof spentOutputsOf>;
type Map = Psbt["inputs"][number];

function process(
  map: Map,
  index: number,
  spent: Spent,
  mode: "update" | "dummy",
  verifier: SignatureVerifier,
): SignedInput {
  const provider = new SigningProvider();
  const hashType = psbtInput(map).sighashType;
  return signInput(map, index, spent, { provider, mode, hashType, finalize: true, verifier });
}

/** The parts that an input lacks, and the input with all that its own records make: final scripts, say. */
function analyzeInput(
  map: Map,
  index: number,
  spent: Spent,
  verifier: SignatureVerifier,
): InputAnalysis & { readonly map: Map } {
  const hasUtxo = spent.known[index] !== undefined;
  if (isVerified(map, index, spent, verifier)) {
    return { map, hasUtxo, isFinal: true, next: "extractor", missing: undefined };
  }
  if (!hasUtxo) return { map, hasUtxo, isFinal: false, next: "updater", missing: undefined };
  const { map: processed, outcome, solution } = process(map, index, spent, "update", verifier);
  if (outcome === "complete") {
    return { map: processed, hasUtxo, isFinal: false, next: "finalizer", missing: undefined };
  }
  // A part that was not looked for is not missing: an input that asks for another hash type, say.
  const missing: MissingParts = {
    publicKeys: solution.missingKeys,
    signatures: solution.missingSignatures,
    redeemScript: solution.missingRedeemScript,
    witnessScript: solution.missingWitnessScript,
  };
  const onlySignatures =
    missing.signatures.length > 0 &&
    missing.publicKeys.length === 0 &&
    missing.redeemScript === undefined &&
    missing.witnessScript === undefined;
  const any =
    missing.signatures.length + missing.publicKeys.length > 0 ||
    missing.redeemScript !== undefined ||
    missing.witnessScript !== undefined;
  const next = onlySignatures ? "signer" : "updater";
  return { map: processed, hasUtxo, isFinal: false, next, missing: any ? missing : undefined };
}

function totalOf(outputs: readonly TxOutput[]): bigint | undefined {
  let total = 0n;
  for (const { value } of outputs) {
    if (!isMoney(value) || !isMoney(total + value)) return undefined;
    total += value;
  }
  return total;
}

/** The size with signatures of the usual length. */
function estimateSize(
  psbt: Psbt,
  maps: readonly Map[],
  spent: Spent,
  verifier: SignatureVerifier,
): number | undefined {
  const { transaction } = psbt;
  const signed = maps.map((map, index) => process(map, index, spent, "dummy", verifier));
  if (signed.some(({ outcome }) => outcome !== "complete")) return undefined;
  const full = new Transaction({
    version: transaction.version,
    lockTime: transaction.lockTime,
    outputs: transaction.outputs,
    inputs: transaction.inputs.map((input, index) => {
      const final = psbtInput(present(signed[index], "signed[index]").map);
      return {
        ...input,
        scriptSig: final.finalScriptSig ?? NOTHING,
        witness: final.finalWitness ?? [],
      };
    }),
  });
  const coins = (spent.known as readonly TxOutput[]).map(
    (output): Coin => ({ ...output, height: 1, coinbase: false }),
  );
  return virtualSizeWithSigops(full.weight, sigopCost(full, coins, STANDARD_SCRIPT_FLAGS));
}
