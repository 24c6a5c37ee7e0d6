import { present, requireBytes, requireNumber } from "../arguments.ts";
import { equalBytes } from "../bytes.ts";
import { requireByteArrays, requireChecker } from "../shapes.ts";
import { ScriptFlag, type ScriptFlags } from "./flags.ts";
import { evaluate } from "./interpreter/evaluate.ts";
import { isP2sh, isPushOnly, pushData, witnessProgram } from "./script.ts";
import type { ScriptErrorName } from "./scriptError.ts";
import { isTrue } from "./scriptNumber.ts";
import type { SignatureChecker } from "./signatureChecker.ts";
import { verifyWitnessProgram } from "./verifyWitnessProgram.ts";

/** Whether a script lets an output be spent, and if not, why not by Core's name. */
export type ScriptResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly error: ScriptErrorName };

/**
 * Whether an input may spend an output: its scriptSig and then the output's script run without error and leave true on
 * the stack; and so do the scripts that only their hashes stand for, of a P2SH output (BIP-0016) or a witness program
 * (BIP-0141). Never throws, in bounded time and memory. Core: VerifyScript.
 *
 * @param flags WITNESS and CLEANSTACK mean little without P2SH; `scriptFlags` sets them as blocks are checked
 * @example
 * const flags = scriptFlags(170, mainnet);
 * verifyScript(input.scriptSig, coin.scriptPubKey, input.witness, flags, checker) // { ok: true }
 */
export function verifyScript(
  scriptSig: Uint8Array,
  scriptPubKey: Uint8Array,
  witness: readonly Uint8Array[],
  flags: ScriptFlags,
  checker: SignatureChecker,
): ScriptResult {
  requireBytes(scriptSig, "scriptSig");
  requireBytes(scriptPubKey, "scriptPubKey");
  requireByteArrays(witness, "witness");
  requireNumber(flags, "flags");
  requireChecker(checker, "checker");

  const error = failure({ scriptSig, scriptPubKey, witness, flags, checker });
  return error === undefined ? OK : { ok: false, error };
}

const OK: ScriptResult = /* @__PURE__ */ Object.freeze({ ok: true });

interface Spend {
  readonly scriptSig: Uint8Array;
  readonly scriptPubKey: Uint8Array;
  readonly witness: readonly Uint8Array[];
  readonly flags: ScriptFlags;
  readonly checker: SignatureChecker;
}

function failure(spend: Spend): ScriptErrorName | undefined {
  const { scriptSig, scriptPubKey, witness, flags, checker } = spend;
  const has = (flag: ScriptFlags): boolean => (flags & flag) !== 0;
  const environment = { flags, checker, version: "base" } as const;

  if (has(ScriptFlag.SIGPUSHONLY) && !isPushOnly(scriptSig)) return "SIG_PUSHONLY";
  let stack: Uint8Array[] = [];
  const sigError = evaluate(stack, scriptSig, environment);
  if (sigError !== undefined) return sigError;
  const pushed = stack.slice();
  const error = evaluate(stack, scriptPubKey, environment) ?? falseOnTop(stack);
  if (error !== undefined) return error;

  let program = has(ScriptFlag.WITNESS) ? witnessProgram(scriptPubKey) : undefined;
  // Otherwise anyone could change the transaction's id by adding to the scriptSig.
  if (program !== undefined && scriptSig.length > 0) return "WITNESS_MALLEATED";

  const p2sh = has(ScriptFlag.P2SH) && isP2sh(scriptPubKey);
  if (p2sh) {
    if (!isPushOnly(scriptSig)) return "SIG_PUSHONLY";
    stack = pushed;
    // There is one: the hash on the stack was equal to that of something.
    const redeemScript = present(stack.pop(), "stack.pop()");
    const redeemError = evaluate(stack, redeemScript, environment) ?? falseOnTop(stack);
    if (redeemError !== undefined) return redeemError;
    program = has(ScriptFlag.WITNESS) ? witnessProgram(redeemScript) : undefined;
    if (program !== undefined && !equalBytes(scriptSig, pushData(redeemScript))) {
      return "WITNESS_MALLEATED_P2SH";
    }
  }

  if (program !== undefined) return verifyWitnessProgram(program, p2sh, witness, flags, checker);
  if (has(ScriptFlag.CLEANSTACK) && stack.length !== 1) return "CLEANSTACK";
  if (has(ScriptFlag.WITNESS) && witness.length > 0) return "WITNESS_UNEXPECTED";
  return undefined;
}

function falseOnTop(stack: readonly Uint8Array[]): ScriptErrorName | undefined {
  const top = stack.at(-1);
  return top !== undefined && isTrue(top) ? undefined : "EVAL_FALSE";
}
