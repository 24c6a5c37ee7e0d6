import type { Milliseconds } from "@chain/core";
import type { Clock, Timers } from "../../ports.ts";

/** Rest between two rings while the clock stands still, or what is never due would ring all the time. Milliseconds. */
const STANDSTILL_REST: Milliseconds = 20;

/**
 * Rings once, at the earliest of all times that it was told.
 *
 * @example
 * await new Promise((ring) => {
 *   const alarm = new Alarm({ clock, timers }, ring);
 *   alarm.by(clock.now() + 1_000);
 *   alarm.by(clock.now()); // rings then, once
 * });
 */
export class Alarm {
  readonly #options: { readonly clock: Clock; readonly timers: Timers };
  readonly #ring: () => void;
  #at = Number.POSITIVE_INFINITY;
  #cancel: () => void = () => {};
  /** The clock did not move while this waited for the last time. */
  #stands = false;

  constructor(options: { readonly clock: Clock; readonly timers: Timers }, ring: () => void) {
    this.#options = options;
    this.#ring = ring;
  }

  /**
   * Rings then, if not before.
   * @param at milliseconds since 1970
   * @param least milliseconds from now that it takes at least
   */
  by(at: number, least = 1): void {
    if (at >= this.#at) return;
    const { clock, timers } = this.#options;
    this.#cancel();
    this.#at = at;
    const from = clock.now();
    const rest = this.#stands ? STANDSTILL_REST : 0;
    this.#cancel = timers.after(Math.max(at - from, least, rest), () => {
      this.#at = Number.POSITIVE_INFINITY;
      this.#stands = clock.now() === from;
      this.#ring();
    });
  }

  stop(): void {
    this.#cancel();
    this.#at = Number.POSITIVE_INFINITY;
  }
}
