/**
 * The memory of a fee estimator, in the format of Core's `fee_estimates.dat` (CBlockPolicyEstimator::Write). Files
 * of Core before 31 are read as well. Their buckets begin at a higher fee rate, and stay, so they are written as such.
 */
import { Reader, Writer } from "@chain/core";
import type { FeeEstimatorState, HorizonState } from "@chain/engine";
import { messageOf, UserError } from "../errors.ts";

const VERSION = 309_900;
/** Of Core 0.15 to 30. A number without a meaning follows it. */
const OLD_VERSION = 149_900;
/** Where the buckets of the old ones begin, in base units for 1,000 virtual bytes. */
const OLD_LOWEST = 1_000;
const MAX_BUCKETS = 1_000;
/** A week of blocks. */
const MAX_TARGET = 1_008;

export function encodeFeeEstimates(state: FeeEstimatorState): Uint8Array {
  const { height, firstRecorded, lastRecorded, bounds, horizons } = state;
  const writer = new Writer(256 * 1024);
  if ((bounds[0] ?? 0) < OLD_LOWEST) writer.u32(VERSION);
  else writer.u32(OLD_VERSION).u32(0);
  writer.u32(height).u32(firstRecorded).u32(lastRecorded);
  writeTable(writer, bounds);
  for (const { decay, scale, feeRates, counts, confirmed, failed } of [
    horizons.medium,
    horizons.short,
    horizons.long,
  ]) {
    writer.u64(bitsOf(decay)).u32(scale);
    writeTable(writer, feeRates);
    writeTable(writer, counts);
    for (const tables of [confirmed, failed]) {
      writer.compactSize(tables.length);
      for (const table of tables) writeTable(writer, table);
    }
  }
  return writer.finish();
}

/** @returns the memory in it, nothing where it is older than the format; or a sentence about its fault */
export function decodeFeeEstimates(
  bytes: Uint8Array,
): { readonly state: FeeEstimatorState | undefined } | { readonly damage: string } {
  try {
    return { state: read(new Reader(bytes)) };
  } catch (error) {
    return { damage: messageOf(error) };
  }
}

function read(reader: Reader): FeeEstimatorState | undefined {
  const version = reader.u32();
  if (version < OLD_VERSION) return undefined;
  check(version === VERSION || version === OLD_VERSION, `its version is ${version}`);
  if (version === OLD_VERSION) reader.u32();
  const [height, firstRecorded, lastRecorded] = [reader.u32(), reader.u32(), reader.u32()];
  check(firstRecorded <= lastRecorded && lastRecorded <= height, "its heights are in disorder");
  const buckets = reader.compactSize(MAX_BUCKETS);
  check(buckets >= 2, "it has too few buckets");
  const bounds = readTable(reader, buckets);
  const isAscending = bounds.every((bound, i) => i === 0 || bound > (bounds[i - 1] ?? 0));
  check(isAscending, "its buckets are in disorder");
  const medium = readHorizon(reader, buckets);
  const short = readHorizon(reader, buckets);
  const long = readHorizon(reader, buckets);
  return { height, firstRecorded, lastRecorded, bounds, horizons: { short, medium, long } };
}

function readHorizon(reader: Reader, buckets: number): HorizonState {
  const decay = ofBits(reader.u64());
  check(decay > 0 && decay < 1, "a decay is not between 0 and 1");
  const scale = reader.u32();
  check(scale > 0, "a scale is 0");
  const feeRates = readCounted(reader, buckets);
  const counts = readCounted(reader, buckets);
  const confirmed = readTables(reader, buckets);
  const periods = confirmed.length;
  check(periods > 0 && periods * scale <= MAX_TARGET, "a horizon is not of a week at most");
  const failed = readTables(reader, buckets);
  check(failed.length === periods, "the periods of a horizon differ");
  return { decay, scale, feeRates, counts, confirmed, failed };
}

function readTables(reader: Reader, buckets: number): Float64Array[] {
  const count = reader.compactSize(MAX_TARGET);
  return Array.from({ length: count }, () => readCounted(reader, buckets));
}

function readCounted(reader: Reader, buckets: number): Float64Array {
  check(reader.compactSize() === buckets, "a table has not as many places as there are buckets");
  return readTable(reader, buckets);
}

/** Only what can be counted: anything else would spread to all that is estimated. */
function readTable(reader: Reader, length: number): Float64Array {
  const table = Float64Array.from({ length }, () => ofBits(reader.u64()));
  check(
    table.every((value) => value >= 0 && value < Number.POSITIVE_INFINITY),
    "a count is none",
  );
  return table;
}

function writeTable(writer: Writer, table: Float64Array): void {
  writer.compactSize(table.length);
  for (const value of table) writer.u64(bitsOf(value));
}

/** As Core's EncodeDouble, whose bits are those of IEEE 754. */
function bitsOf(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

function ofBits(bits: bigint): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

function check(isGood: boolean, why: string): void {
  if (!isGood) throw new UserError("damaged", why);
}
