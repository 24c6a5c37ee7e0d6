/** Estimators of fees that have seen much. */
import type { Txid } from "@chain/core";
import { FeeEstimator, type FeeEstimatorState, type HorizonState } from "@chain/engine";
import { Rng } from "@chain/testing/random";

/** One that has seen so many blocks, the first at height 1, of too little room for all that was sent. */
export function busyEstimator(blocks: number, state?: FeeEstimatorState): FeeEstimator {
  const rng = new Rng(3);
  const estimator = new FeeEstimator(state);
  let waiting: { id: Txid; fee: bigint }[] = [];
  let next = 0;
  for (let height = 0; height < blocks; height++) {
    for (let i = 0; i < 50; i++) {
      const fee = BigInt(Math.round(300 * 500 ** rng.uniform()));
      const id = (next++).toString(16).padStart(64, "0") as Txid;
      estimator.transactionAdded(id, { fee, size: 300, height });
      waiting.push({ id, fee });
    }
    waiting.sort((a, b) => Number(b.fee - a.fee));
    const mined = waiting.slice(0, 45).map(({ id }) => id);
    waiting = waiting.slice(45);
    const gone = waiting.splice(rng.below(waiting.length), rng.below(4));
    for (const { id } of gone) estimator.transactionRemoved(id);
    estimator.blockConnected(height + 1, mined);
  }
  return estimator;
}

/** An estimator that has seen nothing, with the buckets of Core before 31. */
export function oldState(): FeeEstimatorState {
  const { horizons, ...rest } = new FeeEstimator().state;
  const bounds: number[] = [];
  for (let bound = 1_000; bound <= 1e7; bound *= 1.05) bounds.push(bound);
  bounds.push(1e99);
  const cut = (table: Float64Array) => table.slice(0, bounds.length);
  const shortened = (of: HorizonState): HorizonState => ({
    ...of,
    feeRates: cut(of.feeRates),
    counts: cut(of.counts),
    confirmed: of.confirmed.map(cut),
    failed: of.failed.map(cut),
  });
  const [short, medium, long] = [horizons.short, horizons.medium, horizons.long].map(shortened);
  if (short === undefined || medium === undefined || long === undefined) throw new TypeError("3");
  return { ...rest, bounds: Float64Array.from(bounds), horizons: { short, medium, long } };
}
