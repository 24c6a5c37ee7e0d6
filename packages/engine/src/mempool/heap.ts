/** A binary heap: `pop` gives the first in the order of `before`. */
export class Heap<Item> {
  readonly #items: Item[];
  readonly #before: (a: Item, b: Item) => boolean;

  constructor(before: (a: Item, b: Item) => boolean, items: Iterable<Item> = []) {
    this.#before = before;
    this.#items = [...items];
    for (let at = (this.#items.length >> 1) - 1; at >= 0; at--) this.#sink(at);
  }

  get size(): number {
    return this.#items.length;
  }

  get first(): Item | undefined {
    return this.#items[0];
  }

  push(item: Item): void {
    let at = this.#items.push(item) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!this.#isBefore(at, above)) break;
      this.#swap(at, above);
      at = above;
    }
  }

  pop(): Item | undefined {
    const first = this.#items[0];
    const last = this.#items.pop();
    if (last === undefined || this.#items.length === 0) return first;
    this.#items[0] = last;
    this.#sink(0);
    return first;
  }

  #sink(at: number): void {
    while (true) {
      let least = at;
      for (const below of [2 * at + 1, 2 * at + 2]) {
        if (below < this.#items.length && this.#isBefore(below, least)) least = below;
      }
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #isBefore(i: number, j: number): boolean {
    return this.#before(this.#items[i] as Item, this.#items[j] as Item);
  }

  #swap(i: number, j: number): void {
    const item = this.#items[i] as Item;
    this.#items[i] = this.#items[j] as Item;
    this.#items[j] = item;
  }
}
