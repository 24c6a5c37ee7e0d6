/** A set that forgets its oldest members: memory of what a stranger says must have an end. */
export class BoundedSet<Item> {
  readonly #items = new Set<Item>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#items.size;
  }

  has(item: Item): boolean {
    return this.#items.has(item);
  }

  add(item: Item): void {
    this.#items.add(item);
    if (this.#items.size <= this.#capacity) return;
    for (const oldest of this.#items) {
      this.#items.delete(oldest);
      return;
    }
  }

  delete(item: Item): boolean {
    return this.#items.delete(item);
  }

  clear(): void {
    this.#items.clear();
  }

  /** Empties the set and returns what was in it, the oldest first. */
  takeAll(): Item[] {
    const all = [...this.#items];
    this.#items.clear();
    return all;
  }
}
