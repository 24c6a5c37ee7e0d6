import {
  type AncestorView,
  type ChainParams,
  type CoinsView,
  checkTransaction,
  checkTxInputs,
  isFinalTransaction,
  isSequenceFinal,
  MAX_BLOCK_SIGOPS_COST,
  outpointKey,
  type Refusal,
  refuse,
  STANDARD_SCRIPT_FLAGS,
  scriptChecks,
  sigopCost,
  type Transaction,
  type Verdict,
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

/** What the check needs to know beside the transaction. */
export interface MempoolContext {
  readonly mempool: MempoolView;
  readonly params: ChainParams;
  /** Coins of the chain, with whatever exists of what the transaction spends. */
  readonly confirmed: CoinsView;
  readonly tip: AncestorView;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** It was in a block or in the mempool before a reorganisation: then fees are no reason to refuse it. */
  readonly returns?: boolean;
}

/**
 * Whether a transaction may wait for a block: everything but the scripts, cheap checks first. Changes nothing. Core:
 * MemPoolAccept::PreChecks.
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
  if (transaction.baseSize < MIN_SIZE) return refuse("policy", "tx-size-small");
  const nextHeight = tip.height + 1;
  if (!isFinalTransaction(transaction, nextHeight, tip.medianTimePast)) {
    return refuse("premature-spend", "non-final");
  }
  const conflict = checkConflicts(transaction, mempool);
  if (conflict !== undefined) return conflict;

  const view: CoinsView = {
    get: (outpoint) => confirmed.get(outpoint) ?? mempool.coin(outpoint, nextHeight),
  };
  const found = transaction.inputs.flatMap(({ prevout }) => view.get(prevout) ?? []);
  if (found.length === transaction.inputs.length && !isSequenceFinal(transaction, found, tip)) {
    return refuse("premature-spend", "non-BIP68-final");
  }
  const inputs = checkTxInputs(transaction, view, nextHeight, params);
  if (!inputs.ok) return inputs;
  const { fee, coins } = inputs;
  const cost = sigopCost(transaction, coins, STANDARD_SCRIPT_FLAGS);
  if (cost > MAX_TRANSACTION_SIGOPS_COST) {
    return refuse("policy", "bad-txns-too-many-sigops", String(cost));
  }
  const refusal =
    (context.returns === true ? undefined : checkFee(fee, transaction.virtualSize, context)) ??
    checkFamily(transaction, mempool);
  if (refusal !== undefined) return refusal;
  const checks = scriptChecks(transaction, coins, STANDARD_SCRIPT_FLAGS);
  return { ok: true, transaction, fee, sigopCost: cost, coins, checks };
}

function checkConflicts(transaction: Transaction, mempool: MempoolView): Refusal | undefined {
  if (mempool.getByWtxid(transaction.wtxid) !== undefined) {
    return refuse("conflict", "txn-already-in-mempool");
  }
  if (mempool.get(transaction.txid) !== undefined) {
    return refuse("conflict", "txn-same-nonwitness-data-in-mempool");
  }
  for (const { prevout } of transaction.inputs) {
    const spender = mempool.spenderOf(prevout);
    if (spender === undefined) continue;
    const debug = `${outpointKey(prevout)} is spent by ${spender.transaction.txid}`;
    return refuse("conflict", "txn-mempool-conflict", debug);
  }
  return undefined;
}

/** Core: MemPoolAccept::CheckFeeRate. */
function checkFee(
  fee: bigint,
  size: number,
  { mempool, params, now }: MempoolContext,
): Refusal | undefined {
  const relay = feeFor(params.minRelayFeeRate, size);
  const raised = feeFor(mempool.raisedFeeRate(now), size);
  if (fee < raised) return refuse("policy", "mempool min fee not met", `${fee} < ${raised}`);
  if (fee < relay) return refuse("policy", "min relay fee not met", `${fee} < ${relay}`);
  return undefined;
}

/** Rounded up. Core: CFeeRate::GetFee. */
function feeFor(rate: bigint, size: number): bigint {
  return (rate * BigInt(size) + 999n) / 1000n;
}

/** Keeps what one transaction can drag along small, so that every change to the mempool is. */
function checkFamily(transaction: Transaction, mempool: MempoolView): Refusal | undefined {
  const { maxFamilyCount, maxFamilySize } = mempool.limits;
  const size = transaction.virtualSize;
  const parents = new Set<MempoolEntry>();
  for (const { prevout } of transaction.inputs) {
    const parent = mempool.get(prevout.txid);
    if (parent !== undefined) parents.add(parent);
  }
  const ancestors = relatives(parents, "parents");
  let ancestorSize = size;
  for (const ancestor of ancestors) {
    ancestorSize += ancestor.size;
    const { descendants } = ancestor;
    if (descendants.count + 1 > maxFamilyCount || descendants.size + size > maxFamilySize) {
      const debug = `too many descendants for tx ${ancestor.transaction.txid}`;
      return refuse("policy", "too-long-mempool-chain", debug);
    }
  }
  return ancestors.size + 1 > maxFamilyCount || ancestorSize > maxFamilySize
    ? refuse("policy", "too-long-mempool-chain", "too many unconfirmed ancestors")
    : undefined;
}
