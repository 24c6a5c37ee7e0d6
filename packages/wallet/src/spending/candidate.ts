/** Coins and groups of coins as the algorithms of coin selection see them. Core: COutput, OutputGroup. */

import type { Outpoint, TxOutput } from "@chain/core";
import type { AddressKind } from "../descriptor/node.ts";
import type { MaxSatisfaction } from "../descriptor/satisfaction.ts";

/** An unspent output that a payment may spend. */
export interface CandidateCoin {
  readonly outpoint: Outpoint;
  readonly output: TxOutput;
  /** Virtual bytes of the input that spends it, signed, at most. */
  readonly inputSize: number;
  /** The size of its spending, where that is known. */
  readonly satisfaction?: MaxSatisfaction | undefined;
  /** Its type of address; coins of one type are spent together if they suffice. */
  readonly kind: AddressKind | "unknown";
  /** Confirmations; 0: its transaction is in the mempool. */
  readonly depth: number;
  /** Whether this wallet sent it, as change for example. */
  readonly isFromMe: boolean;
  /** Unconfirmed ancestors of its transaction, itself included. Default: 0. */
  readonly ancestors?: number | undefined;
  /** Transactions in its cluster of the mempool, itself included. Default: `ancestors`. */
  readonly clusterCount?: number | undefined;
  /** The fee that its unconfirmed ancestors lack to reach the fee rate of the payment. Default: 0. */
  readonly bumpFee?: bigint | undefined;
}

/**
 * A coin with its amounts as numbers: sums of coins stay below 2^53, and the searches are some ten times as fast so.
 * Core: COutput.
 */
export interface Candidate {
  readonly coin: CandidateCoin;
  readonly value: number;
  /** For spending it at the fee rate of the payment, fees of its ancestors included. */
  readonly fee: number;
  readonly bumpFee: number;
  /** For spending it at the long-term fee rate. */
  readonly longTermFee: number;
  /** Of its input. */
  readonly weight: number;
}

/** Coins that are spent together or not at all. Core: OutputGroup. */
export interface OutputGroup {
  readonly candidates: readonly Candidate[];
  readonly kind: AddressKind | "unknown";
  /** Its worth to the payment: its value less its fee, or its value where the payees pay the fee. */
  readonly amount: number;
  readonly fee: number;
  readonly longTermFee: number;
  readonly weight: number;
  readonly isFromMe: boolean;
  /** Of the youngest coin. */
  readonly depth: number;
  /** Sum over its coins. */
  readonly ancestors: number;
  /** Of the coin with the largest cluster. */
  readonly clusterCount: number;
}

/** The rates that fees of coins are computed with. Base units for 1,000 virtual bytes. */
export interface CandidateRates {
  readonly feeRate: number;
  readonly longTermFeeRate: number;
}

/** Core: CFeeRate::GetFee. */
export function feeAt(rate: number, size: number): number {
  return Math.ceil((rate * size) / 1000);
}

export function candidateOf(
  coin: CandidateCoin,
  { feeRate, longTermFeeRate }: CandidateRates,
): Candidate {
  const bumpFee = Number(coin.bumpFee ?? 0n);
  return {
    coin,
    value: Number(coin.output.value),
    fee: feeAt(feeRate, coin.inputSize) + bumpFee,
    bumpFee,
    longTermFee: feeAt(longTermFeeRate, coin.inputSize),
    weight: coin.inputSize * 4,
  };
}

/** Core: COutput::GetEffectiveValue. */
export function effectiveValue({ value, fee }: Candidate): number {
  return value - fee;
}

/** Core: OutputGroup::Insert. @param subtractsFee whether payees pay the fee, so that values count in full */
export function groupOf(candidates: readonly Candidate[], subtractsFee: boolean): OutputGroup {
  const sums = { amount: 0, fee: 0, longTermFee: 0, weight: 0, ancestors: 0 };
  let [isFromMe, depth, clusterCount] = [true, 999, 0];
  for (const candidate of candidates) {
    const { coin } = candidate;
    sums.amount += subtractsFee ? candidate.value : effectiveValue(candidate);
    sums.fee += candidate.fee;
    sums.longTermFee += candidate.longTermFee;
    sums.weight += candidate.weight;
    const { ancestors = 0 } = coin;
    sums.ancestors += ancestors;
    isFromMe &&= coin.isFromMe;
    depth = Math.min(depth, coin.depth);
    clusterCount = Math.max(clusterCount, coin.clusterCount ?? ancestors);
  }
  const kind = candidates[0]?.coin.kind ?? "unknown";
  return { candidates, kind, ...sums, isFromMe, depth, clusterCount };
}
