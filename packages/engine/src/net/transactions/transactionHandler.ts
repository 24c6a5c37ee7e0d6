import type { Milliseconds, Transaction, Txid, Verdict, Wtxid } from "@chain/core";
import { type InventoryItem, MSG_TX, MSG_WITNESS_FLAG, MSG_WTX } from "@chain/wire";
import type { ChainManager } from "../../chain/manager.ts";
import type { Turn } from "../../chain/operationQueue.ts";
import type { ChainEvent, PeerId } from "../../events.ts";
import type { Clock, Log } from "../../ports.ts";
import { disconnect, type NetAction } from "../kit/actions.ts";
import { untilTurn } from "../peer/cpuTimeBudget.ts";
import { type MisbehaviorHandler, nextLogLevel } from "../peer/misbehaviorHandler.ts";
import type { Peer } from "../peer/peer.ts";
import { BYTES_PER_UNIT } from "../peer/validationBudget.ts";
import type { Orphan, Orphanage } from "./orphanage.ts";
import type { TransactionRelay } from "./transactionRelay.ts";
import type { TransactionName, TransactionRequests } from "./transactionRequests.ts";
import type { Unbroadcast } from "./unbroadcast.ts";

export interface TransactionHandlerOptions {
  readonly chain: ChainManager;
  readonly state: {
    readonly relay: TransactionRelay;
    readonly requests: TransactionRequests;
    readonly orphans: Orphanage;
    readonly unbroadcast: Unbroadcast;
    /** Whether the handshake with a peer is done, and it is still connected. */
    readonly has: (peer: PeerId) => boolean;
  };
  readonly clock: Clock;
  readonly stopwatch: Clock;
  readonly log: Log;
  readonly perform: (actions: readonly NetAction[]) => void;
  readonly misbehavior: MisbehaviorHandler;
  /** Has the announcements that `relay` gathers sent when they are due. */
  readonly scheduleAnnouncements: () => void;
}

/**
 * The way of a transaction: a peer announces it (`inv`), we ask for it, the peer sends it (`tx`), it comes into the
 * mempool or waits as an orphan for its parents, and is announced to the other peers.
 */
export class TransactionHandler {
  readonly #options: TransactionHandlerOptions;
  /** Orphans whose parent has come and that are being checked again, by that parent. */
  readonly #retries = new Map<Txid, Promise<void>>();

  constructor(options: TransactionHandlerOptions) {
    this.#options = options;
  }

  /** Resolves when no orphan is being checked again. */
  async idle(): Promise<void> {
    await Promise.all([...this.#retries.values()]);
  }

  /** Handles a change of the chain or of the mempool, as far as transactions are concerned. @returns the actions for peers */
  onChainEvent(event: ChainEvent): readonly NetAction[] {
    const { chain, state, clock } = this.#options;
    switch (event.type) {
      case "tip-changed":
        return state.requests.tipChanged(clock.now());
      case "block-connected": {
        const { transactions } = event.block;
        state.orphans.removeSpent(transactions);
        for (const { txid } of transactions) this.#retryOrphansOf(txid);
        // Peers don't announce transactions that were confirmed long ago.
        if (!chain.initialDownload) state.requests.confirmed(transactions);
        return [];
      }
      case "block-disconnected":
        state.requests.unconfirmed();
        return [];
      case "transaction-added": {
        const { transaction } = event;
        this.announce(transaction);
        this.#retryOrphansOf(transaction.txid);
        state.requests.forget(transaction);
        return [];
      }
      case "transaction-removed":
        state.unbroadcast.left(event.txid);
        return [];
      default:
        return [];
    }
  }

  /**
   * The peer announces transactions; `inv` names blocks as well, which are left out here. Core: ProcessMessage, INV.
   */
  processInv(peer: Peer, items: readonly InventoryItem[]): void {
    const { chain, state, clock } = this.#options;
    const { id } = peer;
    const byWtxid = peer.session.peer?.wtxidRelay ?? false;
    // Names of the other kind than agreed are ignored, as Core does (BIP-0339).
    const agreed = byWtxid ? MSG_WTX : MSG_TX;
    const names = items.flatMap(({ type, hash }) =>
      type === agreed ? (hash as TransactionName) : [],
    );
    // It was told that we want none (BIP-0037).
    if (names.length > 0 && peer.forBlocksAlone) {
      const [name] = names;
      const reason = `transaction (${name}) inv sent in violation of protocol`;
      this.#perform([disconnect(id, reason)]);
      return;
    }
    for (const name of names) {
      const { mempool } = chain;
      const known = byWtxid ? mempool.getByWtxid(name as Wtxid) : mempool.get(name as Txid);
      if (known !== undefined) state.unbroadcast.seen(known.transaction.txid);
    }
    const now = clock.now();
    state.relay.knows(id, names);
    if (byWtxid) this.#addOrphanAnnouncer(id, names as Wtxid[], now);
    this.#perform(state.requests.announced(id, names, now, byWtxid));
  }

  /** A peer that announces an orphan may have its parents. */
  #addOrphanAnnouncer(peer: PeerId, wtxids: readonly Wtxid[], now: Milliseconds): void {
    const { orphans } = this.#options.state;
    for (const wtxid of wtxids) {
      const orphan = orphans.get(wtxid);
      if (orphan === undefined || !orphans.addAnnouncer(wtxid, peer)) continue;
      this.#requestParents(peer, parentsOf(orphan.transaction), now);
    }
  }

  /** The peer does not have transactions that we asked for: another peer is asked. Core: ProcessMessage, NOTFOUND. */
  processNotFound(peer: PeerId, items: readonly InventoryItem[]): readonly NetAction[] {
    const { state, clock } = this.#options;
    const now = clock.now();
    return items.flatMap(({ type, hash }) => {
      const isTransaction = (type & ~MSG_WITNESS_FLAG) === MSG_TX || type === MSG_WTX;
      return isTransaction ? state.requests.notFound(peer, hash as TransactionName, now) : [];
    });
  }

  /** The peer sends a transaction, asked for or not. Core: ProcessMessage, TX. */
  async processTransaction(peer: Peer, transaction: Transaction): Promise<void> {
    const { chain, state, clock, stopwatch, misbehavior } = this.#options;
    const { txid, wtxid } = transaction;
    if (peer.forBlocksAlone) {
      const reason = "transaction sent in violation of protocol";
      return this.#perform([disconnect(peer.id, reason)]);
    }
    // Its inputs may be in blocks that are still to come.
    if (chain.initialDownload) return;
    // If we asked for it, another peer will be asked.
    if (peer.validation.isSpent(clock.now())) return;
    state.relay.gave(peer.id, transaction);
    state.requests.received(peer.id, transaction);
    // A transaction that we know must cost us no work. Core: AlreadyHaveTx.
    const unconfirmed = chain.mempool.getByWtxid(wtxid);
    const isHere = unconfirmed !== undefined || state.orphans.has(wtxid);
    if (isHere || state.requests.isSettled(transaction)) {
      if (peer.permissions.has("forcerelay")) this.#relayAgain(peer, transaction);
      return state.requests.forget(transaction);
    }
    const verdict = await this.#accept(
      { transaction, announcers: new Set([peer.id]) },
      { onTurn: untilTurn(peer.cpuTime, stopwatch) },
    );
    if (verdict.ok) {
      peer.lastTransactionAt = clock.now();
      peer.outcome = "transaction";
      // The next message of the peer is handled after all orphans that this transaction was the parent of.
      return this.#retries.get(txid);
    }
    const bytes = transaction.totalSize;
    peer.validation.charge(transaction.inputs.length + bytes / BYTES_PER_UNIT, clock.now());
    // It costs no connection, because an honest peer may have other rules than ours. Core: ProcessInvalidTx.
    misbehavior.punish(peer, `transaction ${txid} (wtxid=${wtxid})`, verdict, "none");
  }

  async #accept(orphan: Orphan, turn: Turn = {}): Promise<Verdict<object>> {
    const { chain, state, clock, misbehavior } = this.#options;
    const { transaction } = orphan;
    const [peer] = orphan.announcers;
    const verdict = await chain.acceptTransaction(transaction, turn);
    if (verdict.ok || peer === undefined) return verdict; // `transaction-added` has done the rest
    if (verdict.kind === "missing-inputs") this.#keepOrphan(orphan, peer);
    else this.#perform(state.requests.refused(peer, transaction, verdict.kind, clock.now()));
    misbehavior.reject(peer, "tx", verdict, transaction.txid);
    return verdict;
  }

  /** Keeps a transaction whose parents are missing, and asks for them. */
  #keepOrphan({ transaction, announcers }: Orphan, sender: PeerId): void {
    const { state, clock } = this.#options;
    const { requests, orphans } = state;
    const now = clock.now();
    const parents = parentsOf(transaction);
    if (requests.isAnyRefused(parents)) {
      const { txid, wtxid } = transaction;
      const text = `refused orphan ${txid} (wtxid=${wtxid}): a parent was refused`;
      const fields = { event: "orphan-of-refused", txid, wtxid, peer: sender };
      this.#options.log("debug", "relay", text, fields);
      requests.refusedForGood(transaction);
      return;
    }
    // Every peer that announced it may have the parents; a peer that has left meanwhile can't be asked.
    const all = new Set([...announcers, ...requests.announcersOf(transaction)]);
    const present = [...all].filter((peer) => state.has(peer));
    if (!present.some((peer) => orphans.add(transaction, peer, now))) {
      this.#perform(requests.refused(sender, transaction, "missing-inputs", now));
      return;
    }
    requests.forget(transaction);
    for (const peer of present) {
      orphans.addAnnouncer(transaction.wtxid, peer);
      this.#requestParents(peer, parents, now);
    }
  }

  #requestParents(peer: PeerId, parents: ReadonlySet<Txid>, now: Milliseconds): void {
    const { relay, requests } = this.#options.state;
    relay.knows(peer, parents);
    this.#perform(requests.announced(peer, parents, now));
  }

  /** Checks the orphans again whose parent has come. Core: ProcessOrphanTx. */
  #retryOrphansOf(parent: Txid): void {
    const children = this.#options.state.orphans.takeChildren(parent);
    if (children.length === 0) return;
    const all = Promise.all(children.map((orphan) => this.#retry(orphan)));
    const done = all.then(() => {
      if (this.#retries.get(parent) === done) this.#retries.delete(parent);
    });
    this.#retries.set(parent, done);
  }

  /** Resolves when the orphan and its descendants have been checked. */
  async #retry(orphan: Orphan): Promise<void> {
    try {
      const verdict = await this.#accept(orphan);
      if (verdict.ok) await this.#retries.get(orphan.transaction.txid);
    } catch (error) {
      const text = `orphan ${orphan.transaction.txid}: ${String(error)}`;
      this.#options.log("error", "relay", text);
    }
  }

  /** A peer may have a transaction announced that we know already, but not one that we refused. Core: ForceRelay. */
  #relayAgain(peer: Peer, transaction: Transaction): void {
    const { chain, log } = this.#options;
    const { txid, wtxid } = transaction;
    const isUnconfirmed = chain.mempool.getByWtxid(wtxid) !== undefined;
    const does = isUnconfirmed ? "announces" : "does not announce";
    log(nextLogLevel(peer), "relay", `${does} ${txid} of ${peer.name} again`, {
      event: isUnconfirmed ? "announced-again" : "not-announced-again",
      peer: peer.id,
      txid,
      wtxid,
    });
    if (isUnconfirmed) this.announce(transaction);
  }

  /** Announces a transaction of the mempool to all peers that do not know it, when it is their turn. */
  announce(transaction: Transaction): void {
    const { state, clock, scheduleAnnouncements } = this.#options;
    state.relay.announce(transaction, clock.now());
    scheduleAnnouncements();
  }

  #perform(actions: readonly NetAction[]): void {
    this.#options.perform(actions);
  }
}

/** Inputs name the parents by txid, also where transactions are announced by wtxid. */
function parentsOf({ inputs }: Transaction): ReadonlySet<Txid> {
  return new Set(inputs.map(({ prevout }) => prevout.txid));
}
