import { equalBytes } from "../bytes.ts";
import { compactSizeLength } from "../encoding/writer.ts";
import { sha256 } from "../hash.ts";
import { ScriptFlag, type ScriptFlags } from "./flags.ts";
import { evaluate, MAX_STACK_SIZE } from "./interpreter/evaluate.ts";
import type { Environment } from "./interpreter/machine.ts";
import { isPayToAnchor, MAX_ITEM_SIZE, ScriptReader, type WitnessProgram } from "./script.ts";
import type { ScriptErrorName } from "./scriptError.ts";
import { isTrue } from "./scriptNumber.ts";
import type { SignatureChecker, TaprootExecution } from "./signatureChecker.ts";
import {
  annexHash,
  hasAnnex,
  parseControlBlock,
  TAPSCRIPT_LEAF_VERSION,
  tapbranchHash,
  tapleafHash,
  taptweakHash,
} from "./taproot.ts";
import { p2pkhScript } from "./templates.ts";

/** The start of a tapscript's budget for signatures, beside the size of the witness (BIP-0342). */
const WEIGHT_OFFSET = 50;
const NO_CODE_SEPARATOR = 0xffff_ffff;

/**
 * Whether a witness satisfies a witness program. Core: VerifyWitnessProgram.
 * @param p2sh whether a script hash stands for the program; then it is not Taproot
 * @returns why not
 */
export function verifyWitnessProgram(
  { version, program }: WitnessProgram,
  p2sh: boolean,
  witness: readonly Uint8Array[],
  flags: ScriptFlags,
  checker: SignatureChecker,
): ScriptErrorName | undefined {
  if (version === 0) {
    const environment = { flags, checker, version: "witness-v0" } as const;
    if (program.length === 32) return verifyScriptHash(program, witness, environment);
    if (program.length === 20) {
      if (witness.length !== 2) return "WITNESS_PROGRAM_MISMATCH";
      return runWitnessScript(p2pkhScript(program), witness.slice(), environment);
    }
    return "WITNESS_PROGRAM_WRONG_LENGTH";
  }
  if (version === 1 && program.length === 32 && !p2sh) {
    if ((flags & ScriptFlag.TAPROOT) === 0) return undefined;
    return verifyTaproot(program, witness, flags, checker);
  }
  if (!p2sh && isPayToAnchor({ version, program })) return undefined;
  // Room for soft forks.
  return (flags & ScriptFlag.DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM) === 0
    ? undefined
    : "DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM";
}

/** P2WSH, BIP-0141: the last item is a script with this hash, the others its arguments. */
function verifyScriptHash(
  hash: Uint8Array,
  witness: readonly Uint8Array[],
  environment: Environment,
): ScriptErrorName | undefined {
  const script = witness.at(-1);
  if (script === undefined) return "WITNESS_PROGRAM_WITNESS_EMPTY";
  if (!equalBytes(sha256(script), hash)) return "WITNESS_PROGRAM_MISMATCH";
  return runWitnessScript(script, witness.slice(0, -1), environment);
}

/** P2TR, BIP-0341: a signature for the output key, or a script from the tree that the key commits to. */
function verifyTaproot(
  outputKey: Uint8Array,
  witness: readonly Uint8Array[],
  flags: ScriptFlags,
  checker: SignatureChecker,
): ScriptErrorName | undefined {
  const annex = hasAnnex(witness) ? witness.at(-1) : undefined;
  const items = annex === undefined ? witness.slice() : witness.slice(0, -1);
  const last = items.pop();
  if (last === undefined) return "WITNESS_PROGRAM_WITNESS_EMPTY";
  const execution: TaprootExecution = {
    annexHash: annex && annexHash(annex),
    leafHash: undefined,
    codeSeparatorPosition: NO_CODE_SEPARATOR,
    weightLeft: 0,
  };
  const script = items.pop();
  if (script === undefined) return checker.checkSchnorrSignature(last, outputKey, execution);

  const control = parseControlBlock(last);
  if (control === undefined) return "TAPROOT_WRONG_CONTROL_SIZE";
  const { leafVersion, parity, internalKey, path } = control;
  const leafHash = tapleafHash(script, leafVersion);
  const tweak = taptweakHash(internalKey, path.reduce(tapbranchHash, leafHash));
  if (!checker.checkTaprootTweak(outputKey, parity, internalKey, tweak)) {
    return "WITNESS_PROGRAM_MISMATCH";
  }
  if (leafVersion !== TAPSCRIPT_LEAF_VERSION) {
    return (flags & ScriptFlag.DISCOURAGE_UPGRADABLE_TAPROOT_VERSION) === 0
      ? undefined
      : "DISCOURAGE_UPGRADABLE_TAPROOT_VERSION";
  }
  return runTapscript(script, items, {
    flags,
    checker,
    version: "tapscript",
    execution: { ...execution, leafHash, weightLeft: witnessSize(witness) + WEIGHT_OFFSET },
  });
}

/** Bytes of a witness in a transaction. */
function witnessSize(witness: readonly Uint8Array[]): number {
  let size = compactSizeLength(witness.length);
  for (const { length } of witness) size += compactSizeLength(length) + length;
  return size;
}

/** BIP-0342. */
function runTapscript(
  script: Uint8Array,
  stack: Uint8Array[],
  environment: Environment,
): ScriptErrorName | undefined {
  // An OP_SUCCESSx makes the script valid with anything else in it and anything on the stack: room for soft forks.
  const reader = new ScriptReader(script);
  while (!reader.done) {
    const operation = reader.next();
    if (operation === undefined) return "BAD_OPCODE";
    if (!isSuccess(operation.opcode)) continue;
    return (environment.flags & ScriptFlag.DISCOURAGE_OP_SUCCESS) === 0
      ? undefined
      : "DISCOURAGE_OP_SUCCESS";
  }
  if (stack.length > MAX_STACK_SIZE) return "STACK_SIZE";
  return runWitnessScript(script, stack, environment);
}

/** Core: IsOpSuccess. */
function isSuccess(opcode: number): boolean {
  return (
    opcode === 80 ||
    opcode === 98 ||
    (opcode >= 126 && opcode <= 129) ||
    (opcode >= 131 && opcode <= 134) ||
    opcode === 137 ||
    opcode === 138 ||
    opcode === 141 ||
    opcode === 142 ||
    (opcode >= 149 && opcode <= 153) ||
    (opcode >= 187 && opcode <= 254)
  );
}

/** Runs a script that has to leave true and nothing else. Core: ExecuteWitnessScript. */
function runWitnessScript(
  script: Uint8Array,
  stack: Uint8Array[],
  environment: Environment,
): ScriptErrorName | undefined {
  if (stack.some(({ length }) => length > MAX_ITEM_SIZE)) return "PUSH_SIZE";
  const error = evaluate(stack, script, environment);
  if (error !== undefined) return error;
  const [only] = stack;
  if (only === undefined || stack.length !== 1) return "CLEANSTACK";
  return isTrue(only) ? undefined : "EVAL_FALSE";
}
