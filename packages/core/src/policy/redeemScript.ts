import { evaluate } from "../script/interpreter/evaluate.ts";
import type { SignatureChecker } from "../script/signatureChecker.ts";

/** Answers no to everything. Core: BaseSignatureChecker. */
const NO_CHECKER: SignatureChecker = /* @__PURE__ */ Object.freeze({
  checkEcdsaSignature: () => false,
  checkSchnorrSignature: () => "SCHNORR_SIG",
  checkTaprootTweak: () => false,
  checkLockTime: () => false,
  checkSequence: () => false,
});

/**
 * The script that the spender of a script hash reveals: what the scriptSig leaves on top of the stack. Its hash is not
 * looked at. Core: the EvalScript calls of policy.cpp.
 */
export function redeemScriptOf(scriptSig: Uint8Array): Uint8Array | undefined {
  const stack: Uint8Array[] = [];
  const environment = { flags: 0, checker: NO_CHECKER, version: "base" } as const;
  return evaluate(stack, scriptSig, environment) === undefined ? stack.at(-1) : undefined;
}
