/** Answers as Core writes them: amounts with eight decimals, other fractions with 16 significant digits. */

/**
 * A number that is written in a form of its own. To all but {@link toJson} it is that number, and it is typed as one,
 * because the reader of the JSON gets a number.
 */
class WrittenNumber extends Number {
  readonly text: string;

  constructor(value: number, text: string) {
    super(value);
    this.text = text;
  }
}

/**
 * Coins as a JSON number, as Core has it: below 21 million coins a double keeps every base unit. Core: ValueFromAmount.
 * @example toJson(coinsNumber(1n)) // "0.00000001"
 */
export function coinsNumber(amount: bigint): number {
  const digits = String(amount < 0n ? -amount : amount).padStart(9, "0");
  const text = `${amount < 0n ? "-" : ""}${digits.slice(0, -8)}.${digits.slice(-8)}`;
  return new WrittenNumber(Number(text), text) as unknown as number;
}

/**
 * Base units of coins as a JSON number: the other way.
 * @example amountOf(0.1) // 10_000_000n
 */
export function amountOf(coins: number): bigint {
  return BigInt(Math.round(coins * 1e8));
}

/** `JSON.stringify`, with numbers as Core writes them. */
export function toJson(value: unknown): string {
  if (value instanceof WrittenNumber) return value.text;
  if (typeof value === "number") return numberText(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(toJson).join(",")}]`;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${toJson(field)}`).join(",")}}`;
}

/** Core writes doubles as C's `%.16g` (UniValue::setFloat). */
function numberText(value: number): string {
  if (Number.isSafeInteger(value) || !Number.isFinite(value)) return JSON.stringify(value);
  const [mantissa = "", exponent = ""] = value.toExponential(15).split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 16) return withoutZeros(value.toPrecision(16));
  const size = String(Math.abs(power)).padStart(2, "0");
  return `${withoutZeros(mantissa)}e${power < 0 ? "-" : "+"}${size}`;
}

function withoutZeros(decimal: string): string {
  return decimal.includes(".") ? decimal.replace(/\.?0+$/, "") : decimal;
}
