/** The coins that a payment spends in any case, and those that it may choose from. */

import { type Outpoint, outpointKey } from "@chain/core";
import { type Refused, refused } from "../errors.ts";
import type { CandidateCoin } from "./candidate.ts";
import type { SpendMempool } from "./fees.ts";
import type { PresetInput, SpendableCoin, SpendRequest } from "./request.ts";
import { maxInputWeight, virtualSizeOf } from "./size.ts";

/** Core: FetchSelectedInputs. */
export function presetCandidates(
  presets: readonly PresetInput[],
  feeRate: bigint,
  mempool: SpendMempool,
): CandidateCoin[] | Refused<"preset"> {
  const bumps = bumpFeesOf(
    presets.map(({ outpoint }) => outpoint),
    feeRate,
    mempool,
  );
  const candidates: CandidateCoin[] = [];
  for (const [index, preset] of presets.entries()) {
    const { outpoint, output, satisfaction } = preset;
    const name = `COutPoint(${outpoint.txid.slice(0, 10)}, ${outpoint.vout})`;
    if (output === undefined) return refused("preset", `Not found pre-selected input ${name}`);
    const weight = preset.weight ?? (satisfaction && maxInputWeight(satisfaction));
    if (weight === undefined) {
      return refused("preset", `Not solvable pre-selected input ${name}`);
    }
    const inputSize = virtualSizeOf(weight);
    const bumpFee = bumps[index];
    const known = { depth: 0, isFromMe: false } as const;
    candidates.push({ outpoint, output, inputSize, kind: "unknown", ...known, bumpFee });
  }
  return candidates;
}

/** Coins that this payment may choose from. Core: AvailableCoins. */
export function available(
  request: SpendRequest,
  feeRate: bigint,
  mempool: SpendMempool,
): readonly CandidateCoin[] {
  const { presets = [], includeUnsafe = false, includeReused = true } = request;
  const { minDepth = 0, maxDepth = Number.POSITIVE_INFINITY } = request;
  const taken = new Set(presets.map(({ outpoint }) => outpointKey(outpoint)));
  const coins = request.coins.filter(
    (coin) =>
      (includeUnsafe || coin.isSafe !== false) &&
      (includeReused || coin.isReused !== true) &&
      coin.depth >= minDepth &&
      coin.depth <= maxDepth &&
      !(taken.size > 0 && taken.has(outpointKey(coin.outpoint))),
  );
  const unconfirmed = coins.filter(({ depth }) => depth === 0);
  const bumps = bumpFeesOf(
    unconfirmed.map(({ outpoint }) => outpoint),
    feeRate,
    mempool,
  );
  const bumpOf = new Map(unconfirmed.map((coin, index) => [coin, bumps[index]]));
  const sizes = new Map<SpendableCoin["satisfaction"], number>();
  return coins.map((coin) => {
    const { outpoint, output, depth, isFromMe, satisfaction } = coin;
    let inputSize = sizes.get(satisfaction);
    if (inputSize === undefined) {
      inputSize = virtualSizeOf(maxInputWeight(satisfaction));
      sizes.set(satisfaction, inputSize);
    }
    const kind = satisfaction.kind ?? "unknown";
    const size = { inputSize, satisfaction };
    const candidate: CandidateCoin = { outpoint, output, ...size, kind, depth, isFromMe };
    if (depth > 0) return candidate;
    return { ...candidate, ...mempool.ancestry(outpoint.txid), bumpFee: bumpOf.get(coin) };
  });
}

function bumpFeesOf(
  outpoints: readonly Outpoint[],
  feeRate: bigint,
  mempool: SpendMempool,
): readonly bigint[] {
  if (outpoints.length === 0) return [];
  return mempool.bumpFees(outpoints, feeRate)?.each ?? [];
}
