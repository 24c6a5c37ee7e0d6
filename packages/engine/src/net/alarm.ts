import type { Clock, Timers } from "../ports.ts";

/**
 * Rings once, at the earliest of all times that it was told.
 *
 * @example
 * const alarm = new Alarm({ clock, timers }, () => lookAtTimeLimits());
 * alarm.by(clock.now() + 1_000);
 * alarm.by(clock.now() + 500); // rings after half a second, once
 */
export class Alarm {
  readonly #options: { readonly clock: Clock; readonly timers: Timers };
  readonly #ring: () => void;
  #at = Number.POSITIVE_INFINITY;
  #cancel: () => void = () => {};

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
    this.#cancel = timers.after(Math.max(at - clock.now(), least), () => {
      this.#at = Number.POSITIVE_INFINITY;
      this.#ring();
    });
  }

  stop(): void {
    this.#cancel();
    this.#at = Number.POSITIVE_INFINITY;
  }
}
