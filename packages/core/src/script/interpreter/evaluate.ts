import { ScriptFlag } from "../flags.ts";
import { Opcode } from "../opcodes.ts";
import { isMinimalPush, MAX_ITEM_SIZE, MAX_SCRIPT_SIZE, type Operation } from "../script.ts";
import type { ScriptErrorName } from "../scriptError.ts";
import { CONTROL_INSTRUCTIONS } from "./controlInstructions.ts";
import { CRYPTO_INSTRUCTIONS } from "./cryptoInstructions.ts";
import { type Environment, type InstructionSet, Machine } from "./machine.ts";
import { NUMBER_INSTRUCTIONS } from "./numberInstructions.ts";
import { STACK_INSTRUCTIONS } from "./stackInstructions.ts";

/** Most items on the stack and the alternative stack together. */
export const MAX_STACK_SIZE = 1000;

const INSTRUCTIONS: InstructionSet = /* @__PURE__ */ (() => ({
  ...CONTROL_INSTRUCTIONS,
  ...STACK_INSTRUCTIONS,
  ...NUMBER_INSTRUCTIONS,
  ...CRYPTO_INSTRUCTIONS,
}))();

/**
 * Satoshi switched these off in 2010 (CVE-2010-5137 and others); a script that has one fails, even where it is skipped.
 * In tapscript they are OP_SUCCESSx.
 */
const DISABLED: ReadonlySet<number> = /* @__PURE__ */ (() =>
  new Set([
    Opcode.OP_CAT,
    Opcode.OP_SUBSTR,
    Opcode.OP_LEFT,
    Opcode.OP_RIGHT,
    Opcode.OP_INVERT,
    Opcode.OP_AND,
    Opcode.OP_OR,
    Opcode.OP_XOR,
    Opcode.OP_2MUL,
    Opcode.OP_2DIV,
    Opcode.OP_MUL,
    Opcode.OP_DIV,
    Opcode.OP_MOD,
    Opcode.OP_LSHIFT,
    Opcode.OP_RSHIFT,
  ]))();

/**
 * Runs a script on a stack, which it changes. Core: EvalScript.
 * @returns why the script failed; `undefined` where it ran to its end, with anything on the stack then
 */
export function evaluate(
  stack: Uint8Array[],
  script: Uint8Array,
  environment: Environment,
): ScriptErrorName | undefined {
  const machine = new Machine(stack, script, environment);
  const { reader, altStack, conditions } = machine;
  // Tapscript has no such limit: its budget for signatures and the weight of the block stand for it.
  if (!machine.isTapscript && script.length > MAX_SCRIPT_SIZE) return "SCRIPT_SIZE";
  for (; !reader.done; machine.operationIndex++) {
    const operation = reader.next();
    if (operation === undefined) return "BAD_OPCODE";
    step(machine, operation);
    if (machine.error !== undefined) return machine.error;
    if (stack.length + altStack.length > MAX_STACK_SIZE) return "STACK_SIZE";
  }
  return conditions.isEmpty ? undefined : "UNBALANCED_CONDITIONAL";
}

function step(machine: Machine, operation: Operation): undefined {
  const { opcode, data } = operation;
  if (data !== undefined && data.length > MAX_ITEM_SIZE) return machine.fail("PUSH_SIZE");
  if (opcode > Opcode.OP_16 && !machine.isTapscript) {
    machine.countOperations(1);
    if (machine.error !== undefined) return;
  }
  // These two fail even where they are skipped.
  if (DISABLED.has(opcode)) return machine.fail("DISABLED_OPCODE");
  if (
    opcode === Opcode.OP_CODESEPARATOR &&
    machine.environment.version === "base" &&
    machine.has(ScriptFlag.CONST_SCRIPTCODE)
  ) {
    return machine.fail("OP_CODESEPARATOR");
  }

  const branching = opcode >= Opcode.OP_IF && opcode <= Opcode.OP_ENDIF;
  if (!branching && !machine.conditions.allTrue) return;
  if (data !== undefined) {
    const strict = machine.has(ScriptFlag.MINIMALDATA);
    if (strict && !isMinimalPush(operation)) return machine.fail("MINIMALDATA");
    machine.push(data);
    return;
  }
  const instruction = INSTRUCTIONS[opcode];
  if (instruction === undefined) return machine.fail("BAD_OPCODE");
  if (machine.stack.length < instruction.items) return machine.fail("INVALID_STACK_OPERATION");
  instruction.run(machine, opcode);
}
