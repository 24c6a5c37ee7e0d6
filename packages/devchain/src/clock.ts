import type { Milliseconds, Seconds } from "@chain/core";

/** The part of `Date` that a clock needs. */
interface SystemClock {
  now(): Milliseconds;
}

/**
 * The time of a chain: it goes with the system's from wherever it was set, or stands still until it is moved. The RPC's
 * `setmocktime` makes it stand still as well.
 */
export class DevClock {
  readonly #system: SystemClock;
  /** Ahead of the system, where it goes. */
  #ahead: Milliseconds = 0;
  #still: Milliseconds | undefined;

  /** @param time where it is given, the clock stands still there */
  constructor(time: Seconds | undefined, system: SystemClock = Date) {
    this.#system = system;
    this.#still = time === undefined ? undefined : time * 1000;
  }

  now(): Milliseconds {
    return this.#still ?? this.#system.now() + this.#ahead;
  }

  /** As `setmocktime`: it stands still from now on; `undefined`: the time of the system. */
  set(time: Milliseconds | undefined): void {
    this.#still = time;
    if (time === undefined) this.#ahead = 0;
  }

  /** Moves it, without making it stand or go. */
  moveTo(time: Milliseconds): void {
    if (this.#still !== undefined) this.#still = time;
    else this.#ahead = time - this.#system.now();
  }

  /** Whether it stands still, and where it is: for `restore`. */
  state(): ClockState {
    return { time: this.now(), isStill: this.#still !== undefined };
  }

  restore({ time, isStill }: ClockState): void {
    this.#still = isStill ? time : undefined;
    this.#ahead = isStill ? 0 : time - this.#system.now();
  }
}

/** The state of a clock. */
export interface ClockState {
  readonly time: Milliseconds;
  readonly isStill: boolean;
}
