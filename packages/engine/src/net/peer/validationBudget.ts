import type { Milliseconds } from "@chain/core";

/** Bytes that are taken apart in the time of checking a signature. */
export const BYTES_PER_UNIT = 2_500;

/** So much may be wasted at once. Units: about the work of checking one signature. */
const CAPACITY = 4_000;
/** So much is regained in a second. All inbound peers together then cost less than one processor has. */
const PER_SECOND = 10;

/**
 * How much work that came to nothing, or that was out of proportion to the question, one peer has made us do: a token
 * bucket. A peer that has used it up is not punished, because an honest peer may be unlucky, but its transactions are
 * ignored for a while. Blocks and headers are taken from every peer.
 */
export class ValidationBudget {
  #left = CAPACITY;
  #at = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds since 1970 */
  charge(units: number, now: Milliseconds): void {
    this.#regain(now);
    // No peer waits longer than it takes to regain everything.
    this.#left = Math.max(this.#left - units, -CAPACITY);
  }

  isSpent(now: Milliseconds): boolean {
    this.#regain(now);
    return this.#left <= 0;
  }

  #regain(now: Milliseconds): void {
    const seconds = Math.max(0, now - this.#at) / 1000;
    this.#left = Math.min(CAPACITY, this.#left + seconds * PER_SECOND);
    this.#at = now;
  }
}
