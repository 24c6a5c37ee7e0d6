/** The mempool as coin selection asks it. Core: interfaces::Chain (node/interfaces.cpp). */
import type { Outpoint, Transaction, Txid } from "@chain/core";
import { type MempoolEntry, relatives } from "@chain/engine";
import { ancestorBumpFees, type SpendMempool } from "@chain/wallet/spending";
import type { RpcHost } from "../../host.ts";

type Mempool = RpcHost["chain"]["mempool"];

/** Most transactions that are connected with the coins of one payment. Core: MAX_CLUSTER (txmempool.cpp, GatherClusters). */
const MAX_CLUSTER = 500;

export function spendMempoolOf(mempool: Mempool): SpendMempool {
  const { maxAncestorCount, maxDescendantCount } = mempool.limits;
  return {
    ancestry: (txid) => ancestryOf(mempool, txid),
    bumpFees: (outpoints, feeRate) => {
      const cluster = clusterOf(mempool, outpoints);
      return cluster && ancestorBumpFees(cluster, outpoints, feeRate);
    },
    maxAncestors: maxAncestorCount,
    maxDescendants: maxDescendantCount,
    checkChainLimits: (transaction) => checkChainLimits(mempool, transaction),
  };
}

/** Core 29: GetTransactionAncestry, CalculateDescendantMaximum. */
function ancestryOf(mempool: Mempool, txid: Txid): ReturnType<SpendMempool["ancestry"]> {
  const entry = mempool.get(txid);
  if (entry === undefined) return { ancestors: 0, clusterCount: 0 };
  let clusterCount = 0;
  for (const ancestor of relatives([entry], "parents")) {
    if (ancestor.parents.size === 0) {
      clusterCount = Math.max(clusterCount, ancestor.descendants.count);
    }
  }
  return { ancestors: entry.ancestors.count, clusterCount };
}

/** All transactions connected with these coins, without those that spend them: those would be replaced. */
function clusterOf(mempool: Mempool, outpoints: readonly Outpoint[]) {
  const spenders: MempoolEntry[] = [];
  const cluster = new Set<MempoolEntry>();
  for (const outpoint of outpoints) {
    const [entry, spender] = [mempool.get(outpoint.txid), mempool.spenderOf(outpoint)];
    if (entry !== undefined) cluster.add(entry);
    if (entry !== undefined && spender !== undefined) spenders.push(spender);
  }
  for (const entry of cluster) {
    for (const parent of entry.parents) cluster.add(parent);
    for (const child of entry.children) cluster.add(child);
    if (cluster.size > MAX_CLUSTER) return undefined;
  }
  const replaced = relatives(spenders, "children");
  return [...cluster]
    .filter((entry) => !replaced.has(entry))
    .map(({ transaction, modifiedFee, size, parents }) => ({
      txid: transaction.txid,
      fee: modifiedFee,
      size,
      parents: [...parents].map((parent) => parent.transaction.txid),
    }));
}

/** Core 29: CheckPackageLimits. */
function checkChainLimits(mempool: Mempool, transaction: Transaction): string | undefined {
  const parents = transaction.inputs.flatMap(({ prevout }) => mempool.get(prevout.txid) ?? []);
  const ancestors = relatives(parents, "parents");
  const { limits } = mempool;
  const isLong =
    ancestors.size + 1 > limits.maxAncestorCount ||
    [...ancestors].some(({ descendants }) => descendants.count + 1 > limits.maxDescendantCount);
  return isLong ? "Transaction has too long of a mempool chain" : undefined;
}
