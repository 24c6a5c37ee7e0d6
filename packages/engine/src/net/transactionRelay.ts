import type { Transaction, Txid } from "@chain/core";
import { type InventoryItem, MSG_TX, MSG_WITNESS_TX } from "@chain/wire";
import type { PeerId } from "../events.ts";
import { type NetAction, send } from "./actions.ts";
import { BoundedSet } from "./boundedSet.ts";

/** How long a peer may take to send a transaction before another is asked. Core: GETDATA_TX_INTERVAL. Milliseconds. */
const TRANSACTION_TIMEOUT = 60_000;
/** Announcements of one peer that are remembered. Core: MAX_PEER_TX_ANNOUNCEMENTS. */
const MAX_ANNOUNCEMENTS = 5_000;
/** Transactions asked of one peer at a time. Core: MAX_PEER_TX_REQUEST_IN_FLIGHT. */
const MAX_IN_FLIGHT = 100;
/** Transactions that a peer is known to have. */
const MAX_KNOWN = 50_000;
/** Transactions that were refused, remembered until the chain moves. */
const MAX_REFUSED = 50_000;
/** Most announcements in one message, so that one peer's share of a burst stays small. */
const MAX_INVENTORY = 1_000;

interface PeerRelay {
  /** Whether it wants to hear of transactions. */
  readonly wants: boolean;
  readonly witness: boolean;
  readonly outbound: boolean;
  readonly known: BoundedSet<Txid>;
  /** To be announced with the next flush. */
  readonly outbox: BoundedSet<Txid>;
  /** It has announced these, and we want them: now or after another peer has failed. */
  readonly offers: BoundedSet<Txid>;
  inFlight: number;
  /** Least fee rate that it takes, for 1,000 bytes (BIP-0133). */
  minFeeRate: bigint;
}

interface Request {
  readonly peer: PeerId;
  readonly since: number;
}

/** What the relay asks of the node. */
export interface RelayView {
  /** Whether a transaction is in the mempool or was confirmed lately. */
  has(txid: Txid): boolean;
  /** Whether blocks are still missing, so that transactions can't be judged yet. */
  isCatchingUp(): boolean;
  /** Base units for 1,000 virtual bytes, if the transaction is in the mempool. */
  feeRateOf(txid: Txid): bigint | undefined;
}

/**
 * Who has told whom about which transaction. Announced (`inv`), asked for (`getdata`) from one peer at a time, those
 * that we connected to first, sent (`tx`); never announced to a peer that is known to have it.
 */
export class TransactionRelay {
  readonly #view: RelayView;
  readonly #peers = new Map<PeerId, PeerRelay>();
  readonly #requests = new Map<Txid, Request>();
  readonly #refused = new BoundedSet<Txid>(MAX_REFUSED);

  constructor(view: RelayView) {
    this.#view = view;
  }

  /** @param mempool what waits here already: the peer may not have heard of it */
  add(
    peer: PeerId,
    options: Pick<PeerRelay, "wants" | "witness" | "outbound">,
    mempool: Iterable<Txid>,
  ): void {
    const state: PeerRelay = {
      ...options,
      known: new BoundedSet(MAX_KNOWN),
      outbox: new BoundedSet(MAX_ANNOUNCEMENTS),
      offers: new BoundedSet(MAX_ANNOUNCEMENTS),
      inFlight: 0,
      minFeeRate: 0n,
    };
    this.#peers.set(peer, state);
    this.announce(mempool, peer);
  }

  remove(peer: PeerId, now: number): NetAction[] {
    this.#peers.delete(peer);
    for (const [txid, request] of this.#requests) {
      if (request.peer === peer) this.#requests.delete(txid);
    }
    return this.request(now);
  }

  setMinFeeRate(peer: PeerId, rate: bigint): void {
    const state = this.#peers.get(peer);
    if (state !== undefined) state.minFeeRate = rate;
  }

  /** Transactions to tell a peer, or all, about with the next flush. */
  announce(txids: Iterable<Txid>, only?: PeerId): void {
    const states = only === undefined ? [...this.#peers.values()] : [this.#peers.get(only)];
    for (const txid of txids) {
      for (const state of states) {
        if (state?.wants && !state.known.has(txid)) state.outbox.add(txid);
      }
    }
  }

  /** Whether something waits for a flush. */
  get hasNews(): boolean {
    for (const { outbox } of this.#peers.values()) if (outbox.size > 0) return true;
    return false;
  }

  /** Sends what was to be announced, but not to peers that don't keep up. */
  flush(isBlocked: (peer: PeerId) => boolean): NetAction[] {
    const actions: NetAction[] = [];
    for (const [peer, state] of this.#peers) {
      if (state.outbox.size === 0 || isBlocked(peer)) continue;
      const due = state.outbox.takeAll();
      for (const txid of due.slice(MAX_INVENTORY)) state.outbox.add(txid);
      const items: InventoryItem[] = [];
      for (const txid of due.slice(0, MAX_INVENTORY)) {
        const rate = this.#view.feeRateOf(txid);
        if (rate === undefined || rate < state.minFeeRate || state.known.has(txid)) continue;
        state.known.add(txid);
        items.push({ type: MSG_TX, hash: txid });
      }
      if (items.length > 0) actions.push(send(peer, { command: "inv", items }));
    }
    return actions;
  }

  /** A peer says that it has these. */
  announced(peer: PeerId, txids: readonly Txid[], now: number): NetAction[] {
    const state = this.#peers.get(peer);
    if (state === undefined) return [];
    for (const txid of txids) {
      state.known.add(txid);
      if (!this.#view.has(txid) && !this.#refused.has(txid)) state.offers.add(txid);
    }
    return this.request(now);
  }

  /** Asks for whatever is offered and not asked for yet. While blocks are missing, offers wait. */
  request(now: number): NetAction[] {
    if (this.#view.isCatchingUp()) return [];
    const actions: NetAction[] = [];
    const preferred = [...this.#peers].sort(
      ([, a], [, b]) => Number(b.outbound) - Number(a.outbound),
    );
    for (const [peer, state] of preferred) {
      if (state.offers.size === 0 || state.inFlight >= MAX_IN_FLIGHT) continue;
      const items: InventoryItem[] = [];
      for (const txid of state.offers.takeAll()) {
        if (this.#view.has(txid) || this.#refused.has(txid)) continue;
        if (this.#requests.has(txid) || state.inFlight >= MAX_IN_FLIGHT) {
          state.offers.add(txid); // for later, should the other peer fail
          continue;
        }
        this.#requests.set(txid, { peer, since: now });
        state.inFlight++;
        items.push({ type: state.witness ? MSG_WITNESS_TX : MSG_TX, hash: txid });
      }
      if (items.length > 0) actions.push(send(peer, { command: "getdata", items }));
    }
    return actions;
  }

  /** A transaction came from a peer. */
  received(peer: PeerId, txid: Txid): void {
    this.#peers.get(peer)?.known.add(txid);
    this.#settle(txid);
  }

  /** The peer does not have it after all. */
  notFound(peer: PeerId, txid: Txid, now: number): NetAction[] {
    if (this.#requests.get(txid)?.peer !== peer) return [];
    this.#settle(txid);
    this.#peers.get(peer)?.offers.delete(txid);
    return this.request(now);
  }

  #settle(txid: Txid): void {
    const request = this.#requests.get(txid);
    if (request === undefined) return;
    this.#requests.delete(txid);
    const state = this.#peers.get(request.peer);
    if (state !== undefined) state.inFlight--;
  }

  /** It was refused: not asked for again until the chain moves. */
  refused(transaction: Transaction): void {
    // Without witness the id would also stand for the same transaction with a good one.
    if (!transaction.hasWitness) this.#refused.add(transaction.txid);
  }

  /** The chain moved: what was refused may be good now. */
  tipChanged(now: number): NetAction[] {
    this.#refused.clear();
    return this.request(now);
  }

  tick(now: number): NetAction[] {
    for (const [txid, { peer, since }] of this.#requests) {
      if (now - since < TRANSACTION_TIMEOUT) continue;
      this.#settle(txid);
      this.#peers.get(peer)?.offers.delete(txid);
    }
    return this.request(now);
  }
}
