/** The engine's ports to the machine: clock, timers, randomness. */

import { hash, randomFillSync } from "node:crypto";
import type { Milliseconds } from "@chain/core";
import type { Clock, Random, Timers } from "@chain/engine";

export const systemClock: Clock = Object.freeze({ now: () => Date.now() });

/** Never set, and tells parts of a millisecond. */
export const systemStopwatch: Clock = Object.freeze({ now: () => performance.now() });

/** The platform's. */
export const systemSha256 = (bytes: Uint8Array): Uint8Array => hash("sha256", bytes, "buffer");

/** A clock that can be set, as `setmocktime` does. */
export interface SettableClock extends Clock {
  /** @param time milliseconds since 1970, where it stands still; undefined: real time again */
  set(time: Milliseconds | undefined): void;
}

/** A clock that can be set, and then stands still: for tests of what takes days. Core: SetMockTime. */
export class MockableClock implements SettableClock {
  #mock: number | undefined;

  /** @param seconds since 1970: what it shows; without it, it goes with the system's */
  constructor(seconds?: number) {
    this.#mock = seconds === undefined ? undefined : seconds * 1000;
  }

  now(): number {
    return this.#mock ?? systemClock.now();
  }

  /** @param time milliseconds since 1970; undefined: real time again */
  set(time: Milliseconds | undefined): void {
    this.#mock = time;
  }
}

export const systemTimers: Timers = Object.freeze({
  after(milliseconds: number, callback: () => void): () => void {
    // A timer of 0 ms waits for at least 1, and proof of work asks for it a hundred times a second.
    if (milliseconds === 0) {
      const immediate = setImmediate(callback);
      return () => clearImmediate(immediate);
    }
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
});

export const systemRandom: Random = Object.freeze({
  bytes: (count: number) => randomFillSync(new Uint8Array(count)),
});
