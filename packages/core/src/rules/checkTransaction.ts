import { present } from "../arguments.ts";
import { isMoney, MAX_BLOCK_WEIGHT, MAX_MONEY, WITNESS_SCALE_FACTOR } from "../limits.ts";
import { isNullOutpoint, outpointKey } from "../outpoint.ts";
import { requireTransaction } from "../shapes.ts";
import type { Transaction } from "../transaction.ts";
import { type Refusal, refuse, VALID, type Verdict } from "../verdict.ts";

/**
 * Checks a transaction alone, without coins or chain. Core: consensus/tx_check.cpp.
 * @example checkTransaction(transaction).ok
 */
export function checkTransaction(transaction: Transaction): Verdict {
  requireTransaction(transaction, "transaction");

  const { inputs, outputs } = transaction;
  if (inputs.length === 0) return bad("bad-txns-vin-empty");
  if (outputs.length === 0) return bad("bad-txns-vout-empty");
  if (transaction.baseSize * WITNESS_SCALE_FACTOR > MAX_BLOCK_WEIGHT) {
    return bad("bad-txns-oversize");
  }

  let total = 0n;
  for (const { value } of outputs) {
    if (value < 0n) return bad("bad-txns-vout-negative");
    if (value > MAX_MONEY) return bad("bad-txns-vout-toolarge");
    total += value;
    if (!isMoney(total)) return bad("bad-txns-txouttotal-toolarge");
  }

  // Without this, an input named twice would count twice (CVE-2018-17144).
  if (new Set(inputs.map(({ prevout }) => outpointKey(prevout))).size < inputs.length) {
    return bad("bad-txns-inputs-duplicate");
  }

  if (transaction.isCoinbase) {
    const { length } = present(inputs[0], "inputs[0]").scriptSig;
    if (length < 2 || length > 100) return bad("bad-cb-length");
  } else if (inputs.some(({ prevout }) => isNullOutpoint(prevout))) {
    return bad("bad-txns-prevout-null");
  }
  return VALID;
}

function bad(reason: string): Refusal {
  return refuse("consensus", reason);
}
