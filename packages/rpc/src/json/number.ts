/** Numbers whose text matters: amounts with eight decimals, and numbers that a double can't hold. */

/**
 * A number that is written in a form of its own. To everything but `toJson` it is that number, and it is typed as one,
 * because the reader of the JSON gets a number.
 */
export class WrittenNumber extends Number {
  readonly text: string;

  constructor(text: string) {
    super(text);
    this.text = text;
  }
}

/** An integer that a double holds, as most numbers are. */
const PLAIN = /^-?[1-9]\d{0,14}$/;

/** A JSON number by its text. It is a plain number where that is written in the same way. */
export function numberOf(text: string): number {
  const value = Number(text);
  if (PLAIN.test(text)) return value;
  return doubleText(value) === text ? value : (new WrittenNumber(text) as unknown as number);
}

/** The text of a number as it was written; `undefined` where the value is no number. */
export function numberText(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return value instanceof WrittenNumber ? value.text : undefined;
}

/**
 * Coins as a JSON number with eight decimals, from base units. Core: ValueFromAmount.
 * @example toJson(coinsNumber(1n)) // "0.00000001"
 */
export function coinsNumber(amount: bigint): number {
  const digits = String(amount < 0n ? -amount : amount).padStart(9, "0");
  const text = `${amount < 0n ? "-" : ""}${digits.slice(0, -8)}.${digits.slice(-8)}`;
  return new WrittenNumber(text) as unknown as number;
}

/**
 * An integer that may be beyond 2^53, as a JSON number.
 * @example toJson(bigNumber(18_446_744_073_709_551_615n)) // "18446744073709551615"
 */
export function bigNumber(value: bigint): number {
  return numberOf(String(value));
}

/** Core writes doubles as C's `%.16g` (UniValue::setFloat). */
export function doubleText(value: number): string {
  if (Number.isSafeInteger(value)) return String(value);
  if (!Number.isFinite(value)) return "null";
  const [mantissa = "", exponent = ""] = value.toExponential(15).split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 16) return withoutZeros(value.toPrecision(16));
  const size = String(Math.abs(power)).padStart(2, "0");
  return `${withoutZeros(mantissa)}e${power < 0 ? "-" : "+"}${size}`;
}

function withoutZeros(decimal: string): string {
  return decimal.includes(".") ? decimal.replace(/\.?0+$/, "") : decimal;
}
