import { requireNumber } from "../arguments.ts";
import { equalBytes } from "../bytes.ts";
import { CoreError } from "../errors.ts";
import { LOCKTIME_THRESHOLD } from "../limits.ts";
import { requireSpend, requireVerifier } from "../shapes.ts";
import { SEQUENCE_FINAL, type TxInput } from "../transaction.ts";
import type { ScriptErrorName } from "./scriptError.ts";
import { legacySighash, SIGHASH_DEFAULT } from "./sighash.ts";
import { normalizeS, parseDerSignatureLax } from "./signature.ts";
import type { SignatureChecker, TaprootExecution } from "./signatureChecker.ts";
import type { SignatureVerifier } from "./signatureVerifier.ts";
import { taprootSighash } from "./taprootSighash.ts";
import { isPublicKeyShaped } from "./templates.ts";
import type { TransactionSpend } from "./transactionSpend.ts";
import { witnessSighash } from "./witnessSighash.ts";

// Of a sequence, BIP-0068.
const DISABLE_FLAG = 0x8000_0000;
const TYPE_FLAG = 0x0040_0000;
const VALUE_MASK = 0xffff;

/**
 * Answers a script's questions about one input of a transaction. Core: GenericTransactionSignatureChecker.
 * @throws CoreError `out-of-range` where there is no such input, or not all outputs that are spent were given.
 * @example
 * const checker = transactionChecker(new TransactionSpend(transaction, coins), 0, nobleVerifier);
 * verifyScript(input.scriptSig, coins[0].scriptPubKey, input.witness, flags, checker) // { ok: true }
 */
export function transactionChecker(
  spend: TransactionSpend,
  inputIndex: number,
  verifier: SignatureVerifier,
): SignatureChecker {
  requireSpend(spend, "spend");
  requireNumber(inputIndex, "inputIndex");
  requireVerifier(verifier, "verifier");

  const input = spend.transaction.inputs[inputIndex];
  if (input === undefined || spend.spentOutputs.length !== spend.transaction.inputs.length) {
    throw new CoreError("out-of-range", `no input ${inputIndex}, or not all that is spent`);
  }
  return new TransactionChecker(spend, inputIndex, input, verifier);
}

class TransactionChecker implements SignatureChecker {
  readonly #spend: TransactionSpend;
  readonly #inputIndex: number;
  readonly #input: TxInput;
  readonly #verifier: SignatureVerifier;
  /**
   * The last hash of each hash type. Twenty keys of a multisig that sign the same must not cost twenty times the
   * hashing of the transaction.
   */
  readonly #hashes = new Map<
    number,
    { readonly scriptCode: Uint8Array; readonly hash: Uint8Array }
  >();

  constructor(
    spend: TransactionSpend,
    inputIndex: number,
    input: TxInput,
    verifier: SignatureVerifier,
  ) {
    this.#spend = spend;
    this.#inputIndex = inputIndex;
    this.#input = input;
    this.#verifier = verifier;
  }

  checkEcdsaSignature(
    signature: Uint8Array,
    publicKey: Uint8Array,
    scriptCode: Uint8Array,
    segwit: boolean,
  ): boolean {
    const hashType = signature.at(-1);
    if (hashType === undefined || !isPublicKeyShaped(publicKey)) return false;
    const compact = parseDerSignatureLax(signature.subarray(0, -1));
    if (compact === undefined) return false;
    const hash = this.#sighash(scriptCode, hashType, segwit);
    return this.#verifier.verifyEcdsa(normalizeS(compact), hash, publicKey);
  }

  #sighash(scriptCode: Uint8Array, hashType: number, segwit: boolean): Uint8Array {
    const key = hashType + (segwit ? 0x100 : 0);
    const known = this.#hashes.get(key);
    if (known !== undefined && equalBytes(known.scriptCode, scriptCode)) return known.hash;
    const { sha256Of } = this.#verifier;
    const hash = segwit
      ? witnessSighash(this.#spend, this.#inputIndex, scriptCode, hashType)
      : legacySighash(this.#spend, this.#inputIndex, scriptCode, hashType, sha256Of);
    this.#hashes.set(key, { scriptCode, hash });
    return hash;
  }

  checkSchnorrSignature(
    signature: Uint8Array,
    publicKey32: Uint8Array,
    execution: TaprootExecution,
  ): ScriptErrorName | undefined {
    if (signature.length !== 64 && signature.length !== 65) return "SCHNORR_SIG_SIZE";
    const hashType = signature[64] ?? SIGHASH_DEFAULT;
    // One signature in two forms would make the witness malleable.
    if (signature.length === 65 && hashType === SIGHASH_DEFAULT) return "SCHNORR_SIG_HASHTYPE";
    const hash = taprootSighash(this.#spend, this.#inputIndex, hashType, execution);
    if (hash === undefined) return "SCHNORR_SIG_HASHTYPE";
    const good = this.#verifier.verifySchnorr(signature.subarray(0, 64), hash, publicKey32);
    return good ? undefined : "SCHNORR_SIG";
  }

  checkTaprootTweak(
    outputKey32: Uint8Array,
    parity: number,
    internalKey32: Uint8Array,
    tweak32: Uint8Array,
  ): boolean {
    return this.#verifier.checkTaprootTweak(outputKey32, parity, internalKey32, tweak32);
  }

  checkLockTime(lockTime: number): boolean {
    const actual = this.#spend.transaction.lockTime;
    // Heights can't be compared with times.
    if (actual < LOCKTIME_THRESHOLD !== lockTime < LOCKTIME_THRESHOLD) return false;
    // With a final sequence the transaction is not locked at all.
    return lockTime <= actual && this.#input.sequence !== SEQUENCE_FINAL;
  }

  checkSequence(sequence: number): boolean {
    const actual = this.#input.sequence;
    // Core compares versions as unsigned numbers.
    if (this.#spend.transaction.version >>> 0 < 2 || (actual & DISABLE_FLAG) !== 0) return false;
    // Blocks can't be compared with seconds.
    if ((actual & TYPE_FLAG) !== (sequence & TYPE_FLAG)) return false;
    return (sequence & VALUE_MASK) <= (actual & VALUE_MASK);
  }
}
