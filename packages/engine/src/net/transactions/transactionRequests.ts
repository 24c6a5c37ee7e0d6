import type { Milliseconds, RefusalKind, Transaction, Txid, Wtxid } from "@chain/core";
import { type InventoryItem, MSG_TX, MSG_WITNESS_TX, MSG_WTX } from "@chain/wire";
import type { PeerId } from "../../events.ts";
import { type NetAction, sendMessage } from "../kit/actions.ts";
import { BoundedSet } from "../kit/boundedSet.ts";

/** How long a peer may take to send a transaction before another is asked. Core: GETDATA_TX_INTERVAL. Milliseconds. */
const TRANSACTION_TIMEOUT: Milliseconds = 60_000;
/** Announcements of one peer that we have not followed yet; more are ignored. Core: MAX_PEER_TX_ANNOUNCEMENTS. */
const MAX_ANNOUNCEMENTS = 5_000;
/** A peer that owes us so many is asked for more only after others. Core: MAX_PEER_TX_REQUEST_IN_FLIGHT. */
const MANY_IN_FLIGHT = 100;
/** Names in one question. Core: MAX_GETDATA_SZ. */
const MAX_QUESTION = 1_000;
/** Transactions that were refused, remembered until the chain moves; and those confirmed lately. */
const MAX_REMEMBERED = 50_000;

/** A transaction by the name that a peer gave it: its wtxid where both agreed on that (BIP-0339), else its txid. */
export type TransactionName = Txid | Wtxid;

/** The two names of a transaction; without witness they are one. */
export type TransactionNames = Pick<Transaction, "txid" | "wtxid">;

interface Offer {
  readonly byWtxid: boolean;
  /** No peer is asked before. Milliseconds. */
  readonly at: number;
}

interface PeerRequests {
  /** Whether it serves witnesses (BIP-0144). */
  readonly witness: boolean;
  /** Whether it is outbound: an attacker cannot make us choose it. */
  readonly outbound: boolean;
  /** Whether both agreed on wtxids (BIP-0339). */
  readonly byWtxid: boolean;
  /** Whether it may announce as many as it likes, and owe us as many. */
  readonly unlimited?: boolean;
  /** It has announced these, and we want them: now or after another peer has failed. */
  readonly offers: Map<TransactionName, Offer>;
  inFlight: number;
}

interface Request {
  readonly peer: PeerId;
  /** For ever, once the transaction is here and waits to be checked. Milliseconds. */
  since: Milliseconds;
}

/** The questions that the requests put to the node. */
export interface RequestsView {
  /** Whether a transaction of this name is here, in the mempool or waiting for its parents. */
  has(name: TransactionName): boolean;
  /** Whether blocks are still missing, so that transactions can't be judged yet. */
  isCatchingUp(now: Milliseconds): boolean;
  /** How much later a peer is asked for each thing that makes it second choice. Milliseconds. */
  readonly delay: Milliseconds;
}

/**
 * Which transactions to ask for, and of whom: of one peer at a time, those that we have called first, the next when one
 * fails. Core: txrequest.h.
 */
export class TransactionRequests {
  readonly #view: RequestsView;
  readonly #peers = new Map<PeerId, PeerRequests>();
  readonly #requests = new Map<TransactionName, Request>();
  readonly #refused = new BoundedSet<TransactionName>(MAX_REMEMBERED);
  readonly #confirmed = new BoundedSet<TransactionName>(MAX_REMEMBERED);
  /** Whether offers came in while blocks were missing. */
  #held = false;
  /** Offers to be followed when their time has come. */
  #delayed: { readonly at: number; readonly peer: PeerId; readonly name: TransactionName }[] = [];

  constructor(view: RequestsView) {
    this.#view = view;
  }

  /** Whether a transaction is on its way, or to be asked for soon. */
  get isWaiting(): boolean {
    return this.#requests.size > 0 || this.#delayed.length > 0;
  }

  add(
    peer: PeerId,
    options: Pick<PeerRequests, "witness" | "outbound" | "byWtxid" | "unlimited">,
  ): void {
    this.#peers.set(peer, { ...options, offers: new Map(), inFlight: 0 });
  }

  remove(peer: PeerId, now: Milliseconds): NetAction[] {
    this.#peers.delete(peer);
    const freed: TransactionName[] = [];
    for (const [name, request] of this.#requests) if (request.peer === peer) freed.push(name);
    for (const name of freed) this.#requests.delete(name);
    return this.#askOthers(freed, now);
  }

  /**
   * A peer says that it has these.
   * @param byWtxid whether they are wtxids
   */
  announced(
    peer: PeerId,
    names: Iterable<TransactionName>,
    now: Milliseconds,
    byWtxid = false,
  ): NetAction[] {
    const state = this.#peers.get(peer);
    if (state === undefined) return [];
    const at = now + this.#delayOf(state, byWtxid);
    const most = state.unlimited ? MAX_REMEMBERED : MAX_ANNOUNCEMENTS;
    const fresh: TransactionName[] = [];
    for (const name of names) {
      if (state.offers.size >= most || state.offers.has(name)) continue;
      if (!this.#isWanted(name)) continue;
      state.offers.set(name, { byWtxid, at });
      if (at > now) this.#delayed.push({ at, peer, name });
      else fresh.push(name);
    }
    return this.#ask(peer, state, fresh, now);
  }

  /**
   * Asks outbound peers first and others later, because a peer that announces and never delivers must not delay the
   * others. Core: AddTxAnnouncement, with NONPREF_PEER_TX_DELAY, TXID_RELAY_DELAY, OVERLOADED_PEER_TX_DELAY.
   */
  #delayOf({ outbound, inFlight, unlimited }: PeerRequests, byWtxid: boolean): number {
    let reasons = 0;
    if (!outbound) reasons++;
    // By two names it might be asked for twice, and a wtxid names it better.
    if (!byWtxid && this.#isAnyByWtxid()) reasons++;
    if (inFlight >= MANY_IN_FLIGHT && !unlimited) reasons++;
    return reasons * this.#view.delay;
  }

  #isAnyByWtxid(): boolean {
    for (const { byWtxid } of this.#peers.values()) if (byWtxid) return true;
    return false;
  }

  #isWanted(name: TransactionName): boolean {
    return !this.#view.has(name) && !this.#refused.has(name) && !this.#confirmed.has(name);
  }

  /**
   * Asks a peer for those of its announcements that no other peer is asked for. While blocks are missing, they wait.
   */
  #ask(
    peer: PeerId,
    state: PeerRequests,
    names: Iterable<TransactionName>,
    now: Milliseconds,
  ): NetAction[] {
    if (this.#view.isCatchingUp(now)) {
      this.#held = true;
      return [];
    }
    const items: InventoryItem[] = [];
    for (const name of names) {
      const offer = state.offers.get(name);
      if (offer === undefined || offer.at > now || this.#requests.has(name)) continue;
      this.#requests.set(name, { peer, since: now });
      state.inFlight++;
      items.push({ type: typeOf(state, offer), hash: name });
    }
    const actions: NetAction[] = [];
    for (let from = 0; from < items.length; from += MAX_QUESTION) {
      const some = items.slice(from, from + MAX_QUESTION);
      actions.push(sendMessage(peer, { command: "getdata", items: some }));
    }
    return actions;
  }

  /** Asks another peer that announced these, outbound ones first. */
  #askOthers(names: readonly TransactionName[], now: Milliseconds): NetAction[] {
    if (names.length === 0) return [];
    return this.#preferred().flatMap(([peer, state]) => {
      const offered = names.filter((name) => state.offers.has(name));
      return offered.length === 0 ? [] : this.#ask(peer, state, offered, now);
    });
  }

  #preferred(): readonly (readonly [PeerId, PeerRequests])[] {
    const all = [...this.#peers];
    return [...all.filter(([, { outbound }]) => outbound), ...all.filter(([, p]) => !p.outbound)];
  }

  /** A transaction came from a peer, and is going to be checked. No other peer is asked for it meanwhile. */
  received(peer: PeerId, transaction: TransactionNames): void {
    const state = this.#peers.get(peer);
    if (state === undefined) return;
    for (const name of namesOf(transaction)) {
      const request = this.#requests.get(name);
      if (request === undefined) {
        this.#requests.set(name, { peer, since: Number.POSITIVE_INFINITY });
        state.inFlight++;
      } else if (request.peer === peer) {
        request.since = Number.POSITIVE_INFINITY;
      }
    }
  }

  /** Whether a transaction was refused as it is, or confirmed, lately: to look at it again would be wasted. */
  isSettled({ wtxid }: Pick<TransactionNames, "wtxid">): boolean {
    return this.#refused.has(wtxid) || this.#confirmed.has(wtxid);
  }

  /** Peers that have announced it by either name and were not asked for it, or not answered yet. */
  announcersOf(transaction: TransactionNames): readonly PeerId[] {
    const names = namesOf(transaction);
    const announced = [...this.#peers].filter(([, { offers }]) => names.some((n) => offers.has(n)));
    return announced.map(([peer]) => peer);
  }

  /** It is here, or will never be wanted: no peer is asked for it any more. */
  forget(transaction: TransactionNames): void {
    for (const name of namesOf(transaction)) this.#forget(name);
  }

  #forget(name: TransactionName): void {
    for (const { offers } of this.#peers.values()) offers.delete(name);
    this.#settle(name);
  }

  /** Whether one of these was refused under a name that covers all of it. */
  isAnyRefused(names: Iterable<TransactionName>): boolean {
    for (const name of names) if (this.#refused.has(name)) return true;
    return false;
  }

  /** No other witness makes it better, because it spends what was refused or is not standard. */
  refusedForGood(transaction: TransactionNames): void {
    for (const name of namesOf(transaction)) this.#refused.add(name);
    this.forget(transaction);
  }

  /** It was refused: under a name that covers all of it, it is not asked for again until the chain moves. */
  refused(
    peer: PeerId,
    transaction: TransactionNames,
    kind: RefusalKind,
    now: Milliseconds,
  ): NetAction[] {
    const { txid, wtxid } = transaction;
    // A peer may have stripped the witness, and then even the wtxid says nothing.
    if (kind === "witness-stripped") return this.notFound(peer, txid, now);
    if (kind === "nonstandard-inputs") {
      // The txid covers what it spends, so no other witness makes it better. Core: TX_INPUTS_NOT_STANDARD.
      this.refusedForGood(transaction);
      return [];
    }
    this.#refused.add(wtxid);
    this.#forget(wtxid);
    // A peer may have spoilt the witness, which the txid does not cover, and others may have a good one.
    return txid === (wtxid as string) ? [] : this.notFound(peer, txid, now);
  }

  /** The peer does not have it, or not as it should be. */
  notFound(peer: PeerId, name: TransactionName, now: Milliseconds): NetAction[] {
    this.#peers.get(peer)?.offers.delete(name);
    if (this.#requests.get(name)?.peer !== peer) return [];
    this.#settle(name);
    return this.#askOthers([name], now);
  }

  /** Ends a request. */
  #settle(name: TransactionName): void {
    const request = this.#requests.get(name);
    if (request === undefined) return;
    this.#requests.delete(name);
    const state = this.#peers.get(request.peer);
    if (state !== undefined) state.inFlight--;
  }

  /** These are in a block now. */
  confirmed(transactions: readonly TransactionNames[]): void {
    for (const transaction of transactions) {
      for (const name of namesOf(transaction)) this.#confirmed.add(name);
      this.forget(transaction);
    }
  }

  /** A block was taken back: what it confirmed may come again. */
  unconfirmed(): void {
    this.#confirmed.clear();
  }

  /** The chain moved: what was refused may be good now. */
  tipChanged(now: Milliseconds): NetAction[] {
    this.#refused.clear();
    return this.#release(now);
  }

  /** Follows the announcements that had to wait for blocks. */
  #release(now: Milliseconds): NetAction[] {
    if (!this.#held || this.#view.isCatchingUp(now)) return [];
    this.#held = false;
    return this.#preferred().flatMap(([peer, state]) => {
      for (const name of state.offers.keys()) {
        if (!this.#isWanted(name)) state.offers.delete(name);
      }
      return this.#ask(peer, state, state.offers.keys(), now);
    });
  }

  /** Follows the announcements whose time has come, unless a better peer was asked meanwhile. */
  #followDelayed(now: Milliseconds): NetAction[] {
    if (this.#delayed.length === 0) return [];
    const taken = this.#delayed.filter(({ at }) => at <= now);
    this.#delayed = this.#delayed.filter(({ at }) => at > now);
    const byPeer = new Map<PeerId, TransactionName[]>();
    for (const { peer, name } of taken) {
      const names = byPeer.get(peer);
      if (names === undefined) byPeer.set(peer, [name]);
      else names.push(name);
    }
    return [...byPeer].flatMap(([peer, names]) => {
      const state = this.#peers.get(peer);
      return state === undefined ? [] : this.#ask(peer, state, names, now);
    });
  }

  tick(now: Milliseconds): NetAction[] {
    const late: (readonly [PeerId, TransactionName])[] = [];
    for (const [name, { peer, since }] of this.#requests) {
      if (now - since >= TRANSACTION_TIMEOUT) late.push([peer, name]);
    }
    return [
      ...late.flatMap(([peer, name]) => this.notFound(peer, name, now)),
      ...this.#release(now),
      ...this.#followDelayed(now),
    ];
  }
}

function typeOf({ witness }: PeerRequests, { byWtxid }: Offer): number {
  if (byWtxid) return MSG_WTX;
  return witness ? MSG_WITNESS_TX : MSG_TX;
}

function namesOf({ txid, wtxid }: TransactionNames): readonly TransactionName[] {
  return txid === (wtxid as string) ? [txid] : [txid, wtxid];
}
