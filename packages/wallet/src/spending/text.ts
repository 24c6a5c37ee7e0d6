/** Amounts and rates in Core's messages. */

import { formatAmount } from "@chain/core";

/** At least two decimals: `0.50`. Core: FormatMoney. */
export function moneyText(amount: bigint): string {
  const [whole = "", fraction = ""] = formatAmount(amount).split(".");
  return `${whole}.${fraction.padEnd(2, "0")}`;
}

/** Core: CFeeRate::ToString(FeeRateFormat::SAT_VB). */
export function satPerVbText(rate: bigint): string {
  return `${rate / 1000n}.${(rate % 1000n).toString().padStart(3, "0")} sat/vB`;
}
