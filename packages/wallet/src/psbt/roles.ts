/** Roles of BIP-0174: updater, signer, finalizer, extractor. */

import {
  isP2sh,
  type Outpoint,
  type SignatureVerifier,
  Transaction,
  type Txid,
  type TxOutput,
  witnessProgram,
} from "@chain/core";
import { optional, present, requireFields, requireVerifier } from "@chain/core/arguments";
import type { EcdsaSigner } from "../keys.ts";
import { requireBackend } from "../sign.ts";
import { requireProvider, SigningProvider } from "../signingProvider.ts";
import { isFinal } from "./encode.ts";
import { IN } from "./fields.ts";
import { type Psbt, requirePsbt } from "./psbt.ts";
import { type InputOutcome, isVerified, signInput, spentOutputsOf } from "./signInput.ts";
import { updateOutput } from "./updateOutput.ts";
import { encodeOutput, encodePrevious } from "./values.ts";
import { psbtInput } from "./view.ts";

const NOTHING = /* @__PURE__ */ new Uint8Array(0);
const ANYONE_CAN_PAY = 0x80;

/** The facts that an updater has. */
export interface PsbtKnowledge {
  /** Scripts and keys; private keys in it are not used. */
  readonly provider?: SigningProvider;
  /** Previous transactions, for inputs of every kind. */
  readonly transactions?: (txid: Txid) => Transaction | undefined;
  /** Coins whose transaction is not there: enough for inputs with a witness, whose signatures cover the amount. */
  readonly coins?: (outpoint: Outpoint) => TxOutput | undefined;
}

/**
 * The role of the updater: adds coins, scripts, keys and their origins to inputs and outputs. Records that the PSBT has
 * already stay. Core: utxoupdatepsbt.
 * @example
 * const updated = updatePsbt(psbt, { provider: output.provider, coins: () => utxo });
 * analyzePsbt(updated).next // "signer"
 */
export function updatePsbt(psbt: Psbt, knowledge: PsbtKnowledge): Psbt {
  requirePsbt(psbt, "psbt");
  requireFields(knowledge, "knowledge", {
    provider: "object?",
    transactions: "function?",
    coins: "function?",
  });
  optional(knowledge.provider, "knowledge.provider", requireProvider);
  const { provider = new SigningProvider(), transactions, coins } = knowledge;
  let updated = psbt;
  psbt.transaction.inputs.forEach(({ prevout }, index) => {
    const map = psbt.inputs[index];
    if (map === undefined || map.get(IN.NON_WITNESS_UTXO) !== undefined) return;
    const previous = transactions?.(prevout.txid);
    if (previous !== undefined) {
      const value = encodePrevious(previous);
      updated = updated.withInput(index, map.set(IN.NON_WITNESS_UTXO, NOTHING, value));
      return;
    }
    const coin = coins?.(prevout);
    if (coin !== undefined && isSegwit(coin.scriptPubKey, provider)) {
      updated = updated.withInput(index, map.set(IN.WITNESS_UTXO, NOTHING, encodeOutput(coin)));
    }
  });
  const spent = spentOutputsOf(updated);
  const options = { provider, mode: "update", hashType: undefined, finalize: false } as const;
  updated.inputs.forEach((map, index) => {
    if (isFinal(map)) return;
    updated = updated.withInput(index, signInput(map, index, spent, options).map);
  });
  updated.outputs.forEach((map, index) => {
    const output = updated.transaction.outputs[index];
    if (output === undefined) return;
    updated = updated.withOutput(index, updateOutput(map, output, provider));
  });
  return withoutNeedlessTransactions(updated);
}

/** Core: IsSegWitOutput. */
function isSegwit(script: Uint8Array, provider: SigningProvider): boolean {
  if (witnessProgram(script) !== undefined) return true;
  const redeemScript = isP2sh(script) ? provider.script(script.subarray(2, 22)) : undefined;
  return redeemScript !== undefined && witnessProgram(redeemScript) !== undefined;
}

/**
 * Where all inputs are Taproot's, their signatures cover all amounts, and previous transactions only take place.
 * Core: RemoveUnnecessaryTransactions.
 */
function withoutNeedlessTransactions(psbt: Psbt): Psbt {
  const needless = psbt.inputs.every((map) => {
    const { witnessUtxo, sighashType = 0 } = psbtInput(map);
    const program = witnessUtxo && witnessProgram(witnessUtxo.scriptPubKey);
    return program !== undefined && program.version > 0 && (sighashType & ANYONE_CAN_PAY) === 0;
  });
  if (!needless) return psbt;
  return psbt.inputs.reduce(
    (result, map, index) =>
      result.withInput(
        index,
        map.without(({ type }) => type === IN.NON_WITNESS_UTXO),
      ),
    psbt,
  );
}

/** How a PSBT is signed. */
export interface SignPsbtOptions {
  /**
   * The hash type to sign with: by default Taproot's own, and all for others. An input that asks for another is not
   * signed, because it may ask for one that gives the money away.
   */
  readonly hashType?: number;
  /** Whether inputs that are complete get their final scripts; `true` by default. */
  readonly finalize?: boolean;
  /** Makes ECDSA signatures; in JavaScript by default. */
  readonly signer?: EcdsaSigner;
  /** Checks signatures; in JavaScript by default. */
  readonly verifier?: SignatureVerifier;
}

/** A PSBT that was worked on. */
export interface ProcessedPsbt {
  readonly psbt: Psbt;
  /** Whether every input has all that spends it. */
  readonly complete: boolean;
  readonly outcomes: readonly InputOutcome[];
}

/**
 * The role of the signer: signs each input of which the provider has a private key, for P2PK, P2PKH, multisig, P2SH,
 * P2WPKH, P2WSH and Taproot, by its key and by scripts, as far as miniscript describes them. Signatures are the same bytes as Core's.
 * Core: SignPSBTInput, descriptorprocesspsbt.
 * @throws WalletError `bad-signature` where a Schnorr signature does not verify, because memory or arithmetic failed.
 * @example signPsbt(fromAlice.psbt, fromBob.provider).complete // true
 */
export function signPsbt(
  psbt: Psbt,
  provider: SigningProvider,
  options: SignPsbtOptions = {},
): ProcessedPsbt {
  requirePsbt(psbt, "psbt");
  requireProvider(provider, "provider");
  requireFields(options, "options", {
    hashType: "number?",
    finalize: "boolean?",
    signer: "object?",
    verifier: "object?",
  });
  requireBackend({ signer: options.signer, verifier: options.verifier }, "options");
  const { hashType, finalize = true, signer, verifier } = options;
  const result = eachInput(psbt, (map, index, spent) =>
    isFinal(map)
      ? {
          map,
          outcome: isVerified(map, index, spent, verifier) ? "complete" : "incomplete",
        }
      : signInput(map, index, spent, {
          provider,
          mode: "sign",
          hashType,
          finalize,
          signer,
          verifier,
        }),
  );
  return { ...result, psbt: withoutNeedlessTransactions(result.psbt) };
}

/**
 * The role of the finalizer: gives each input whose signatures are all there its final scripts, and checks them.
 * Core: FinalizePSBT.
 * @example finalizePsbt(fromAlice.psbt).complete // false: one of two signatures
 */
export function finalizePsbt(
  psbt: Psbt,
  options: { readonly verifier?: SignatureVerifier } = {},
): ProcessedPsbt {
  requirePsbt(psbt, "psbt");
  requireFields(options, "options", { verifier: "object?" });
  optional(options.verifier, "options.verifier", requireVerifier);
  const provider = new SigningProvider();
  return eachInput(psbt, (map, index, spent) =>
    signInput(map, index, spent, {
      provider,
      mode: "update",
      hashType: psbtInput(map).sighashType,
      finalize: true,
      verifier: options.verifier,
    }),
  );
}

type InputStep = (
  map: Psbt["inputs"][number],
  index: number,
  spent: ReturnType<typeof spentOutputsOf>,
) => { readonly map: Psbt["inputs"][number]; readonly outcome: InputOutcome };

function eachInput(psbt: Psbt, step: InputStep): ProcessedPsbt {
  const spent = spentOutputsOf(psbt);
  const results = psbt.inputs.map((map, index) => step(map, index, spent));
  const outcomes = results.map(({ outcome }) => outcome);
  return {
    psbt: results.reduce((result, { map }, index) => result.withInput(index, map), psbt),
    complete: outcomes.every((outcome) => outcome === "complete"),
    outcomes,
  };
}

/**
 * The role of the extractor: the transaction of a PSBT, finalized first where that is still to be done.
 * Core: FinalizeAndExtractPSBT.
 * @returns `undefined` unless every input is final, and its scripts spend its coin
 * @example extractTransaction(signPsbt(fromAlice.psbt, fromBob.provider).psbt)?.virtualSize // 140
 */
export function extractTransaction(
  psbt: Psbt,
  options: { readonly verifier?: SignatureVerifier } = {},
): Transaction | undefined {
  const finalized = finalizePsbt(psbt, options);
  if (!finalized.complete) return undefined;
  const { transaction, inputs } = finalized.psbt;
  return new Transaction({
    version: transaction.version,
    lockTime: transaction.lockTime,
    outputs: transaction.outputs,
    inputs: transaction.inputs.map((input, index) => {
      const { finalScriptSig = NOTHING, finalWitness = [] } = psbtInput(
        present(inputs[index], "inputs[index]"),
      );
      return { ...input, scriptSig: finalScriptSig, witness: finalWitness };
    }),
  });
}
