/** How long transactions waited for a block, by the fee rate that they paid. Core: TxConfirmStats. */
import type { HorizonState } from "./state.ts";

/** A range of fee rates, and what became of the transactions that paid one of them. */
export interface FeeRange {
  /** Base units for 1,000 virtual bytes: above this, and up to `end`. */
  readonly start: number;
  readonly end: number;
  /** How many were confirmed within the target. As the next two, an average that older blocks count less in. */
  readonly withinTarget: number;
  /** How many were confirmed at all. */
  readonly totalConfirmed: number;
  /** How many wait now, and have waited for as long as the target or longer. */
  readonly inMempool: number;
  /** How many left the mempool unconfirmed when they had waited for as long as the target or longer. */
  readonly leftMempool: number;
}

/** The answer of a horizon. */
export interface HorizonEstimate {
  /** Base units for 1,000 virtual bytes; undefined where no range of fee rates has enough transactions that passed. */
  readonly feeRate: number | undefined;
  /** The lowest range that passed; without it none did. */
  readonly pass: FeeRange | undefined;
  /** The highest range below it that failed; without it none did. */
  readonly fail: FeeRange | undefined;
}

export interface HorizonQuestion {
  /** Blocks. */
  readonly target: number;
  /** Share of the transactions that have to be confirmed within the target. */
  readonly threshold: number;
  /** Transactions that a range needs in each block, on average. */
  readonly sufficient: number;
  /** Height of the last block. */
  readonly height: number;
}

/** Sums over the buckets that are looked at together. */
interface Sums {
  withinTarget: number;
  totalConfirmed: number;
  inMempool: number;
  leftMempool: number;
}

const NO_SUMS: Sums = { withinTarget: 0, totalConfirmed: 0, inMempool: 0, leftMempool: 0 };

/**
 * Counts transactions by bucket and by the blocks that they waited. A confirmed one counts less with each block that
 * follows. Memory and time do not grow with the number of transactions.
 */
export class Horizon {
  /** Changed in place; see `HorizonState`. */
  readonly state: HorizonState;
  readonly #bounds: Float64Array;
  /** For each of the last heights, modulo their number, for each bucket: transactions that came then, and wait. */
  readonly #waiting: readonly Int32Array[];
  /** For each bucket: those that have waited longer. */
  readonly #waitingLong: Int32Array;
  /** Whether all averages are 0: then there is nothing to decay, which makes the initial download cheap. */
  #isEmpty: boolean;

  /** @param bounds the highest fee rate of each bucket, ascending */
  constructor(bounds: Float64Array, state: HorizonState) {
    this.state = state;
    this.#bounds = bounds;
    this.#waiting = Array.from({ length: this.maxTarget }, () => new Int32Array(bounds.length));
    this.#waitingLong = new Int32Array(bounds.length);
    const { feeRates, counts, confirmed, failed } = state;
    const tables = [feeRates, counts, ...confirmed, ...failed];
    this.#isEmpty = tables.every((table) => table.every((value) => value === 0));
  }

  /** The highest target that is tracked, in blocks. */
  get maxTarget(): number {
    return this.state.scale * this.state.confirmed.length;
  }

  /** A transaction came into the mempool. */
  added(bucket: number, height: number): void {
    count(this.#waitingSince(height), bucket, 1);
  }

  /** A transaction left the mempool. @param best height of the last block that was counted */
  removed(bucket: number, height: number, best: number, isConfirmed: boolean): void {
    const waited = best === 0 ? 0 : best - height;
    const place = waited >= this.#waiting.length ? this.#waitingLong : this.#waitingSince(height);
    count(place, bucket, -1);
    if (isConfirmed) return;
    const { failed, scale } = this.state;
    // It has failed those targets alone that it waited for to the end.
    const periods = Math.min(Math.floor(waited / scale), failed.length);
    for (let period = 0; period < periods; period++) count(failed[period], bucket, 1);
    if (periods > 0) this.#isEmpty = false;
  }

  /** A block came, at this height. Its transactions are counted by `confirmed` after it. */
  blockCame(height: number): void {
    const oldest = this.#waitingSince(height);
    for (const [bucket, waiting] of oldest.entries()) count(this.#waitingLong, bucket, waiting);
    oldest.fill(0);
    if (this.#isEmpty) return;
    const { decay, feeRates, counts, confirmed, failed } = this.state;
    for (const table of [feeRates, counts, ...confirmed, ...failed]) {
      for (let bucket = 0; bucket < table.length; bucket++) count(table, bucket, 0, decay);
    }
  }

  /** A transaction was confirmed by the block that has just come. @param waited blocks, that block included */
  confirmed(bucket: number, feeRate: number, waited: number): void {
    const { scale, confirmed, counts, feeRates } = this.state;
    const first = Math.ceil(waited / scale) - 1;
    for (const table of confirmed.slice(first)) count(table, bucket, 1);
    count(counts, bucket, 1);
    count(feeRates, bucket, feeRate);
    this.#isEmpty = false;
  }

  /**
   * The lowest fee rate of which enough transactions are confirmed within the target. Buckets are joined, from
   * the highest down, until a range has enough transactions to tell. Core: EstimateMedianVal.
   */
  estimate(question: HorizonQuestion): HorizonEstimate {
    const { counts, decay } = this.state;
    const needed = question.sufficient / (1 - decay);
    const waiting = this.#waitingFor(question);
    let sums = { ...NO_SUMS };
    let confirmed = 0;
    let last = this.#bounds.length - 1;
    let pass: { readonly first: number; readonly last: number; readonly sums: Sums } | undefined;
    let fail: FeeRange | undefined;
    /** Whether the range that is looked at has not failed so far. */
    let isPassing = true;
    for (let bucket = last; bucket >= 0; bucket--) {
      this.#addTo(sums, bucket, question);
      sums.inMempool += waiting[bucket] ?? 0;
      confirmed += counts[bucket] ?? 0;
      if (confirmed < needed) continue;
      confirmed = 0;
      if (sums.withinTarget / total(sums) < question.threshold) {
        if (isPassing) fail = this.#range(bucket, last, sums);
        isPassing = false;
        continue;
      }
      // The buckets that failed above are made good by those that were added to them.
      fail = undefined;
      isPassing = true;
      pass = { first: bucket, last, sums };
      sums = { ...NO_SUMS };
      last = bucket - 1;
    }
    // Core takes lowest buckets with too few transactions to tell for a failure.
    if (isPassing && last >= 0) fail = this.#range(0, last, sums);
    if (pass === undefined) return { feeRate: undefined, pass, fail };
    const range = this.#range(pass.first, pass.last, pass.sums);
    return { feeRate: this.#medianFeeRate(pass.first, pass.last), pass: range, fail };
  }

  #addTo(sums: Sums, bucket: number, { target }: HorizonQuestion): void {
    const { confirmed, counts, failed, scale } = this.state;
    const period = Math.ceil(target / scale) - 1;
    sums.withinTarget += confirmed[period]?.[bucket] ?? 0;
    sums.totalConfirmed += counts[bucket] ?? 0;
    sums.leftMempool += failed[period]?.[bucket] ?? 0;
  }

  /** For each bucket: how many wait now, and have waited for as long as the target or longer. */
  #waitingFor({ target, height }: HorizonQuestion): Int32Array {
    const waiting = this.#waitingLong.slice();
    const { maxTarget } = this;
    for (let waited = target; waited < maxTarget; waited++) {
      const here = this.#waitingSince(height - waited);
      // By index, because an iterator would make an object of every number.
      for (let bucket = 0; bucket < here.length; bucket++)
        count(waiting, bucket, here[bucket] ?? 0);
    }
    return waiting;
  }

  /** The average fee rate of the bucket in which the transaction in the middle is. */
  #medianFeeRate(first: number, last: number): number | undefined {
    const { counts, feeRates } = this.state;
    let before = 0;
    for (let bucket = first; bucket <= last; bucket++) before += counts[bucket] ?? 0;
    if (before === 0) return undefined;
    before /= 2;
    for (let bucket = first; bucket <= last; bucket++) {
      const here = counts[bucket] ?? 0;
      if (here >= before) return (feeRates[bucket] ?? 0) / here;
      before -= here;
    }
    return undefined;
  }

  #range(first: number, last: number, sums: Sums): FeeRange {
    return { start: this.#bounds[first - 1] ?? 0, end: this.#bounds[last] ?? 0, ...sums };
  }

  #waitingSince(height: number): Int32Array {
    // As in Core, whose heights are unsigned: those before the first block are not those of any.
    const place = (height >>> 0) % this.#waiting.length;
    return this.#waiting[place] ?? this.#waitingLong;
  }
}

function total({ totalConfirmed, leftMempool, inMempool }: Sums): number {
  return totalConfirmed + leftMempool + inMempool;
}

/** Adds to one place of a table. */
function count(
  table: Float64Array | Int32Array | undefined,
  place: number,
  by: number,
  factor = 1,
): void {
  if (table !== undefined) table[place] = (table[place] ?? 0) * factor + by;
}
