import type { Milliseconds } from "@chain/core";

/** About what it costs to accept an inbound connection and do its handshake. Milliseconds. */
const HANDSHAKE: Milliseconds = 5;

/**
 * The processor time that all inbound peers together get to begin with: a token bucket. A peer that connects again and
 * again must not get an allowance each time, so each gets a twentieth of what is left.
 */
export class InboundCpuBudget {
  /** Milliseconds. */
  static readonly most = 2_000;
  static readonly perSecond = 50;
  static readonly share: number = 1 / 20;
  #left: number = InboundCpuBudget.most;
  #at = Number.NEGATIVE_INFINITY;

  /** @returns the allowance of the next inbound peer, in milliseconds */
  take(now: Milliseconds): number {
    this.#regain(now);
    const taken = this.#left * InboundCpuBudget.share;
    this.#left -= taken;
    return taken;
  }

  /** Whether so many have called lately that the next would cost more by its handshake than its allowance is worth. */
  isWornOut(now: Milliseconds): boolean {
    this.#regain(now);
    return this.#left * InboundCpuBudget.share < HANDSHAKE;
  }

  #regain(now: Milliseconds): void {
    const seconds = Math.max(0, now - this.#at) / 1000;
    this.#left = Math.min(InboundCpuBudget.most, this.#left + seconds * InboundCpuBudget.perSecond);
    this.#at = now;
  }
}
