/** Core: MIN_BUCKET_FEERATE, MAX_BUCKET_FEERATE and FEE_SPACING. Base units for 1,000 virtual bytes. */
const LOWEST = 100;
const HIGHEST = 1e7;
const FACTOR = 1.05;

/** The bound of the last bucket, which is that of everything above the others. Core: INF_FEERATE. */
const INFINITE = 1e99;

/** The highest fee rate of each bucket, in base units for 1,000 virtual bytes, ascending. */
export function bucketBounds(): Float64Array {
  const bounds: number[] = [];
  for (let bound = LOWEST; bound <= HIGHEST; bound *= FACTOR) bounds.push(bound);
  return Float64Array.of(...bounds, INFINITE);
}

/** The bucket that a fee rate belongs to: the first whose bound is not below it. */
export function bucketOf(feeRate: number, bounds: Float64Array): number {
  let [low, high] = [0, bounds.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((bounds[middle] ?? 0) < feeRate) low = middle + 1;
    else high = middle;
  }
  return low;
}
