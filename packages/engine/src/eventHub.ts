import type { EventSource } from "./events.ts";
import type { Log } from "./ports.ts";

/** Hands each event to all listeners, one event after the other even where a listener causes the next. */
export class EventHub<Event extends { readonly type: string }> implements EventSource<Event> {
  readonly #listeners = new Set<(event: Event) => void>();
  readonly #queue: Event[] = [];
  readonly #log: Log;
  #emitting = false;

  constructor(log: Log) {
    this.#log = log;
  }

  subscribe(listener: (event: Event) => void): () => void {
    // A wrapper, so that a listener that subscribes twice is called twice and can leave once.
    const own = (event: Event) => listener(event);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  emit(event: Event): void {
    this.#queue.push(event);
    if (this.#emitting) return;
    this.#emitting = true;
    // Events that listeners cause on the way are added behind.
    for (const next of this.#queue) {
      for (const listener of [...this.#listeners]) {
        try {
          listener(next);
        } catch (error) {
          this.#log("error", "chain", `a listener failed on ${next.type}: ${String(error)}`);
        }
      }
    }
    this.#queue.length = 0;
    this.#emitting = false;
  }
}
