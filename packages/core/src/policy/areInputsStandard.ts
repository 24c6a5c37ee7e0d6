import { isP2sh } from "../script/script.ts";
import { countSigops, p2shSigops } from "../script/sigops.ts";
import { outputTemplate } from "../script/templates.ts";
import { requireOutputs, requireTransaction } from "../shapes.ts";
import type { Transaction, TxOutput } from "../transaction.ts";
import { refuse, VALID, type Verdict } from "../verdict.ts";
import { redeemScriptOf } from "./redeemScript.ts";

/** Most signature operations of a script behind a script hash. Core: MAX_P2SH_SIGOPS. */
const MAX_P2SH_SIGOPS = 15;
/**
 * Most signature operations that may run without a witness, because each hashes the transaction again (BIP-0054). Core:
 * MAX_TX_LEGACY_SIGOPS.
 */
const MAX_LEGACY_SIGOPS = 2500;

/**
 * Whether a transaction spends only outputs of the usual forms, and reveals no script that is dear to check. A verdict:
 * `ok` tells. Not for a coinbase. Core: AreInputsStandard (ValidateInputsStandardness).
 * @param spentOutputs the outputs that its inputs spend, in their order; coins will do
 * @example areInputsStandard(transaction, coins)
 */
export function areInputsStandard(
  transaction: Transaction,
  spentOutputs: readonly TxOutput[],
): Verdict {
  requireTransaction(transaction, "transaction");
  requireOutputs(spentOutputs, "spentOutputs");

  let sigops = 0;
  for (const [i, { scriptSig }] of transaction.inputs.entries()) {
    const scriptPubKey = spentOutputs[i]?.scriptPubKey;
    if (scriptPubKey !== undefined) sigops += inputSigops(scriptSig, scriptPubKey);
    const isStandard = scriptPubKey !== undefined && isStandardInput(scriptSig, scriptPubKey);
    if (!isStandard || sigops > MAX_LEGACY_SIGOPS) {
      return refuse("nonstandard-inputs", "bad-txns-nonstandard-inputs");
    }
  }
  return VALID;
}

/** Counted where they run: those of the spent script, and not those of the outputs. Core: CheckSigopsBIP54. */
function inputSigops(scriptSig: Uint8Array, scriptPubKey: Uint8Array): number {
  const spent = isP2sh(scriptPubKey) ? p2shSigops(scriptSig) : countSigops(scriptPubKey, true);
  return countSigops(scriptSig, true) + spent;
}

function isStandardInput(scriptSig: Uint8Array, scriptPubKey: Uint8Array): boolean {
  const { type } = outputTemplate(scriptPubKey);
  // The rules of a future witness version aren't known yet, so anybody could spend it now.
  if (type === "nonstandard" || type === "witness_unknown") return false;
  if (type !== "scripthash") return true;
  const redeemScript = redeemScriptOf(scriptSig);
  return redeemScript !== undefined && countSigops(redeemScript, true) <= MAX_P2SH_SIGOPS;
}
