/** Creators make and check the signatures of one input. Core: BaseSignatureCreator (script/sign.h). */
import {
  concatBytes,
  encodeDerSignature,
  isMoney,
  legacySighash,
  nobleVerifier,
  SIGHASH_ALL,
  SIGHASH_DEFAULT,
  type SignatureChecker,
  type SignatureVerifier,
  type TransactionSpend,
  taprootSighash,
  transactionChecker,
  witnessSighash,
} from "@chain/core";
import type { EcdsaSigner, PrivateKey } from "../keys.ts";
import { signSchnorr } from "../schnorr.ts";

/** Which rules a signature is for. */
export type ScriptVersion = "base" | "witness_v0";

/** Makes signatures, or pretends to. */
export interface SignatureCreator {
  readonly checker: SignatureChecker;
  /** @returns `undefined` where it can't: for an uncompressed key in a witness, say */
  ecdsa(
    key: PrivateKey | undefined,
    scriptCode: Uint8Array,
    version: ScriptVersion,
  ): Uint8Array | undefined;
  /**
   * @param leafHash of the script path
   * @param merkleRoot of the key path: the key is tweaked with it
   */
  schnorr(
    key: PrivateKey | undefined,
    leafHash: Uint8Array | undefined,
    merkleRoot: Uint8Array | undefined,
  ): Uint8Array | undefined;
}

/** Whose input is signed, and how. */
export interface SigningContext {
  readonly spend: TransactionSpend;
  readonly index: number;
  readonly hashType: number;
  /** Whether all that the transaction spends is known: Taproot signs all of it. */
  readonly allSpentKnown: boolean;
  readonly signer?: EcdsaSigner | undefined;
  readonly verifier?: SignatureVerifier | undefined;
}

/** Signs for real. Core: MutableTransactionSignatureCreator. */
export function signatureCreator(context: SigningContext): SignatureCreator {
  const { spend, index, hashType, allSpentKnown, signer, verifier = nobleVerifier } = context;
  const checker = transactionChecker(spend, index, verifier);
  return {
    checker: allSpentKnown ? checker : withoutTaproot(checker),
    ecdsa(key, scriptCode, version) {
      if (key === undefined) return undefined;
      if (version === "witness_v0") {
        const value = spend.spentOutputs[index]?.value ?? -1n;
        if (!key.compressed || !isMoney(value)) return undefined;
      }
      // Default is Taproot's alone.
      const type = hashType === SIGHASH_DEFAULT ? SIGHASH_ALL : hashType;
      const sighash = version === "base" ? legacySighash : witnessSighash;
      const der = encodeDerSignature(key.sign(sighash(spend, index, scriptCode, type), signer));
      return concatBytes(der, Uint8Array.of(type));
    },
    schnorr(key, leafHash, merkleRoot) {
      if (key === undefined || !allSpentKnown) return undefined;
      const hash = taprootSighash(spend, index, hashType, { leafHash });
      if (hash === undefined) return undefined;
      const signature = signSchnorr(hash, key, merkleRoot);
      return hashType === SIGHASH_DEFAULT
        ? signature
        : concatBytes(signature, Uint8Array.of(hashType));
    },
  };
}

/** Without the other outputs that are spent, no signature of Taproot can be checked. */
function withoutTaproot(checker: SignatureChecker): SignatureChecker {
  return {
    checkEcdsaSignature: (...parts) => checker.checkEcdsaSignature(...parts),
    checkSchnorrSignature: () => "SCHNORR_SIG",
    checkTaprootTweak: (...parts) => checker.checkTaprootTweak(...parts),
    checkLockTime: (lockTime) => checker.checkLockTime(lockTime),
    checkSequence: (sequence) => checker.checkSequence(sequence),
  };
}

/** Numbers of 32 bytes without a sign byte in front: the longest signature that we make. Core: DUMMY_SIGNATURE_CREATOR. */
const DUMMY_DER = /* @__PURE__ */ (() => encodeDerSignature(new Uint8Array(64).fill(1)))();
const DUMMY_SIGNATURE: Uint8Array = /* @__PURE__ */ (() =>
  concatBytes(DUMMY_DER, Uint8Array.of(SIGHASH_ALL)))();
const DUMMY_SCHNORR: Uint8Array = /* @__PURE__ */ new Uint8Array(64);

/** Pretends to sign, so that the size of a transaction can be told beforehand. */
export const DUMMY_CREATOR: SignatureCreator = /* @__PURE__ */ (() =>
  Object.freeze({
    checker: Object.freeze({
      checkEcdsaSignature: (signature: Uint8Array) => signature.length > 0,
      checkSchnorrSignature: () => undefined,
      checkTaprootTweak: () => true,
      checkLockTime: () => true,
      checkSequence: () => true,
    }),
    ecdsa: () => DUMMY_SIGNATURE,
    schnorr: () => DUMMY_SCHNORR,
  }))();
