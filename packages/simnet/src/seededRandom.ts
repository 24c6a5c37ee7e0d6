import { sha256 } from "@chain/core";
import type { Random } from "@chain/engine";

/**
 * Chance that repeats itself: sfc32 (Chris Doty-Humphrey's PractRand), whose state comes from a seed and a name. Streams
 * with different names have nothing to do with each other, so that one more draw here changes nothing there.
 * @example new SeededRandom(7, "mining").exponential(600_000) > 0 // true: milliseconds until the next block
 */
export class SeededRandom implements Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number, name: string) {
    const text = Uint8Array.from(`${seed} ${name}`, (letter) => letter.charCodeAt(0));
    const view = new DataView(sha256(text).slice().buffer);
    this.#a = view.getUint32(0);
    this.#b = view.getUint32(4);
    this.#c = view.getUint32(8);
    for (let i = 0; i < 12; i++) this.uint32();
  }

  uint32(): number {
    const result = (this.#a + this.#b + this.#counter++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return result >>> 0;
  }

  bytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    for (let i = 0; i < count; i += 4) {
      let word = this.uint32();
      for (let j = i; j < i + 4 && j < count; j++, word >>>= 8) bytes[j] = word & 0xff;
    }
    return bytes;
  }

  /** Evenly from 0 up to but not including 1. */
  uniform(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  /** A whole number from 0 up to but not including `count`. */
  below(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  /** Waiting times of what happens at any moment equally likely (a Poisson process). */
  exponential(mean: number): number {
    return -Math.log(1 - this.uniform()) * mean;
  }

  /** @param sigma of the logarithm: 0.4 makes a third of them larger than 1.5 medians or so */
  logNormal(median: number, sigma: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return median * Math.exp(sigma * radius * Math.cos(2 * Math.PI * this.uniform()));
  }

  /** One of them; `undefined` of none. */
  pick<Item>(items: readonly Item[]): Item | undefined {
    return items[this.below(items.length)];
  }

  /** In another order. */
  shuffle<Item>(items: readonly Item[]): Item[] {
    const shuffled = [...items];
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [shuffled[i], shuffled[j]] = [shuffled[j] as Item, shuffled[i] as Item];
    }
    return shuffled;
  }
}
