/** The memory of an estimator of fees. */

/** How far back an estimate looks. */
export type FeeHorizon = "short" | "medium" | "long";

/** From the one that forgets first. */
export const FEE_HORIZONS: readonly FeeHorizon[] = /* @__PURE__ */ Object.freeze([
  "short",
  "medium",
  "long",
]);

/** The memory of an estimator, as it is kept in a file. */
export interface FeeEstimatorState {
  /** Height of the last block. */
  readonly height: number;
  /** Heights between which it was fed; both 0: never. */
  readonly firstRecorded: number;
  readonly lastRecorded: number;
  /** Base units for 1,000 virtual bytes, ascending: the highest fee rate of each bucket. */
  readonly bounds: Float64Array;
  readonly horizons: Readonly<Record<FeeHorizon, HorizonState>>;
}

/** The memory of one horizon, as it is kept in a file. */
export interface HorizonState {
  /** The weight of a block, compared with that of the block after it. */
  readonly decay: number;
  /** Blocks in a period: the resolution of targets. */
  readonly scale: number;
  /** For each bucket: the sum of the fee rates, and the number, of confirmed transactions. */
  readonly feeRates: Float64Array;
  readonly counts: Float64Array;
  /** For each period, for each bucket: how many were confirmed within that many periods. */
  readonly confirmed: readonly Float64Array[];
  /** The same of those that had waited for that many periods when they left the mempool unconfirmed. */
  readonly failed: readonly Float64Array[];
}

export interface HorizonShape {
  readonly periods: number;
  /** See `HorizonState`. */
  readonly scale: number;
  readonly decay: number;
}

/** A horizon that remembers nothing yet. */
export function emptyHorizon(
  { periods, scale, decay }: HorizonShape,
  buckets: number,
): HorizonState {
  const table = () => Array.from({ length: periods }, () => new Float64Array(buckets));
  return {
    ...{ decay, scale, feeRates: new Float64Array(buckets), counts: new Float64Array(buckets) },
    ...{ confirmed: table(), failed: table() },
  };
}
