/** Amounts as people type and read them: coins with at most eight decimals, never through floating point. */

import { COIN, formatAmount, MAX_MONEY } from "@chain/core";

export { formatAmount };

import { requireOptions, requireString } from "@chain/core/arguments";
import { type Refused, refused } from "./errors.ts";

const DECIMALS = 8;

export type AmountProblem =
  | "empty"
  | "space"
  | "negative"
  | "sign"
  | "hex"
  | "exponent"
  | "separator"
  | "foreign-digit"
  | "bare-point"
  | "leading-zero"
  | "not-a-number"
  | "too-precise"
  | "too-large"
  | "zero";

export type ParsedAmount = { readonly ok: true; readonly amount: bigint } | Refused<AmountProblem>;

/** Texts that are no plain decimal number, and the answer to each. The first that matches answers. */
const PROBLEMS: readonly (readonly [RegExp, AmountProblem, string])[] = [
  [/^$/, "empty", "no amount given"],
  [/\s/, "space", "an amount has no spaces"],
  [/^[-−]/, "negative", "an amount can't be negative"],
  [/^\+/, "sign", "write the amount without a sign"],
  [/^0x/i, "hex", "write the amount in decimal digits, not hexadecimal"],
  [/^[\d.]+e[+-]?\d*$/i, "exponent", "write the amount in full, without an exponent"],
  [/^\d[\d.]*[,_'’]/, "separator", "write the amount with a point for decimals and no other marks"],
  [/(?![0-9])\p{Nd}/u, "foreign-digit", "write the amount with the digits 0 to 9"],
  [/^\.\d+$|^\d+\.$/, "bare-point", "a point needs digits on both sides, as in 0.5"],
  [/^0\d/, "leading-zero", "write the amount without zeros in front"],
];
const PLAIN = /^(0|[1-9]\d*)(?:\.(\d+))?$/;

/**
 * Base units of an amount typed in coins.
 * @param options `allowZero` for fees, which may be nothing
 * @example parseAmount("0.1") // { ok: true, amount: 10_000_000n }
 */
export function parseAmount(
  text: string,
  options: { readonly allowZero?: boolean } = {},
): ParsedAmount {
  requireString(text, "text");
  requireOptions(options, "options", { allowZero: "boolean?" });

  const match = PLAIN.exec(text);
  if (match === null) return problemOf(text);
  const [, whole = "", fraction = ""] = match;
  if (fraction.length > DECIMALS) {
    return refused("too-precise", `an amount has at most ${DECIMALS} decimals`);
  }
  // Before BigInt sees it: a million digits would take it minutes.
  const amount = whole.length > 8 ? undefined : toUnits(whole, fraction);
  if (amount === undefined || amount > MAX_MONEY) {
    const most = formatAmount(MAX_MONEY);
    return refused("too-large", `there are never more than ${most} coins`);
  }
  if (amount === 0n && options.allowZero !== true) {
    return refused("zero", "the amount must be more than 0");
  }
  return { ok: true, amount };
}

function toUnits(whole: string, fraction: string): bigint {
  return BigInt(whole) * COIN + BigInt(fraction.padEnd(DECIMALS, "0"));
}

function problemOf(text: string): Refused<AmountProblem> {
  for (const [pattern, code, reason] of PROBLEMS) {
    if (pattern.test(text)) return refused(code, reason);
  }
  return refused("not-a-number", "not an amount; write it like 10 or 0.5");
}
