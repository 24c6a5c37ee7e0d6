import { requireNumber } from "../arguments.ts";
import { Writer } from "../encoding/writer.ts";
import { CoreError } from "../errors.ts";
import { sha256, taggedHash } from "../hash.ts";
import { writeOutpoint } from "../outpoint.ts";
import { requireOptions, requireSpend } from "../shapes.ts";
import { writeOutput } from "../transaction.ts";
import { SIGHASH_ALL, SIGHASH_ANYONECANPAY, SIGHASH_DEFAULT, SIGHASH_SINGLE } from "./sighash.ts";
import type { TransactionSpend } from "./transactionSpend.ts";

/** Data that a Taproot signature covers beside the transaction and the outputs it spends. */
export interface TaprootSighashOptions {
  /** SHA-256 of the annex with its length (BIP-0341), where there is one. */
  readonly annexHash?: Uint8Array | undefined;
  /** `tapleafHash` of the script that is run; none on the key path. */
  readonly leafHash?: Uint8Array | undefined;
  /** Number of the last OP_CODESEPARATOR that was run (BIP-0342); none by default. */
  readonly codeSeparatorPosition?: number;
}

const NO_CODE_SEPARATOR = 0xffff_ffff;

/**
 * The 32 bytes that a Taproot signature signs (BIP-0341, BIP-0342). Core: SignatureHashSchnorr.
 * @param hashType 0 for a signature of 64 bytes, else its last byte
 * @returns `undefined` for a hash type that there is not, and for SIGHASH_SINGLE without an output of that index
 * @throws CoreError `out-of-range` where there is no such input, or not all outputs that are spent were given.
 * @example taprootSighash(new TransactionSpend(transaction, coins), 0, SIGHASH_DEFAULT)
 */
export function taprootSighash(
  spend: TransactionSpend,
  inputIndex: number,
  hashType: number,
  options: TaprootSighashOptions = {},
): Uint8Array | undefined {
  requireSpend(spend, "spend");
  requireNumber(inputIndex, "inputIndex");
  requireNumber(hashType, "hashType");
  requireOptions(options, "options", {
    annexHash: "bytes?",
    leafHash: "bytes?",
    codeSeparatorPosition: "number?",
  });

  const { transaction, spentOutputs } = spend;
  const { inputs, outputs } = transaction;
  const { annexHash, leafHash, codeSeparatorPosition = NO_CODE_SEPARATOR } = options;
  const input = inputs[inputIndex];
  const spent = spentOutputs[inputIndex];
  if (input === undefined || spent === undefined || spentOutputs.length !== inputs.length) {
    throw new CoreError("out-of-range", `no input ${inputIndex}, or not all that is spent`);
  }
  const alone = (hashType & SIGHASH_ANYONECANPAY) !== 0;
  const outputType = hashType & ~SIGHASH_ANYONECANPAY;
  if (outputType > SIGHASH_SINGLE || hashType === SIGHASH_ANYONECANPAY) return undefined;
  const own = outputs[inputIndex];
  const single = outputType === SIGHASH_SINGLE;
  if (single && own === undefined) return undefined;

  const writer = new Writer(300).u8(0).u8(hashType); // 0: the epoch
  writer.i32(transaction.version).u32(transaction.lockTime);
  if (!alone) {
    writer.bytes(spend.prevoutsHash).bytes(spend.amountsHash);
    writer.bytes(spend.scriptsHash).bytes(spend.sequencesHash);
  }
  if (outputType === SIGHASH_DEFAULT || outputType === SIGHASH_ALL) writer.bytes(spend.outputsHash);
  const extension = leafHash === undefined ? 0 : 1;
  writer.u8(extension * 2 + (annexHash === undefined ? 0 : 1));
  if (alone) {
    writeOutpoint(writer, input.prevout);
    writeOutput(writer, spent);
    writer.u32(input.sequence);
  } else {
    writer.u32(inputIndex);
  }
  if (annexHash !== undefined) writer.bytes(annexHash);
  if (single && own !== undefined) {
    const output = new Writer();
    writeOutput(output, own);
    writer.bytes(sha256(output.finish()));
  }
  if (leafHash !== undefined) {
    writer.bytes(leafHash).u8(0).u32(codeSeparatorPosition); // 0: the version of keys of 32 bytes
  }
  return taggedHash("TapSighash", writer.finish());
}
