import type { Coin, Milliseconds, OutpointKey, ScriptCheck, Transaction } from "@chain/core";
import { requireIterable, requireString } from "@chain/core/arguments";

/** Sums over a transaction and its unconfirmed relatives in one direction, itself included. */
export interface RelativesTotal {
  count: number;
  /** Virtual bytes. */
  size: number;
  /** Modified fees, in base units. */
  fees: bigint;
}

/** A transaction that waits for a block. Changed by its mempool alone. */
export interface MempoolEntry {
  readonly transaction: Transaction;
  /** Base units. */
  readonly fee: bigint;
  /** The same with what the operator adds to it: which transactions come first is decided by this. */
  readonly modifiedFee: bigint;
  /** Virtual bytes. */
  readonly size: number;
  readonly sigopCost: number;
  /** When it was accepted, in milliseconds since 1970. */
  readonly time: Milliseconds;
  /** Height of the tip then. */
  readonly height: number;
  /** Counts up: the parents of an entry have lower ones. */
  readonly sequence: number;
  /**
   * The `sequence` that it had before reorganisations put it back; -1: it comes from a block that was disconnected, so
   * that it is public and any peer may ask for it. Core: entry_sequence.
   */
  readonly arrival: number;
  /** Unconfirmed transactions that it spends directly. */
  readonly parents: ReadonlySet<MempoolEntry>;
  /** Unconfirmed transactions that spend it directly. */
  readonly children: ReadonlySet<MempoolEntry>;
  readonly ancestors: Readonly<RelativesTotal>;
  readonly descendants: Readonly<RelativesTotal>;
}

/** The same, for the mempool. */
export interface OwnEntry extends MempoolEntry {
  modifiedFee: bigint;
  readonly parents: Set<OwnEntry>;
  readonly children: Set<OwnEntry>;
  readonly ancestors: RelativesTotal;
  readonly descendants: RelativesTotal;
  readonly spends: readonly OutpointKey[];
  /** The memory that Core counts for it, in bytes. */
  readonly memory: number;
}

/**
 * The start, and all entries that can be reached from it in one direction.
 * @example
 * await chain.acceptTransaction(transaction);
 * const entry = chain.mempool.get(transaction.txid);
 * relatives([entry], "children").size // 1: itself
 */
export function relatives<Entry extends MempoolEntry>(
  start: Iterable<Entry>,
  direction: "parents" | "children",
): Set<Entry> {
  requireIterable(start, "start", "mempool entries");
  requireString(direction, "direction");

  const found = new Set(start);
  for (const entry of found) {
    for (const next of entry[direction]) found.add(next as Entry);
  }
  return found;
}

/** Whether `a` pays more for each byte than `b`. Exact: fees × size can be beyond what a float holds. */
export function paysMore(
  a: { readonly fees: bigint; readonly size: number },
  b: { readonly fees: bigint; readonly size: number },
): boolean {
  return a.fees * BigInt(b.size) > b.fees * BigInt(a.size);
}

/** A transaction that has passed everything but its scripts. */
export interface Candidate {
  readonly transaction: Transaction;
  /** Base units. */
  readonly fee: bigint;
  readonly sigopCost: number;
  /** Of the tip by which it was checked. */
  readonly height: number;
  /** The coins that its inputs spend, in their order; of an unconfirmed parent, with the height of the next block. */
  readonly coins: readonly Coin[];
  /** To run before the candidate is added, with the flags of a mempool. */
  readonly checks: readonly ScriptCheck[];
}
