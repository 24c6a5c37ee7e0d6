import type { Milliseconds } from "@chain/core";

/** About what it costs to let a caller in and greet it. Milliseconds. */
const HANDSHAKE: Milliseconds = 5;

/**
 * What all callers together get to begin with, because one that calls again and again must not get an allowance each
 * time. Each gets a twentieth of what is left.
 */
export class NewcomerAllowance {
  /** Milliseconds. */
  static readonly most = 2_000;
  static readonly perSecond = 50;
  static readonly share: number = 1 / 20;
  #left: number = NewcomerAllowance.most;
  #at = Number.NEGATIVE_INFINITY;

  /** @returns the allowance of the next caller, in milliseconds */
  take(now: Milliseconds): number {
    this.#regain(now);
    const taken = this.#left * NewcomerAllowance.share;
    this.#left -= taken;
    return taken;
  }

  /** Whether so many have called lately that the next would cost more by its handshake than its allowance is worth. */
  isWornOut(now: Milliseconds): boolean {
    this.#regain(now);
    return this.#left * NewcomerAllowance.share < HANDSHAKE;
  }

  #regain(now: Milliseconds): void {
    const seconds = Math.max(0, now - this.#at) / 1000;
    this.#left = Math.min(
      NewcomerAllowance.most,
      this.#left + seconds * NewcomerAllowance.perSecond,
    );
    this.#at = now;
  }
}
