import type { Milliseconds } from "@chain/core";
import type { Clock, Timers } from "@chain/engine";
import { SimulationError } from "./errors.ts";

/**
 * Lets every promise go on that can go on without time passing, and resolves after that. A simulation is pure, so it
 * has no way of its own: hand in `() => new Promise((resolve) => setImmediate(resolve))`, or in a browser the same
 * with a MessageChannel.
 */
export type Settle = () => Promise<void>;

interface Event {
  readonly at: number;
  readonly order: number;
  /** None once it is cancelled. */
  callback: (() => void) | undefined;
}

/**
 * Time that passes only when nothing is left to do: the clock and the timers of all nodes. Alarms that are due at the same
 * millisecond ring in the order they were asked for, and only then do promises go on, unless they are let go on after
 * each callback: on one core, turns of the event loop are what a large simulation has most of.
 * @example
 * const time = new VirtualTime(0, settle);
 * let rung = 0;
 * time.after(1_000, () => rung = time.now());
 * await time.pass(5_000);
 * rung // 1_000
 */
export class VirtualTime implements Clock, Timers {
  readonly #settle: Settle;
  readonly #oneByOne: boolean;
  #now: Milliseconds;
  #order = 0;
  #processed = 0;
  /** A binary heap, the next one first. */
  readonly #heap: Event[] = [];

  /**
   * @param start milliseconds since 1970
   * @param oneByOne lets promises go on after each callback, as the event loop of Node does: slower, and closer to a
   *   real process where the order of callbacks and promises matters
   */
  constructor(start: number, settle: Settle, oneByOne = false) {
    this.#now = start;
    this.#settle = settle;
    this.#oneByOne = oneByOne;
  }

  now(): number {
    return this.#now;
  }

  /** Events that have happened. */
  get processed(): number {
    return this.#processed;
  }

  after(milliseconds: number, callback: () => void): () => void {
    return this.at(this.#now + milliseconds, callback);
  }

  /** Calls back at a time, in milliseconds since 1970, rounded up to a whole one; now, where that is past. */
  at(time: Milliseconds, callback: () => void): () => void {
    const event: Event = {
      at: Math.max(Math.ceil(time), this.#now),
      order: this.#order++,
      callback,
    };
    this.#push(event);
    return () => {
      event.callback = undefined;
    };
  }

  /** Lets so much time pass. @throws (by rejection) what `check` throws; it is asked after every turn. */
  async pass(milliseconds: number, check: () => void = () => {}): Promise<void> {
    const end = this.#now + milliseconds;
    await this.#settle();
    check();
    while (await this.#turn(end)) check();
    this.#now = end;
  }

  /**
   * Lets time pass until `done` holds.
   * @param within so many milliseconds
   * @throws SimulationError `never`.
   */
  async until(what: string, done: () => boolean, within: Milliseconds = 600_000): Promise<void> {
    const end = this.#now + within;
    await this.#settle();
    while (!done()) {
      if (!(await this.#turn(end)))
        throw new SimulationError("never", `never came to pass: ${what}`);
    }
  }

  /** Awaits something that needs time to pass. */
  async during<Result>(promise: Promise<Result>, within?: Milliseconds): Promise<Result> {
    let settled = false;
    const note = (): void => {
      settled = true;
    };
    promise.then(note, note);
    await this.until("the promise settles", () => settled, within);
    return promise;
  }

  /** All that is due at the next time that something is, if that is no later than `end`. */
  async #turn(end: number): Promise<boolean> {
    const next = this.#peek();
    if (next === undefined || next.at > end) return false;
    this.#now = next.at;
    for (let due = this.#peek(); due?.at === this.#now; due = this.#peek()) {
      this.#pop();
      this.#processed++;
      due.callback?.();
      if (this.#oneByOne) break;
    }
    await this.#settle();
    return true;
  }

  #peek(): Event | undefined {
    while (this.#heap[0] !== undefined && this.#heap[0].callback === undefined) this.#pop();
    return this.#heap[0];
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as Event;
      if (isBefore(parent, event)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    const size = heap.length;
    if (last === undefined || size === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && isBefore(heap[child + 1] as Event, heap[child] as Event)) child++;
      if (isBefore(last, heap[child] as Event)) break;
      heap[at] = heap[child] as Event;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(one: Event, other: Event): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
