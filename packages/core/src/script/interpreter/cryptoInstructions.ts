import { hash160, ripemd160, sha1, sha256, sha256d } from "../../hash.ts";
import { Opcode } from "../opcodes.ts";
import { type Instruction, type InstructionSet, instruction, verifying } from "./machine.ts";
import { checkMultisig } from "./multisig.ts";
import { checkSignature } from "./signatureChecks.ts";

function hashing(hash: (bytes: Uint8Array) => Uint8Array): Instruction {
  return instruction(1, (machine) => machine.push(hash(machine.pop())));
}

const CHECKSIG: Instruction = /* @__PURE__ */ instruction(2, (machine) => {
  const good = checkSignature(machine, machine.peek(2), machine.peek(1));
  if (machine.error !== undefined) return;
  machine.drop(2);
  machine.pushBoolean(good);
});

const CHECKMULTISIG: Instruction = /* @__PURE__ */ instruction(0, (machine) => {
  if (machine.isTapscript) return machine.fail("TAPSCRIPT_CHECKMULTISIG");
  checkMultisig(machine);
});

/** BIP-0342: adds one to a count where the signature holds, so that multisig is a chain of these. */
const CHECKSIGADD: Instruction = /* @__PURE__ */ instruction(0, (machine) => {
  if (!machine.isTapscript) return machine.fail("BAD_OPCODE");
  if (machine.stack.length < 3) return machine.fail("INVALID_STACK_OPERATION");
  const count = machine.number(2);
  if (count === undefined) return;
  const good = checkSignature(machine, machine.peek(3), machine.peek(1));
  if (machine.error !== undefined) return;
  machine.drop(3);
  machine.pushNumber(count + Number(good));
});

/** Hashes and signatures. */
export const CRYPTO_INSTRUCTIONS: InstructionSet = /* @__PURE__ */ (() => ({
  [Opcode.OP_RIPEMD160]: hashing(ripemd160),
  [Opcode.OP_SHA1]: hashing(sha1),
  [Opcode.OP_SHA256]: hashing(sha256),
  [Opcode.OP_HASH160]: hashing(hash160),
  [Opcode.OP_HASH256]: hashing(sha256d),
  [Opcode.OP_CODESEPARATOR]: instruction(0, (machine) => {
    machine.codeStart = machine.reader.position;
    const { environment, operationIndex } = machine;
    if (environment.version === "tapscript") {
      environment.execution.codeSeparatorPosition = operationIndex;
    }
  }),
  [Opcode.OP_CHECKSIG]: CHECKSIG,
  [Opcode.OP_CHECKSIGVERIFY]: verifying(CHECKSIG, "CHECKSIGVERIFY"),
  [Opcode.OP_CHECKSIGADD]: CHECKSIGADD,
  [Opcode.OP_CHECKMULTISIG]: CHECKMULTISIG,
  [Opcode.OP_CHECKMULTISIGVERIFY]: verifying(CHECKMULTISIG, "CHECKMULTISIGVERIFY"),
}))();
