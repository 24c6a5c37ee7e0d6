import type { Txid, Wtxid } from "@chain/core";
import { type InventoryItem, MAX_INVENTORY_ITEMS, MSG_TX, MSG_WTX } from "@chain/wire";
import type { PeerId } from "../events.ts";
import { type NetAction, send } from "./actions.ts";
import { BoundedSet } from "./boundedSet.ts";
import type { TransactionName } from "./transactionRequests.ts";

/** Transactions that a peer is known to have: forgetting one only costs an announcement too many. */
const MAX_KNOWN = 10_000;
/** Most announcements in one message, so that one peer's share of a burst stays small. */
const MAX_INVENTORY = 1_000;

interface PeerRelay {
  /** Whether it wants to hear of transactions. */
  readonly wants: boolean;
  /** Whether it wants them by their wtxid (BIP-0339). */
  readonly byWtxid: boolean;
  /** By the names that it goes by. */
  readonly known: BoundedSet<TransactionName>;
  /** To be announced with the next flush. */
  readonly outbox: Set<Txid>;
  /** Least fee rate that it takes, for 1,000 bytes (BIP-0133). */
  minFeeRate: bigint;
}

/** What the relay wants to know of a transaction in the mempool. */
export interface Waiting {
  readonly wtxid: Wtxid;
  /** Base units for 1,000 virtual bytes. */
  readonly feeRate: bigint;
}

/** Tells peers which transactions wait here (`inv`); never one that it is known to have. */
export class TransactionRelay {
  readonly #waiting: (txid: Txid) => Waiting | undefined;
  readonly #peers = new Map<PeerId, PeerRelay>();

  /** @param waiting finds a transaction of the mempool */
  constructor(waiting: (txid: Txid) => Waiting | undefined) {
    this.#waiting = waiting;
  }

  /** @param mempool what waits here already: the peer may not have heard of it */
  add(peer: PeerId, options: Pick<PeerRelay, "wants" | "byWtxid">, mempool: Iterable<Txid>): void {
    const state: PeerRelay = {
      ...options,
      known: new BoundedSet(MAX_KNOWN),
      outbox: new Set(),
      minFeeRate: 0n,
    };
    this.#peers.set(peer, state);
    if (!state.wants) return;
    for (const txid of mempool) {
      if (state.outbox.size === MAX_INVENTORY_ITEMS) break;
      state.outbox.add(txid);
    }
  }

  remove(peer: PeerId): void {
    this.#peers.delete(peer);
  }

  setMinFeeRate(peer: PeerId, rate: bigint): void {
    const state = this.#peers.get(peer);
    if (state !== undefined) state.minFeeRate = rate;
  }

  /** The peer has these: it has announced or sent them. */
  knows(peer: PeerId, names: Iterable<TransactionName>): void {
    const known = this.#peers.get(peer)?.known;
    if (known !== undefined) for (const name of names) known.add(name);
  }

  /** A transaction to tell everybody about with the next flush. */
  announce({ txid, wtxid }: { readonly txid: Txid; readonly wtxid: Wtxid }): void {
    for (const { wants, byWtxid, known, outbox } of this.#peers.values()) {
      if (!wants || outbox.size >= MAX_INVENTORY_ITEMS) continue;
      if (!known.has(byWtxid ? wtxid : txid)) outbox.add(txid);
    }
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
      actions.push(...this.#tell(peer, state, due, { again: false }));
    }
    return actions;
  }

  /** Tells everybody once more, whether or not they were told before. */
  repeat(txids: readonly Txid[]): NetAction[] {
    if (txids.length === 0) return [];
    return [...this.#peers].flatMap(([peer, state]) =>
      state.wants ? this.#tell(peer, state, txids, { again: true }) : [],
    );
  }

  /** All that waits here, for a peer that asks (BIP-0035). */
  inventory(peer: PeerId, mempool: Iterable<Txid>): NetAction[] {
    const state = this.#peers.get(peer);
    return state === undefined ? [] : this.#tell(peer, state, mempool, { again: true });
  }

  #tell(
    peer: PeerId,
    { byWtxid, known, minFeeRate }: PeerRelay,
    txids: Iterable<Txid>,
    { again }: { readonly again: boolean },
  ): NetAction[] {
    const items: InventoryItem[] = [];
    for (const txid of txids) {
      if (items.length === MAX_INVENTORY_ITEMS) break;
      const waiting = this.#waiting(txid);
      if (waiting === undefined || waiting.feeRate < minFeeRate) continue;
      const name = byWtxid ? waiting.wtxid : txid;
      if (!again && known.has(name)) continue;
      known.add(name);
      items.push({ type: byWtxid ? MSG_WTX : MSG_TX, hash: name });
    }
    return items.length > 0 ? [send(peer, { command: "inv", items })] : [];
  }
}
