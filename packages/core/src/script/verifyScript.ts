/**
 * The one door to script evaluation. This version evaluates pay-to-public-key-hash outputs spent by pushes, with
 * Core's semantics and errors; anything else is refused by name.
 */
import { equalBytes } from "../bytes.ts";
import { hash160 } from "../hash.ts";
import { ScriptFlag, type ScriptFlags } from "./flags.ts";
import { OP_0, OP_1, OP_1NEGATE, OP_16, OP_PUSHDATA1, OP_PUSHDATA2 } from "./opcodes.ts";
import {
  isP2pkh,
  isP2sh,
  isPushOnly,
  isUnspendable,
  MAX_SCRIPT_SIZE,
  type Operation,
  pushData,
  ScriptReader,
  witnessProgram,
} from "./script.ts";
import type { ScriptErrorName } from "./scriptError.ts";
import { encodeScriptNumber } from "./scriptNumber.ts";
import { findAndDelete } from "./sighash.ts";
import { isLowS, isStrictDer, parseDerSignatureLax } from "./signature.ts";

/** Most bytes that a push may push. */
const MAX_PUSH_SIZE = 520;
/** Most items on the stack. */
const MAX_STACK_SIZE = 1000;

export type ScriptResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly error: ScriptErrorName; readonly debug?: string };

/** What a script can ask about the transaction that runs it. Core: BaseSignatureChecker. */
export interface SignatureChecker {
  /**
   * @param signature DER with the hash type at its end; lax forms reach it where no flag forbids them
   * @param scriptCode what the signature hash covers of the script
   */
  checkEcdsaSignature(
    signature: Uint8Array,
    publicKey: Uint8Array,
    scriptCode: Uint8Array,
  ): boolean;
}

const OK: ScriptResult = Object.freeze({ ok: true });

function fail(error: ScriptErrorName): ScriptResult {
  return { ok: false, error };
}

function has(flags: ScriptFlags, flag: ScriptFlags): boolean {
  return (flags & flag) !== 0;
}

/**
 * Whether an input may spend an output. Core: VerifyScript.
 * @example verifyScript(input.scriptSig, coin.scriptPubKey, input.witness, scriptFlags(height, params), checker)
 */
export function verifyScript(
  scriptSig: Uint8Array,
  scriptPubKey: Uint8Array,
  witness: readonly Uint8Array[],
  flags: ScriptFlags,
  checker: SignatureChecker,
): ScriptResult {
  const pushOnly = isPushOnly(scriptSig);
  if (has(flags, ScriptFlag.SIGPUSHONLY) && !pushOnly) return fail("SIG_PUSHONLY");
  if (!isP2pkh(scriptPubKey)) return unsupported(`output of type ${scriptType(scriptPubKey)}`);
  const stack: Uint8Array[] = [];
  const pushed = evaluatePushes(scriptSig, flags, stack);
  if (pushed !== undefined) return pushed;
  const result = evaluateP2pkh(scriptPubKey, stack, flags, checker);
  if (!result.ok) return result;
  if (has(flags, ScriptFlag.CLEANSTACK) && stack.length !== 1) return fail("CLEANSTACK");
  if (has(flags, ScriptFlag.WITNESS) && witness.length > 0) return fail("WITNESS_UNEXPECTED");
  return OK;
}

function unsupported(debug: string): ScriptResult {
  return { ok: false, error: "UNSUPPORTED_SCRIPT", debug };
}

/** Core's name for the template of an output script (`decodescript`). */
function scriptType(script: Uint8Array): string {
  if (isP2sh(script)) return "scripthash";
  const program = witnessProgram(script);
  if (program !== undefined) return `witness_v${program.version}`;
  return isUnspendable(script) ? "nulldata" : "nonstandard";
}

/** Runs a script of pushes. @returns why it fails, or nothing. */
function evaluatePushes(
  script: Uint8Array,
  flags: ScriptFlags,
  stack: Uint8Array[],
): ScriptResult | undefined {
  if (script.length > MAX_SCRIPT_SIZE) return fail("SCRIPT_SIZE");
  const reader = new ScriptReader(script);
  while (!reader.done) {
    const operation = reader.next();
    if (operation === undefined) return fail("BAD_OPCODE");
    if (operation.data !== undefined && operation.data.length > MAX_PUSH_SIZE) {
      return fail("PUSH_SIZE");
    }
    const item = pushedItem(operation);
    if (item === undefined) return unsupported("scriptSig that does more than push");
    if (has(flags, ScriptFlag.MINIMALDATA) && !isMinimalPush(operation)) return fail("MINIMALDATA");
    stack.push(item);
    if (stack.length > MAX_STACK_SIZE) return fail("STACK_SIZE");
  }
  return undefined;
}

function pushedItem({ opcode, data }: Operation): Uint8Array | undefined {
  if (data !== undefined) return data;
  if (opcode === OP_1NEGATE) return encodeScriptNumber(-1);
  if (opcode >= OP_1 && opcode <= OP_16) return encodeScriptNumber(opcode - OP_1 + 1);
  return undefined;
}

/** Whether no shorter operation pushes the same (BIP-0062). Core: CheckMinimalPush. */
function isMinimalPush({ opcode, data }: Operation): boolean {
  if (data === undefined) return true;
  const [first = 0] = data;
  if (data.length === 0) return opcode === OP_0;
  if (data.length === 1 && first >= 1 && first <= 16) return false;
  if (data.length === 1 && first === 0x81) return false;
  if (data.length < OP_PUSHDATA1) return opcode === data.length;
  if (data.length <= 0xff) return opcode === OP_PUSHDATA1;
  return opcode === OP_PUSHDATA2; // longer pushes were refused by size
}

/** OP_DUP OP_HASH160 <hash> OP_EQUALVERIFY OP_CHECKSIG, in that order, as the interpreter would. */
function evaluateP2pkh(
  script: Uint8Array,
  stack: Uint8Array[],
  flags: ScriptFlags,
  checker: SignatureChecker,
): ScriptResult {
  const publicKey = stack.at(-1);
  if (publicKey === undefined) return fail("INVALID_STACK_OPERATION");
  // OP_DUP and the hash make two more items.
  if (stack.length + 2 > MAX_STACK_SIZE) return fail("STACK_SIZE");
  if (!equalBytes(hash160(publicKey), script.subarray(3, 23))) return fail("EQUALVERIFY");
  const signature = stack.at(-2);
  if (signature === undefined) return fail("INVALID_STACK_OPERATION");
  stack.length -= 2;

  const push = pushData(signature);
  const scriptCode = findAndDelete(script, push);
  if (scriptCode !== script && has(flags, ScriptFlag.CONST_SCRIPTCODE)) {
    return fail("SIG_FINDANDDELETE");
  }
  const malformed =
    checkSignatureEncoding(signature, flags) ?? checkPublicKeyEncoding(publicKey, flags);
  if (malformed !== undefined) return fail(malformed);
  if (!checker.checkEcdsaSignature(signature, publicKey, scriptCode)) {
    const nullfail = has(flags, ScriptFlag.NULLFAIL) && signature.length > 0;
    return fail(nullfail ? "NULLFAIL" : "EVAL_FALSE");
  }
  stack.push(Uint8Array.of(1));
  return OK;
}

/** Core: CheckSignatureEncoding. An empty signature is a fine way to fail. */
function checkSignatureEncoding(
  signature: Uint8Array,
  flags: ScriptFlags,
): ScriptErrorName | undefined {
  if (signature.length === 0) return undefined;
  const { DERSIG, LOW_S, STRICTENC } = ScriptFlag;
  if (has(flags, DERSIG | LOW_S | STRICTENC) && !isStrictDer(signature)) return "SIG_DER";
  if (has(flags, LOW_S)) {
    const compact = parseDerSignatureLax(signature.subarray(0, -1));
    if (compact === undefined || !isLowS(compact)) return "SIG_HIGH_S";
  }
  const hashType = (signature.at(-1) as number) & ~0x80;
  if (has(flags, STRICTENC) && (hashType < 1 || hashType > 3)) return "SIG_HASHTYPE";
  return undefined;
}

/** Core: CheckPubKeyEncoding: with STRICTENC, no hybrid keys and no others that only look like keys. */
function checkPublicKeyEncoding(key: Uint8Array, flags: ScriptFlags): ScriptErrorName | undefined {
  if (!has(flags, ScriptFlag.STRICTENC)) return undefined;
  const compressed = key.length === 33 && (key[0] === 2 || key[0] === 3);
  return compressed || (key.length === 65 && key[0] === 4) ? undefined : "PUBKEYTYPE";
}
