import type { ScriptErrorName } from "./scriptError.ts";

/** Facts about the input being spent that Taproot signatures and tapscript need. Core: ScriptExecutionData. */
export interface TaprootExecution {
  /** SHA-256 of the annex with its length (BIP-0341), where there is one. */
  readonly annexHash: Uint8Array | undefined;
  /** Hash of the leaf that is run; `undefined` on the key path. */
  readonly leafHash: Uint8Array | undefined;
  /** Number of the last OP_CODESEPARATOR that was run; 0xffffffff before the first. */
  codeSeparatorPosition: number;
  /** The rest of the budget for signatures, in weight units (BIP-0342). */
  weightLeft: number;
}

/** Questions that a script can ask about the transaction that runs it. Core: BaseSignatureChecker. */
export interface SignatureChecker {
  /**
   * @param signature DER with the hash type at its end; lax forms reach it where no flag forbids them
   * @param scriptCode the part of the script that the signature hash covers
   * @param segwit whether the hash is that of BIP-0143
   */
  checkEcdsaSignature(
    signature: Uint8Array,
    publicKey: Uint8Array,
    scriptCode: Uint8Array,
    segwit: boolean,
  ): boolean;

  /** BIP-0341: a signature of 64 bytes, or 65 with a hash type. @returns why it does not hold */
  checkSchnorrSignature(
    signature: Uint8Array,
    publicKey32: Uint8Array,
    execution: TaprootExecution,
  ): ScriptErrorName | undefined;

  /** BIP-0341: whether an output key is the internal key, tweaked. Otherwise as `SignatureVerifier` has it. */
  checkTaprootTweak(
    outputKey32: Uint8Array,
    parity: number,
    internalKey32: Uint8Array,
    tweak32: Uint8Array,
  ): boolean;

  /** BIP-0065: whether the transaction is locked at least until then. */
  checkLockTime(lockTime: number): boolean;

  /** BIP-0112: whether the input is locked at least for that long. */
  checkSequence(sequence: number): boolean;
}
