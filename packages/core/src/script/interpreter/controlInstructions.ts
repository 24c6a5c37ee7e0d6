import { ScriptFlag } from "../flags.ts";
import { Opcode } from "../opcodes.ts";
import { isTrue } from "../scriptNumber.ts";
import { type Instruction, type InstructionSet, instruction, type Machine } from "./machine.ts";

/** Lock times may use all of 32 bits, and the sign takes one more. */
const LOCK_NUMBER_SIZE = 5;
/** A sequence with this bit locks nothing (BIP-0068). */
const SEQUENCE_LOCKTIME_DISABLE_FLAG = 0x8000_0000;

const push = (value: number): Instruction => instruction(0, (machine) => machine.pushNumber(value));

const NOP: Instruction = /* @__PURE__ */ instruction(0, () => {});

const UPGRADABLE_NOP: Instruction = /* @__PURE__ */ instruction(0, (machine) => {
  if (machine.has(ScriptFlag.DISCOURAGE_UPGRADABLE_NOPS)) {
    machine.fail("DISCOURAGE_UPGRADABLE_NOPS");
  }
});

/** OP_IF and OP_NOTIF. Inside a branch that is skipped they only nest. */
const BRANCH: Instruction = /* @__PURE__ */ instruction(0, (machine, opcode) => {
  if (!machine.conditions.allTrue) return machine.conditions.push(false);
  if (machine.stack.length === 0) return machine.fail("UNBALANCED_CONDITIONAL");
  if (!isMinimalCondition(machine.peek(1))) {
    // Otherwise anyone could turn one true into another and so change the witness (BIP-0342).
    if (machine.isTapscript) return machine.fail("TAPSCRIPT_MINIMALIF");
    if (machine.environment.version === "witness-v0" && machine.has(ScriptFlag.MINIMALIF)) {
      return machine.fail("MINIMALIF");
    }
  }
  const holds = isTrue(machine.pop());
  machine.conditions.push(opcode === Opcode.OP_IF ? holds : !holds);
});

function isMinimalCondition(item: Uint8Array): boolean {
  return item.length === 0 || (item.length === 1 && item[0] === 1);
}

/** The number that a lock asks for; `undefined` where the script has failed. It stays on the stack. */
function lockNumber(machine: Machine): number | undefined {
  if (machine.stack.length === 0) {
    machine.fail("INVALID_STACK_OPERATION");
    return undefined;
  }
  const number = machine.number(1, LOCK_NUMBER_SIZE);
  if (number === undefined || number >= 0) return number;
  machine.fail("NEGATIVE_LOCKTIME");
  return undefined;
}

/** BIP-0065. Without the flag it is OP_NOP2. */
const CHECKLOCKTIMEVERIFY: Instruction = /* @__PURE__ */ instruction(0, (machine) => {
  if (!machine.has(ScriptFlag.CHECKLOCKTIMEVERIFY)) return;
  const lockTime = lockNumber(machine);
  if (lockTime === undefined) return;
  if (!machine.environment.checker.checkLockTime(lockTime)) machine.fail("UNSATISFIED_LOCKTIME");
});

/** BIP-0112. Without the flag it is OP_NOP3. */
const CHECKSEQUENCEVERIFY: Instruction = /* @__PURE__ */ instruction(0, (machine) => {
  if (!machine.has(ScriptFlag.CHECKSEQUENCEVERIFY)) return;
  const sequence = lockNumber(machine);
  if (sequence === undefined) return;
  if ((sequence & SEQUENCE_LOCKTIME_DISABLE_FLAG) !== 0) return; // room for soft forks
  if (!machine.environment.checker.checkSequence(sequence)) machine.fail("UNSATISFIED_LOCKTIME");
});

/** Pushing constants, branching, locking, doing nothing. */
export const CONTROL_INSTRUCTIONS: InstructionSet = /* @__PURE__ */ (() => ({
  [Opcode.OP_1NEGATE]: push(-1),
  ...Object.fromEntries(Array.from({ length: 16 }, (_, i) => [Opcode.OP_1 + i, push(i + 1)])),
  [Opcode.OP_NOP]: NOP,
  [Opcode.OP_IF]: BRANCH,
  [Opcode.OP_NOTIF]: BRANCH,
  [Opcode.OP_ELSE]: instruction(0, (machine) => {
    if (machine.conditions.isEmpty) machine.fail("UNBALANCED_CONDITIONAL");
    else machine.conditions.toggle();
  }),
  [Opcode.OP_ENDIF]: instruction(0, (machine) => {
    if (machine.conditions.isEmpty) machine.fail("UNBALANCED_CONDITIONAL");
    else machine.conditions.pop();
  }),
  [Opcode.OP_VERIFY]: instruction(1, (machine) => {
    if (!isTrue(machine.pop())) machine.fail("VERIFY");
  }),
  [Opcode.OP_RETURN]: instruction(0, (machine) => machine.fail("OP_RETURN")),
  [Opcode.OP_CHECKLOCKTIMEVERIFY]: CHECKLOCKTIMEVERIFY,
  [Opcode.OP_CHECKSEQUENCEVERIFY]: CHECKSEQUENCEVERIFY,
  [Opcode.OP_NOP1]: UPGRADABLE_NOP,
  [Opcode.OP_NOP4]: UPGRADABLE_NOP,
  [Opcode.OP_NOP5]: UPGRADABLE_NOP,
  [Opcode.OP_NOP6]: UPGRADABLE_NOP,
  [Opcode.OP_NOP7]: UPGRADABLE_NOP,
  [Opcode.OP_NOP8]: UPGRADABLE_NOP,
  [Opcode.OP_NOP9]: UPGRADABLE_NOP,
  [Opcode.OP_NOP10]: UPGRADABLE_NOP,
}))();
