/** When two transactions, or two states of one, are the same to a wallet. */
import { equalBytes, type Transaction } from "@chain/core";
import type { TransactionState } from "./types.ts";

/** Whether going from one to the other changes nothing. */
export function sameState(a: TransactionState, b: TransactionState): boolean {
  if (a.type !== b.type) return false;
  // An abandoned transaction stays so until a block or the mempool has it.
  if (a.type !== "confirmed" || b.type !== "confirmed") return true;
  return a.hash === b.hash && a.index === b.index;
}

/** Whether they differ in signatures alone. Core: IsEquivalentTo. */
export function isEquivalent(a: Transaction, b: Transaction): boolean {
  return (
    a.version === b.version &&
    a.lockTime === b.lockTime &&
    a.inputs.length === b.inputs.length &&
    a.outputs.length === b.outputs.length &&
    a.inputs.every(({ prevout, sequence }, i) => {
      const other = b.inputs[i];
      return (
        other?.sequence === sequence &&
        other.prevout.txid === prevout.txid &&
        other.prevout.vout === prevout.vout
      );
    }) &&
    a.outputs.every(({ value, scriptPubKey }, i) => {
      const other = b.outputs[i];
      return other?.value === value && equalBytes(other.scriptPubKey, scriptPubKey);
    })
  );
}
