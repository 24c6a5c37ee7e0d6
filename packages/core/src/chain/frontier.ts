import type { HeaderTable } from "./headerTable.ts";
import { NO_SLOT } from "./headerTable.ts";

/**
 * The last headers of all branches of those that count (a set which, with a header, holds its ancestors), and the best
 * of them, by their slots. Work grows along a branch, so the best of all is always one of these.
 */
export class Frontier {
  /** All of them but one: of a long chain that comes header by header, each is an end until the next one comes. */
  readonly #ends = new Set<number>();
  #latest: number = NO_SLOT;
  readonly #table: HeaderTable;
  readonly #sequence: (slot: number) => number;
  #best: number = NO_SLOT;

  /** @param sequence the smaller number wins among equal work */
  constructor(table: HeaderTable, sequence: (slot: number) => number) {
    this.#table = table;
    this.#sequence = sequence;
  }

  /** `NO_SLOT` while nothing was added. */
  get best(): number {
    return this.#best;
  }

  /** Adds a header whose parent is in the set, and none of its children. */
  add(slot: number): void {
    const parent = this.#table.parent(slot);
    if (parent !== this.#latest) {
      this.#ends.delete(parent);
      this.#addEnd(this.#latest);
    }
    this.#latest = slot;
    if (this.#best === NO_SLOT || this.#isBetter(slot, this.#best)) this.#best = slot;
  }

  /**
   * Takes out a whole branch: `removed` are its headers, the first of them its root.
   * @param counts whether a header is in the set now
   */
  removeBranch(removed: readonly number[], counts: (slot: number) => boolean): void {
    this.#addEnd(this.#latest);
    this.#latest = NO_SLOT;
    for (const slot of removed) this.#ends.delete(slot);
    const [root] = removed;
    const parent = root === undefined ? NO_SLOT : this.#table.parent(root);
    if (parent !== NO_SLOT && counts(parent) && !this.#hasChild(parent, counts)) {
      this.#ends.add(parent);
    }
    if (this.#ends.has(this.#best)) return; // the parent has less work than its branch had
    let best = NO_SLOT;
    for (const slot of this.#ends) {
      if (best === NO_SLOT || this.#isBetter(slot, best)) best = slot;
    }
    this.#best = best;
  }

  #addEnd(slot: number): void {
    if (slot !== NO_SLOT) this.#ends.add(slot);
  }

  #isBetter(a: number, b: number): boolean {
    const more = this.#table.compareWork(a, b);
    return more === 0 ? this.#sequence(a) < this.#sequence(b) : more > 0;
  }

  #hasChild(parent: number, counts: (slot: number) => boolean): boolean {
    const table = this.#table;
    for (let at = table.firstChild(parent); at !== NO_SLOT; at = table.nextSibling(at)) {
      if (counts(at)) return true;
    }
    return false;
  }
}
