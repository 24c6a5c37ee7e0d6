/** Checks of what callers in plain JavaScript hand to the estimator of fees. */
import { ArgumentError } from "@chain/core";
import { requireArray, requireFields, requireInteger } from "@chain/core/arguments";
import {
  FEE_HORIZONS,
  type FeeEstimatorState,
  type FeeHorizon,
  type HorizonState,
} from "./state.ts";

export function requireFeeHorizon(value: unknown, name: string): asserts value is FeeHorizon {
  if (FEE_HORIZONS.some((horizon) => horizon === value)) return;
  throw new ArgumentError(name, `one of ${FEE_HORIZONS.join(", ")}`, value);
}

/** All tables have to be as long as there are buckets: the estimator looks at no lengths. */
export function requireFeeState(value: unknown, name: string): void {
  requireFields(value, name, {
    height: "number",
    firstRecorded: "number",
    lastRecorded: "number",
    horizons: "object",
  });
  const state = value as FeeEstimatorState;
  requireInteger(state.height, `${name}.height`, 0);
  requireInteger(state.firstRecorded, `${name}.firstRecorded`, 0);
  requireInteger(state.lastRecorded, `${name}.lastRecorded`, 0);
  const { bounds } = state;
  if (!(bounds instanceof Float64Array) || bounds.length === 0) {
    throw new ArgumentError(`${name}.bounds`, "a Float64Array with the bound of a bucket", bounds);
  }
  for (const horizon of FEE_HORIZONS) {
    requireHorizonState(state.horizons[horizon], `${name}.horizons.${horizon}`, bounds.length);
  }
}

function requireHorizonState(value: unknown, name: string, buckets: number): void {
  requireFields(value, name, {
    decay: "number",
    scale: "number",
    confirmed: "array",
    failed: "array",
  });
  const { decay, scale, feeRates, counts, confirmed, failed } = value as HorizonState;
  if (!(decay > 0 && decay < 1)) throw new ArgumentError(`${name}.decay`, "between 0 and 1", decay);
  requireInteger(scale, `${name}.scale`, 1);
  requireTable(feeRates, `${name}.feeRates`, buckets);
  requireTable(counts, `${name}.counts`, buckets);
  const check = (table: unknown, of: string) => requireTable(table, of, buckets);
  requireArray(confirmed, `${name}.confirmed`, check);
  requireArray(failed, `${name}.failed`, check);
  if (confirmed.length > 0 && confirmed.length === failed.length) return;
  throw new ArgumentError(`${name}.failed`, `an array of ${confirmed.length} tables`, failed);
}

function requireTable(value: unknown, name: string, length: number): void {
  if (value instanceof Float64Array && value.length === length) return;
  throw new ArgumentError(name, `a Float64Array of ${length}`, value);
}
