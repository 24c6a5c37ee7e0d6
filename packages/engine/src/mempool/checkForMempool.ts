import {
  type AncestorView,
  areInputsStandard,
  type ChainParams,
  type CoinsView,
  checkReplacement,
  checkSpendsNoConflict,
  checkTransaction,
  checkTxInputs,
  type FeePayer,
  feeForSize,
  isFinalTransaction,
  isReplaceable,
  isSequenceFinal,
  isStandardTransaction,
  isWitnessStandard,
  MAX_BLOCK_SIGOPS_COST,
  type Milliseconds,
  outpointKey,
  type Refusal,
  refuse,
  STANDARD_SCRIPT_FLAGS,
  scriptChecks,
  sigopCost,
  type Transaction,
  type Txid,
  type Verdict,
  virtualSizeWithSigops,
} from "@chain/core";
import { type Candidate, type MempoolEntry, relatives } from "./entry.ts";
import type { MempoolView } from "./mempool.ts";

/** Most sigop cost of one transaction in a mempool. Core: MAX_STANDARD_TX_SIGOPS_COST. */
const MAX_TRANSACTION_SIGOPS_COST = MAX_BLOCK_SIGOPS_COST / 5;
/**
 * Least size without witness. One of 64 bytes could pass for an inner node of a merkle tree (CVE-2017-12842). Core:
 * MIN_STANDARD_TX_NONWITNESS_SIZE.
 */
const MIN_SIZE = 65;

/**
 * CPFP carve-out: a transaction with as many descendants as may be takes one more, of so many virtual bytes at most,
 * that depends on no other unconfirmed one. Else one party of a payment channel could use up the limit and keep the
 * other from raising the fee. Core: EXTRA_DESCENDANT_TX_SIZE_LIMIT.
 */
const CARVE_OUT_SIZE = 10_000;
/** Transactions of this version have limits of their own, which leave no room for a carve-out. Core: TRUC_VERSION. */
const TRUC_VERSION = 3;

/** Facts that the check needs beside the transaction. */
export interface MempoolContext {
  readonly mempool: MempoolView;
  readonly params: ChainParams;
  /** Coins of the chain, with those that the transaction spends as far as they exist. */
  readonly confirmed: CoinsView;
  readonly tip: AncestorView;
  /** Milliseconds since 1970. */
  readonly now: Milliseconds;
  /**
   * It was in a block or in the mempool before a reorganisation: then fees are no reason to refuse it, and only
   * ancestors of this `sequence` or a later one limit how many depend on them. Core: bypass_limits.
   */
  readonly returns?: { readonly limitedFrom: number } | undefined;
  /** Default: true. Otherwise a transaction that spends what another one in the mempool spends is refused. */
  readonly mayReplace?: boolean | undefined;
  /** Outputs of the transactions before it in a package, none of which may replace others. */
  readonly packageCoins?: CoinsView | undefined;
}

/**
 * Whether a transaction may wait for a block: everything but the scripts, cheap checks first. Changes nothing. Core:
 * MemPoolAccept::PreChecks and ReplacementChecks.
 */
export function checkForMempool(
  transaction: Transaction,
  context: MempoolContext,
): Verdict<Candidate> {
  const { mempool, params, confirmed, tip } = context;
  const form = checkTransaction(transaction);
  if (!form.ok) return form;
  // A coinbase is only good in a block.
  if (transaction.isCoinbase) return refuse("consensus", "coinbase");
  const { requireStandard, bytesPerSigop } = mempool.policy;
  if (requireStandard) {
    const standard = isStandardTransaction(transaction, mempool.policy);
    if (!standard.ok) return standard;
  }
  if (transaction.baseSize < MIN_SIZE) return refuse("policy", "tx-size-small");
  const nextHeight = tip.height + 1;
  if (!isFinalTransaction(transaction, nextHeight, tip.medianTimePast)) {
    return refuse("premature-spend", "non-final");
  }
  const known = checkKnown(transaction, mempool);
  if (known !== undefined) return known;
  const conflicting = checkConflicts(transaction, context);
  if (!conflicting.ok) return conflicting;
  const { conflicts } = conflicting;

  const view: CoinsView = {
    get: (outpoint) =>
      confirmed.get(outpoint) ??
      mempool.coin(outpoint, nextHeight) ??
      context.packageCoins?.get(outpoint),
  };
  const found = transaction.inputs.flatMap(({ prevout }) => view.get(prevout) ?? []);
  if (found.length === transaction.inputs.length && !isSequenceFinal(transaction, found, tip)) {
    return refuse("premature-spend", "non-BIP68-final");
  }
  const inputs = checkTxInputs(transaction, view, nextHeight, params);
  if (!inputs.ok) return inputs;
  const { fee, coins } = inputs;
  if (requireStandard) {
    const standard = areInputsStandard(transaction, coins);
    if (!standard.ok) return standard;
    const witness = isWitnessStandard(transaction, coins);
    if (!witness.ok) return witness;
  }
  const cost = sigopCost(transaction, coins, STANDARD_SCRIPT_FLAGS);
  if (cost > MAX_TRANSACTION_SIGOPS_COST) {
    return refuse("policy", "bad-txns-too-many-sigops", String(cost));
  }
  const size = virtualSizeWithSigops(transaction.weight, cost, bytesPerSigop);
  const modifiedFee = fee + mempool.feeDelta(transaction.txid);
  const payer = { transaction, modifiedFee, size };
  const refusal =
    (context.returns === undefined ? checkFee(payer, context) : undefined) ??
    checkMempoolChain(payer, context, conflicts);
  if (refusal !== undefined) return refusal;
  const isWaiting = (txid: Txid) => mempool.get(txid) !== undefined;
  const replacement = checkReplacement(payer, conflicts, isWaiting, mempool.policy);
  if (!replacement.ok) return replacement;
  const checks = scriptChecks(transaction, coins, STANDARD_SCRIPT_FLAGS);
  return { ok: true, transaction, fee, sigopCost: cost, height: tip.height, coins, checks };
}

function checkKnown(transaction: Transaction, mempool: MempoolView): Refusal | undefined {
  if (mempool.getByWtxid(transaction.wtxid) !== undefined) {
    return refuse("conflict", "txn-already-in-mempool");
  }
  return mempool.get(transaction.txid) === undefined
    ? undefined
    : refuse("conflict", "txn-same-nonwitness-data-in-mempool");
}

/** Finds unconfirmed transactions that spend the same coins. One that can't be replaced stays (BIP-0125). */
function checkConflicts(
  transaction: Transaction,
  { mempool, mayReplace = true, packageCoins }: MempoolContext,
): Verdict<{ readonly conflicts: ReadonlySet<MempoolEntry> }> {
  const conflicts = new Set<MempoolEntry>();
  for (const { prevout } of transaction.inputs) {
    const spender = mempool.spenderOf(prevout);
    if (spender === undefined || conflicts.has(spender)) continue;
    if (packageCoins !== undefined) return refuse("policy", "bip125-replacement-disallowed");
    if (!mayReplace || !isReplaceable(spender.transaction, mempool.policy)) {
      const debug = `${outpointKey(prevout)} is spent by ${spender.transaction.txid}`;
      return refuse("conflict", "txn-mempool-conflict", debug);
    }
    conflicts.add(spender);
  }
  return { ok: true, conflicts };
}

/** Core: MemPoolAccept::CheckFeeRate. */
function checkFee(
  { modifiedFee: fee, size }: FeePayer,
  { mempool, now }: MempoolContext,
): Refusal | undefined {
  const relay = feeForSize(mempool.policy.minRelayFeeRate, size);
  const raised = feeForSize(mempool.raisedFeeRate(now), size);
  if (raised > 0n && fee < raised)
    return refuse("policy", "mempool min fee not met", `${fee} < ${raised}`);
  if (fee < relay) return refuse("policy", "min relay fee not met", `${fee} < ${relay}`);
  return undefined;
}

/**
 * Keeps what one transaction can drag along small, so that every change to the mempool is. Core:
 * CalculateMemPoolAncestors.
 */
function checkMempoolChain(
  { transaction, size }: FeePayer,
  { mempool, packageCoins, returns }: MempoolContext,
  conflicts: ReadonlySet<MempoolEntry>,
): Refusal | undefined {
  const { maxAncestorCount, maxAncestorSize, maxDescendantCount, maxDescendantSize } =
    mempool.limits;
  // One that replaces one takes its place in the count: it may depend on nothing else (rule 2 of BIP-0125).
  const [replaced, ...others] = conflicts;
  const going = others.length === 0 ? replaced : undefined;
  const parents = new Set<MempoolEntry>();
  for (const { prevout } of transaction.inputs) {
    const parent = mempool.get(prevout.txid);
    if (parent !== undefined) parents.add(parent);
  }
  const limits = {
    from: returns?.limitedFrom ?? 0,
    ancestors: maxAncestorCount,
    ancestorSize: maxAncestorSize,
    descendants: maxDescendantCount + (going === undefined ? 0 : 1),
    descendantSize: maxDescendantSize + (going?.descendants.size ?? 0),
  };
  const refusal = checkChainLimits(parents, size, limits);
  if (refusal !== undefined) {
    const carveOut = {
      from: limits.from,
      ancestors: 2,
      ancestorSize: limits.ancestorSize,
      descendants: limits.descendants + 1,
      descendantSize: limits.descendantSize + CARVE_OUT_SIZE,
    };
    const isCarvedOut =
      packageCoins === undefined &&
      size <= CARVE_OUT_SIZE &&
      transaction.version !== TRUC_VERSION &&
      checkChainLimits(parents, size, carveOut) === undefined;
    if (!isCarvedOut) return refusal;
  }
  return checkSpendsNoConflict(transaction, relatives(parents, "parents"), conflicts);
}

/**
 * In Core's order, so that of several limits the same one is named. Core: CalculateAncestorsAndCheckLimits.
 * @param size virtual bytes of the transaction that would spend these parents
 */
function checkChainLimits(
  parents: ReadonlySet<MempoolEntry>,
  size: number,
  limits: {
    /** The `sequence` from which on ancestors limit their descendants. */
    readonly from: number;
    readonly ancestors: number;
    readonly ancestorSize: number;
    readonly descendants: number;
    readonly descendantSize: number;
  },
): Refusal | undefined {
  if (parents.size + 1 > limits.ancestors) {
    return tooLong(`too many unconfirmed parents [limit: ${limits.ancestors}]`);
  }
  const ancestors = new Set(parents);
  let ancestorSize = size;
  for (const { sequence, descendants, transaction, ...ancestor } of ancestors) {
    ancestorSize += ancestor.size;
    const isLimited = sequence >= limits.from;
    if (isLimited && descendants.size + size > limits.descendantSize) {
      const limit = `[limit: ${limits.descendantSize}]`;
      return tooLong(`exceeds descendant size limit for tx ${transaction.txid} ${limit}`);
    }
    if (isLimited && descendants.count + 1 > limits.descendants) {
      const limit = `[limit: ${limits.descendants}]`;
      return tooLong(`too many descendants for tx ${transaction.txid} ${limit}`);
    }
    if (ancestorSize > limits.ancestorSize) {
      return tooLong(`exceeds ancestor size limit [limit: ${limits.ancestorSize}]`);
    }
    for (const parent of ancestor.parents) ancestors.add(parent);
    if (ancestors.size + 1 > limits.ancestors) {
      return tooLong(`too many unconfirmed ancestors [limit: ${limits.ancestors}]`);
    }
  }
  return undefined;
}

function tooLong(debug: string): Refusal {
  return refuse("policy", "too-long-mempool-chain", debug);
}
