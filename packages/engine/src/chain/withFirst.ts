/** Values behind a first one that was asked for before. */
export async function* withFirst<Value>(
  first: IteratorResult<Value>,
  rest: AsyncIterator<Value>,
): AsyncGenerator<Value> {
  try {
    for (let next = first; !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
