import { ScriptFlag } from "../flags.ts";
import type { Machine } from "./machine.ts";
import { checkEcdsa, signedCode } from "./signatureChecks.ts";

/** Most keys of an OP_CHECKMULTISIG. */
const MAX_KEYS = 20;

/**
 * OP_CHECKMULTISIG. The stack, from its top: number of keys, keys, number of signatures, signatures, and one item that
 * Satoshi's client took by mistake, as all do since.
 */
export function checkMultisig(machine: Machine): undefined {
  const { stack } = machine;
  if (stack.length < 1) return machine.fail("INVALID_STACK_OPERATION");
  const keyCount = machine.number(1);
  if (keyCount === undefined) return;
  if (keyCount < 0 || keyCount > MAX_KEYS) return machine.fail("PUBKEY_COUNT");
  machine.countOperations(keyCount);
  if (machine.error !== undefined) return;

  const signatureCountDepth = keyCount + 2;
  if (stack.length < signatureCountDepth) return machine.fail("INVALID_STACK_OPERATION");
  const signatureCount = machine.number(signatureCountDepth);
  if (signatureCount === undefined) return;
  if (signatureCount < 0 || signatureCount > keyCount) return machine.fail("SIG_COUNT");
  const dummyDepth = signatureCountDepth + signatureCount + 1;
  const dummy = stack[stack.length - dummyDepth];
  if (dummy === undefined) return machine.fail("INVALID_STACK_OPERATION");

  // Topmost, that is last, key and signature first.
  const end = stack.length;
  const keys = stack.slice(end - 1 - keyCount, end - 1).reverse();
  const signatures = stack.slice(end - dummyDepth + 1, end - signatureCountDepth).reverse();
  const good = matchSignatures(machine, signatures, keys);
  if (machine.error !== undefined) return;
  if (!good && machine.has(ScriptFlag.NULLFAIL) && signatures.some(({ length }) => length > 0)) {
    return machine.fail("NULLFAIL");
  }
  if (dummy.length > 0 && machine.has(ScriptFlag.NULLDUMMY)) return machine.fail("SIG_NULLDUMMY");
  machine.drop(dummyDepth);
  machine.pushBoolean(good);
}

/** Whether each signature belongs to one of the keys, in the same order. It may also make the script fail. */
function matchSignatures(
  machine: Machine,
  signatures: readonly Uint8Array[],
  keys: readonly Uint8Array[],
): boolean {
  const scriptCode = signedCode(machine, signatures);
  if (scriptCode === undefined) return false;
  let matched = 0;
  for (const [i, key] of keys.entries()) {
    const signature = signatures[matched];
    if (signature === undefined) return true;
    if (signatures.length - matched > keys.length - i) return false;
    if (checkEcdsa(machine, signature, key, scriptCode)) matched++;
    if (machine.error !== undefined) return false;
  }
  return matched === signatures.length;
}
