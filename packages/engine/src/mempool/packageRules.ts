/** Rules for several transactions together. Core: policy/packages.cpp, CTxMemPool::CheckPackageLimits. */
import { type OutpointKey, outpointKey, type Refusal, refuse, type Transaction } from "@chain/core";
import { type MempoolEntry, relatives } from "./entry.ts";
import type { MempoolView } from "./mempool.ts";

/** Core: MAX_PACKAGE_COUNT. */
const MAX_PACKAGE_COUNT = 25;
/** Core: MAX_PACKAGE_WEIGHT. */
const MAX_PACKAGE_WEIGHT = 404_000;

/** Whether transactions, parents first, could be accepted together: asks nobody else. Core: IsWellFormedPackage. */
export function checkPackageForm(transactions: readonly Transaction[]): Refusal | undefined {
  const count = transactions.length;
  if (count > MAX_PACKAGE_COUNT) return refuse("policy", "package-too-many-transactions");
  const weight = transactions.reduce((sum, transaction) => sum + transaction.weight, 0);
  if (count > 1 && weight > MAX_PACKAGE_WEIGHT) return refuse("policy", "package-too-large");
  const later = new Set(transactions.map(({ txid }) => txid));
  if (later.size !== count) return refuse("policy", "package-contains-duplicates");
  for (const { inputs, txid } of transactions) {
    const isLate = inputs.some(({ prevout }) => later.has(prevout.txid));
    if (isLate) return refuse("policy", "package-not-sorted");
    later.delete(txid);
  }
  const spent = new Set<OutpointKey>();
  for (const { inputs } of transactions) {
    const own = inputs.map(({ prevout }) => outpointKey(prevout));
    const isSpent = own.length === 0 || own.some((outpoint) => spent.has(outpoint));
    if (isSpent) return refuse("policy", "conflict-in-package");
    for (const outpoint of own) spent.add(outpoint);
  }
  return undefined;
}

/**
 * The limits of chains in a mempool, for all of a package as if each of it depended on all the others.
 * @param size sum of their virtual sizes
 */
export function checkPackageLimits(
  transactions: readonly Transaction[],
  size: number,
  mempool: MempoolView,
): Refusal | undefined {
  const problem = limitsProblem(transactions, size, mempool);
  return problem === undefined ? undefined : refuse("policy", "package-mempool-limits", problem);
}

function limitsProblem(
  transactions: readonly Transaction[],
  size: number,
  mempool: MempoolView,
): string | undefined {
  const { maxAncestorCount, maxAncestorSize, maxDescendantCount, maxDescendantSize } =
    mempool.limits;
  const count = transactions.length;
  const exceeds = (what: string, number: number, which: string, limit: number) =>
    `package ${what} ${number} exceeds ${which} ${what} limit [limit: ${limit}]`;
  if (count > maxAncestorCount) return exceeds("count", count, "ancestor", maxAncestorCount);
  if (count > maxDescendantCount) return exceeds("count", count, "descendant", maxDescendantCount);
  if (size > maxAncestorSize) return exceeds("size", size, "ancestor", maxAncestorSize);
  if (size > maxDescendantSize) return exceeds("size", size, "descendant", maxDescendantSize);
  const parents = new Set<MempoolEntry>();
  for (const { prevout } of transactions.flatMap(({ inputs }) => inputs)) {
    const parent = mempool.get(prevout.txid);
    if (parent !== undefined) parents.add(parent);
  }
  if (parents.size + count > maxAncestorCount) {
    return `too many unconfirmed parents [limit: ${maxAncestorCount}]`;
  }
  const ancestors = relatives(parents, "parents");
  let total = size;
  for (const { descendants, transaction, size: own } of ancestors) {
    total += own;
    if (descendants.size + size > maxDescendantSize) {
      return `possibly exceeds descendant size limit for tx ${transaction.txid} [limit: ${maxDescendantSize}]`;
    }
    if (descendants.count + count > maxDescendantCount) {
      return `possibly too many descendants for tx ${transaction.txid} [limit: ${maxDescendantCount}]`;
    }
    if (total > maxAncestorSize) {
      return `possibly exceeds ancestor size limit [limit: ${maxAncestorSize}]`;
    }
  }
  return ancestors.size + count > maxAncestorCount
    ? `possibly too many unconfirmed ancestors [limit: ${maxAncestorCount}]`
    : undefined;
}
