/** Fees by size. Rates are base units for 1,000 virtual bytes. Core: policy/feerate.cpp. */
import { requireBigint, requireInteger, requireNumber } from "../arguments.ts";
import { WITNESS_SCALE_FACTOR } from "../limits.ts";

/** Bytes of witness that a signature operation counts as. Core: DEFAULT_BYTES_PER_SIGOP. */
export const BYTES_PER_SIGOP = 20;

/**
 * The size that fee rates count: a quarter of the weight, or what the signature operations take of a block's if that is
 * more. Rounded up. Core: GetVirtualTransactionSize.
 * @param sigopCost as `sigopCost` counts it
 * @param bytesPerSigop bytes of witness that each counts as. Core: -bytespersigop
 * @example virtualSizeWithSigops(transaction.weight, sigopCost(transaction, coins, flags)) // 275
 */
export function virtualSizeWithSigops(
  weight: number,
  sigopCost: number,
  bytesPerSigop: number = BYTES_PER_SIGOP,
): number {
  requireNumber(weight, "weight");
  requireNumber(sigopCost, "sigopCost");
  requireNumber(bytesPerSigop, "bytesPerSigop");

  return Math.ceil(Math.max(weight, sigopCost * bytesPerSigop) / WITNESS_SCALE_FACTOR);
}

/**
 * The fee of so many virtual bytes, rounded up, so that the rate is reached. Core: CFeeRate::GetFee.
 * @example feeForSize(1000n, 141) // 141n
 */
export function feeForSize(rate: bigint, virtualSize: number): bigint {
  requireBigint(rate, "rate");
  requireInteger(virtualSize, "virtualSize", 0);

  return (rate * BigInt(virtualSize) + 999n) / 1000n;
}

/**
 * The rate that a fee is, rounded down: rates are compared as such. Core: CFeeRate.
 * @example feeRate(141n, 141) // 1000n
 */
export function feeRate(fee: bigint, virtualSize: number): bigint {
  requireBigint(fee, "fee");
  requireInteger(virtualSize, "virtualSize", 1);

  return (fee * 1000n) / BigInt(virtualSize);
}
