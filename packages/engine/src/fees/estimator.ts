import type { Txid } from "@chain/core";
import {
  optional,
  requireBoolean,
  requireId,
  requireInteger,
  requireIterable,
  requireNumber,
  requireOptions,
} from "@chain/core/arguments";
import { bucketBounds, bucketOf } from "./buckets.ts";
import { type FeeRange, Horizon } from "./horizon.ts";
import { requireFeeHorizon, requireFeeState } from "./requireFees.ts";
import { emptyHorizon, FEE_HORIZONS, type FeeEstimatorState, type FeeHorizon } from "./state.ts";

/** Half of the weight is in the last 18 blocks, the last 144, the last 1008. Core: SHORT_DECAY and its like. */
const SHAPES = {
  short: { periods: 12, scale: 1, decay: 0.962 },
  medium: { periods: 24, scale: 2, decay: 0.9952 },
  long: { periods: 42, scale: 24, decay: 0.99931 },
} as const;

/** Transactions that a range of fee rates needs in each block, on average. */
const SUFFICIENT = { short: 0.5, medium: 0.1, long: 0.1 } as const;

/** Shares of transactions that have to be confirmed within half the target, the target, and twice the target. */
const HALF_THRESHOLD = 0.6;
const THRESHOLD = 0.85;
const DOUBLE_THRESHOLD = 0.95;

/** Blocks after which what a file tells of the past is not used any more. */
const OLDEST_HISTORY = 6 * 1008;

/** An answer for those who want to pay. */
export interface SmartFeeEstimate {
  /** Base units for 1,000 virtual bytes; undefined where too little was seen. */
  readonly feeRate: bigint | undefined;
  /** The target that it is for, in blocks: never more than half of what was seen. */
  readonly target: number;
}

/** The answer of one horizon, with its figures. */
export interface RawFeeEstimate {
  /** Base units for 1,000 virtual bytes; undefined where too little was seen, or none passed. */
  readonly feeRate: bigint | undefined;
  readonly decay: number;
  readonly scale: number;
  /** The lowest range of fee rates that reached the threshold. */
  readonly pass: FeeRange | undefined;
  /** The highest one below it that did not. */
  readonly fail: FeeRange | undefined;
}

interface Tracked {
  readonly height: number;
  readonly bucket: number;
  readonly feeRate: number;
}

/**
 * Estimates the fee rate with which a transaction is confirmed within some blocks, from how long those took that came
 * into the mempool before. It must be told of transactions when they come, and of every block once; see
 * `feedEstimator`. Its memory is bounded by the mempool. Core: CBlockPolicyEstimator.
 *
 * @example
 * const estimator = new FeeEstimator();
 * const { txid } = transaction;
 * estimator.blockConnected(100, []);
 * estimator.transactionAdded(txid, { fee: 1_000n, size: 200, height: 100 });
 * estimator.blockConnected(101, [txid]);
 * estimator.estimateSmart(6).feeRate // undefined: one transaction is too little
 */
export class FeeEstimator {
  readonly #bounds: Float64Array;
  readonly #horizons: Readonly<Record<FeeHorizon, Horizon>>;
  readonly #tracked = new Map<Txid, Tracked>();
  #height: number;
  /** Height of the first block since the start with a transaction that was tracked; 0: none. */
  #first = 0;
  readonly #history: { readonly first: number; readonly last: number };

  /** @param state the memory of an estimator from before; it is taken over, and must not be changed */
  constructor(state?: FeeEstimatorState) {
    optional(state, "state", requireFeeState);

    const bounds = state?.bounds ?? bucketBounds();
    const horizon = (name: FeeHorizon) =>
      new Horizon(bounds, state?.horizons[name] ?? emptyHorizon(SHAPES[name], bounds.length));
    this.#bounds = bounds;
    this.#horizons = { short: horizon("short"), medium: horizon("medium"), long: horizon("long") };
    this.#height = state?.height ?? 0;
    this.#history = { first: state?.firstRecorded ?? 0, last: state?.lastRecorded ?? 0 };
  }

  /** Height of the last block that it was told of. */
  get height(): number {
    return this.#height;
  }

  /** How many transactions it waits for. */
  get tracked(): number {
    return this.#tracked.size;
  }

  /** The state to keep in a file. Its tables are those that it works with: write them before it is used again. */
  get state(): FeeEstimatorState {
    const { short, medium, long } = this.#horizons;
    const isOwn = this.#ownSpan > this.#historicalSpan / 2;
    return {
      height: this.#height,
      firstRecorded: isOwn ? this.#first : this.#history.first,
      lastRecorded: isOwn ? this.#height : this.#history.last,
      bounds: this.#bounds,
      horizons: { short: short.state, medium: medium.state, long: long.state },
    };
  }

  /** The highest target of a horizon, in blocks. */
  maxTarget(horizon: FeeHorizon): number {
    return this.#horizon(horizon).maxTarget;
  }

  /**
   * A transaction came into the mempool that spends nothing unconfirmed, while the chain was at its end. It does not
   * count where `height`, that of the tip, is not the one of the last block that was told.
   */
  transactionAdded(
    txid: Txid,
    of: { readonly fee: bigint; readonly size: number; readonly height: number },
  ): void {
    requireId(txid, "txid");
    requireOptions(of, "of", { fee: "bigint", size: "number", height: "number" });

    const { fee, size, height } = of;
    requireInteger(size, "of.size", 1);
    if (height !== this.#height || this.#tracked.has(txid)) return;
    const feeRate = Number((fee * 1000n) / BigInt(size));
    const bucket = bucketOf(feeRate, this.#bounds);
    this.#tracked.set(txid, { height, bucket, feeRate });
    for (const horizon of this.#all) horizon.added(bucket, height);
  }

  /** A transaction left the mempool, and not for a block. */
  transactionRemoved(txid: Txid): void {
    requireId(txid, "txid");

    this.#remove(txid, false);
  }

  #remove(txid: Txid, isConfirmed: boolean): Tracked | undefined {
    const tracked = this.#tracked.get(txid);
    if (tracked === undefined) return undefined;
    this.#tracked.delete(txid);
    const { bucket, height } = tracked;
    for (const horizon of this.#all) horizon.removed(bucket, height, this.#height, isConfirmed);
    return tracked;
  }

  /**
   * A block came, with these transactions. One that is not higher than all before it does not count, because an
   * attacker that can reorganise the chain at will can do worse than to change estimates.
   */
  blockConnected(height: number, txids: Iterable<Txid>): void {
    requireInteger(height, "height", 0);
    requireIterable(txids, "txids", "ids of transactions");

    if (height <= this.#height) return;
    this.#height = height;
    for (const horizon of this.#all) horizon.blockCame(height);
    for (const txid of txids) {
      const tracked = this.#remove(txid, true);
      if (tracked === undefined) continue;
      const { bucket, feeRate } = tracked;
      const waited = height - tracked.height;
      for (const horizon of this.#all) horizon.confirmed(bucket, feeRate, waited);
      if (this.#first === 0) this.#first = height;
    }
  }

  /** The node ends: what waits counts as not confirmed so far. */
  forgetMempool(): void {
    for (const txid of this.#tracked.keys()) this.#remove(txid, false);
  }

  /**
   * The fee rate with which 85 % of transactions are confirmed within the target, 60 % within half of it, and 95 %
   * within twice. Core: estimateSmartFee.
   * @param target blocks, from 1 on
   * @param conservative whether short changes may not lower it
   */
  estimateSmart(target: number, conservative = false): SmartFeeEstimate {
    requireInteger(target, "target", 1);
    requireBoolean(conservative, "conservative");

    if (target > this.#horizons.long.maxTarget) return { feeRate: undefined, target };
    // Nothing can be said of the next block alone, and nothing of more than half of what was seen.
    const usable = Math.min(Math.max(target, 2), this.#maxUsableTarget);
    if (usable <= 1) return { feeRate: undefined, target: usable };
    const answers = [
      this.#combined(Math.floor(usable / 2), HALF_THRESHOLD, true),
      this.#combined(usable, THRESHOLD, true),
      this.#combined(2 * usable, DOUBLE_THRESHOLD, !conservative),
    ];
    if (conservative || highest(answers) === undefined) {
      answers.push(...this.#longer(2 * usable));
    }
    return { feeRate: rounded(highest(answers)), target: usable };
  }

  /** By the shortest horizon that tracks the target. @param andShorter also by shorter ones, if they say less */
  #combined(target: number, threshold: number, andShorter: boolean): number | undefined {
    const tracking = FEE_HORIZONS.find((name) => target <= this.#horizons[name].maxTarget);
    if (tracking === undefined) return undefined;
    const answers = [this.#ask(tracking, target, threshold)];
    if (andShorter) {
      for (const name of FEE_HORIZONS.slice(0, FEE_HORIZONS.indexOf(tracking))) {
        const answer = this.#ask(name, this.#horizons[name].maxTarget, threshold);
        if (answer !== 0) answers.push(answer);
      }
    }
    return lowest(answers);
  }

  /** By the horizons that are longer than what `target` needs. Core: estimateConservativeFee. */
  #longer(target: number): readonly (number | undefined)[] {
    const { short, medium } = this.#horizons;
    return [
      target <= short.maxTarget ? this.#ask("medium", target, DOUBLE_THRESHOLD) : undefined,
      target <= medium.maxTarget ? this.#ask("long", target, DOUBLE_THRESHOLD) : undefined,
    ];
  }

  #ask(name: FeeHorizon, target: number, threshold: number): number | undefined {
    const question = { target, threshold, sufficient: SUFFICIENT[name], height: this.#height };
    return this.#horizons[name].estimate(question).feeRate;
  }

  /**
   * The answer of one horizon for a target. Core: estimateRawFee.
   * @param target blocks; nothing is said of more than `maxTarget(horizon)`
   * @param threshold share of the transactions that have to be confirmed within the target
   */
  estimateRaw(horizon: FeeHorizon, target: number, threshold: number): RawFeeEstimate {
    requireInteger(target, "target", 1);
    requireNumber(threshold, "threshold");

    const of = this.#horizon(horizon);
    const { decay, scale } = of.state;
    const nothing = { feeRate: undefined, decay, scale, pass: undefined, fail: undefined };
    if (target > of.maxTarget) return nothing;
    const question = { target, threshold, sufficient: SUFFICIENT[horizon], height: this.#height };
    const { feeRate, pass, fail } = of.estimate(question);
    return { ...nothing, feeRate: rounded(feeRate), pass, fail };
  }

  #horizon(name: FeeHorizon): Horizon {
    requireFeeHorizon(name, "horizon");
    return this.#horizons[name];
  }

  get #all(): readonly Horizon[] {
    const { short, medium, long } = this.#horizons;
    return [short, medium, long];
  }

  /** Half of what was seen, so that as many could have failed as have not. Core: MaxUsableEstimate. */
  get #maxUsableTarget(): number {
    const seen = Math.max(this.#ownSpan, this.#historicalSpan);
    return Math.min(this.#horizons.long.maxTarget, Math.floor(seen / 2));
  }

  /** Blocks that were seen since the start. */
  get #ownSpan(): number {
    return this.#first === 0 ? 0 : this.#height - this.#first;
  }

  /** Blocks that were seen by those before, unless that is too long ago. */
  get #historicalSpan(): number {
    const { first, last } = this.#history;
    if (first === 0 || this.#height - last > OLDEST_HISTORY) return 0;
    return last - first;
  }
}

function lowest(rates: readonly (number | undefined)[]): number | undefined {
  const known = rates.filter((rate) => rate !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function highest(rates: readonly (number | undefined)[]): number | undefined {
  const known = rates.filter((rate) => rate !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

/** In whole base units. As in Core, 0 is no answer. */
function rounded(rate: number | undefined): bigint | undefined {
  return rate === undefined ? undefined : BigInt(Math.round(rate)) || undefined;
}
