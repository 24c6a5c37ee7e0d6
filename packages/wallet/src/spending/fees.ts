/** Fee rates of the wallet's payments. Core: wallet/fees.cpp. */

import type { Outpoint, Transaction, Txid } from "@chain/core";
import { requireFields } from "@chain/core/arguments";

/** An estimator's answer. */
export interface FeeEstimate {
  /** Base units for 1,000 virtual bytes. */
  readonly feeRate: bigint;
  /** How it came about, as Core's `fee_reason` names it. */
  readonly reason?: string;
}

/** Fee rates that the wallet and its node were set to. Base units for 1,000 virtual bytes. */
export interface FeeSettings {
  /** The fee rate that confirms within so many blocks; `undefined`: not known. */
  readonly estimate: (confirmTarget: number, isConservative: boolean) => FeeEstimate | undefined;
  /** Most blocks that can be estimated. */
  readonly maxConfirmTarget: number;
  /** Blocks in which a payment shall be confirmed, unless it says itself. Core: -txconfirmtarget. */
  readonly confirmTarget: number;
  /** Taken where nothing was estimated; 0: there is none. Core: -fallbackfee. */
  readonly fallback: bigint;
  /** The least that the wallet pays. Core: -mintxfee. */
  readonly minimum: bigint;
  /** The highest at which change that is not worth spending is left to the miner. Core: -discardfee. */
  readonly discard: bigint;
  /** The rate at which many small coins are spent together. Core: -consolidatefeerate. */
  readonly consolidate: bigint;
  /** Of the node. */
  readonly relayMinimum: bigint;
  readonly mempoolMinimum: bigint;
  readonly dustRelay: bigint;
  readonly incremental: bigint;
  /** The most that one payment pays. Base units. Core: -maxtxfee. */
  readonly maxFee: bigint;
}

/** Core's defaults, and an estimator that knows nothing. */
export const DEFAULT_FEE_SETTINGS: FeeSettings = /* @__PURE__ */ Object.freeze({
  estimate: () => undefined,
  maxConfirmTarget: 1008,
  confirmTarget: 6,
  fallback: 0n,
  minimum: 1000n,
  discard: 10_000n,
  consolidate: 10_000n,
  relayMinimum: 1000n,
  mempoolMinimum: 1000n,
  dustRelay: 3000n,
  incremental: 1000n,
  maxFee: 10_000_000n,
});

/** A payment's wishes for its fee. Core: CCoinControl. */
export interface FeeWishes {
  /** Base units for 1,000 virtual bytes. */
  readonly feeRate?: bigint | undefined;
  /** Whether `feeRate` holds although it is below the minimum. */
  readonly overridesFeeRate?: boolean | undefined;
  readonly confirmTarget?: number | undefined;
  /** Default: economical where the payment may be replaced. */
  readonly estimateMode?: "economical" | "conservative" | undefined;
  /** Whether its fee may be raised later (BIP-0125). Default: true. */
  readonly signalsReplacement?: boolean | undefined;
}

export interface ChosenFeeRate {
  readonly feeRate: bigint;
  /** As Core's `fee_reason` names it. */
  readonly reason: string;
}

/** Reasons of Core's StringForFeeReason that name no estimate. */
export const FALLBACK_REASON = "Fallback fee";

/**
 * The fee rate of a payment: its own wish, an estimate or the fallback; never less than what the node relays.
 * Core: GetMinimumFeeRate.
 * @returns a rate of 0 where nothing was estimated and there is no fallback
 * @example chooseFeeRate({ feeRate: 5000n }, DEFAULT_FEE_SETTINGS) // { feeRate: 5000n, reason: "None" }
 */
export function chooseFeeRate(wishes: FeeWishes, settings: FeeSettings): ChosenFeeRate {
  requireFeeWishes(wishes, "wishes");
  requireFeeSettings(settings, "settings");
  let chosen: ChosenFeeRate = { feeRate: wishes.feeRate ?? 0n, reason: "None" };
  if (wishes.feeRate !== undefined) {
    if (wishes.overridesFeeRate) return chosen;
  } else {
    const mode = wishes.estimateMode;
    const isConservative =
      mode === undefined ? wishes.signalsReplacement === false : mode === "conservative";
    const target = wishes.confirmTarget ?? settings.confirmTarget;
    const estimate = settings.estimate(target, isConservative);
    if (estimate === undefined || estimate.feeRate === 0n) {
      chosen = { feeRate: settings.fallback, reason: FALLBACK_REASON };
      if (settings.fallback === 0n) return chosen;
    } else {
      chosen = { reason: "None", ...estimate };
    }
    if (chosen.feeRate < settings.mempoolMinimum) {
      chosen = { feeRate: settings.mempoolMinimum, reason: "Mempool Min Fee" };
    }
  }
  const required = requiredFeeRate(settings);
  return required > chosen.feeRate ? { feeRate: required, reason: "Minimum Required Fee" } : chosen;
}

/** Core: GetRequiredFeeRate. */
export function requiredFeeRate({ minimum, relayMinimum }: FeeSettings): bigint {
  return minimum > relayMinimum ? minimum : relayMinimum;
}

/** Below which change is worth less than its input costs. Core: GetDiscardRate. */
export function discardFeeRate(settings: FeeSettings): bigint {
  const lowest = settings.estimate(settings.maxConfirmTarget, false)?.feeRate ?? 0n;
  const rate = lowest === 0n || lowest > settings.discard ? settings.discard : lowest;
  return rate > settings.dustRelay ? rate : settings.dustRelay;
}

/** The mempool as coin selection asks it. */
export interface SpendMempool {
  /** Unconfirmed ancestors of a transaction and the size of its cluster, itself included; zeros: it is not there. */
  readonly ancestry: (txid: Txid) => {
    readonly ancestors: number;
    readonly clusterCount: number;
  };
  /**
   * The fee that the unconfirmed ancestors of each of these coins lack to reach the rate; and that of all together,
   * which may be less, because they may share some. `undefined`: they are too many.
   */
  readonly bumpFees: (
    outpoints: readonly Outpoint[],
    feeRate: bigint,
  ) => { readonly each: readonly bigint[]; readonly combined: bigint } | undefined;
  /** Most ancestors and descendants that a transaction may have. Core: -limitancestorcount, -limitdescendantcount. */
  readonly maxAncestors: number;
  readonly maxDescendants: number;
  /** Why the mempool would refuse a transaction for its ancestors. Core: checkChainLimits. */
  readonly checkChainLimits: (transaction: Transaction) => string | undefined;
}

/** For a wallet whose coins are all confirmed. */
export const EMPTY_MEMPOOL: SpendMempool = /* @__PURE__ */ Object.freeze({
  ancestry: () => ({ ancestors: 0, clusterCount: 0 }),
  bumpFees: (outpoints: readonly Outpoint[]) => ({
    each: outpoints.map(() => 0n),
    combined: 0n,
  }),
  maxAncestors: 25,
  maxDescendants: 25,
  checkChainLimits: () => undefined,
});

export function requireFeeWishes(value: unknown, name: string): void {
  requireFields(value, name, {
    feeRate: "bigint?",
    overridesFeeRate: "boolean?",
    confirmTarget: "number?",
    estimateMode: "string?",
    signalsReplacement: "boolean?",
  });
}

export function requireFeeSettings(value: unknown, name: string): void {
  requireFields(value, name, {
    estimate: "function",
    maxConfirmTarget: "number",
    confirmTarget: "number",
    fallback: "bigint",
    minimum: "bigint",
    discard: "bigint",
    consolidate: "bigint",
    relayMinimum: "bigint",
    mempoolMinimum: "bigint",
    dustRelay: "bigint",
    incremental: "bigint",
    maxFee: "bigint",
  });
}
