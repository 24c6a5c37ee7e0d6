/** Details of an error, beside its sentence. */
export interface ChainErrorOptions {
  /** The error that led to it. */
  readonly cause?: unknown;
  /** The things that the sentence speaks of, for programs. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Found by every copy of this package: two of them may be in one program. */
function brand(): symbol {
  return Symbol.for("@chain/core/ChainError");
}

/**
 * The base of all errors that these packages throw, each a class with codes of its own. Catch by class, decide by
 * `code`, show `message`. Where two copies of the package may be loaded, `isChainError` knows the errors of both.
 * @example
 * try {
 *   Transaction.fromHex("00");
 * } catch (error) {
 *   if (!(error instanceof ChainError)) throw error;
 *   console.log(error.code); // "truncated"
 * }
 */
export abstract class ChainError<Code extends string | number = string | number> extends Error {
  /** The kind of trouble, for programs. */
  readonly code: Code;
  /** The things that the message speaks of, for programs; empty where its code says all. */
  readonly data: Readonly<Record<string, unknown>>;

  constructor(code: Code, message: string, options: ChainErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.data = options.data ?? {};
    Object.defineProperty(this, brand(), { value: true });
  }
}

/**
 * Whether one of these packages threw it, whichever copy of it.
 * @example isChainError(new CoreError("truncated", "3 bytes are missing")) // true
 */
export function isChainError(error: unknown): error is ChainError {
  return typeof error === "object" && error !== null && brand() in error;
}

/** The kinds of trouble, for programs. Misuse, I/O and corruption are thrown; verdicts on data are returned. */
export type CoreErrorCode =
  | "truncated" // the bytes end before the value does
  | "trailing-bytes" // bytes are left after the value
  | "non-canonical-compact-size" // a length written longer than it had to be
  | "oversized" // a length beyond what Core decodes
  | "superfluous-witness" // a witness marker on a transaction without witness (BIP-0144)
  | "unknown-transaction-flag" // a flag byte this format does not know (BIP-0144)
  | "invalid-hex"
  | "invalid-asm" // a word that means nothing in a script
  | "invalid-length" // a fixed-size value of another size
  | "out-of-range" // a number that its field can't hold
  | "inconsistent-undo" // undo data that does not fit its block
  | "unknown-header"; // a header that is not in the tree

/**
 * Thrown where the caller handed in something that cannot be processed at all: bytes that do not decode, numbers
 * that do not fit. Never thrown for a transaction or block that breaks a rule; that is a {@link Verdict}.
 */
export class CoreError extends ChainError<CoreErrorCode> {
  override readonly name = "CoreError";
}

/** Thrown where the code of these packages is wrong, and goes on no further: please report it. */
export class FaultError extends ChainError<"fault"> {
  override readonly name = "FaultError";
}

/**
 * Thrown by every package where an argument is of the wrong type or lacks a field, as plain JavaScript can have it: the
 * message names it. A mistake in the program that calls, so code that handles bad data does not catch it.
 * @example
 * try {
 *   Transaction.fromHex(undefined);
 * } catch (error) {
 *   console.log(error.message); // "hex must be a string, not undefined"
 * }
 */
export class ArgumentError extends ChainError<"invalid-argument"> {
  override readonly name = "ArgumentError";
  declare readonly data: {
    /** Its path from the parameter on, as in `fields.inputs[0].prevout`. */
    readonly argument: string;
    readonly expected: string;
  };

  constructor(argument: string, expected: string, value: unknown) {
    super("invalid-argument", `${argument} must be ${expected}, not ${describe(value)}`, {
      data: { argument, expected },
    });
  }
}

/** The kind of a value in a few words. Never its content, which may be a key or a passphrase. */
function describe(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value === "number") return `the number ${value}`;
  if (typeof value === "boolean") return String(value);
  if (typeof value !== "object") return `a ${typeof value}`;
  if (Array.isArray(value)) return "an array";
  const name = Object.prototype.toString.call(value).slice(8, -1);
  if (name !== "Object") return /^[AEIOU](?!int)/.test(name) ? `an ${name}` : `a ${name}`;
  const maker: unknown = value.constructor;
  const isPlain = typeof maker !== "function" || maker === Object || maker.name === "";
  return isPlain ? "a plain object" : `an object of class ${maker.name}`;
}
