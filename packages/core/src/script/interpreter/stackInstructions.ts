import { present } from "../../arguments.ts";
import { Opcode } from "../opcodes.ts";
import { isTrue } from "../scriptNumber.ts";
import { type InstructionSet, instruction, type Machine } from "./machine.ts";

/** Pushes the items from this deep on again, in their order. */
function copy(machine: Machine, depth: number, count: number): void {
  const start = machine.stack.length - depth;
  for (let i = start; i < start + count; i++)
    machine.push(present(machine.stack[i], "machine.stack[i]"));
}

/** Moves the items from this deep on to the top. */
function raise(machine: Machine, depth: number, count: number): void {
  const items = machine.stack.splice(machine.stack.length - depth, count);
  machine.stack.push(...items);
}

/** Takes the number on top for a depth, counted from 0, of what lies below. */
function popDepth(machine: Machine): number | undefined {
  const depth = machine.number(1);
  if (depth === undefined) return undefined;
  machine.pop();
  if (depth >= 0 && depth < machine.stack.length) return depth + 1;
  machine.fail("INVALID_STACK_OPERATION");
  return undefined;
}

/** Moving items about. */
export const STACK_INSTRUCTIONS: InstructionSet = /* @__PURE__ */ (() => ({
  [Opcode.OP_TOALTSTACK]: instruction(1, (machine) => {
    machine.altStack.push(machine.pop());
  }),
  [Opcode.OP_FROMALTSTACK]: instruction(0, (machine) => {
    const item = machine.altStack.pop();
    if (item === undefined) machine.fail("INVALID_ALTSTACK_OPERATION");
    else machine.push(item);
  }),
  [Opcode.OP_2DROP]: instruction(2, (machine) => machine.drop(2)),
  [Opcode.OP_2DUP]: instruction(2, (machine) => copy(machine, 2, 2)),
  [Opcode.OP_3DUP]: instruction(3, (machine) => copy(machine, 3, 3)),
  [Opcode.OP_2OVER]: instruction(4, (machine) => copy(machine, 4, 2)),
  [Opcode.OP_2ROT]: instruction(6, (machine) => raise(machine, 6, 2)),
  [Opcode.OP_2SWAP]: instruction(4, (machine) => raise(machine, 4, 2)),
  [Opcode.OP_IFDUP]: instruction(1, (machine) => {
    if (isTrue(machine.peek(1))) copy(machine, 1, 1);
  }),
  [Opcode.OP_DEPTH]: instruction(0, (machine) => machine.pushNumber(machine.stack.length)),
  [Opcode.OP_DROP]: instruction(1, (machine) => machine.drop(1)),
  [Opcode.OP_DUP]: instruction(1, (machine) => copy(machine, 1, 1)),
  [Opcode.OP_NIP]: instruction(2, (machine) => {
    const top = machine.pop();
    machine.drop(1);
    machine.push(top);
  }),
  [Opcode.OP_OVER]: instruction(2, (machine) => copy(machine, 2, 1)),
  [Opcode.OP_PICK]: instruction(2, (machine) => {
    const depth = popDepth(machine);
    if (depth !== undefined) copy(machine, depth, 1);
  }),
  [Opcode.OP_ROLL]: instruction(2, (machine) => {
    const depth = popDepth(machine);
    if (depth !== undefined) raise(machine, depth, 1);
  }),
  [Opcode.OP_ROT]: instruction(3, (machine) => raise(machine, 3, 1)),
  [Opcode.OP_SWAP]: instruction(2, (machine) => raise(machine, 2, 1)),
  [Opcode.OP_TUCK]: instruction(2, (machine) => {
    raise(machine, 2, 1);
    copy(machine, 2, 1);
  }),
  [Opcode.OP_SIZE]: instruction(1, (machine) => machine.pushNumber(machine.peek(1).length)),
}))();
