/** Transactions, waiting or in a block, taken apart. Names and fields are Core's. */
import { type BlockHash, bytesToHex, type Transaction, type Txid } from "@chain/core";
import { z } from "zod";
import type { ControlContext } from "./context.ts";
import { describeTransaction } from "./describeTransaction.ts";
import { type Method, method } from "./method.ts";
import { blockHash, decodeTransaction, txid, verbosity } from "./parameters.ts";
import { RPC_INVALID_ADDRESS_OR_KEY, RPC_MISC_ERROR, RpcError } from "./protocol.ts";
import type { RpcResults, TransactionPlace } from "./results.ts";
import { readable } from "./stored.ts";

type RawTransactionMethod = "getrawtransaction" | "decoderawtransaction";

export const rawTransactionMethods: {
  readonly [Name in RawTransactionMethod]: Method<RpcResults[Name]>;
} = {
  /** One that waits; or one of a given block, as there is no index of all. */
  getrawtransaction: method(
    { txid, verbosity: verbosity(1).default(0), blockhash: blockHash.optional() },
    async (params, context) => {
      const { txid: name, blockhash } = params;
      const { chain } = context;
      const { genesis, genesisSpendable } = chain.params;
      if (!genesisSpendable && genesis.transactions.some((each) => each.txid === name)) {
        const message =
          "The genesis block coinbase is not considered an ordinary transaction and cannot be retrieved";
        throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, message);
      }
      const transaction =
        blockhash === undefined
          ? waiting(context, name)
          : await confirmed(context, name, blockhash);
      if (params.verbosity === 0) return bytesToHex(transaction.toBytes());
      const place = blockhash === undefined ? {} : placeOf(context, blockhash);
      return { ...place, ...describeTransaction(transaction, chain.params) };
    },
  ),

  /** `iswitness`: which form it has, for those without inputs, whose bytes don't tell. */
  decoderawtransaction: method(
    { hexstring: z.string(), iswitness: z.boolean().optional() },
    ({ hexstring, iswitness }, { chain }) => {
      const forms = { withWitness: iswitness !== false, withoutWitness: iswitness !== true };
      const transaction = decodeTransaction(hexstring, forms);
      const { hex: _, ...description } = describeTransaction(transaction, chain.params);
      return description;
    },
  ),
};

function waiting({ chain }: ControlContext, name: Txid): Transaction {
  const entry = chain.mempool.get(name);
  if (entry !== undefined) return entry.transaction;
  const message =
    "No such mempool transaction. Use -txindex or provide a block hash to enable blockchain transaction queries. Use gettransaction for wallet transactions.";
  throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, message);
}

async function confirmed(
  { chain }: ControlContext,
  name: Txid,
  hash: BlockHash,
): Promise<Transaction> {
  if (chain.headers.get(hash) === undefined) {
    throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, "Block hash not found");
  }
  const block = await readable(() => chain.getBlock(hash));
  if (block === undefined) throw new RpcError(RPC_MISC_ERROR, "Block not available");
  const found = block.transactions.find((each) => each.txid === name);
  if (found !== undefined) return found;
  const message =
    "No such transaction found in the provided block. Use gettransaction for wallet transactions.";
  throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, message);
}

function placeOf({ chain }: ControlContext, blockhash: BlockHash): TransactionPlace {
  const node = chain.headers.get(blockhash);
  if (node === undefined || !chain.headers.isActive(node)) {
    return { in_active_chain: false, blockhash, confirmations: 0 };
  }
  const { time } = node.header;
  const confirmations = chain.tip.height - node.height + 1;
  return { in_active_chain: true, blockhash, confirmations, time, blocktime: time };
}
