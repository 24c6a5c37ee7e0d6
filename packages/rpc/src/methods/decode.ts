/** Blocks, headers and transactions that callers give in hex. */
import {
  Block,
  BlockHeader,
  CoreError,
  HEADER_SIZE,
  hasValidOpcodes,
  hexToBytes,
  MAX_SCRIPT_SIZE,
  Reader,
  Transaction,
} from "@chain/core";
import { RPC_DESERIALIZATION_ERROR, RpcError } from "../errors.ts";

/** Bytes behind a block are ignored, as Core does. @throws RpcError -22 */
export function decodeBlock(hex: string): Block {
  try {
    return Block.read(new Reader(hexToBytes(hex)));
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    throw new RpcError(RPC_DESERIALIZATION_ERROR, "Block decode failed", { cause: error });
  }
}

/** Bytes behind a header are ignored, as Core does. @throws RpcError -22 */
export function decodeHeader(hex: string): BlockHeader {
  try {
    return BlockHeader.fromBytes(hexToBytes(hex).subarray(0, HEADER_SIZE));
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    throw new RpcError(RPC_DESERIALIZATION_ERROR, "Block header decode failed", { cause: error });
  }
}

interface TransactionForms {
  readonly withWitness?: boolean;
  readonly withoutWitness?: boolean;
  /** The error where the text is no transaction. */
  readonly message?: string;
}

/**
 * A transaction in hex. Its form without witness and the one with it can be the same bytes where it has no inputs; the
 * caller decides which are tried, and scripts that make sense decide between two readings. Core: DecodeHexTx.
 * @throws RpcError -22
 */
export function decodeTransaction(
  hex: string,
  {
    withWitness = true,
    withoutWitness = false,
    message = "TX decode failed. Make sure the tx has at least one input.",
  }: TransactionForms = {},
): Transaction {
  const forms = [...(withWitness ? [true] : []), ...(withoutWitness ? [false] : [])];
  const readings: Transaction[] = [];
  let cause: CoreError | undefined;
  for (const witness of forms) {
    try {
      const transaction = Transaction.fromBytes(hexToBytes(hex), { witness });
      if (hasSaneScripts(transaction)) return transaction;
      readings.push(transaction);
    } catch (error) {
      if (!(error instanceof CoreError)) throw error;
      cause ??= error;
    }
  }
  const [first] = readings;
  if (first !== undefined) return first;
  throw new RpcError(RPC_DESERIALIZATION_ERROR, message, { cause });
}

/** Core: CheckTxScriptsSanity. */
function hasSaneScripts({ inputs, outputs, isCoinbase }: Transaction): boolean {
  const scripts = [
    ...(isCoinbase ? [] : inputs.map(({ scriptSig }) => scriptSig)),
    ...outputs.map(({ scriptPubKey }) => scriptPubKey),
  ];
  return scripts.every((script) => script.length <= MAX_SCRIPT_SIZE && hasValidOpcodes(script));
}
