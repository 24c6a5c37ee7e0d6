import type { Milliseconds } from "@chain/core";
import type { Clock, Timers } from "../../ports.ts";

/** How long a peer has the queue, unless a single message takes longer. Milliseconds. */
const SLICE: Milliseconds = 4;
/** Then the queue rests for so many times as long, so that all other peers have the processor for themselves. */
const REST = 9;
const MAX_REST = 1_000;

export interface RateLimitedQueueOptions<Key> {
  readonly stopwatch: Clock;
  readonly timers: Timers;
  /** Whether other peers need the processor, so that the queue has to rest. */
  readonly needsRest: () => boolean;
  /** The key with the greatest priority goes first. */
  readonly priority: (key: Key) => number;
}

/**
 * A queue of the peers that have used up their processor time. They go one at a time, and together they get
 * a tenth of the time. While nothing else is to be done, they go on without a rest.
 */
export class RateLimitedQueue<Key> {
  readonly #options: RateLimitedQueueOptions<Key>;
  readonly #waiting = new Map<Key, () => void>();
  #holder: Key | undefined;
  #since: Milliseconds = 0;
  #isResting = false;
  #restsUntil: Milliseconds = 0;
  /** Cancels the timer of the rest, which runs only while a peer waits. */
  #cancel: (() => void) | undefined;

  constructor(options: RateLimitedQueueOptions<Key>) {
    this.#options = options;
  }

  /** Whether the key has its turn, and the turn is not over. */
  admits(key: Key): boolean {
    return this.#holder === key && this.#options.stopwatch.now() - this.#since < SLICE;
  }

  /** Resolves when the key has its turn, or is withdrawn. */
  enter(key: Key): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.set(key, resolve);
      this.#next();
    });
  }

  /** The key waits no longer, and has no turn. Harmless where it does not wait. */
  withdraw(key: Key): void {
    const enter = this.#waiting.get(key);
    this.#waiting.delete(key);
    if (this.#waiting.size === 0) this.#stopTimer();
    enter?.();
  }

  /** The turn of the key ends. Harmless where it has none. */
  leave(key: Key): void {
    if (this.#holder !== key) return;
    this.#holder = undefined;
    this.#isResting = true;
    const { stopwatch, needsRest } = this.#options;
    const now = stopwatch.now();
    const taken = Math.max(0, now - this.#since);
    this.#restsUntil = now + (needsRest() ? Math.min(taken * REST, MAX_REST) : 0);
    this.#next();
  }

  /** Even where no rest is needed, the others have a chance in between. */
  #rest(): void {
    if (this.#waiting.size === 0 || this.#cancel !== undefined) return;
    const { stopwatch, timers } = this.#options;
    this.#cancel = timers.after(Math.max(0, this.#restsUntil - stopwatch.now()), () => {
      this.#cancel = undefined;
      this.#isResting = false;
      this.#next();
    });
  }

  #stopTimer(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #next(): void {
    if (this.#holder !== undefined) return;
    if (this.#isResting) {
      this.#rest();
      return;
    }
    const { priority, stopwatch } = this.#options;
    let best: Key | undefined;
    for (const key of this.#waiting.keys()) {
      if (best === undefined || priority(key) > priority(best)) best = key;
    }
    if (best === undefined) return;
    const enter = this.#waiting.get(best);
    this.#waiting.delete(best);
    this.#holder = best;
    this.#since = stopwatch.now();
    enter?.();
  }
}
