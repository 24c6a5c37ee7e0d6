import type { Milliseconds, Transaction, Txid, Wtxid } from "@chain/core";
import type { PeerId } from "../../events.ts";

/** Core: DEFAULT_MAX_ORPHAN_TRANSACTIONS. */
const MAX_ORPHANS = 100;
/** Larger ones are not kept. Weight units. Core: MAX_STANDARD_TX_WEIGHT. */
const MAX_ORPHAN_WEIGHT = 400_000;
/** How long one may wait. Core: ORPHAN_TX_EXPIRE_TIME. Milliseconds. */
const ORPHAN_EXPIRY: Milliseconds = 20 * 60_000;

export interface Orphan {
  readonly transaction: Transaction;
  /** All that have announced it, of which each can be asked for its parents. Never empty. */
  readonly announcers: ReadonlySet<PeerId>;
}

/** An orphan, and how long it is kept, in milliseconds since 1970. */
export interface KeptOrphan extends Orphan {
  readonly since: Milliseconds;
  readonly until: Milliseconds;
}

interface Kept extends KeptOrphan {
  readonly announcers: Set<PeerId>;
}

/**
 * Transactions whose parents have not come yet: few, small, for a while, and only for as long as one that has announced
 * them stays. Core: txorphanage.h.
 * Known by their wtxid, so that one with a spoilt witness does not take the place of the good one.
 */
export class Orphanage {
  readonly #orphans = new Map<Wtxid, Kept>();
  /** Which orphans spend something of a transaction. */
  readonly #byParent = new Map<Txid, Set<Wtxid>>();

  get size(): number {
    return this.#orphans.size;
  }

  /** All of them, the oldest first. */
  values(): Iterable<KeptOrphan> {
    return this.#orphans.values();
  }

  *transactions(): Iterable<Transaction> {
    for (const { transaction } of this.#orphans.values()) yield transaction;
  }

  /** By its txid only one that has no witness is known: any other may be a spoilt one of that name. */
  has(name: Txid | Wtxid): boolean {
    return this.#orphans.has(name as Wtxid);
  }

  get(wtxid: Wtxid): Orphan | undefined {
    return this.#orphans.get(wtxid);
  }

  /** One more peer has announced it. @returns whether that is news of an orphan that is kept */
  addAnnouncer(wtxid: Wtxid, peer: PeerId): boolean {
    const announcers = this.#orphans.get(wtxid)?.announcers;
    if (announcers === undefined || announcers.has(peer)) return false;
    announcers.add(peer);
    return true;
  }

  /** @returns whether it is kept */
  add(transaction: Transaction, peer: PeerId, now: Milliseconds): boolean {
    const { wtxid } = transaction;
    if (this.#orphans.has(wtxid)) {
      this.addAnnouncer(wtxid, peer);
      return true;
    }
    if (transaction.weight > MAX_ORPHAN_WEIGHT) return false;
    const times = { since: now, until: now + ORPHAN_EXPIRY };
    this.#orphans.set(wtxid, { transaction, announcers: new Set([peer]), ...times });
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

  /** The peer has left: an orphan stays while another has announced it. Core: EraseForPeer. */
  removePeer(peer: PeerId): void {
    for (const [wtxid, { announcers }] of this.#orphans) {
      if (announcers.delete(peer) && announcers.size === 0) this.remove(wtxid);
    }
  }

  expire(now: Milliseconds): void {
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
