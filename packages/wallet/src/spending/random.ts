/** Random choices of coin selection, made of random bytes. */

import { present } from "@chain/core/arguments";
import { randomBytes as secureRandomBytes } from "@noble/hashes/utils.js";
import type { RandomBytes } from "../keys.ts";

/** Bytes fetched at once: knapsack takes a bit for each coin in each of its rounds. */
const CHUNK = 4096;

/** Choices without bias. Core: FastRandomContext. */
export class Random {
  readonly #randomBytes: RandomBytes;
  #bytes: Uint8Array = new Uint8Array(0);
  #position = 0;
  #bits = 0;
  #bitsLeft = 0;

  constructor(randomBytes: RandomBytes = secureRandomBytes) {
    this.#randomBytes = randomBytes;
  }

  boolean(): boolean {
    if (this.#bitsLeft === 0) {
      this.#bits = this.#byte();
      this.#bitsLeft = 8;
    }
    const bit = this.#bits & 1;
    this.#bits >>= 1;
    this.#bitsLeft--;
    return bit === 1;
  }

  /** A number from 0 to below a bound of at most 2^48. Core: randrange. */
  below(bound: number): number {
    const size = bound <= 2 ** 8 ? 1 : bound <= 2 ** 24 ? 3 : 6;
    const range = 2 ** (8 * size);
    const limit = range - (range % bound);
    for (;;) {
      let value = 0;
      for (let i = 0; i < size; i++) value = value * 256 + this.#byte();
      // Values at the end would make the small remainders likelier.
      if (value < limit) return value % bound;
    }
  }

  /** Puts the items of a list in another order, all orders being as likely. */
  shuffle<Item>(items: Item[]): Item[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const item = present(items[i], "items[i]");
      items[i] = present(items[j], "items[j]");
      items[j] = item;
    }
    return items;
  }

  #byte(): number {
    let byte = this.#bytes[this.#position++];
    if (byte === undefined) {
      this.#bytes = this.#randomBytes(CHUNK);
      this.#position = 1;
      byte = this.#bytes[0] ?? 0;
    }
    return byte;
  }
}
