import type { Transaction, TxOutput } from "../transaction.ts";
import { refuse, VALID, type Verdict } from "../verdict.ts";
import type { ScriptFlags } from "./flags.ts";
import { scriptErrorSentence } from "./scriptError.ts";
import { legacySighash } from "./sighash.ts";
import { normalizeS, parseDerSignatureLax } from "./signature.ts";
import type { SignatureVerifier } from "./signatureVerifier.ts";
import { type SignatureChecker, verifyScript } from "./verifyScript.ts";

/** The check that one input may spend its coin, as data: to run at once, on another thread, or to remember. */
export interface ScriptCheck {
  readonly transaction: Transaction;
  readonly inputIndex: number;
  /** The output that is spent. */
  readonly output: TxOutput;
  readonly flags: ScriptFlags;
}

/**
 * Runs a check. Refusals read `mandatory-script-verify-flag-failed (…)` with Core's sentence for the script error.
 * @example const verdict = runScriptCheck(check, nobleVerifier);
 */
export function runScriptCheck(check: ScriptCheck, verifier: SignatureVerifier): Verdict {
  const { transaction, inputIndex, output, flags } = check;
  const input = transaction.inputs[inputIndex];
  if (input === undefined) return refuse("consensus", "bad-txns-inputs-missingorspent");
  const checker = transactionChecker(transaction, inputIndex, verifier);
  const result = verifyScript(input.scriptSig, output.scriptPubKey, input.witness, flags, checker);
  if (result.ok) return VALID;
  const sentence = scriptErrorSentence(result.error);
  return refuse(
    "consensus",
    `mandatory-script-verify-flag-failed (${sentence})`,
    `input ${inputIndex} of ${transaction.txid}${result.debug === undefined ? "" : `: ${result.debug}`}`,
  );
}

/** Answers a script's questions about one input of a transaction. Core: GenericTransactionSignatureChecker. */
export function transactionChecker(
  transaction: Transaction,
  inputIndex: number,
  verifier: SignatureVerifier,
): SignatureChecker {
  return {
    checkEcdsaSignature(signature, publicKey, scriptCode) {
      const hashType = signature.at(-1);
      if (hashType === undefined || !isPublicKeyShaped(publicKey)) return false;
      const compact = parseDerSignatureLax(signature.subarray(0, -1));
      if (compact === undefined) return false;
      const hash = legacySighash(transaction, inputIndex, scriptCode, hashType);
      return verifier.verifyEcdsa(normalizeS(compact), hash, publicKey);
    },
  };
}

/** Whether first byte and length fit together. Core: CPubKey::IsValid. */
function isPublicKeyShaped(key: Uint8Array): boolean {
  switch (key[0]) {
    case 2:
    case 3:
      return key.length === 33;
    case 4:
    case 6:
    case 7:
      return key.length === 65;
    default:
      return false;
  }
}
