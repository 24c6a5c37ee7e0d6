/** When a transaction may take the place of others that wait (BIP-0125). Core: policy/rbf.cpp. */

import { requireFields, requireFunction, requireIterable } from "../arguments.ts";
import type { Txid } from "../ids.ts";
import { feeRateText, moneyText } from "../moneyText.ts";
import { requireTransaction } from "../shapes.ts";
import type { Transaction } from "../transaction.ts";
import { type Refusal, refuse, type Verdict } from "../verdict.ts";
import { feeForSize, feeRate } from "./feeRate.ts";
import type { Policy } from "./policy.ts";

/** Most transactions that one may push out. Core: MAX_REPLACEMENT_CANDIDATES. */
const MAX_REPLACED = 100;
/** Highest sequence of an input that signals. Core: MAX_BIP125_RBF_SEQUENCE. */
const MAX_SIGNALLING_SEQUENCE = 0xffff_fffd;

/** A transaction with the facts that the rules of replacement need. */
export interface FeePayer {
  readonly transaction: Transaction;
  /** Base units that it counts as paying: its fee, and what its node's operator adds to it. */
  readonly modifiedFee: bigint;
  /** Virtual bytes. */
  readonly size: number;
}

/** A waiting transaction that may be replaced. An entry of a mempool is one. */
export interface Replaceable extends FeePayer {
  /** Waiting transactions that spend it directly. */
  readonly children: Iterable<Replaceable>;
  /** Those that depend on it, itself included. */
  readonly descendants: { readonly count: number };
}

/**
 * Whether a transaction says of itself that it may be replaced. (BIP-0125 lets its descendants inherit that; Core has
 * never let them.) Core: SignalsOptInRBF.
 * @example signalsReplaceability(transaction) // false: its sequence is final
 */
export function signalsReplaceability(transaction: Transaction): boolean {
  requireTransaction(transaction, "transaction");
  const { inputs } = transaction;

  return inputs.some(({ sequence }) => sequence <= MAX_SIGNALLING_SEQUENCE);
}

/**
 * Rule 1: whether this policy lets a waiting transaction be replaced.
 * @example isReplaceable(transaction, { replaceByFee: "full" }) // true
 */
export function isReplaceable(
  transaction: Transaction,
  policy: Pick<Policy, "replaceByFee">,
): boolean {
  requireTransaction(transaction, "transaction");
  requireFields(policy, "policy", { replaceByFee: "string" });
  const { replaceByFee } = policy;

  if (replaceByFee === "off") return false;
  return replaceByFee === "full" || signalsReplaceability(transaction);
}

/**
 * No transaction may depend on one with which it conflicts: no block could hold both. Core: EntriesAndTxidsDisjoint.
 * @param ancestors all unconfirmed transactions that it depends on
 * @param conflicts those that spend what it spends
 * @example
 * const parent = { transaction, modifiedFee: 1000n, size: 275 };
 * checkSpendsNoConflict(transaction, [parent], new Set([parent]))?.reason // "bad-txns-spends-conflicting-tx"
 * checkSpendsNoConflict(transaction, [parent], new Set()) // undefined
 */
export function checkSpendsNoConflict<Entry extends FeePayer>(
  transaction: Transaction,
  ancestors: Iterable<Entry>,
  conflicts: ReadonlySet<Entry>,
): Refusal | undefined {
  requireTransaction(transaction, "transaction");
  requireIterable(ancestors, "ancestors", "mempool entries");
  requireFields(conflicts, "conflicts", { has: "function", size: "number" });

  for (const ancestor of ancestors) {
    if (!conflicts.has(ancestor)) continue;
    const what = `spends conflicting transaction ${ancestor.transaction.txid}`;
    const debug = `${transaction.txid} ${what}`;
    return refuse("consensus", "bad-txns-spends-conflicting-tx", debug);
  }
  return undefined;
}

/**
 * Whether a transaction pays enough to take the place of those that it conflicts with, each of which `isReplaceable`.
 * Core: MemPoolAccept::ReplacementChecks.
 * @param conflicts unconfirmed transactions that spend the same outputs; none: nothing to check
 * @param isWaiting whether a transaction of this id waits
 * @returns all that has to go: the conflicts and what depends on them
 * @example
 * const waiting = { transaction, modifiedFee: 1000n, size: 275, children: [], descendants: { count: 1 } };
 * const policy = { incrementalRelayFeeRate: 1000n };
 * const payer = { transaction, modifiedFee: 1100n, size: 275 };
 * const verdict = checkReplacement(payer, new Set([waiting]), () => false, policy);
 * verdict.ok || verdict.reason // "insufficient fee": 275 more would do
 */
export function checkReplacement<Entry extends Replaceable>(
  replacement: FeePayer,
  conflicts: ReadonlySet<Entry>,
  isWaiting: (txid: Txid) => boolean,
  policy: Pick<Policy, "incrementalRelayFeeRate">,
): Verdict<{ readonly replaced: ReadonlySet<Replaceable> }> {
  requireFields(replacement, "replacement", {
    transaction: "object",
    modifiedFee: "bigint",
    size: "number",
  });
  requireTransaction(replacement.transaction, "replacement.transaction");
  requireFields(conflicts, "conflicts", { has: "function", size: "number" });
  requireFunction(isWaiting, "isWaiting");
  requireFields(policy, "policy", { incrementalRelayFeeRate: "bigint" });
  const { incrementalRelayFeeRate } = policy;

  const replaced = new Set<Replaceable>(conflicts);
  if (conflicts.size === 0) return { ok: true, replaced };
  const { transaction, modifiedFee: fee, size } = replacement;
  const rejecting = `rejecting replacement ${transaction.txid}`;

  // Core's own rule: miners must not lose by it, so it pays a higher rate than each that it conflicts with.
  const rate = feeRate(fee, size);
  for (const conflict of conflicts) {
    const old = feeRate(conflict.modifiedFee, conflict.size);
    if (rate > old) continue;
    const why = `new feerate ${feeRateText(rate)} <= old feerate ${feeRateText(old)}`;
    return refuse("policy", "insufficient fee", `${rejecting}; ${why}`);
  }
  // Rule 5. A descendant that two of them share counts twice: the families need not be walked to know.
  let count = 0;
  for (const { descendants } of conflicts) count += descendants.count;
  if (count > MAX_REPLACED) {
    const why = `too many potential replacements (${count} > ${MAX_REPLACED})`;
    return refuse("policy", "too many potential replacements", `${rejecting}; ${why}`);
  }
  for (const each of replaced) for (const child of each.children) replaced.add(child);
  // Rule 2: it must not depend on what may never confirm where the old ones did not.
  const known = new Set<Txid>();
  for (const each of replaced) {
    for (const { prevout } of each.transaction.inputs) known.add(prevout.txid);
  }
  for (const [index, { prevout }] of transaction.inputs.entries()) {
    if (known.has(prevout.txid) || !isWaiting(prevout.txid)) continue;
    const debug = `replacement ${transaction.txid} adds unconfirmed input, idx ${index}`;
    return refuse("policy", "replacement-adds-unconfirmed", debug);
  }
  let replacedFees = 0n;
  for (const each of replaced) replacedFees += each.modifiedFee;
  // Rule 3.
  if (fee < replacedFees) {
    const why = `less fees than conflicting txs; ${moneyText(fee)} < ${moneyText(replacedFees)}`;
    return refuse("policy", "insufficient fee", `${rejecting}, ${why}`);
  }
  // Rule 4: it pays for its own way through the network.
  const relay = feeForSize(incrementalRelayFeeRate, size);
  if (fee - replacedFees < relay) {
    const added = moneyText(fee - replacedFees);
    const why = `not enough additional fees to relay; ${added} < ${moneyText(relay)}`;
    return refuse("policy", "insufficient fee", `${rejecting}, ${why}`);
  }
  return { ok: true, replaced };
}
