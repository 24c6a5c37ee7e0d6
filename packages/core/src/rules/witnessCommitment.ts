/** The commitment of a block to the witnesses of its transactions (BIP-0141). */
import { requireArray, requireBoolean, requireBytes } from "../arguments.ts";
import { Block } from "../block.ts";
import { concatBytes, equalBytes } from "../bytes.ts";
import { sha256d } from "../hash.ts";
import { idToBytes } from "../ids.ts";
import { witnessMerkleRoot } from "../merkle.ts";
import { Opcode } from "../script/opcodes.ts";
import { requireBlock, requireTransaction } from "../shapes.ts";
import { Transaction } from "../transaction.ts";
import { refuse, VALID, type Verdict } from "../verdict.ts";

/** OP_RETURN and the push of 36 bytes: four that mark it, 32 that commit. */
const HEADER = /* @__PURE__ */ (() =>
  Uint8Array.of(Opcode.OP_RETURN, 0x24, 0xaa, 0x21, 0xa9, 0xed))();
const SCRIPT_SIZE = /* @__PURE__ */ (() => HEADER.length + 32)();

/**
 * The output script that commits to the witnesses of a block.
 * @param reserved the 32 bytes that the witness of the coinbase holds
 * @example
 * const script = witnessCommitmentScript(block.transactions, new Uint8Array(32));
 * bytesToHex(script) // "6a24aa21a9ed…"
 */
export function witnessCommitmentScript(
  transactions: readonly Transaction[],
  reserved: Uint8Array,
): Uint8Array {
  requireArray(transactions, "transactions", requireTransaction);
  requireBytes(reserved, "reserved");

  return concatBytes(HEADER, commitment(transactions, reserved));
}

function commitment(transactions: readonly Transaction[], reserved: Uint8Array): Uint8Array {
  return sha256d(concatBytes(idToBytes(witnessMerkleRoot(transactions)), reserved));
}

/**
 * Whether the witnesses are those that the block commits to, and none are there where it commits to none. A failure is
 * no verdict on the hash of the block, which does not cover witnesses. Core: CheckWitnessMalleation.
 * @param active whether SegWit is in force for this block; without it no witness is allowed at all
 * @example checkWitnessCommitment(block, true) // { ok: true }: no witnesses, and no commitment to any
 */
export function checkWitnessCommitment(block: Block, active: boolean): Verdict {
  requireBlock(block, "block");
  requireBoolean(active, "active");

  const [coinbase] = block.transactions;
  const expected = active && coinbase !== undefined ? findCommitment(coinbase) : undefined;
  if (coinbase !== undefined && expected !== undefined) {
    const stack = coinbase.inputs[0]?.witness ?? [];
    const [reserved] = stack;
    if (stack.length !== 1 || reserved?.length !== 32) {
      return refuse("mutated", "bad-witness-nonce-size", "invalid witness reserved value size");
    }
    return equalBytes(commitment(block.transactions, reserved), expected)
      ? VALID
      : refuse("mutated", "bad-witness-merkle-match", "witness merkle commitment mismatch");
  }
  return block.transactions.some(({ hasWitness }) => hasWitness)
    ? refuse("mutated", "unexpected-witness", "unexpected witness data found")
    : VALID;
}

/**
 * The block with 32 zeros as the witness of its coinbase where it commits to witnesses and has none: mining software
 * may leave them out, because they are not part of what it hashes. Core: UpdateUncommittedBlockStructures.
 * @param active whether SegWit is in force for this block
 * @example withCoinbaseWitness(block, true) === block // true: it commits to no witnesses
 */
export function withCoinbaseWitness(block: Block, active: boolean): Block {
  requireBlock(block, "block");
  requireBoolean(active, "active");

  const [coinbase, ...others] = block.transactions;
  const [input] = coinbase?.inputs ?? [];
  if (!active || coinbase === undefined || input === undefined || coinbase.hasWitness) return block;
  if (findCommitment(coinbase) === undefined) return block;
  const inputs = [{ ...input, witness: [new Uint8Array(32)] }, ...coinbase.inputs.slice(1)];
  const { version, outputs, lockTime } = coinbase;
  const completed = new Transaction({ version, inputs, outputs, lockTime });
  return new Block(block.header, [completed, ...others]);
}

function findCommitment(coinbase: Transaction): Uint8Array | undefined {
  const index = witnessCommitmentIndex(coinbase);
  return coinbase.outputs[index]?.scriptPubKey.subarray(HEADER.length, SCRIPT_SIZE);
}

/** Which output commits: the last that looks like it; -1 for none. Core: GetWitnessCommitmentIndex. */
export function witnessCommitmentIndex(coinbase: Transaction): number {
  return coinbase.outputs.findLastIndex(
    ({ scriptPubKey }) =>
      scriptPubKey.length >= SCRIPT_SIZE &&
      equalBytes(scriptPubKey.subarray(0, HEADER.length), HEADER),
  );
}
