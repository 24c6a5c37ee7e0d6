import { isMoney } from "../limits.ts";
import { type ScriptFlags, STANDARD_SCRIPT_FLAGS } from "../script/flags.ts";
import { runScriptCheck, scriptChecks } from "../script/scriptCheck.ts";
import { nobleVerifier, type SignatureVerifier } from "../script/signatureVerifier.ts";
import { requireOptions, requireOutputs, requireTransaction } from "../shapes.ts";
import type { Transaction, TxOutput } from "../transaction.ts";
import { refuse, type Verdict } from "../verdict.ts";
import { checkTransaction } from "./checkTransaction.ts";

export interface VerifyTransactionOptions {
  /** Script rules: `scriptFlags` says those of a block. Default: all that a mempool asks for. */
  readonly flags?: ScriptFlags;
  /** Default: `nobleVerifier`. */
  readonly verifier?: SignatureVerifier;
}

/**
 * Whether a transaction is valid as far as itself and the outputs that it spends can tell: its form, its amounts, and
 * every script. The rules about its place in the chain are for `verifyBlock`: that those outputs exist and are mature,
 * lock times and sequence locks. Not for a coinbase, which spends nothing.
 *
 * @param spentOutputs the outputs that its inputs spend, in their order; coins will do
 * @returns the fee in base units, or Core's reject reason
 * @example
 * verifyTransaction(transaction, coins) // { ok: true, fee: 0n }
 * const verdict = verifyTransaction(transaction, [{ ...coins[0], value: 5000n }]);
 * verdict.ok || verdict.reason // "bad-txns-in-belowout"
 */
export function verifyTransaction(
  transaction: Transaction,
  spentOutputs: readonly TxOutput[],
  options: VerifyTransactionOptions = {},
): Verdict<{ readonly fee: bigint }> {
  requireTransaction(transaction, "transaction");
  requireOutputs(spentOutputs, "spentOutputs");
  requireOptions(options, "options", { flags: "number?", verifier: "object?" });

  const { flags = STANDARD_SCRIPT_FLAGS, verifier = nobleVerifier } = options;
  const form = checkTransaction(transaction);
  if (!form.ok) return form;
  if (transaction.isCoinbase) return refuse("consensus", "coinbase");
  if (spentOutputs.length !== transaction.inputs.length) {
    const debug = `${transaction.inputs.length} inputs, ${spentOutputs.length} outputs to spend`;
    return refuse("missing-inputs", "bad-txns-inputs-missingorspent", debug);
  }
  let valueIn = 0n;
  for (const { value } of spentOutputs) {
    valueIn += value;
    if (!isMoney(value) || !isMoney(valueIn)) {
      return refuse("consensus", "bad-txns-inputvalues-outofrange");
    }
  }
  const valueOut = transaction.outputs.reduce((sum, { value }) => sum + value, 0n);
  if (valueIn < valueOut) {
    return refuse("consensus", "bad-txns-in-belowout", `value in (${valueIn}) < out (${valueOut})`);
  }
  for (const check of scriptChecks(transaction, spentOutputs, flags)) {
    const verdict = runScriptCheck(check, verifier);
    if (!verdict.ok) return verdict;
  }
  return { ok: true, fee: valueIn - valueOut };
}
