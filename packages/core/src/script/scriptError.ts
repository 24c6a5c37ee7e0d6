/**
 * Why a script fails: Core's names (as its script_tests.json spells them) and Core's sentences, which end up in reject
 * reasons. UNSUPPORTED_SCRIPT is ours, for what this version does not evaluate yet.
 */
const SENTENCES = {
  EVAL_FALSE: "Script evaluated without error but finished with a false/empty top stack element",
  SCRIPT_SIZE: "Script is too big",
  PUSH_SIZE: "Push value size limit exceeded",
  STACK_SIZE: "Stack size limit exceeded",
  EQUALVERIFY: "Script failed an OP_EQUALVERIFY operation",
  BAD_OPCODE: "Opcode missing or not understood",
  INVALID_STACK_OPERATION: "Operation not valid with the current stack size",
  SIG_HASHTYPE: "Signature hash type missing or not understood",
  SIG_DER: "Non-canonical DER signature",
  SIG_PUSHONLY: "Only push operators allowed in signatures",
  SIG_HIGH_S: "Non-canonical signature: S value is unnecessarily high",
  SIG_FINDANDDELETE: "Signature is found in scriptCode",
  MINIMALDATA: "Data push larger than necessary",
  PUBKEYTYPE: "Public key is neither compressed or uncompressed",
  CLEANSTACK: "Stack size must be exactly one after execution",
  NULLFAIL: "Signature must be zero for failed CHECK(MULTI)SIG operation",
  WITNESS_UNEXPECTED: "Witness provided for non-witness script",
  UNSUPPORTED_SCRIPT: "Script is of a kind that is not supported",
} as const;

export type ScriptErrorName = keyof typeof SENTENCES;

/** The sentence that Core puts into the reject reason. Core: ScriptErrorString. */
export function scriptErrorSentence(error: ScriptErrorName): string {
  return SENTENCES[error];
}
