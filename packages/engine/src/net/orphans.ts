import type { Transaction, Txid } from "@chain/core";
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

/** Transactions whose parents have not come yet: few, small, for a while, and only for as long as their sender stays. */
export class Orphans {
  readonly #orphans = new Map<Txid, Orphan & { readonly until: number }>();
  /** Which orphans spend something of a transaction. */
  readonly #byParent = new Map<Txid, Set<Txid>>();

  get size(): number {
    return this.#orphans.size;
  }

  has(txid: Txid): boolean {
    return this.#orphans.has(txid);
  }

  /** @returns whether it is kept */
  add(transaction: Transaction, peer: PeerId, now: number): boolean {
    const { txid } = transaction;
    if (this.#orphans.has(txid)) return true;
    if (transaction.weight > MAX_ORPHAN_WEIGHT) return false;
    this.#orphans.set(txid, { transaction, peer, until: now + ORPHAN_EXPIRY });
    for (const { prevout } of transaction.inputs) {
      const children = this.#byParent.get(prevout.txid) ?? new Set();
      this.#byParent.set(prevout.txid, children.add(txid));
    }
    for (const oldest of this.#orphans.keys()) {
      if (this.#orphans.size <= MAX_ORPHANS) break;
      this.remove(oldest);
    }
    return true;
  }

  /** Takes out those that waited for this transaction. */
  takeChildren(parent: Txid): readonly Orphan[] {
    const children: Orphan[] = [];
    for (const txid of [...(this.#byParent.get(parent) ?? [])]) {
      const orphan = this.#orphans.get(txid);
      if (orphan !== undefined) children.push(orphan);
      this.remove(txid);
    }
    return children;
  }

  remove(txid: Txid): void {
    const orphan = this.#orphans.get(txid);
    if (orphan === undefined) return;
    this.#orphans.delete(txid);
    for (const { prevout } of orphan.transaction.inputs) {
      const children = this.#byParent.get(prevout.txid);
      children?.delete(txid);
      if (children?.size === 0) this.#byParent.delete(prevout.txid);
    }
  }

  removePeer(peer: PeerId): void {
    for (const [txid, orphan] of this.#orphans) if (orphan.peer === peer) this.remove(txid);
  }

  expire(now: number): void {
    for (const [txid, { until }] of this.#orphans) if (until <= now) this.remove(txid);
  }
}
