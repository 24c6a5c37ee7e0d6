import {
  type Block,
  type BlockHash,
  type BlockUndo,
  bytesToHex,
  type ChainParams,
  type Coin,
  checkHeader,
  type MerkleRoot,
  type Seconds,
  type Transaction,
  type Txid,
  type TxOutput,
} from "@chain/core";
import {
  optional,
  requireArray,
  requireBlock,
  requireCoins,
  requireInteger,
  requireParams,
} from "@chain/core/arguments";
import { addressOfScript, formatAmount } from "@chain/wallet";

/** A block as `printchain` shows it. Amounts are texts, in coins. */
export interface StoredBlock {
  readonly height: number;
  readonly hash: BlockHash;
  readonly previousblockhash: BlockHash;
  readonly merkleroot: MerkleRoot;
  /** Seconds since 1970. */
  readonly time: Seconds;
  /** Compact target in hex. */
  readonly bits: string;
  readonly nonce: number;
  /** Whether the hash is as small as `bits` asks. */
  readonly proof_of_work: boolean;
  /** Bytes. */
  readonly size: number;
  readonly transactions: readonly StoredTransaction[];
}

export interface StoredTransaction {
  readonly txid: Txid;
  readonly inputs: readonly (StoredInput | { readonly coinbase: string })[];
  readonly outputs: readonly StoredOutput[];
}

export interface StoredInput {
  readonly txid: Txid;
  readonly vout: number;
  readonly address?: string;
  /** In hex, of what it spends; where there is no address for it. */
  readonly script?: string;
  /** Missing where the block was never connected, because its coins are unknown then. */
  readonly amount?: string;
}

export interface StoredOutput {
  readonly address?: string;
  readonly script?: string;
  readonly amount: string;
}

/**
 * @param undo the coins that the block spent; `undefined` where it was never connected
 * @example describeStoredBlock(genesis, 0, undefined, devnet(genesis)).transactions.length // 1
 */
export function describeStoredBlock(
  block: Block,
  height: number,
  undo: BlockUndo | undefined,
  params: ChainParams,
): StoredBlock {
  requireBlock(block, "block");
  requireInteger(height, "height", 0);
  optional(undo, "undo", (value) => requireArray(value, "undo", requireCoins));
  requireParams(params, "params");

  const { header, hash, transactions } = block;
  return {
    height,
    hash,
    previousblockhash: header.previousHash,
    merkleroot: header.merkleRoot,
    time: header.time,
    bits: header.bits.toString(16).padStart(8, "0"),
    nonce: header.nonce,
    proof_of_work: checkHeader(header, params).ok,
    size: block.totalSize,
    // Undo data has no entry for the coinbase.
    transactions: transactions.map((transaction, i) =>
      describe(transaction, undo?.[i - 1], params),
    ),
  };
}

function describe(
  transaction: Transaction,
  spent: readonly Coin[] | undefined,
  params: ChainParams,
): StoredTransaction {
  return {
    txid: transaction.txid,
    inputs: transaction.inputs.map(({ prevout, scriptSig }, i) => {
      if (transaction.isCoinbase) return { coinbase: bytesToHex(scriptSig) };
      const coin = spent?.[i];
      return { ...prevout, ...(coin !== undefined && describeOutput(coin, params)) };
    }),
    outputs: transaction.outputs.map((output) => describeOutput(output, params)),
  };
}

function describeOutput({ value, scriptPubKey }: TxOutput, params: ChainParams): StoredOutput {
  const address = addressOfScript(scriptPubKey, params);
  const amount = formatAmount(value);
  return address === undefined ? { script: bytesToHex(scriptPubKey), amount } : { address, amount };
}
