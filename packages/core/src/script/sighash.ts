/** Hash types, and the signature hash from before SegWit. Core: SignatureHash for SigVersion::BASE. */

import { optional, requireBytes, requireFunction, requireNumber } from "../arguments.ts";
import { Writer } from "../encoding/writer.ts";
import { CoreError } from "../errors.ts";
import { type RunningSha256, runningSha256, sha256 } from "../hash.ts";
import { writeOutpoint } from "../outpoint.ts";
import { requireTransaction } from "../shapes.ts";
import { type Transaction, writeOutput } from "../transaction.ts";
import { writeScriptCode } from "./scriptCode.ts";
import type { Sha256Of } from "./signatureVerifier.ts";
import { BLANK_INPUT_SIZE, BLANK_OUTPUT_SIZE, TransactionSpend } from "./transactionSpend.ts";

/** From so many bytes on, a call of the platform's hash takes less time than JavaScript does. */
const WORTH_A_CALL = 1000;
const NOTHING = /* @__PURE__ */ new Uint8Array(0);

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

/**
 * The 32 bytes that an input's signature signs.
 * @param transaction where several inputs are signed, a TransactionSpend saves writing it each time
 * @param scriptCode the script that is run, from the last OP_CODESEPARATOR on, without the signature itself
 * @param hashType the signature's last byte, or any signed 32-bit number: all of it is hashed
 * @param sha256Of SHA-256 of byte strings one after the other, by the platform: see `SignatureVerifier.sha256Of`
 * @throws CoreError `out-of-range` where the transaction has no such input.
 * @example legacySighash(transaction, 0, coin.scriptPubKey, SIGHASH_ALL)
 */
export function legacySighash(
  transaction: Transaction | TransactionSpend,
  inputIndex: number,
  scriptCode: Uint8Array,
  hashType: number,
  sha256Of?: Sha256Of,
): Uint8Array {
  if (!("legacyStart" in Object(transaction))) requireTransaction(transaction, "transaction");
  requireNumber(inputIndex, "inputIndex");
  requireBytes(scriptCode, "scriptCode");
  requireNumber(hashType, "hashType");
  optional(sha256Of, "sha256Of", requireFunction);

  const spend =
    transaction instanceof TransactionSpend ? transaction : new TransactionSpend(transaction, []);
  const { inputs, outputs, version, lockTime } = spend.transaction;
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
  const alone = (hashType & SIGHASH_ANYONECANPAY) !== 0;
  const changed = none || single;
  const blank = changed ? spend.blankInputsWithoutSequences : spend.blankInputs;
  // Piece by piece: what is long is common to all inputs, and need not be copied for each.
  const parts: Uint8Array[] = [];
  // All inputs with empty scripts, and in the place of this one's the script code; or this one alone.
  const middle = new Writer(scriptCode.length + 49);
  writeOutpoint(middle, input.prevout);
  writeScriptCode(middle, scriptCode);
  parts.push(middle.u32(input.sequence).finish());
  if (!alone) parts.push(blank.subarray((inputIndex + 1) * BLANK_INPUT_SIZE));
  const end = new Writer(64);
  if (none) {
    end.compactSize(0);
  } else if (single && own !== undefined) {
    parts.push(new Writer(9).compactSize(inputIndex + 1).finish());
    parts.push(spend.blankOutputs.subarray(0, inputIndex * BLANK_OUTPUT_SIZE));
    writeOutput(end, own);
  } else {
    parts.push(new Writer(9).compactSize(outputs.length).finish(), spend.outputs);
  }
  parts.push(end.u32(lockTime).i32(hashType).finish());

  const before = alone ? NOTHING : blank.subarray(0, inputIndex * BLANK_INPUT_SIZE);
  const length = parts.reduce((sum, part) => sum + part.length, before.length);
  if (!alone && !changed && (sha256Of === undefined || length < WORTH_A_CALL)) {
    return finish(spend.legacyStart(inputIndex), parts);
  }
  const start = new Writer(13)
    .i32(version)
    .compactSize(alone ? 1 : inputs.length)
    .finish();
  if (sha256Of === undefined || length < WORTH_A_CALL) {
    return finish(runningSha256(), [start, before, ...parts]);
  }
  return sha256(sha256Of([start, before, ...parts]));
}

function finish(hash: RunningSha256, parts: readonly Uint8Array[]): Uint8Array {
  for (const part of parts) hash.update(part);
  return sha256(hash.digest());
}
