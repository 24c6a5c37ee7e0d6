import { requireNumber } from "../arguments.ts";
import {
  requireOutputs,
  requireScriptCheck,
  requireTransaction,
  requireVerifier,
} from "../shapes.ts";
import type { Transaction, TxOutput } from "../transaction.ts";
import { refuse, VALID, type Verdict } from "../verdict.ts";
import { MANDATORY_SCRIPT_FLAGS, type ScriptFlags } from "./flags.ts";
import { scriptErrorSentence } from "./scriptError.ts";
import type { SignatureVerifier } from "./signatureVerifier.ts";
import { transactionChecker } from "./transactionChecker.ts";
import { TransactionSpend } from "./transactionSpend.ts";
import { verifyScript } from "./verifyScript.ts";

/** The check that one input may spend its coin, as data: to run at once, on another thread, or to remember. */
export interface ScriptCheck {
  /** The same object in all checks of a transaction, so that what their hashes have in common is computed once. */
  readonly spend: TransactionSpend;
  readonly inputIndex: number;
  readonly flags: ScriptFlags;
}

/**
 * The script checks of a transaction's inputs.
 * @param spentOutputs the outputs that they spend, in their order; coins will do
 * @example scriptChecks(transaction, coins, STANDARD_SCRIPT_FLAGS).every((check) => runScriptCheck(check, verifier).ok)
 */
export function scriptChecks(
  transaction: Transaction,
  spentOutputs: readonly TxOutput[],
  flags: ScriptFlags,
): readonly ScriptCheck[] {
  requireTransaction(transaction, "transaction");
  requireOutputs(spentOutputs, "spentOutputs");
  requireNumber(flags, "flags");

  const spend = new TransactionSpend(transaction, spentOutputs);
  return transaction.inputs.map((_, inputIndex) => ({ spend, inputIndex, flags }));
}

/**
 * Runs a check. Refusals hold Core's sentence for the script error: `mandatory-script-verify-flag-failed (…)`, and, where
 * the flags have rules of policy among them, `mempool-script-verify-flag-failed (…)`, because it may be one of these that
 * failed, and a block may break it. Core: CheckInputScripts.
 * @example
 * const [check] = scriptChecks(transaction, coins, flags);
 * runScriptCheck(check, nobleVerifier) // { ok: true }
 */
export function runScriptCheck(check: ScriptCheck, verifier: SignatureVerifier): Verdict {
  requireScriptCheck(check, "check");
  requireVerifier(verifier, "verifier");

  const { spend, inputIndex, flags } = check;
  const { transaction, spentOutputs } = spend;
  const input = transaction.inputs[inputIndex];
  const output = spentOutputs[inputIndex];
  if (
    input === undefined ||
    output === undefined ||
    spentOutputs.length !== transaction.inputs.length
  ) {
    return refuse("consensus", "bad-txns-inputs-missingorspent");
  }
  const { scriptSig, witness } = input;
  const checker = transactionChecker(spend, inputIndex, verifier);
  const result = verifyScript(scriptSig, output.scriptPubKey, witness, flags, checker);
  if (result.ok) return VALID;
  const sentence = scriptErrorSentence(result.error);
  const { txid, wtxid } = transaction;
  const { prevout } = input;
  const spending = `spending ${prevout.txid}:${prevout.vout}`;
  const debug = `input ${inputIndex} of ${txid} (wtxid ${wtxid}), ${spending}`;
  if ((flags & ~MANDATORY_SCRIPT_FLAGS) !== 0) {
    return refuse("policy", `mempool-script-verify-flag-failed (${sentence})`, debug);
  }
  return refuse("consensus", `mandatory-script-verify-flag-failed (${sentence})`, debug);
}
