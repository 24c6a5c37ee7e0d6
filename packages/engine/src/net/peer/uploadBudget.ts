/** How much is sent each day. Core: CConnman, OutboundTargetReached. */
import type { Milliseconds } from "@chain/core";

/** Milliseconds. */
const CYCLE: Milliseconds = 24 * 60 * 60_000;
/** Time and bytes of one block, at most, for which there must be room until the end of the day. */
const BLOCK_INTERVAL: Milliseconds = 10 * 60_000;
const MAX_BLOCK = 4_000_000;

/** The bytes sent today, of those that may be. Bytes, and milliseconds. */
export interface UploadState {
  /** 0: as many as peers want. */
  readonly target: number;
  readonly sent: number;
  readonly left: number;
  readonly endsIn: number;
  readonly reached: boolean;
  /** Whether old blocks are still to be had. */
  readonly servesOld: boolean;
}

/**
 * Counts what is sent in a day, and says when old blocks are to be had no more, so that there is room for new ones.
 *
 * @example
 * const budget = new UploadBudget(5_000_000_000);
 * budget.sent(1_000_000, now);
 * budget.isReached(now, true) // false: old blocks need not wait until tomorrow
 */
export class UploadBudget {
  /** Bytes in a day; 0: as many as peers want. */
  readonly target: number;
  #sent = 0;
  #cycleEnds = 0;

  constructor(target = 0) {
    this.target = target;
  }

  sent(bytes: number, now: Milliseconds): void {
    this.#turn(now);
    this.#sent += bytes;
  }

  /** @param historical whether it is about old blocks, which leave room for new ones */
  isReached(now: Milliseconds, historical: boolean): boolean {
    if (this.target === 0) return false;
    this.#turn(now);
    const reserve = historical ? ((this.#cycleEnds - now) / BLOCK_INTERVAL) * MAX_BLOCK : 0;
    return this.#sent >= this.target - reserve;
  }

  /** The state of the budget: the bytes and the time that are left of the day. */
  state(now: Milliseconds): UploadState {
    this.#turn(now);
    const { target } = this;
    return {
      target,
      sent: this.#sent,
      left: target === 0 ? 0 : Math.max(0, target - this.#sent),
      endsIn: this.#cycleEnds - now,
      reached: this.isReached(now, false),
      servesOld: !this.isReached(now, true),
    };
  }

  /** The day begins with the first that is sent after the last one's end. */
  #turn(now: Milliseconds): void {
    // A clock that was set back must not make the day longer.
    if (now < this.#cycleEnds && now >= this.#cycleEnds - CYCLE) return;
    this.#cycleEnds = now + CYCLE;
    this.#sent = 0;
  }
}
