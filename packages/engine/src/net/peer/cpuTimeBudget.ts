import type { Milliseconds } from "@chain/core";
import type { Clock } from "../../ports.ts";

/** Time that one peer may cost us for nothing before others go first. Milliseconds. */
const ALLOWANCE: Milliseconds = 100;
/** Milliseconds that a peer regains in a second. All inbound peers together then take less than a third of a processor. */
const PER_SECOND = 2.5;
/** A peer never owes more than this, which it regains in 400 seconds. Milliseconds. */
const DEEPEST: Milliseconds = -1_000;

/** The outcome of a message: a block or a better header; a transaction that was accepted; or nothing that we needed. */
export type Outcome = "block" | "transaction" | "nothing";

/**
 * How much processor time a peer has taken for messages that we did not need: a token bucket. It measures time, because no table of costs
 * knows all messages. A peer that has used up its allowance is not punished: others go first while blocks are on their
 * way, see `RateLimitedQueue`.
 */
export class CpuTimeBudget {
  #left: number;
  #at: number;
  /** Of the message that is being handled. */
  #open = 0;
  #since: Milliseconds | undefined;

  /** @param now on a clock that is never set, in milliseconds, as everywhere here */
  constructor(now: Milliseconds, allowance: number = ALLOWANCE) {
    this.#left = Math.min(allowance, ALLOWANCE);
    this.#at = now;
  }

  /** Whether a message is being handled, and not waiting. */
  get isRunning(): boolean {
    return this.#since !== undefined;
  }

  /** Counts a cost that can't be measured. */
  add(milliseconds: number): void {
    this.#open += milliseconds;
  }

  start(now: Milliseconds): void {
    this.#since ??= now;
  }

  stop(now: Milliseconds): void {
    if (this.#since !== undefined) this.#open += now - this.#since;
    this.#since = undefined;
  }

  /** A message was handled to its end. */
  finish(outcome: Outcome, now: Milliseconds): void {
    this.stop(now);
    this.#regain(now);
    // Proof of work is too dear for an attacker to make it for this.
    if (outcome === "block") this.#left = ALLOWANCE;
    if (outcome === "nothing") this.#left = Math.max(this.#left - this.#open, DEEPEST);
    this.#open = 0;
  }

  /** The time that the peer may still cost, in milliseconds. Where nothing is left, others go first. */
  left(now: Milliseconds): number {
    this.#regain(now);
    const running = this.#since === undefined ? 0 : now - this.#since;
    return this.#left - this.#open - running;
  }

  #regain(now: Milliseconds): void {
    const seconds = Math.max(0, now - this.#at) / 1000;
    this.#left = Math.min(ALLOWANCE, this.#left + seconds * PER_SECOND);
    this.#at = now;
  }
}

/**
 * Stops the count until an operation begins that waits for those of others: their time is not the peer's.
 * @returns to be called when the operation begins
 */
export function untilTurn(budget: CpuTimeBudget, stopwatch: Clock): () => void {
  if (!budget.isRunning) return () => {};
  budget.stop(stopwatch.now());
  return () => budget.start(stopwatch.now());
}
