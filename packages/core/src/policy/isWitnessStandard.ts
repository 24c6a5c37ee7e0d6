import { present } from "../arguments.ts";
import { isP2sh, isPayToAnchor, witnessProgram } from "../script/script.ts";
import { TAPSCRIPT_LEAF_VERSION } from "../script/taproot.ts";
import { requireScripts, requireTransaction } from "../shapes.ts";
import type { Transaction, TxInput } from "../transaction.ts";
import { refuse, VALID, type Verdict } from "../verdict.ts";
import { redeemScriptOf } from "./redeemScript.ts";

/** Core: MAX_STANDARD_P2WSH_SCRIPT_SIZE. Bytes. */
const MAX_P2WSH_SCRIPT_SIZE = 3600;
/** Items beside the script. Core: MAX_STANDARD_P2WSH_STACK_ITEMS. */
const MAX_P2WSH_STACK_ITEMS = 100;
/** Core: MAX_STANDARD_P2WSH_STACK_ITEM_SIZE, MAX_STANDARD_TAPSCRIPT_STACK_ITEM_SIZE. Bytes. */
const MAX_STACK_ITEM_SIZE = 80;
/** First byte of an annex (BIP-0341). */
const ANNEX_TAG = 0x50;

/**
 * Whether witnesses are no larger than usual scripts need, and none is where it would not count. A verdict: `ok` tells.
 * Core: IsWitnessStandard.
 * @param spentOutputs the outputs that its inputs spend, in their order; coins will do
 * @example isWitnessStandard(transaction, coins)
 */
export function isWitnessStandard(
  transaction: Transaction,
  spentOutputs: readonly { readonly scriptPubKey: Uint8Array }[],
): Verdict {
  requireTransaction(transaction, "transaction");
  requireScripts(spentOutputs, "spentOutputs");

  for (const [i, input] of transaction.inputs.entries()) {
    if (input.witness.length === 0) continue;
    const output = spentOutputs[i];
    if (output === undefined || !isStandardInput(input, output.scriptPubKey)) {
      return refuse("policy", "bad-witness-nonstandard");
    }
  }
  return VALID;
}

function isStandardInput({ scriptSig, witness }: TxInput, scriptPubKey: Uint8Array): boolean {
  const own = witnessProgram(scriptPubKey);
  // Anybody can spend it as it is, and anybody could stuff something into its witness.
  if (own !== undefined && isPayToAnchor(own)) return false;
  const p2sh = isP2sh(scriptPubKey);
  const script = p2sh ? redeemScriptOf(scriptSig) : scriptPubKey;
  const program = script && witnessProgram(script);
  if (program === undefined) return false;
  if (program.program.length !== 32) return true;
  if (program.version === 0) return isStandardP2wsh(witness);
  return program.version !== 1 || p2sh || isStandardTaproot(witness);
}

function isStandardP2wsh(witness: readonly Uint8Array[]): boolean {
  const items = witness.slice(0, -1);
  return (
    (witness.at(-1)?.length ?? 0) <= MAX_P2WSH_SCRIPT_SIZE &&
    items.length <= MAX_P2WSH_STACK_ITEMS &&
    areSmall(items)
  );
}

function isStandardTaproot(witness: readonly Uint8Array[]): boolean {
  if (witness.length < 2) return true; // a signature for the key
  const control = present(witness.at(-1), "witness.at(-1)");
  const [first] = control;
  // An annex means nothing as yet; a control block can't be empty.
  if (first === undefined || first === ANNEX_TAG) return false;
  return (first & 0xfe) !== TAPSCRIPT_LEAF_VERSION || areSmall(witness.slice(0, -2));
}

function areSmall(items: readonly Uint8Array[]): boolean {
  return items.every(({ length }) => length <= MAX_STACK_ITEM_SIZE);
}
