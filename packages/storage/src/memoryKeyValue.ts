import { bytesToHex, hexToBytes } from "@chain/core";
import { present, requireArray, requireInteger } from "@chain/core/arguments";
import { requireChange, requireKey, requireKeyOrder, requireKeyRange } from "./checks.ts";
import { StorageError } from "./errors.ts";
import type {
  KeyOrder,
  KeyRange,
  KeyValueChange,
  KeyValueRecord,
  KeyValueStore,
} from "./keyValue.ts";

/**
 * Records that live as long as their process: for tests, simulations and browsers.
 * @example
 * const records = new MemoryKeyValueStore();
 * await records.write([{ key: Uint8Array.of(1, 2), value: Uint8Array.of(3) }]);
 * await records.get(Uint8Array.of(1, 2)) // Uint8Array.of(3)
 */
export class MemoryKeyValueStore implements KeyValueStore {
  /** By the hex of the key. */
  readonly #records = new Map<string, Uint8Array>();
  /** The keys in order; where it is undefined, they have to be sorted. */
  #sorted: string[] | undefined = [];
  #closed = false;

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    requireKey(key, "key");
    this.#check();
    return this.#records.get(bytesToHex(key))?.slice();
  }

  async getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    requireArray(keys, "keys", requireKey);
    this.#check();
    return keys.map((key) => this.#records.get(bytesToHex(key))?.slice());
  }

  async range(
    range: KeyRange,
    limit: number,
    order: KeyOrder = "ascending",
  ): Promise<readonly KeyValueRecord[]> {
    requireKeyRange(range, "range");
    requireInteger(limit, "limit", 0);
    requireKeyOrder(order, "order");
    this.#check();
    this.#sorted ??= [...this.#records.keys()].sort();
    const first = lowerBound(this.#sorted, bytesToHex(range.from));
    const end = lowerBound(this.#sorted, bytesToHex(range.end));
    const keys =
      order === "ascending"
        ? this.#sorted.slice(first, Math.min(end, first + limit))
        : this.#sorted.slice(Math.max(first, end - limit), end).reverse();
    return keys.map((key) => {
      const value = present(this.#records.get(key), "the record of a sorted key");
      return { key: hexToBytes(key), value: value.slice() };
    });
  }

  async write(changes: readonly KeyValueChange[]): Promise<void> {
    requireArray(changes, "changes", requireChange);
    this.#check();
    for (const { key, value } of changes) {
      const hex = bytesToHex(key);
      if (value === undefined) {
        if (this.#records.delete(hex)) this.#sorted = undefined;
      } else {
        if (!this.#records.has(hex)) this.#sorted = undefined;
        this.#records.set(hex, value.slice());
      }
    }
  }

  async rewrite(): Promise<void> {
    this.#check();
  }

  async clear(): Promise<void> {
    this.#check();
    this.#records.clear();
    this.#sorted = [];
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #check(): void {
    if (this.#closed) throw new StorageError("closed", "the store is closed");
  }
}

/** The place of the first key that is not below `key`. */
function lowerBound(sorted: readonly string[], key: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (present(sorted[middle], "sorted[middle]") < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
