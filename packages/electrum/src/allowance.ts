/** How many seconds' worth may be taken at once. */
const BURST = 10;
/** Characters of an answer that count as one call. */
const CHARACTERS = 50_000;

/** The work that a session may ask for: it fills up with time. */
export class Allowance {
  readonly #rate: number;
  readonly #now: () => number;
  #left: number;
  #at: number;

  /** @param rate units for a second @param now milliseconds on a clock that nobody sets */
  constructor(rate: number, now: () => number) {
    this.#rate = rate;
    this.#now = now;
    this.#left = rate * BURST;
    this.#at = now();
  }

  /** Takes a call and its answer. @returns whether it was allowed */
  take(characters: number): boolean {
    if (this.#rate === Number.POSITIVE_INFINITY) return true;
    const now = this.#now();
    const gained = ((now - this.#at) / 1000) * this.#rate;
    this.#left = Math.min(this.#rate * BURST, this.#left + gained) - 1 - characters / CHARACTERS;
    this.#at = now;
    return this.#left >= 0;
  }
}
