import type { Milliseconds, Transaction, Txid } from "@chain/core";
import type { PeerId, Timers } from "@chain/engine";
import {
  type InventoryItem,
  type Message,
  type MessageOf,
  MSG_TX,
  MSG_WITNESS_TX,
  MSG_WTX,
} from "@chain/wire";

/**
 * The fate of a transaction of ours. `unknown`: no peer has answered for it yet; `seen`: a peer has it in its
 * mempool; `refused`: all peers that relay transactions took it and do not have it, or another transaction has spent its
 * coins; `confirmed`: it is in the best chain.
 */
export type Fate = "unknown" | "seen" | "refused" | "confirmed";

/**
 * When a peer that has taken a transaction is asked whether it has kept it. Core answers after its next `inv`, which
 * takes some seconds; a node of a quick network of one's own, at once.
 */
const PROBE_AFTER: readonly Milliseconds[] = [500, 9_500, 20_000, 30_000];
/** More transactions than a wallet pays at a time. */
const MAX_BROADCASTS = 1_000;

interface Broadcast {
  readonly transaction: Transaction;
  /** The word of each peer that took it. */
  readonly peers: Map<PeerId, "taken" | "seen" | "refused">;
  /** A peer that has gone had it. */
  wasSeen: boolean;
  /** A peer that has gone was given it, and had not said what it makes of it. */
  wasTaken: boolean;
}

export interface BroadcastPeer {
  readonly id: PeerId;
  readonly wtxidRelay: boolean;
}

interface BroadcastsOptions {
  readonly timers: Timers;
  /** Those that relay transactions. */
  readonly peers: () => readonly BroadcastPeer[];
  readonly send: (peer: PeerId, message: Message) => void;
  readonly changed: (txid: Txid, fate: Fate) => void;
}

/**
 * Hands transactions to peers, and finds out what they make of them: a full node tells nobody that it has refused one,
 * but it gives out what is in its mempool, so it is asked for what it was given.
 */
export class Broadcasts {
  readonly #options: BroadcastsOptions;
  readonly #all = new Map<Txid, Broadcast>();
  readonly #alarms = new Set<() => void>();

  constructor(options: BroadcastsOptions) {
    this.#options = options;
  }

  get transactions(): readonly Transaction[] {
    return [...this.#all.values()].map(({ transaction }) => transaction);
  }

  has(txid: Txid): boolean {
    return this.#all.has(txid);
  }

  /** Goes on with those of another process, which may have given them to peers. */
  restore(transactions: readonly Transaction[]): void {
    for (const transaction of transactions) {
      const broadcast = { transaction, peers: new Map(), wasSeen: false, wasTaken: true };
      this.#all.set(transaction.txid, broadcast);
    }
  }

  /** Tells all peers, and those that come later. */
  add(transaction: Transaction): void {
    const { txid } = transaction;
    const fresh: Broadcast = { transaction, peers: new Map(), wasSeen: false, wasTaken: false };
    this.#all.set(txid, { ...fresh, ...this.#all.get(txid), transaction });
    for (const oldest of this.#all.keys()) {
      if (this.#all.size <= MAX_BROADCASTS) break;
      this.#all.delete(oldest);
    }
    for (const peer of this.#options.peers()) this.#announce(peer, [transaction]);
  }

  /** It is in the chain, or never will be. */
  delete(txid: Txid): void {
    this.#all.delete(txid);
  }

  ready(peer: BroadcastPeer): void {
    this.#announce(peer, this.transactions);
  }

  /** It has gone, and is not among `peers` any more: what the others say is all that counts. */
  remove(peer: PeerId): void {
    for (const each of this.#all.values()) {
      const said = each.peers.get(peer);
      if (said === "seen") each.wasSeen = true;
      if (said === "taken") each.wasTaken = true;
      each.peers.delete(peer);
      const { txid } = each.transaction;
      if (said === undefined && this.fate(txid) === "refused") {
        this.#options.changed(txid, "refused");
      }
    }
  }

  stop(): void {
    for (const cancel of this.#alarms) cancel();
    this.#alarms.clear();
  }

  fate(txid: Txid): Fate {
    const broadcast = this.#all.get(txid);
    if (broadcast === undefined) return "unknown";
    const { peers, wasSeen, wasTaken } = broadcast;
    if (wasSeen || [...peers.values()].includes("seen")) return "seen";
    const present = this.#options.peers();
    const haveAllRefused = present.every(({ id }) => peers.get(id) === "refused");
    return present.length > 0 && haveAllRefused && !wasTaken ? "refused" : "unknown";
  }

  heard({ id, wtxidRelay }: BroadcastPeer, message: Message): void {
    switch (message.command) {
      case "getdata":
        this.#give(id, message);
        return;
      case "inv":
        for (const { hash } of message.items) this.#note(id, hash, "seen");
        return;
      case "tx":
        this.#note(id, wtxidRelay ? message.transaction.wtxid : message.transaction.txid, "seen");
        return;
      default: // A `reject` proves nothing, and Core sends none since 0.20.
    }
  }

  #announce({ id, wtxidRelay }: BroadcastPeer, transactions: readonly Transaction[]): void {
    if (transactions.length === 0) return;
    const items = transactions.map((each) => itemOf(each, wtxidRelay));
    this.#options.send(id, { command: "inv", items });
  }

  #find(hash: string): Broadcast | undefined {
    for (const each of this.#all.values()) {
      const { txid, wtxid } = each.transaction;
      if (txid === hash || wtxid === hash) return each;
    }
    return undefined;
  }

  #give(peer: PeerId, { items }: MessageOf<"getdata">): void {
    const missing: InventoryItem[] = [];
    for (const item of items) {
      const found = this.#find(item.hash);
      if (found === undefined) missing.push(item);
      else {
        this.#options.send(peer, { command: "tx", transaction: found.transaction });
        if (!found.peers.has(peer)) found.peers.set(peer, "taken");
        this.#probe(peer, found, 0);
      }
    }
    if (missing.length > 0) this.#options.send(peer, { command: "notfound", items: missing });
  }

  /** Asks a peer for what it was given. One that says again and again that it has no such thing has refused it. */
  #probe(peer: PeerId, { transaction }: Broadcast, count: number): void {
    const { timers, peers, send } = this.#options;
    const after = PROBE_AFTER[count];
    const cancel = timers.after(after ?? 0, () => {
      this.#alarms.delete(cancel);
      const found = this.#all.get(transaction.txid);
      const asked = peers().find(({ id }) => id === peer);
      if (found === undefined || asked === undefined || found.peers.get(peer) !== "taken") return;
      if (after === undefined) {
        this.#note(peer, transaction.txid, "refused");
        return;
      }
      const { type, hash } = itemOf(transaction, asked.wtxidRelay);
      const item = { type: type === MSG_TX ? MSG_WITNESS_TX : type, hash };
      send(peer, { command: "getdata", items: [item] });
      this.#probe(peer, found, count + 1);
    });
    this.#alarms.add(cancel);
  }

  #note(peer: PeerId, hash: string, what: "seen" | "refused"): void {
    const found = this.#find(hash);
    if (found === undefined || found.peers.get(peer) === what) return;
    const { txid } = found.transaction;
    const before = this.fate(txid);
    found.peers.set(peer, what);
    const after = this.fate(txid);
    if (after !== before) this.#options.changed(txid, after);
  }
}

function itemOf({ txid, wtxid }: Transaction, wtxidRelay: boolean): InventoryItem {
  return wtxidRelay ? { type: MSG_WTX, hash: wtxid } : { type: MSG_TX, hash: txid };
}
