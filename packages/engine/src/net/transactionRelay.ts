import type { RefusalKind, Transaction, Txid } from "@chain/core";
import { type InventoryItem, MAX_INVENTORY_ITEMS, MSG_TX, MSG_WITNESS_TX } from "@chain/wire";
import type { PeerId } from "../events.ts";
import { type NetAction, send } from "./actions.ts";
import { BoundedSet } from "./boundedSet.ts";

/** How long a peer may take to send a transaction before another is asked. Core: GETDATA_TX_INTERVAL. Milliseconds. */
const TRANSACTION_TIMEOUT = 60_000;
/** Announcements of one peer that we have not followed yet; more are ignored. Core: MAX_PEER_TX_ANNOUNCEMENTS. */
const MAX_ANNOUNCEMENTS = 5_000;
/** Transactions asked of one peer at a time. Core: MAX_PEER_TX_REQUEST_IN_FLIGHT. */
const MAX_IN_FLIGHT = 100;
/** Transactions that a peer is known to have: forgetting one only costs an announcement too many. */
const MAX_KNOWN = 10_000;
/** Transactions that were refused, remembered until the chain moves; and those confirmed lately. */
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
  readonly outbox: Set<Txid>;
  /** It has announced these, and we want them: now or after another peer has failed. */
  readonly offers: Set<Txid>;
  inFlight: number;
  /** Whether offers wait only because too many others are in flight. */
  full: boolean;
  /** Least fee rate that it takes, for 1,000 bytes (BIP-0133). */
  minFeeRate: bigint;
}

interface Request {
  readonly peer: PeerId;
  /** For ever, once the transaction is here and waits to be checked. Milliseconds. */
  since: number;
}

/** What the relay asks of the node. */
export interface RelayView {
  /** Whether a transaction is here, in the mempool or waiting for its parents. */
  has(txid: Txid): boolean;
  /** Whether blocks are still missing, so that transactions can't be judged yet. */
  isCatchingUp(now: number): boolean;
  /** Base units for 1,000 virtual bytes, if the transaction is in the mempool. */
  feeRateOf(txid: Txid): bigint | undefined;
}

/**
 * Who has told whom about which transaction. Announced (`inv`), asked for (`getdata`) from one peer at a time, those
 * that we connected to first, sent (`tx`); never announced to a peer that is known to have it. Core: txrequest.h.
 */
export class TransactionRelay {
  readonly #view: RelayView;
  readonly #peers = new Map<PeerId, PeerRelay>();
  readonly #requests = new Map<Txid, Request>();
  readonly #refused = new BoundedSet<Txid>(MAX_REFUSED);
  readonly #confirmed = new BoundedSet<Txid>(MAX_REFUSED);
  /** Whether offers came in while blocks were missing. */
  #held = false;

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
      outbox: new Set(),
      offers: new Set(),
      inFlight: 0,
      full: false,
      minFeeRate: 0n,
    };
    this.#peers.set(peer, state);
    for (const txid of mempool) this.#enqueue(state, txid);
  }

  remove(peer: PeerId, now: number): NetAction[] {
    this.#peers.delete(peer);
    const freed: Txid[] = [];
    for (const [txid, request] of this.#requests) if (request.peer === peer) freed.push(txid);
    for (const txid of freed) this.#requests.delete(txid);
    return this.#askOthers(freed, now);
  }

  setMinFeeRate(peer: PeerId, rate: bigint): void {
    const state = this.#peers.get(peer);
    if (state !== undefined) state.minFeeRate = rate;
  }

  /** A transaction to tell everybody about with the next flush. */
  announce(txid: Txid): void {
    for (const state of this.#peers.values()) this.#enqueue(state, txid);
  }

  #enqueue({ wants, known, outbox }: PeerRelay, txid: Txid): void {
    if (wants && outbox.size < MAX_INVENTORY_ITEMS && !known.has(txid)) outbox.add(txid);
  }

  /** Whether something waits for a flush. */
  hasNews(isBlocked: (peer: PeerId) => boolean): boolean {
    for (const [peer, { outbox }] of this.#peers) {
      if (outbox.size > 0 && !isBlocked(peer)) return true;
    }
    return false;
  }

  /** Sends what was to be announced, but not to peers that don't keep up. */
  flush(isBlocked: (peer: PeerId) => boolean): NetAction[] {
    const actions: NetAction[] = [];
    for (const [peer, state] of this.#peers) {
      if (state.outbox.size === 0 || isBlocked(peer)) continue;
      const due: Txid[] = [];
      for (const txid of state.outbox) {
        if (due.length === MAX_INVENTORY) break;
        due.push(txid);
      }
      for (const txid of due) state.outbox.delete(txid);
      const fresh = due.filter((txid) => !state.known.has(txid));
      actions.push(...this.#tell(peer, state, fresh));
    }
    return actions;
  }

  /** Tells everybody once more, whether or not they were told before. */
  repeat(txids: readonly Txid[]): NetAction[] {
    if (txids.length === 0) return [];
    return [...this.#peers].flatMap(([peer, state]) =>
      state.wants ? this.#tell(peer, state, txids) : [],
    );
  }

  /** All that waits here, for a peer that asks (BIP-0035). */
  inventory(peer: PeerId, mempool: Iterable<Txid>): NetAction[] {
    const state = this.#peers.get(peer);
    return state === undefined ? [] : this.#tell(peer, state, mempool);
  }

  #tell(peer: PeerId, state: PeerRelay, txids: Iterable<Txid>): NetAction[] {
    const items: InventoryItem[] = [];
    for (const txid of txids) {
      if (items.length === MAX_INVENTORY_ITEMS) break;
      const rate = this.#view.feeRateOf(txid);
      if (rate === undefined || rate < state.minFeeRate) continue;
      state.known.add(txid);
      items.push({ type: MSG_TX, hash: txid });
    }
    return items.length > 0 ? [send(peer, { command: "inv", items })] : [];
  }

  /** A peer says that it has these. */
  announced(peer: PeerId, txids: Iterable<Txid>, now: number): NetAction[] {
    const state = this.#peers.get(peer);
    if (state === undefined) return [];
    const fresh: Txid[] = [];
    for (const txid of txids) {
      state.known.add(txid);
      if (state.offers.size >= MAX_ANNOUNCEMENTS || state.offers.has(txid)) continue;
      if (!this.#isWanted(txid)) continue;
      state.offers.add(txid);
      fresh.push(txid);
    }
    return this.#ask(peer, state, fresh, now);
  }

  #isWanted(txid: Txid): boolean {
    return !this.#view.has(txid) && !this.#refused.has(txid) && !this.#confirmed.has(txid);
  }

  /** Asks a peer for those of its offers that nobody is asked for. While blocks are missing, they wait. */
  #ask(peer: PeerId, state: PeerRelay, offers: Iterable<Txid>, now: number): NetAction[] {
    if (this.#view.isCatchingUp(now)) {
      this.#held = true;
      return [];
    }
    const items: InventoryItem[] = [];
    for (const txid of offers) {
      if (this.#requests.has(txid)) continue;
      if (state.inFlight >= MAX_IN_FLIGHT) {
        state.full = true;
        break;
      }
      this.#requests.set(txid, { peer, since: now });
      state.inFlight++;
      items.push({ type: state.witness ? MSG_WITNESS_TX : MSG_TX, hash: txid });
    }
    return items.length > 0 ? [send(peer, { command: "getdata", items })] : [];
  }

  /** Asks whoever else offers these, those that we connected to first. */
  #askOthers(txids: readonly Txid[], now: number): NetAction[] {
    if (txids.length === 0) return [];
    return this.#preferred().flatMap(([peer, state]) => {
      const offered = txids.filter((txid) => state.offers.has(txid));
      return offered.length === 0 ? [] : this.#ask(peer, state, offered, now);
    });
  }

  #preferred(): readonly (readonly [PeerId, PeerRelay])[] {
    const all = [...this.#peers];
    return [...all.filter(([, { outbound }]) => outbound), ...all.filter(([, p]) => !p.outbound)];
  }

  /** A transaction came from a peer, and is going to be checked. Nobody else is asked for it meanwhile. */
  received(peer: PeerId, txid: Txid): void {
    const state = this.#peers.get(peer);
    if (state === undefined) return;
    state.known.add(txid);
    const request = this.#requests.get(txid);
    if (request === undefined) {
      this.#requests.set(txid, { peer, since: Number.POSITIVE_INFINITY });
      state.inFlight++;
    } else if (request.peer === peer) {
      request.since = Number.POSITIVE_INFINITY;
    }
  }

  /** It is here, or will never be wanted: nobody is asked for it any more. */
  forget(txid: Txid, now: number): NetAction[] {
    for (const { offers } of this.#peers.values()) offers.delete(txid);
    return this.#settle(txid, now);
  }

  /** It was refused: not asked for again until the chain moves. */
  refused(
    peer: PeerId,
    { txid, hasWitness }: Transaction,
    kind: RefusalKind,
    now: number,
  ): NetAction[] {
    if (!hasWitness && kind !== "witness-stripped") {
      this.#refused.add(txid);
      return this.forget(txid, now);
    }
    // Somebody may have spoilt or stripped the witness, which the id does not cover: others may have a good one.
    return this.notFound(peer, txid, now);
  }

  /** The peer does not have it, or not as it should be. */
  notFound(peer: PeerId, txid: Txid, now: number): NetAction[] {
    this.#peers.get(peer)?.offers.delete(txid);
    if (this.#requests.get(txid)?.peer !== peer) return [];
    return [...this.#settle(txid, now), ...this.#askOthers([txid], now)];
  }

  /** Ends a request; the peer may have room for what had to wait. */
  #settle(txid: Txid, now: number): NetAction[] {
    const request = this.#requests.get(txid);
    if (request === undefined) return [];
    this.#requests.delete(txid);
    const state = this.#peers.get(request.peer);
    if (state === undefined) return [];
    state.inFlight--;
    // In handfuls: a search through the offers for each that comes would cost too much.
    if (!state.full || state.inFlight > MAX_IN_FLIGHT / 2) return [];
    state.full = false;
    return this.#ask(request.peer, state, state.offers, now);
  }

  /** These are in a block now. */
  confirmed(txids: readonly Txid[], now: number): NetAction[] {
    return txids.flatMap((txid) => {
      this.#confirmed.add(txid);
      return this.forget(txid, now);
    });
  }

  /** A block was taken back: what it confirmed may come again. */
  unconfirmed(): void {
    this.#confirmed.clear();
  }

  /** The chain moved: what was refused may be good now. */
  tipChanged(now: number): NetAction[] {
    this.#refused.clear();
    return this.#release(now);
  }

  /** Follows the announcements that had to wait for blocks. */
  #release(now: number): NetAction[] {
    if (!this.#held || this.#view.isCatchingUp(now)) return [];
    this.#held = false;
    return this.#preferred().flatMap(([peer, state]) => {
      for (const txid of state.offers) if (!this.#isWanted(txid)) state.offers.delete(txid);
      return this.#ask(peer, state, state.offers, now);
    });
  }

  tick(now: number): NetAction[] {
    const late: (readonly [PeerId, Txid])[] = [];
    for (const [txid, { peer, since }] of this.#requests) {
      if (now - since >= TRANSACTION_TIMEOUT) late.push([peer, txid]);
    }
    return [
      ...late.flatMap(([peer, txid]) => this.notFound(peer, txid, now)),
      ...this.#release(now),
    ];
  }
}
