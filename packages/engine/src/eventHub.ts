import type { EventSource, NodeEvent, NodeListener } from "./events.ts";
import type { Log } from "./ports.ts";

/** Hands each event to all listeners, one event after the other even where a listener causes the next. */
export class EventHub implements EventSource {
  readonly #listeners = new Set<NodeListener>();
  readonly #queue: NodeEvent[] = [];
  readonly #log: Log;
  #emitting = false;

  constructor(log: Log) {
    this.#log = log;
  }

  subscribe(listener: NodeListener): () => void {
    // A wrapper, so that whoever subscribes twice is called twice and can leave once.
    const own: NodeListener = (event) => listener(event);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  emit(event: NodeEvent): void {
    this.#queue.push(event);
    if (this.#emitting) return;
    this.#emitting = true;
    // What listeners cause on the way is added behind.
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
