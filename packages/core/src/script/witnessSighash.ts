import { requireBytes, requireNumber } from "../arguments.ts";
import { Writer } from "../encoding/writer.ts";
import { CoreError } from "../errors.ts";
import { sha256, sha256d } from "../hash.ts";
import { writeOutpoint } from "../outpoint.ts";
import { requireSpend } from "../shapes.ts";
import { writeOutput } from "../transaction.ts";
import { SIGHASH_ANYONECANPAY, SIGHASH_NONE, SIGHASH_SINGLE } from "./sighash.ts";
import type { TransactionSpend } from "./transactionSpend.ts";

const ZEROS = /* @__PURE__ */ new Uint8Array(32);

/**
 * The 32 bytes that a signature for a witness program of version 0 signs (BIP-0143). Core: SignatureHash for
 * SigVersion::WITNESS_V0.
 * @param scriptCode of P2WSH the witness script from the last OP_CODESEPARATOR on; of P2WPKH the P2PKH script of the hash
 * @param hashType the signature's last byte, or any signed 32-bit number: all of it is hashed
 * @throws CoreError `out-of-range` where there is no such input, or the output that it spends was not given.
 * @example
 * witnessSighash(new TransactionSpend(transaction, coins), 0, p2pkhScript(hash), SIGHASH_ALL).length // 32
 */
export function witnessSighash(
  spend: TransactionSpend,
  inputIndex: number,
  scriptCode: Uint8Array,
  hashType: number,
): Uint8Array {
  requireSpend(spend, "spend");
  requireNumber(inputIndex, "inputIndex");
  requireBytes(scriptCode, "scriptCode");
  requireNumber(hashType, "hashType");

  const { transaction, spentOutputs } = spend;
  const input = transaction.inputs[inputIndex];
  const spent = spentOutputs[inputIndex];
  if (input === undefined || spent === undefined) {
    throw new CoreError("out-of-range", `no input ${inputIndex}, or not what it spends`);
  }
  const alone = (hashType & SIGHASH_ANYONECANPAY) !== 0;
  const single = (hashType & 0x1f) === SIGHASH_SINGLE;
  const all = !single && (hashType & 0x1f) !== SIGHASH_NONE;
  const writer = new Writer(scriptCode.length + 180)
    .i32(transaction.version)
    .bytes(alone ? ZEROS : sha256(spend.prevoutsHash))
    .bytes(alone || !all ? ZEROS : sha256(spend.sequencesHash));
  writeOutpoint(writer, input.prevout);
  writer.varBytes(scriptCode).i64(spent.value).u32(input.sequence);
  const own = single ? transaction.outputs[inputIndex] : undefined;
  if (own !== undefined) {
    const output = new Writer();
    writeOutput(output, own);
    writer.bytes(sha256d(output.finish()));
  } else {
    writer.bytes(all ? sha256(spend.outputsHash) : ZEROS);
  }
  return sha256d(writer.u32(transaction.lockTime).i32(hashType).finish());
}
