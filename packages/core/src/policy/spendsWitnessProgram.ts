import { isP2sh, isPayToAnchor, witnessProgram } from "../script/script.ts";
import { requireScripts, requireTransaction } from "../shapes.ts";
import type { Transaction } from "../transaction.ts";
import { redeemScriptOf } from "./redeemScript.ts";

/**
 * Whether a transaction spends an output that takes a witness, bare or behind a script hash. Without one it fails then,
 * and a relaying node may have stripped it off, which the transaction's id does not show. An anchor takes none. Core:
 * SpendsNonAnchorWitnessProg.
 * @param spentOutputs the outputs that its inputs spend, in their order; coins will do
 * @example spendsWitnessProgram(transaction, coins) // false
 */
export function spendsWitnessProgram(
  transaction: Transaction,
  spentOutputs: readonly { readonly scriptPubKey: Uint8Array }[],
): boolean {
  requireTransaction(transaction, "transaction");
  requireScripts(spentOutputs, "spentOutputs");
  const { inputs } = transaction;

  return inputs.some(({ scriptSig }, i) => {
    const scriptPubKey = spentOutputs[i]?.scriptPubKey;
    const script = scriptPubKey && isP2sh(scriptPubKey) ? redeemScriptOf(scriptSig) : scriptPubKey;
    const program = script && witnessProgram(script);
    if (program === undefined) return false;
    return script !== scriptPubKey || !isPayToAnchor(program);
  });
}
