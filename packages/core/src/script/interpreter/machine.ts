import { present } from "../../arguments.ts";
import { ScriptFlag, type ScriptFlags } from "../flags.ts";
import { ScriptReader } from "../script.ts";
import type { ScriptErrorName } from "../scriptError.ts";
import { decodeScriptNumber, encodeScriptNumber } from "../scriptNumber.ts";
import type { SignatureChecker, TaprootExecution } from "../signatureChecker.ts";
import { ConditionStack } from "./conditionStack.ts";

/** Most operations of a script, pushes not counted, before Taproot. */
const MAX_OPERATIONS = 201;

const TRUE: Uint8Array = /* @__PURE__ */ Uint8Array.of(1);
const FALSE: Uint8Array = /* @__PURE__ */ new Uint8Array(0);

/** Which rules a script is run by. Core: SigVersion. */
export type SignatureVersion = "base" | "witness-v0" | "tapscript";

/** The rules that a script is run by, and the checker that it can ask. */
export type Environment = {
  readonly flags: ScriptFlags;
  readonly checker: SignatureChecker;
} & (
  | { readonly version: Exclude<SignatureVersion, "tapscript"> }
  | { readonly version: "tapscript"; readonly execution: TaprootExecution }
);

/**
 * One script being run: its stacks and where it stands. Items of the stack are never changed in place, so they may be
 * views onto the script, and copies of the stack share them.
 */
export class Machine {
  readonly stack: Uint8Array[];
  readonly altStack: Uint8Array[] = [];
  readonly conditions: ConditionStack = new ConditionStack();
  readonly reader: ScriptReader;
  readonly environment: Environment;
  /** Why the script failed; once set, nothing more is run. */
  error: ScriptErrorName | undefined;
  /** Where the code begins that signatures cover: behind the last OP_CODESEPARATOR that was run. */
  codeStart = 0;
  /** Number of the operation, skipped ones counted. */
  operationIndex = 0;
  #operations = 0;

  constructor(stack: Uint8Array[], script: Uint8Array, environment: Environment) {
    this.stack = stack;
    this.reader = new ScriptReader(script);
    this.environment = environment;
  }

  fail(error: ScriptErrorName): undefined {
    this.error = error;
  }

  has(flag: ScriptFlags): boolean {
    return (this.environment.flags & flag) !== 0;
  }

  get isTapscript(): boolean {
    return this.environment.version === "tapscript";
  }

  /** Counts towards the limit on operations, which tapscript does not have. */
  countOperations(count: number): void {
    this.#operations += count;
    if (this.#operations > MAX_OPERATIONS) this.fail("OP_COUNT");
  }

  /** The item this deep in the stack; 1 is the top. The caller has made sure that it is there. */
  peek(depth: number): Uint8Array {
    return present(this.stack[this.stack.length - depth], "stack[stack.length - depth]");
  }

  pop(): Uint8Array {
    return present(this.stack.pop(), "stack.pop()");
  }

  drop(count: number): void {
    this.stack.length -= count;
  }

  push(item: Uint8Array): void {
    this.stack.push(item);
  }

  pushBoolean(value: boolean): void {
    this.push(value ? TRUE : FALSE);
  }

  pushNumber(value: number): void {
    this.push(encodeScriptNumber(value));
  }

  /** The item this deep as a number; `undefined` where it is none, and the script has failed. */
  number(depth: number, maxSize?: number): number | undefined {
    const minimal = this.has(ScriptFlag.MINIMALDATA);
    const value = decodeScriptNumber(this.peek(depth), minimal, maxSize);
    // Core: an exception of CScriptNum, which EvalScript catches.
    if (value === undefined) this.fail("SCRIPTNUM");
    return value;
  }
}

/** The effect of an opcode on the machine. */
export interface Instruction {
  /** Items that have to be on the stack. */
  readonly items: number;
  readonly run: (machine: Machine, opcode: number) => void;
}

/** Instructions by opcode. */
export type InstructionSet = Readonly<Record<number, Instruction>>;

/** An instruction that needs so many items on the stack. */
export function instruction(items: number, run: Instruction["run"]): Instruction {
  return { items, run };
}

/** The instruction that ends in a boolean, in its form that fails unless it is true and leaves nothing. */
export function verifying(base: Instruction, error: ScriptErrorName): Instruction {
  return instruction(base.items, (machine, opcode) => {
    base.run(machine, opcode);
    if (machine.error !== undefined) return;
    if (machine.pop().length === 0) machine.fail(error);
  });
}
