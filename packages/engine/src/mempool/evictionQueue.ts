import { type OwnEntry, paysMore } from "./entry.ts";
import { Heap } from "./heap.ts";

interface Offer {
  readonly entry: OwnEntry;
  /** Sums over the entry and its descendants when the offer was made. */
  readonly fees: bigint;
  readonly size: number;
}

/** Outdated offers that may pile up beside those that count. */
const SLACK = 1000;

/**
 * Finds what pays least together with all that depends on it. Sums change all the time, so offers are not looked for
 * and corrected: new ones are added, and outdated ones are dropped when they come up.
 */
export class EvictionQueue {
  readonly #entries: ReadonlyMap<string, OwnEntry>;
  #heap = new Heap<Offer>(isWorse);

  constructor(entries: ReadonlyMap<string, OwnEntry>) {
    this.#entries = entries;
  }

  /** To be called when the sums over the descendants of an entry have changed, and for a new entry. */
  note(entry: OwnEntry): void {
    this.#heap.push(offer(entry));
    if (this.#heap.size > 2 * this.#entries.size + SLACK) {
      this.#heap = new Heap(isWorse, [...this.#entries.values()].map(offer));
    }
  }

  /** Among equals the last that came, so that earlier ones stay. */
  get worst(): OwnEntry | undefined {
    for (let best = this.#heap.first; best !== undefined; best = this.#heap.first) {
      const { entry, fees, size } = best;
      const stays = this.#entries.get(entry.transaction.txid) === entry;
      if (stays && entry.descendants.fees === fees && entry.descendants.size === size) return entry;
      this.#heap.pop();
    }
    return undefined;
  }

  clear(): void {
    this.#heap = new Heap(isWorse);
  }
}

function offer(entry: OwnEntry): Offer {
  const { fees, size } = entry.descendants;
  return { entry, fees, size };
}

function isWorse(a: Offer, b: Offer): boolean {
  if (paysMore(b, a)) return true;
  if (paysMore(a, b)) return false;
  return a.entry.sequence > b.entry.sequence;
}
