import type { Milliseconds } from "@chain/core";

/** The raised price halves in this time, in milliseconds. Core: ROLLING_FEE_HALFLIFE. */
const HALF_LIFE: Milliseconds = 12 * 60 * 60 * 1000;

/**
 * The price of a mempool that was full: what it threw out last, and a step more, so that a sender cannot make it carry
 * the same bytes in and out for nothing. It falls again once a block has made room. Base units for 1,000 virtual bytes.
 * Core: rollingMinimumFeeRate.
 */
export class RollingMinimumFee {
  readonly #step: bigint;
  #rate = 0;
  #since: Milliseconds = 0;
  #falls = false;

  /** @param step by how much a full mempool raises its price above what it threw out */
  constructor(step: bigint) {
    this.#step = step;
  }

  /** A package that paid `fees` for `size` virtual bytes had to go. */
  thrownOut({ fees, size }: { readonly fees: bigint; readonly size: number }): void {
    const rate = Number((fees * 1000n) / BigInt(size) + this.#step);
    if (rate <= this.#rate) return;
    this.#rate = rate;
    this.#falls = false;
  }

  blockCame(now: Milliseconds): void {
    this.#since = now;
    this.#falls = true;
  }

  /**
   * @param now milliseconds since 1970
   * @param full the share of its memory that the mempool uses: the emptier it is, the faster the price falls
   */
  at(now: Milliseconds, full: number): bigint {
    if (this.#rate === 0) return 0n;
    if (this.#falls) {
      const halfLife = HALF_LIFE / (full < 1 / 4 ? 4 : full < 1 / 2 ? 2 : 1);
      this.#rate /= 2 ** (Math.max(0, now - this.#since) / halfLife);
      this.#since = now;
      if (this.#rate < Number(this.#step) / 2) this.#rate = 0;
      if (this.#rate === 0) return 0n;
    }
    const rate = BigInt(Math.round(this.#rate));
    return rate > this.#step ? rate : this.#step;
  }
}
