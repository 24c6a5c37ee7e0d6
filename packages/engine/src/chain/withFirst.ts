/** Values that somebody reads to the end, or leaves by `return`. */
export interface ReadValues<Value> extends AsyncIterableIterator<Value> {
  return(value?: unknown): Promise<IteratorResult<Value>>;
}

/**
 * Values behind a first one that was asked for before. `return` ends the rest also where nothing was read yet, which
 * that of a generator does not: its `finally` runs only once it has begun.
 */
export function withFirst<Value>(
  first: IteratorResult<Value>,
  rest: AsyncIterator<Value>,
): ReadValues<Value> {
  let ahead: IteratorResult<Value> | undefined = first;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      const next = ahead ?? (await rest.next());
      ahead = undefined;
      return next;
    },
    async return() {
      ahead = undefined;
      await rest.return?.();
      return { done: true, value: undefined };
    },
  };
}
