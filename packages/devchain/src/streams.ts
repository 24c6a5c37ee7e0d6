/** Events as something to wait for: `for await`. */

/** Values that come in the order in which they happened, from the moment on when it was made. */
export class Stream<Value> implements AsyncIterableIterator<Value> {
  readonly #waiting: Value[] = [];
  #wake: (() => void) | undefined;
  #ended = false;
  readonly #onEnd: (stream: Stream<Value>) => void;

  constructor(onEnd: (stream: Stream<Value>) => void) {
    this.#onEnd = onEnd;
  }

  push(value: Value): void {
    this.#waiting.push(value);
    this.#wake?.();
  }

  /** No more come; those that are here are handed out first. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onEnd(this);
    this.#wake?.();
  }

  async next(): Promise<IteratorResult<Value>> {
    while (this.#waiting.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const [value] = this.#waiting.splice(0, 1);
    return value === undefined ? { done: true, value: undefined } : { done: false, value };
  }

  async return(): Promise<IteratorResult<Value>> {
    this.#waiting.length = 0;
    this.end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
