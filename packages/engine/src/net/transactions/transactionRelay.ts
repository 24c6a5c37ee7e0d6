import type { BloomFilter, Milliseconds, Transaction, Txid, Wtxid } from "@chain/core";
import { type InventoryItem, MAX_INVENTORY_ITEMS, MSG_TX, MSG_WTX } from "@chain/wire";
import type { PeerId } from "../../events.ts";
import type { Random } from "../../ports.ts";
import { type NetAction, sendMessage } from "../kit/actions.ts";
import { BoundedSet } from "../kit/boundedSet.ts";
import { exponential } from "../kit/chance.ts";
import type { TransactionName } from "./transactionRequests.ts";

/** Transactions that a peer is known to have: forgetting one only costs an announcement too many. */
const MAX_KNOWN = 10_000;
const MAX_GIVEN = 1_000;
/**
 * Announcements at a time: so many, more where many wait, up to an end. Core: INVENTORY_BROADCAST_TARGET,
 * INVENTORY_BROADCAST_MAX.
 */
const INVENTORY_TARGET = 70;
const INVENTORY_SHARE = 5 / 1000;
const MAX_INVENTORY = 1_000;

/**
 * How long transactions wait on their way: the mean time for which news is gathered for a peer, and others.
 * Milliseconds.
 */
export interface Pace {
  /** For inbound peers, many of which may belong to one observer: all are told at the same time. */
  readonly inbound: number;
  readonly outbound: number;
  /** How much later a peer is asked for a transaction for each thing that makes it second choice. */
  readonly requestDelay: Milliseconds;
  /**
   * Whether new peers are told of the transactions that are in the mempool already. Core does not tell them, because a
   * caller could learn when each of them came. On a small network, where miners come and go, it is worth that.
   */
  readonly tellsNewcomers: boolean;
}

/** Core: INBOUND_INVENTORY_BROADCAST_INTERVAL, OUTBOUND_INVENTORY_BROADCAST_INTERVAL, NONPREF_PEER_TX_DELAY. */
export const PUBLIC_PACE: Pace = {
  inbound: 5_000,
  outbound: 2_000,
  requestDelay: 2_000,
  tellsNewcomers: false,
};

interface PeerRelay {
  /** Whether it wants to hear of transactions. */
  wants: boolean;
  /** Whether it may be told of any. */
  readonly mayHear: boolean;
  /** Hears of those alone that match (BIP-0037). */
  filter?: BloomFilter | undefined;
  /** Whether it wants them by their wtxid (BIP-0339). */
  readonly byWtxid: boolean;
  /** By the names that it goes by. */
  readonly known: BoundedSet<TransactionName>;
  /** Those that it has sent us: of them it may learn what became. */
  readonly gave: BoundedSet<TransactionName>;
  /** To be announced with the next flush. */
  readonly outbox: Set<Txid>;
  readonly inbound: boolean;
  /** Whether it is told of everything without delay. */
  readonly atOnce?: boolean;
  /** When it is told of what waits in its outbox. */
  nextAt: Milliseconds;
  /** Of what was in the mempool when it was last told, it may ask for anything. */
  toldUpTo: number;
  /** Least fee rate that it takes, for 1,000 bytes (BIP-0133). */
  minFeeRate: bigint;
}

/** The facts about a transaction in the mempool that the relay needs. */
export interface Waiting {
  readonly transaction: Transaction;
  /** Base units for 1,000 virtual bytes. */
  readonly feeRate: bigint;
  /** Unconfirmed transactions that it depends on, itself included. */
  readonly ancestors: number;
}

interface Named {
  readonly txid: Txid;
  readonly wtxid: Wtxid;
}

export interface TransactionRelayOptions {
  readonly random: Random;
  readonly pace: Pace;
  /** Finds a transaction of the mempool. */
  readonly waiting: (txid: Txid) => Waiting | undefined;
  /** The last number given to one that came into the mempool. */
  readonly sequence: () => number;
}

/**
 * Tells peers which transactions wait here (`inv`); never one that it is known to have. At times of chance, and not in
 * the order in which they came: because otherwise an observer of many nodes could tell where a payment began.
 */
export class TransactionRelay {
  readonly #options: TransactionRelayOptions;
  readonly #peers = new Map<PeerId, PeerRelay>();
  /** Those whose outbox is not empty: few, and looked for after every message. */
  readonly #news = new Set<PeerId>();
  /** When all inbound peers are told. */
  #inboundAt: Milliseconds = Number.NEGATIVE_INFINITY;

  constructor(options: TransactionRelayOptions) {
    this.#options = options;
  }

  /** @param mempool the unconfirmed transactions, which it may ask for; and is told of, where newcomers are */
  add(
    peer: PeerId,
    options: Pick<PeerRelay, "wants" | "mayHear" | "byWtxid" | "inbound" | "atOnce">,
    mempool: Iterable<Txid>,
    now: Milliseconds,
  ): void {
    const state: PeerRelay = {
      ...options,
      known: new BoundedSet(MAX_KNOWN),
      gave: new BoundedSet(MAX_GIVEN),
      outbox: new Set(),
      nextAt: now,
      toldUpTo: this.#options.sequence(),
      minFeeRate: 0n,
    };
    this.#peers.set(peer, state);
    if (!state.wants || !this.#options.pace.tellsNewcomers) return;
    state.nextAt = this.#nextTime(state, now);
    this.tell(peer, mempool);
  }

  /** Tells a peer of all these, with what else there is to tell it. */
  tell(peer: PeerId, mempool: Iterable<Txid>): void {
    const state = this.#peers.get(peer);
    if (state === undefined) return;
    for (const txid of mempool) {
      if (state.outbox.size === MAX_INVENTORY_ITEMS) break;
      state.outbox.add(txid);
    }
    if (state.outbox.size > 0) this.#news.add(peer);
  }

  remove(peer: PeerId): void {
    this.#peers.delete(peer);
    this.#news.delete(peer);
  }

  setMinFeeRate(peer: PeerId, rate: bigint): void {
    const state = this.#peers.get(peer);
    if (state !== undefined) state.minFeeRate = rate;
  }

  /** Sets the filter of a peer, or removes it. From then on it hears of transactions, whatever its `version` said. */
  setFilter(peer: PeerId, filter: BloomFilter | undefined): void {
    const state = this.#peers.get(peer);
    if (state?.mayHear !== true) return;
    state.filter = filter;
    state.wants = true;
  }

  filterOf(peer: PeerId): BloomFilter | undefined {
    return this.#peers.get(peer)?.filter;
  }

  /** Whether a peer is told of transactions. */
  tells(peer: PeerId): boolean {
    return this.#peers.get(peer)?.wants ?? false;
  }

  /** The least fee rate of transactions that a peer wants to hear of. Base units for 1,000 virtual bytes. */
  minFeeRate(peer: PeerId): bigint {
    return this.#peers.get(peer)?.minFeeRate ?? 0n;
  }

  /** The peer has these: it has announced or sent them. */
  knows(peer: PeerId, names: Iterable<TransactionName>): void {
    const known = this.#peers.get(peer)?.known;
    if (known !== undefined) for (const name of names) known.add(name);
  }

  /** The peer has sent it. */
  gave(peer: PeerId, { txid, wtxid }: Named): void {
    this.knows(peer, [txid, wtxid]);
    this.#peers.get(peer)?.gave.add(wtxid);
  }

  /** Announces a transaction to all peers, to each at its own time. */
  announce({ txid, wtxid }: Named, now: Milliseconds): void {
    for (const [peer, state] of this.#peers) {
      const { wants, byWtxid, known, outbox } = state;
      if (!wants || outbox.size >= MAX_INVENTORY_ITEMS) continue;
      if (known.has(byWtxid ? wtxid : txid)) continue;
      // Times that passed while there was nothing to tell are as good as none.
      if (outbox.size === 0 && state.nextAt <= now) state.nextAt = this.#nextTime(state, now);
      outbox.add(txid);
      this.#news.add(peer);
    }
  }

  #nextTime({ inbound, atOnce }: PeerRelay, now: Milliseconds): number {
    const { random, pace } = this.#options;
    if (atOnce) return now;
    if (!inbound) return now + exponential(random, pace.outbound);
    if (this.#inboundAt <= now) this.#inboundAt = now + exponential(random, pace.inbound);
    return this.#inboundAt;
  }

  /** When the next announcement is due; undefined where there is none. */
  nextFlush(isBlocked: (peer: PeerId) => boolean): number | undefined {
    let next: number | undefined;
    for (const peer of this.#news) {
      const nextAt = this.#peers.get(peer)?.nextAt;
      if (nextAt !== undefined && !isBlocked(peer)) next = Math.min(next ?? nextAt, nextAt);
    }
    return next;
  }

  /** Tells those whose time has come, but not those that don't keep up. */
  flush(isBlocked: (peer: PeerId) => boolean, now: Milliseconds): NetAction[] {
    const actions: NetAction[] = [];
    for (const peer of [...this.#news]) {
      const state = this.#peers.get(peer);
      if (state === undefined || now < state.nextAt || isBlocked(peer)) continue;
      const due = takeSome(state.outbox);
      if (state.outbox.size === 0) this.#news.delete(peer);
      state.nextAt = this.#nextTime(state, now);
      state.toldUpTo = this.#options.sequence();
      actions.push(...this.#tell(peer, state, this.#mixed(due), { again: false }));
    }
    return actions;
  }

  /** Parents before children, else those that pay best first. Core: CompareInvMempoolOrder. */
  #mixed(txids: readonly Txid[]): readonly Txid[] {
    return txids
      .map((txid) => ({ txid, ...this.#options.waiting(txid) }))
      .sort(
        (a, b) =>
          (a.ancestors ?? 0) - (b.ancestors ?? 0) || Number((b.feeRate ?? 0n) - (a.feeRate ?? 0n)),
      )
      .map(({ txid }) => txid);
  }

  /**
   * Whether a peer may have a transaction that it asks for: not one that came in after it was last told, because only
   * an observer could ask for it to find out where it comes from. Core: FindTxForGetData.
   */
  mayAsk(
    peer: PeerId,
    { arrival, transaction }: { readonly arrival: number; readonly transaction: Named },
  ): boolean {
    const state = this.#peers.get(peer);
    if (state === undefined) return false;
    return arrival <= state.toldUpTo || state.gave.has(transaction.wtxid);
  }

  /** Announces to all peers again, whether or not they were told before. */
  repeat(txids: readonly Txid[]): NetAction[] {
    if (txids.length === 0) return [];
    return [...this.#peers].flatMap(([peer, state]) =>
      state.wants ? this.#tell(peer, state, txids, { again: true }) : [],
    );
  }

  #tell(
    peer: PeerId,
    { byWtxid, known, minFeeRate, filter }: PeerRelay,
    txids: Iterable<Txid>,
    { again }: { readonly again: boolean },
  ): NetAction[] {
    const items: InventoryItem[] = [];
    for (const txid of txids) {
      if (items.length === MAX_INVENTORY_ITEMS) break;
      const waiting = this.#options.waiting(txid);
      if (waiting === undefined || waiting.feeRate < minFeeRate) continue;
      const { transaction } = waiting;
      const name = byWtxid ? transaction.wtxid : txid;
      if (!again && known.has(name)) continue;
      if (filter !== undefined && !filter.matches(transaction)) continue;
      known.add(name);
      items.push({ type: byWtxid ? MSG_WTX : MSG_TX, hash: name });
    }
    return items.length > 0 ? [sendMessage(peer, { command: "inv", items })] : [];
  }
}

/** The oldest of those that wait: their parents are with them, or were announced before. */
function takeSome(outbox: Set<Txid>): readonly Txid[] {
  const most = Math.min(
    INVENTORY_TARGET + Math.floor(outbox.size * INVENTORY_SHARE),
    MAX_INVENTORY,
  );
  const due: Txid[] = [];
  for (const txid of outbox) {
    if (due.length === most) break;
    due.push(txid);
  }
  for (const txid of due) outbox.delete(txid);
  return due;
}
