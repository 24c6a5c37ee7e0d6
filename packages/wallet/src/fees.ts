/** Sizes of P2PKH transactions before they are signed, fees by rate, and what is too small to be an output. */

import {
  ArgumentError,
  type ChainParams,
  compactSizeLength,
  dustThreshold as dustThresholdAt,
} from "@chain/core";
import { requireBoolean, requireBytes, requireFields } from "@chain/core/arguments";

/** The fee that a payment leaves to the miner: an amount, or a rate in base units for 1,000 virtual bytes. */
export type FeePolicy =
  | { readonly type: "amount"; readonly amount: bigint }
  | { readonly type: "rate"; readonly perKvB: bigint };

/** Outpoint, length, signature, key, sequence. A signature with low r has at most 71 bytes with its hash type. */
const INPUT_SIZE = 36 + 1 + (1 + 71 + 1 + 33) + 4;
/** Bytes that a public key of 65 bytes adds. */
const UNCOMPRESSED_EXTRA = 32;
/**
 * Bytes of an input that spends a P2PKH output, signed: at most, and nearly always exactly.
 * @example inputSize(true) // 147
 */
export function inputSize(compressed: boolean): number {
  requireBoolean(compressed, "compressed");

  return compressed ? INPUT_SIZE : INPUT_SIZE + UNCOMPRESSED_EXTRA;
}

export function outputSize(script: Uint8Array): number {
  return 8 + compactSizeLength(script.length) + script.length;
}

/** Bytes that every transaction has: version, lock time and both counts. */
export function overheadSize(inputCount: number, outputCount: number): number {
  return 8 + compactSizeLength(inputCount) + compactSizeLength(outputCount);
}

/**
 * The least that an output may hold: less would cost its owner more to spend than it is worth, at three times the
 * relay fee rate: 546 for P2PKH and 294 for P2WPKH on Bitcoin's networks, as Core's GetDustThreshold has it. Core's
 * dust rate is a setting of its own whose default is three times that of its relay rate; ours follows the network, so
 * that where relaying is free, as on devnet, no amount is too small but none at all.
 * @example dustThreshold(key.script, regtest) // 546n
 */
export function dustThreshold(
  script: Uint8Array,
  params: Pick<ChainParams, "minRelayFeeRate">,
): bigint {
  requireBytes(script, "script");
  requireFields(params, "params", { minRelayFeeRate: "bigint" });

  return dustThresholdAt(script, params.minRelayFeeRate * 3n);
}

export function requireFee(value: unknown, name: string): void {
  requireFields(value, name, { type: "string" });
  const { type } = value as FeePolicy;
  if (type !== "amount" && type !== "rate") {
    throw new ArgumentError(`${name}.type`, '"amount" or "rate"', type);
  }
  requireFields(value, name, type === "amount" ? { amount: "bigint" } : { perKvB: "bigint" });
}
