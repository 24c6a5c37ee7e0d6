import type { Transaction, Txid, Wtxid } from "@chain/core";
import type { PeerId } from "../events.ts";

/** Core: DEFAULT_MAX_ORPHAN_TRANSACTIONS. */
const MAX_ORPHANS = 100;
/** Larger ones are not kept. Weight units. Core: MAX_STANDARD_TX_WEIGHT. */
const MAX_ORPHAN_WEIGHT = 400_000;
/** How long one may wait. Core: ORPHAN_TX_EXPIRE_TIME. Milliseconds. */
const ORPHAN_EXPIRY = 20 * 60_000;

export interface Orphan {
  readonly transaction: Transaction;
  readonly peer: PeerId;
}

/**
 * Transactions whose parents have not come yet: few, small, for a while, and only for as long as their sender stays.
 * Known by their wtxid, so that one with a spoilt witness does not take the place of the good one.
 */
export class Orphans {
  readonly #orphans = new Map<Wtxid, Orphan & { readonly until: number }>();
  /** Which orphans spend something of a transaction. */
  readonly #byParent = new Map<Txid, Set<Wtxid>>();

  get size(): number {
    return this.#orphans.size;
  }

  *transactions(): Iterable<Transaction> {
    for (const { transaction } of this.#orphans.values()) yield transaction;
  }

  /** By its txid only one that has no witness is known: any other may be a spoilt one of that name. */
  has(name: Txid | Wtxid): boolean {
    return this.#orphans.has(name as Wtxid);
  }

  /** @returns whether it is kept */
  add(transaction: Transaction, peer: PeerId, now: number): boolean {
    const { wtxid } = transaction;
    if (this.#orphans.has(wtxid)) return true;
    if (transaction.weight > MAX_ORPHAN_WEIGHT) return false;
    this.#orphans.set(wtxid, { transaction, peer, until: now + ORPHAN_EXPIRY });
    for (const { prevout } of transaction.inputs) put(this.#byParent, prevout.txid, wtxid);
    for (const oldest of this.#orphans.keys()) {
      if (this.#orphans.size <= MAX_ORPHANS) break;
      this.remove(oldest);
    }
    return true;
  }

  /** Takes out those that waited for this transaction. */
  takeChildren(parent: Txid): readonly Orphan[] {
    const children: Orphan[] = [];
    for (const wtxid of [...(this.#byParent.get(parent) ?? [])]) {
      const orphan = this.#orphans.get(wtxid);
      if (orphan !== undefined) children.push(orphan);
      this.remove(wtxid);
    }
    return children;
  }

  remove(wtxid: Wtxid): void {
    const orphan = this.#orphans.get(wtxid);
    if (orphan === undefined) return;
    this.#orphans.delete(wtxid);
    for (const { prevout } of orphan.transaction.inputs) take(this.#byParent, prevout.txid, wtxid);
  }

  removePeer(peer: PeerId): void {
    for (const [wtxid, orphan] of this.#orphans) if (orphan.peer === peer) this.remove(wtxid);
  }

  expire(now: number): void {
    for (const [wtxid, { until }] of this.#orphans) if (until <= now) this.remove(wtxid);
  }
}

function put(map: Map<Txid, Set<Wtxid>>, key: Txid, wtxid: Wtxid): void {
  map.set(key, (map.get(key) ?? new Set()).add(wtxid));
}

function take(map: Map<Txid, Set<Wtxid>>, key: Txid, wtxid: Wtxid): void {
  const members = map.get(key);
  members?.delete(wtxid);
  if (members?.size === 0) map.delete(key);
}
