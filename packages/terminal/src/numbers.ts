import { quote, UserError } from "@chain/fullnode";

/**
 * A whole number that a user typed. @throws UserError `usage`.
 * @example parseWhole("7", "--count", 1, 100) // 7
 */
export function parseWhole(text: string, flag: string, least: number, most: number): number {
  const number = /^(0|[1-9]\d{0,9})$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  const message = `${flag} must be a whole number from ${least} to ${most}, not ${quote(text)}`;
  throw new UserError("usage", message);
}
