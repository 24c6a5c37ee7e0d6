/** Hash types, and the signature hash from before SegWit. Core: SignatureHash for SigVersion::BASE. */
import { Writer } from "../encoding/writer.ts";
import { CoreError } from "../errors.ts";
import { sha256d } from "../hash.ts";
import { writeOutpoint } from "../outpoint.ts";
import { type Transaction, writeOutput } from "../transaction.ts";
import { writeScriptCode } from "./scriptCode.ts";
import { BLANK_INPUT_SIZE, TransactionSpend } from "./transactionSpend.ts";

/** Taproot only: signs as SIGHASH_ALL does, and saves a byte (BIP-0341). */
export const SIGHASH_DEFAULT = 0;
/** Signs all outputs. */
export const SIGHASH_ALL = 1;
/** Signs no output. */
export const SIGHASH_NONE = 2;
/** Signs the output of the same index as the input. */
export const SIGHASH_SINGLE = 3;
/** Added to one of the others: signs this input alone. */
export const SIGHASH_ANYONECANPAY = 0x80;

const OUTPOINT_SIZE = 36;

/**
 * The 32 bytes that an input's signature signs.
 * @param transaction where several inputs are signed, a TransactionSpend saves writing it each time
 * @param scriptCode the script that is run, from the last OP_CODESEPARATOR on, without the signature itself
 * @param hashType the signature's last byte, or any signed 32-bit number: all of it is hashed
 * @throws CoreError `out-of-range` where the transaction has no such input.
 * @example legacySighash(transaction, 0, coin.scriptPubKey, SIGHASH_ALL)
 */
export function legacySighash(
  transaction: Transaction | TransactionSpend,
  inputIndex: number,
  scriptCode: Uint8Array,
  hashType: number,
): Uint8Array {
  const spend =
    transaction instanceof TransactionSpend ? transaction : new TransactionSpend(transaction, []);
  const { inputs, outputs, version, lockTime, baseSize } = spend.transaction;
  const input = inputs[inputIndex];
  if (input === undefined) {
    throw new CoreError("out-of-range", `the transaction has no input ${inputIndex}`);
  }
  const none = (hashType & 0x1f) === SIGHASH_NONE;
  const single = (hashType & 0x1f) === SIGHASH_SINGLE;
  const own = outputs[inputIndex];
  if (single && own === undefined) {
    // Satoshi's client returned the number 1 here for an error, and signed it. So must we.
    const one = new Uint8Array(32);
    one[0] = 1;
    return one;
  }
  const writer = new Writer(baseSize + scriptCode.length + 16).i32(version);

  if ((hashType & SIGHASH_ANYONECANPAY) !== 0) {
    writeOutpoint(writer.compactSize(1), input.prevout);
    writeScriptCode(writer, scriptCode);
    writer.u32(input.sequence);
  } else {
    // All inputs with empty scripts, and in the place of this one's the script code.
    const blank = none || single ? spend.blankInputsWithoutSequences : spend.blankInputs;
    const script = inputIndex * BLANK_INPUT_SIZE + OUTPOINT_SIZE;
    writer.compactSize(inputs.length).bytes(blank.subarray(0, script));
    writeScriptCode(writer, scriptCode);
    writer.u32(input.sequence).bytes(blank.subarray((inputIndex + 1) * BLANK_INPUT_SIZE));
  }

  if (none) {
    writer.compactSize(0);
  } else if (single && own !== undefined) {
    writer.compactSize(inputIndex + 1).bytes(blankOutputs(inputIndex));
    writeOutput(writer, own);
  } else {
    writer.compactSize(outputs.length).bytes(spend.outputs);
  }
  return sha256d(writer.u32(lockTime).i32(hashType).finish());
}

/** Outputs with the value -1 and an empty script, of 9 bytes each. */
function blankOutputs(count: number): Uint8Array {
  return new Uint8Array(9 * count).map((_, i) => (i % 9 === 8 ? 0 : 0xff));
}
