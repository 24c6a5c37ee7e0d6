/** Amounts as Core writes them beside a reject reason. */
import { COIN } from "./amount.ts";

const DECIMALS = 8;

/** At least two decimals: `0.50`. Core: FormatMoney. */
export function moneyText(amount: bigint): string {
  return eightDecimals(amount).replace(/0{1,6}$/, "");
}

/** All decimals: `0.00001000 BTC/kvB`. Core: CFeeRate::ToString. */
export function feeRateText(rate: bigint): string {
  return `${eightDecimals(rate)} BTC/kvB`;
}

function eightDecimals(amount: bigint): string {
  const units = amount < 0n ? -amount : amount;
  const fraction = (units % COIN).toString().padStart(DECIMALS, "0");
  return `${amount < 0n ? "-" : ""}${units / COIN}.${fraction}`;
}
