import { type MempoolEntry, paysMore } from "./entry.ts";

/** Failures in a row after which a nearly full block is taken for full. Core: MAX_CONSECUTIVE_FAILURES. */
const MAX_FAILURES = 1000;

interface Package {
  readonly entry: MempoolEntry;
  /** Of the entry and its ancestors that are not chosen yet. */
  readonly fees: bigint;
  readonly size: number;
}

/**
 * Chooses transactions for a block: always the one that, with the ancestors it still needs, pays most for each byte.
 * Parents stand before children. Core: BlockAssembler::addPackageTxs.
 * @param limits what the transactions may take together, beside the coinbase
 */
export function selectTransactions(
  entries: Iterable<MempoolEntry>,
  limits: { readonly weight: number; readonly sigopCost: number },
): readonly MempoolEntry[] {
  const chosen = new Set<MempoolEntry>();
  const latest = new Map<MempoolEntry, Package>();
  const heap = new Heap(isBefore);
  const push = (pack: Package) => {
    latest.set(pack.entry, pack);
    heap.push(pack);
  };
  for (const entry of entries) {
    push({ entry, fees: entry.ancestors.fees, size: entry.ancestors.size });
  }

  let { weight, sigopCost } = limits;
  let failures = 0;
  for (let best = heap.pop(); best !== undefined; best = heap.pop()) {
    if (latest.get(best.entry) !== best || chosen.has(best.entry)) continue; // outdated
    const group = missingAncestors(best.entry, chosen);
    const groupWeight = group.reduce((sum, { transaction }) => sum + transaction.weight, 0);
    const groupCost = group.reduce((sum, entry) => sum + entry.sigopCost, 0);
    if (groupWeight > weight || groupCost > sigopCost) {
      failures++;
      if (failures > MAX_FAILURES && weight < limits.weight / 1000) break;
      continue;
    }
    failures = 0;
    weight -= groupWeight;
    sigopCost -= groupCost;
    for (const entry of group) {
      chosen.add(entry);
      for (const descendant of descendantsOf(entry)) {
        const pack = latest.get(descendant);
        if (pack === undefined || chosen.has(descendant)) continue;
        push({ entry: descendant, fees: pack.fees - entry.fee, size: pack.size - entry.size });
      }
    }
  }
  return [...chosen];
}

/** Ties go to the one that came first, so that equal mempools make equal blocks. */
function isBefore(a: Package, b: Package): boolean {
  if (paysMore(a, b)) return true;
  if (paysMore(b, a)) return false;
  return a.entry.sequence < b.entry.sequence;
}

/** The entry and its ancestors that are not chosen yet, parents first. */
function missingAncestors(
  entry: MempoolEntry,
  chosen: ReadonlySet<MempoolEntry>,
): readonly MempoolEntry[] {
  const group = new Set([entry]);
  for (const each of group) {
    for (const parent of each.parents) if (!chosen.has(parent)) group.add(parent);
  }
  return [...group].sort((a, b) => a.sequence - b.sequence);
}

function descendantsOf(entry: MempoolEntry): ReadonlySet<MempoolEntry> {
  const found = new Set(entry.children);
  for (const each of found) for (const child of each.children) found.add(child);
  return found;
}

/** A binary heap: `pop` gives the first in the order of `before`. */
class Heap<Item> {
  readonly #items: Item[] = [];
  readonly #before: (a: Item, b: Item) => boolean;

  constructor(before: (a: Item, b: Item) => boolean) {
    this.#before = before;
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
    let at = 0;
    while (true) {
      let least = at;
      for (const below of [2 * at + 1, 2 * at + 2]) {
        if (below < this.#items.length && this.#isBefore(below, least)) least = below;
      }
      if (least === at) return first;
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
