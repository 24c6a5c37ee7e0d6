/** Checking one signature for OP_CHECKSIG and its like. Core: EvalChecksig. */
import { ScriptFlag, type ScriptFlags } from "../flags.ts";
import { pushData } from "../script.ts";
import { findAndDelete } from "../scriptCode.ts";
import type { ScriptErrorName } from "../scriptError.ts";
import { isLowS, isStrictDer, parseDerSignatureLax } from "../signature.ts";
import type { TaprootExecution } from "../signatureChecker.ts";
import type { Machine, SignatureVersion } from "./machine.ts";

/** The cost of a signature check in the budget of a tapscript, in weight units (BIP-0342). */
const WEIGHT_PER_SIGNATURE = 50;

/** Whether a signature holds; it may also make the script fail. */
export function checkSignature(
  machine: Machine,
  signature: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  const { environment } = machine;
  return environment.version === "tapscript"
    ? checkInTapscript(machine, environment.execution, signature, publicKey)
    : checkBeforeTapscript(machine, signature, publicKey);
}

function checkBeforeTapscript(
  machine: Machine,
  signature: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  const scriptCode = signedCode(machine, [signature]);
  if (scriptCode === undefined) return false;
  const good = checkEcdsa(machine, signature, publicKey, scriptCode);
  if (!good && signature.length > 0 && machine.has(ScriptFlag.NULLFAIL)) {
    if (machine.error === undefined) machine.fail("NULLFAIL");
  }
  return good;
}

/**
 * The script from the last OP_CODESEPARATOR on; before SegWit without the signatures, which can't sign themselves.
 * @returns `undefined` where the script has failed
 */
export function signedCode(
  machine: Machine,
  signatures: readonly Uint8Array[],
): Uint8Array | undefined {
  let code = machine.reader.script.subarray(machine.codeStart);
  if (machine.environment.version !== "base") return code;
  for (const signature of signatures) {
    const rest = findAndDelete(code, pushData(signature));
    if (rest !== code && machine.has(ScriptFlag.CONST_SCRIPTCODE)) {
      machine.fail("SIG_FINDANDDELETE");
      return undefined;
    }
    code = rest;
  }
  return code;
}

/** Whether an ECDSA signature holds; a form of it or of the key that the flags forbid makes the script fail. */
export function checkEcdsa(
  machine: Machine,
  signature: Uint8Array,
  publicKey: Uint8Array,
  scriptCode: Uint8Array,
): boolean {
  const { flags, version, checker } = machine.environment;
  const malformed =
    checkSignatureEncoding(signature, flags) ?? checkPublicKeyEncoding(publicKey, flags, version);
  if (malformed !== undefined) {
    machine.fail(malformed);
    return false;
  }
  const segwit = version === "witness-v0";
  return checker.checkEcdsaSignature(signature, publicKey, scriptCode, segwit);
}

/**
 * Whether the form of a signature is one that the flags allow; an empty one is a fine way to fail.
 * Core: CheckSignatureEncoding.
 */
export function checkSignatureEncoding(
  signature: Uint8Array,
  flags: ScriptFlags,
): ScriptErrorName | undefined {
  if (signature.length === 0) return undefined;
  const { DERSIG, LOW_S, STRICTENC } = ScriptFlag;
  if ((flags & (DERSIG | LOW_S | STRICTENC)) !== 0 && !isStrictDer(signature)) return "SIG_DER";
  if ((flags & LOW_S) !== 0) {
    const compact = parseDerSignatureLax(signature.subarray(0, -1));
    if (compact === undefined || !isLowS(compact)) return "SIG_HIGH_S";
  }
  const hashType = (signature.at(-1) as number) & ~0x80;
  if ((flags & STRICTENC) !== 0 && (hashType < 1 || hashType > 3)) return "SIG_HASHTYPE";
  return undefined;
}

/** With STRICTENC, no hybrid keys and no others that only look like keys. Core: CheckPubKeyEncoding. */
function checkPublicKeyEncoding(
  key: Uint8Array,
  flags: ScriptFlags,
  version: SignatureVersion,
): ScriptErrorName | undefined {
  const compressed = key.length === 33 && (key[0] === 2 || key[0] === 3);
  if (compressed) return undefined;
  const uncompressed = key.length === 65 && key[0] === 4;
  if (!uncompressed && (flags & ScriptFlag.STRICTENC) !== 0) return "PUBKEYTYPE";
  const compressedOnly = version === "witness-v0" && (flags & ScriptFlag.WITNESS_PUBKEYTYPE) !== 0;
  return compressedOnly ? "WITNESS_PUBKEYTYPE" : undefined;
}

/**
 * BIP-0342: an empty signature is false, one that does not hold makes the script fail, and keys of a size that has no
 * meaning yet take any.
 */
function checkInTapscript(
  machine: Machine,
  execution: TaprootExecution,
  signature: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  const given = signature.length > 0;
  if (given) {
    // A transaction that has more signatures checked than its weight pays for would be slow to check.
    execution.weightLeft -= WEIGHT_PER_SIGNATURE;
    if (execution.weightLeft < 0) {
      machine.fail("TAPSCRIPT_VALIDATION_WEIGHT");
      return false;
    }
  }
  if (publicKey.length === 0) {
    machine.fail("TAPSCRIPT_EMPTY_PUBKEY");
  } else if (publicKey.length === 32) {
    const { checker } = machine.environment;
    const error = given
      ? checker.checkSchnorrSignature(signature, publicKey, execution)
      : undefined;
    if (error !== undefined) machine.fail(error);
  } else if (machine.has(ScriptFlag.DISCOURAGE_UPGRADABLE_PUBKEYTYPE)) {
    machine.fail("DISCOURAGE_UPGRADABLE_PUBKEYTYPE");
  }
  return given;
}
