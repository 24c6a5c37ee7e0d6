/**
 * A set that forgets the older half of its members when it is full: memory of what a stranger says must have an end.
 * Two generations, because taking the single oldest out of a Set gets slower the more were taken out before.
 */
export class BoundedSet<Item> {
  readonly #half: number;
  #young = new Set<Item>();
  #old = new Set<Item>();

  /** @param capacity most members, at least 2; the last half as many are always remembered */
  constructor(capacity: number) {
    this.#half = Math.max(1, Math.floor(capacity / 2));
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  has(item: Item): boolean {
    return this.#young.has(item) || this.#old.has(item);
  }

  add(item: Item): void {
    if (this.has(item)) return;
    if (this.#young.size >= this.#half) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    this.#young.add(item);
  }

  delete(item: Item): void {
    this.#young.delete(item);
    this.#old.delete(item);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }
}
