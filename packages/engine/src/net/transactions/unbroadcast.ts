import type { Milliseconds, Txid } from "@chain/core";
import type { Log } from "../../ports.ts";

/** How long until a transaction of our own is announced again. Core: 10 to 15 minutes. Milliseconds. */
const REBROADCAST_INTERVAL: Milliseconds = 10 * 60_000;

/**
 * Transactions of our own that no peer has shown to know yet: the peers that were told may have been busy
 * catching up, and a payment must not depend on one announcement. Other nodes repeat their own
 * transactions: a node that repeats a transaction is taken for its author. Core: m_unbroadcast_txids.
 */
export class Unbroadcast {
  readonly #due = new Map<Txid, number>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** It was announced for the first time. */
  add(txid: Txid, now: Milliseconds): void {
    this.#due.set(txid, now + REBROADCAST_INTERVAL);
  }

  has(txid: Txid): boolean {
    return this.#due.has(txid);
  }

  /** Brings forward what is to be announced again. @param by milliseconds */
  forward(by: number): void {
    for (const [txid, at] of this.#due) this.#due.set(txid, at - by);
  }

  /** A peer has announced it, or asked for it. */
  seen(txid: Txid): void {
    this.#forget(txid, "a peer knows");
  }

  /** It is not in the mempool any more. */
  left(txid: Txid): void {
    this.#forget(txid, "no peer was seen to know");
  }

  #forget(txid: Txid, why: string): void {
    if (!this.#due.delete(txid)) return;
    const fields = { event: "unbroadcast-removed", txid, isSeen: why === "a peer knows" };
    this.#log("debug", "mempool", `${why} our transaction ${txid}`, fields);
  }

  /** Transactions to announce again now. One that has left the mempool is forgotten. */
  take(now: Milliseconds, isWaiting: (txid: Txid) => boolean): readonly Txid[] {
    const due: Txid[] = [];
    for (const [txid, at] of this.#due) {
      if (!isWaiting(txid)) this.#due.delete(txid);
      else if (at <= now) due.push(txid);
    }
    for (const txid of due) this.add(txid, now);
    return due;
  }
}
