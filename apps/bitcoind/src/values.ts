/** Values of options, in the forms that Core takes. */
import { UserError } from "@chain/fullnode";
import type { Settings } from "@chain/terminal/bitcoin";
import { parseAmount } from "@chain/wallet";

export function withoutUndefined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** @throws UserError `usage` */
export function wholeNumber(settings: Settings, name: string): number | undefined {
  const text = settings.text(name);
  if (text === undefined) return undefined;
  if (/^\d{1,19}$/.test(text)) return Number(text);
  throw new UserError("usage", `Invalid value for -${name}=<n>: '${text}'`);
}

/** Base units for 1,000 virtual bytes. */
export function rate(settings: Settings, name: string): bigint | undefined {
  const text = settings.text(name);
  if (text === undefined) return undefined;
  const parsed = parseAmount(text, { allowZero: true });
  if (parsed.ok) return parsed.amount;
  throw new UserError("usage", `Invalid amount for -${name}=<amount>: '${text}'`);
}
