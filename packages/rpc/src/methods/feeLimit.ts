/** The fee that a caller is protected from. */
import { feeForSize } from "@chain/core";
import { RPC_VERIFY_ERROR, RpcError } from "../errors.ts";

/** Coins for 1,000 virtual bytes. Core: DEFAULT_MAX_RAW_TX_FEE_RATE. */
export const MAX_FEE_RATE = "0.10";

/** @param maxFeeRate base units for 1,000 virtual bytes; 0: no limit */
export function isTooMuch(
  { fee, size }: { readonly fee: bigint; readonly size: number },
  maxFeeRate: bigint,
): boolean {
  return maxFeeRate > 0n && fee > feeForSize(maxFeeRate, size);
}

export function tooMuch(): RpcError {
  const message = "Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)";
  return new RpcError(RPC_VERIFY_ERROR, message);
}
