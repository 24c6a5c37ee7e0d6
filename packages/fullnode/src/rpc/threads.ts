/**
 * Lets so many requests be worked on at the same time; the others wait for their turn, in the order in which they came.
 * Core's `-rpcthreads`.
 */
export class Threads {
  readonly #count: number;
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  constructor(count: number) {
    this.#count = count;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#busy < this.#count) this.#busy++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // The next one takes over this place.
      if (next === undefined) this.#busy--;
      else next();
    }
  }
}
