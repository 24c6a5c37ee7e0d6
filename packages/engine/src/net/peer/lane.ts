import type { Clock, Timers } from "../../ports.ts";

/** One has the lane for so long, unless a single message takes longer. Milliseconds. */
const SLICE = 4;
/** After it the lane rests for so many times as long, in which all others have the processor for themselves. */
const REST = 9;
const MAX_REST = 1_000;

export interface LaneOptions<Key> {
  readonly stopwatch: Clock;
  readonly timers: Timers;
  /** Whether there are others, to whom the rests belong. */
  readonly needsRest: () => boolean;
  /** The greatest goes first. */
  readonly priority: (key: Key) => number;
}

/**
 * Where those wait that have taken more of our time than is their due: one at a time, the one that has taken least
 * first, and all of them together a tenth of the time. Where nothing else is to be done they go on without a rest.
 */
export class Lane<Key> {
  readonly #options: LaneOptions<Key>;
  readonly #waiting = new Map<Key, () => void>();
  #holder: Key | undefined;
  #since = 0;
  #isResting = false;

  constructor(options: LaneOptions<Key>) {
    this.#options = options;
  }

  /** Whether it is its turn, and not over. */
  admits(key: Key): boolean {
    return this.#holder === key && this.#options.stopwatch.now() - this.#since < SLICE;
  }

  /** Resolves when it is its turn. */
  enter(key: Key): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.set(key, resolve);
      this.#next();
    });
  }

  /** Its turn ends. Harmless where it is not its turn. */
  leave(key: Key): void {
    if (this.#holder !== key) return;
    this.#holder = undefined;
    this.#isResting = true;
    const { stopwatch, timers, needsRest } = this.#options;
    const taken = Math.max(0, stopwatch.now() - this.#since);
    timers.after(needsRest() ? Math.min(taken * REST, MAX_REST) : 0, () => {
      this.#isResting = false;
      this.#next();
    });
  }

  #next(): void {
    if (this.#holder !== undefined || this.#isResting) return;
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
