/** What went wrong, for programs. Misuse, I/O and corruption are thrown; verdicts on data are returned. */
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
export class CoreError extends Error {
  override readonly name = "CoreError";
  readonly code: CoreErrorCode;

  constructor(code: CoreErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
