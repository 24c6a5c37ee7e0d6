import type { Milliseconds, Transaction, Txid, Wtxid } from "@chain/core";
import { present } from "@chain/core/arguments";
import type { PeerId } from "../../events.ts";
import type { Log, Random } from "../../ports.ts";
import { uniform } from "../kit/chance.ts";

/** Core: DEFAULT_MAX_ORPHAN_TRANSACTIONS. */
const MAX_ORPHANS = 100;
/** Larger ones are not kept. Weight units. Core: MAX_STANDARD_TX_WEIGHT. */
const MAX_ORPHAN_WEIGHT = 400_000;
/** How long one may wait. Core: ORPHAN_TX_EXPIRE_TIME. Milliseconds. */
const ORPHAN_EXPIRY: Milliseconds = 20 * 60_000;

/** Why orphans are removed before their parents have come, by the `event` of the log. */
const REMOVALS = {
  "orphans-evicted": "there are too many",
  "orphans-expired": "they have expired",
  "orphans-left": "their peer has left",
  "orphans-spent": "a block holds them or conflicts with them",
} as const;

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

export interface OrphanageOptions {
  readonly random: Random;
  readonly log: Log;
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
  readonly #options: OrphanageOptions;
  readonly #orphans = new Map<Wtxid, Kept>();
  /** Which orphans spend something of a transaction. */
  readonly #byParent = new Map<Txid, Set<Wtxid>>();

  constructor(options: OrphanageOptions) {
    this.#options = options;
  }

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
    this.#limit();
    return true;
  }

  /** Chance decides which one goes, so that nobody can choose it. Core: LimitOrphans. */
  #limit(): void {
    let count = 0;
    for (; this.#orphans.size > MAX_ORPHANS; count++) {
      const nth = Math.floor(uniform(this.#options.random, this.#orphans.size));
      this.remove(present([...this.#orphans.keys()][nth], "nth orphan"));
    }
    this.#tell("orphans-evicted", count);
  }

  #tell(
    event: keyof typeof REMOVALS,
    count: number,
    fields: { readonly peer?: PeerId } = {},
  ): void {
    if (count === 0) return;
    const text = `removed ${count} of the orphans: ${REMOVALS[event]}`;
    this.#options.log("debug", "relay", text, { event, count, ...fields });
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
    const gone = this.#removeAll(
      ({ announcers }) => announcers.delete(peer) && announcers.size === 0,
    );
    this.#tell("orphans-left", gone, { peer });
  }

  /** A block has spent what they spend: it holds them, or conflicts with them. Core: EraseForBlock. */
  removeSpent(transactions: readonly Transaction[]): void {
    if (this.#orphans.size === 0) return;
    const wtxids = new Set<Wtxid>();
    for (const { inputs } of transactions) {
      for (const { prevout } of inputs) {
        for (const wtxid of this.#byParent.get(prevout.txid) ?? []) {
          const orphan = this.#orphans.get(wtxid)?.transaction;
          if (
            orphan?.inputs.some(
              (input) => input.prevout.vout === prevout.vout && input.prevout.txid === prevout.txid,
            )
          ) {
            wtxids.add(wtxid);
          }
        }
      }
    }
    for (const wtxid of wtxids) this.remove(wtxid);
    this.#tell("orphans-spent", wtxids.size);
  }

  expire(now: Milliseconds): void {
    const gone = this.#removeAll(({ until }) => until <= now);
    this.#tell("orphans-expired", gone);
  }

  #removeAll(isGone: (orphan: Kept) => boolean): number {
    const { size } = this.#orphans;
    for (const [wtxid, orphan] of this.#orphans) if (isGone(orphan)) this.remove(wtxid);
    return size - this.#orphans.size;
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
