/** Coins for the tests of coin selection. */
import type { Txid } from "@chain/core";
import type { SearchRequest } from "../../src/spending/branchAndBound.ts";
import {
  type CandidateCoin,
  candidateOf,
  groupOf,
  type OutputGroup,
} from "../../src/spending/candidate.ts";
import { Random } from "../../src/spending/random.ts";
import type { SelectionParams } from "../../src/spending/select.ts";
import type { SelectionResult } from "../../src/spending/selectionResult.ts";

/** An input that spends P2WPKH. Virtual bytes. */
const P2WPKH_INPUT = 68;
export const COIN = 100_000_000;
export const CENT = 1_000_000;

let count = 0;
export function coinOf(value: number, fields: Partial<CandidateCoin> = {}): CandidateCoin {
  count++;
  return {
    outpoint: { txid: count.toString(16).padStart(64, "0") as Txid, vout: 0 },
    output: { value: BigInt(Math.round(value)), scriptPubKey: Uint8Array.of(0x51) },
    inputSize: P2WPKH_INPUT,
    kind: "bech32",
    depth: 144,
    isFromMe: false,
    ...fields,
  };
}

/** Groups of one coin each, whose amount is the value where rates are 0. */
export function groupsOf(
  coins: readonly CandidateCoin[],
  {
    feeRate = 0,
    longTermFeeRate = 0,
    subtractsFee = false,
  }: {
    readonly feeRate?: number;
    readonly longTermFeeRate?: number;
    readonly subtractsFee?: boolean;
  } = {},
): OutputGroup[] {
  return coins.map((coin) =>
    groupOf([candidateOf(coin, { feeRate, longTermFeeRate })], subtractsFee),
  );
}

export function searchOf(
  coins: readonly CandidateCoin[],
  target: number,
  fields: Partial<SearchRequest> & {
    readonly feeRate?: number;
    readonly longTermFeeRate?: number;
  } = {},
): SearchRequest {
  const { feeRate = 0, longTermFeeRate = 0, subtractsFee = false } = fields;
  const groups = groupsOf(coins, { feeRate, longTermFeeRate, subtractsFee });
  return { groups, target, maxWeight: 400_000, subtractsFee, ...fields };
}

export function valuesOf(result: SelectionResult): number[] {
  return result.candidates.map(({ value }) => value).sort((a, b) => a - b);
}

/** Random bytes of a seed (mulberry32), so that a failure can be seen again. */
export function seededBytes(seed: number): (length: number) => Uint8Array {
  let state = seed >>> 0;
  return (length) =>
    Uint8Array.from({ length }, () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return (mixed ^ (mixed >>> 14)) & 0xff;
    });
}

export function paramsOf(fields: Partial<SelectionParams> = {}): SelectionParams {
  return {
    feeRate: 0,
    longTermFeeRate: 0,
    minChangeTarget: CENT,
    changeOutputSize: 34,
    changeFee: 0,
    costOfChange: 1,
    minViableChange: 1,
    noInputsSize: 44,
    maxWeight: 400_000,
    subtractsFee: false,
    avoidsPartialSpends: false,
    includesUnsafe: false,
    spendsUnconfirmedChange: true,
    rejectsLongChains: true,
    maxAncestors: 25,
    maxDescendants: 25,
    random: new Random(seededBytes(1)),
    combinedBumpFee: (coins) => coins.reduce((sum, { bumpFee = 0n }) => sum + bumpFee, 0n),
    ...fields,
  };
}
