import { requireBigint } from "./arguments.ts";

/** Base units in a coin. */
export const COIN = 100_000_000n;

/** Digits behind the point of a coin. */
const DECIMALS = 8;

/**
 * An amount in coins, exact and as short as can be.
 * @param amount base units
 * @example formatAmount(50_000_000n) // "0.5"
 */
export function formatAmount(amount: bigint): string {
  requireBigint(amount, "amount");
  const sign = amount < 0n ? "-" : "";
  const units = amount < 0n ? -amount : amount;
  const fraction = (units % COIN).toString().padStart(DECIMALS, "0").replace(/0+$/, "");
  return `${sign}${units / COIN}${fraction === "" ? "" : `.${fraction}`}`;
}
