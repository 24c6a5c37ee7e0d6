import { equalBytes } from "../../bytes.ts";
import { Opcode } from "../opcodes.ts";
import { type Instruction, type InstructionSet, instruction, verifying } from "./machine.ts";

// Operands have up to 4 bytes, so results fit in 5; as operands those are refused where they are longer than 4.

function unary(compute: (a: number) => number): Instruction {
  return instruction(1, (machine) => {
    const a = machine.number(1);
    if (a === undefined) return;
    machine.drop(1);
    machine.pushNumber(compute(a));
  });
}

function binary(compute: (a: number, b: number) => number): Instruction {
  return instruction(2, (machine) => {
    const a = machine.number(2);
    const b = machine.number(1);
    if (a === undefined || b === undefined) return;
    machine.drop(2);
    machine.pushNumber(compute(a, b));
  });
}

const EQUAL: Instruction = /* @__PURE__ */ instruction(2, (machine) => {
  machine.pushBoolean(equalBytes(machine.pop(), machine.pop()));
});
const NUMEQUAL: Instruction = /* @__PURE__ */ binary((a, b) => Number(a === b));

/** Comparing bytes, and arithmetic. */
export const NUMBER_INSTRUCTIONS: InstructionSet = /* @__PURE__ */ (() => ({
  [Opcode.OP_EQUAL]: EQUAL,
  [Opcode.OP_EQUALVERIFY]: verifying(EQUAL, "EQUALVERIFY"),
  [Opcode.OP_1ADD]: unary((a) => a + 1),
  [Opcode.OP_1SUB]: unary((a) => a - 1),
  [Opcode.OP_NEGATE]: unary((a) => -a),
  [Opcode.OP_ABS]: unary(Math.abs),
  [Opcode.OP_NOT]: unary((a) => Number(a === 0)),
  [Opcode.OP_0NOTEQUAL]: unary((a) => Number(a !== 0)),
  [Opcode.OP_ADD]: binary((a, b) => a + b),
  [Opcode.OP_SUB]: binary((a, b) => a - b),
  [Opcode.OP_BOOLAND]: binary((a, b) => Number(a !== 0 && b !== 0)),
  [Opcode.OP_BOOLOR]: binary((a, b) => Number(a !== 0 || b !== 0)),
  [Opcode.OP_NUMEQUAL]: NUMEQUAL,
  [Opcode.OP_NUMEQUALVERIFY]: verifying(NUMEQUAL, "NUMEQUALVERIFY"),
  [Opcode.OP_NUMNOTEQUAL]: binary((a, b) => Number(a !== b)),
  [Opcode.OP_LESSTHAN]: binary((a, b) => Number(a < b)),
  [Opcode.OP_GREATERTHAN]: binary((a, b) => Number(a > b)),
  [Opcode.OP_LESSTHANOREQUAL]: binary((a, b) => Number(a <= b)),
  [Opcode.OP_GREATERTHANOREQUAL]: binary((a, b) => Number(a >= b)),
  [Opcode.OP_MIN]: binary(Math.min),
  [Opcode.OP_MAX]: binary(Math.max),
  [Opcode.OP_WITHIN]: instruction(3, (machine) => {
    const value = machine.number(3);
    const least = machine.number(2);
    const end = machine.number(1);
    if (value === undefined || least === undefined || end === undefined) return;
    machine.drop(3);
    machine.pushBoolean(least <= value && value < end);
  }),
}))();
