/** The fees that unconfirmed ancestors of coins lack. Core: node/mini_miner.cpp. */

import { feeForSize, type Outpoint, type Txid } from "@chain/core";
import {
  present,
  requireArray,
  requireBigint,
  requireFields,
  requireId,
  requireInteger,
  requireOutpoint,
} from "@chain/core/arguments";

/** An unconfirmed transaction. */
export interface UnconfirmedTransaction {
  readonly txid: Txid;
  /** As its node counts it. Base units. */
  readonly fee: bigint;
  /** Virtual bytes. */
  readonly size: number;
  /** Unconfirmed transactions that it spends outputs of. */
  readonly parents: readonly Txid[];
}

export interface BumpFees {
  /** Of each coin, if it alone were spent. */
  readonly each: readonly bigint[];
  /** Of all together: shared ancestors count once. */
  readonly combined: bigint;
}

type Entry = UnconfirmedTransaction;

interface Package {
  readonly entries: ReadonlySet<Entry>;
  readonly fee: bigint;
  readonly size: number;
}

/**
 * The fee that a payment has to add so that the unconfirmed ancestors of its coins are mined at its own fee rate. A block
 * template is filled with these transactions until the rate is reached: those in it need nothing, because others pay
 * for them already.
 * @param cluster all unconfirmed transactions that are connected with the coins, without those that the payment replaces
 * @param outpoints coins; one whose transaction is not in the cluster needs nothing
 * @param feeRate base units for 1,000 virtual bytes
 * @example
 * const parent = { txid: utxoId, fee: 100n, size: 200, parents: [] };
 * ancestorBumpFees([parent], [{ txid: utxoId, vout: 0 }], 2000n) // { each: [300n], combined: 300n }
 */
export function ancestorBumpFees(
  cluster: readonly UnconfirmedTransaction[],
  outpoints: readonly Outpoint[],
  feeRate: bigint,
): BumpFees {
  requireArray(cluster, "cluster", requireEntry);
  requireArray(outpoints, "outpoints", requireOutpoint);
  requireBigint(feeRate, "feeRate");
  const left = new Map<Txid, Entry>(cluster.map((entry) => [entry.txid, entry]));
  fillTemplate(left, feeRate);
  const bumps = new Map<Txid, bigint>();
  const ancestors = new Set<Entry>();
  for (const { txid } of outpoints) {
    const entry = left.get(txid);
    if (entry === undefined || bumps.has(txid)) continue;
    const whole = packageOf(entry, left);
    for (const each of whole.entries) ancestors.add(each);
    const ofAll = feeForSize(feeRate, whole.size) - whole.fee;
    const own = feeForSize(feeRate, entry.size) - entry.fee;
    bumps.set(txid, ofAll);
    if (own > ofAll) bumps.set(txid, own);
  }
  const size = [...ancestors].reduce((sum, entry) => sum + entry.size, 0);
  const fee = [...ancestors].reduce((sum, entry) => sum + entry.fee, 0n);
  return {
    each: outpoints.map(({ txid }) => bumps.get(txid) ?? 0n),
    combined: feeForSize(feeRate, size) - fee,
  };
}

/** Takes out what a block of this fee rate would have. Core: BuildMockTemplate. */
function fillTemplate(left: Map<Txid, Entry>, feeRate: bigint): void {
  while (left.size > 0) {
    let best: readonly [Entry, Package] | undefined;
    for (const entry of left.values()) {
      const own = packageOf(entry, left);
      if (best === undefined || isMinedFirst(entry, own, best)) best = [entry, own];
    }
    const [, taken] = present(best, "an entry");
    if (taken.fee < feeForSize(feeRate, taken.size)) return;
    for (const { txid } of taken.entries) left.delete(txid);
  }
}

/** By the lower of both rates: its own, and that with its ancestors. Core: AncestorFeerateComparator. */
function isMinedFirst(
  entry: Entry,
  own: Package,
  [other, its]: readonly [Entry, Package],
): boolean {
  const difference = compareRates(lower(entry, own), lower(other, its));
  return difference > 0 || (difference === 0 && entry.txid < other.txid);
}

type Rate = Pick<Entry, "fee" | "size">;
const lower = (a: Rate, b: Rate): Rate => (compareRates(a, b) < 0 ? a : b);

function compareRates(a: Rate, b: Rate): number {
  const difference = a.fee * BigInt(b.size) - b.fee * BigInt(a.size);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** A transaction with its ancestors, as far as they are not mined yet. */
function packageOf(entry: Entry, left: ReadonlyMap<Txid, Entry>): Package {
  const entries = new Set([entry]);
  let [fee, size] = [0n, 0];
  // A set also yields what is added while it is walked.
  for (const each of entries) {
    fee += each.fee;
    size += each.size;
    for (const parent of each.parents) {
      const known = left.get(parent);
      if (known !== undefined) entries.add(known);
    }
  }
  return { entries, fee, size };
}

function requireEntry(value: unknown, name: string): void {
  requireFields(value, name, { fee: "bigint", parents: "array" });
  const { txid, size, parents } = value as UnconfirmedTransaction;
  requireId(txid, `${name}.txid`);
  requireInteger(size, `${name}.size`, 1);
  requireArray(parents, `${name}.parents`, requireId);
}
