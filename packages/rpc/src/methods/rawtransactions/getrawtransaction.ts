import { bytesToHex, type Coin, type HeaderNode, type Transaction, type Txid } from "@chain/core";
import { argument } from "../../define/argument.ts";
import { defineMethod, type Method } from "../../define/method.ts";
import { coins, flag, hex, maybe, num, obj, time } from "../../define/result.ts";
import { hashType, verbosity } from "../../define/types.ts";
import { describeTransaction, transactionShape } from "../../describe/transaction.ts";
import { RPC_INVALID_ADDRESS_OR_KEY, RPC_MISC_ERROR, RpcError } from "../../errors.ts";
import type { RpcHost } from "../../host.ts";
import { blockOf, undoOf } from "../blocks.ts";
import { EXAMPLE_BLOCK, EXAMPLE_TXID } from "../examples.ts";
import { confirmedTransaction, indexGap, isIndexReady } from "../transactions.ts";

const detailed = (withPrevouts: boolean) =>
  obj({
    in_active_chain: maybe(flag("Whether the given block is in the active chain")),
    ...transactionShape(withPrevouts),
    ...(withPrevouts && { fee: maybe(coins("The fee in coins, where undo data is there")) }),
    hex: hex("The serialized transaction"),
    blockhash: maybe(hex("The block hash")),
    confirmations: maybe(num("The confirmations")),
    time: maybe(time("The block time in seconds since 1970")),
    blocktime: maybe(time("The same")),
  });

export const getrawtransaction: Method = defineMethod({
  name: "getrawtransaction",
  category: "rawtransactions",
  description:
    "Return a transaction of the mempool or, where the node has the index of transactions (-txindex), of a block; with a blockhash, of that block.\nIf verbosity is 0 or omitted, as hex. If it is 1, as an object; 2: with the fee and the outputs that it spends as well.",
  arguments: [
    argument("txid", hashType<Txid>("parameter 1"), { text: "The transaction id" }),
    verbosity("verbosity", {
      aliases: ["verbose"],
      text: "0 for hex-encoded data, 1 for a JSON object, and 2 for JSON object with fee and prevout",
      fallback: 0,
    }),
    argument("blockhash", hashType<HeaderNode["hash"]>("parameter 3"), {
      text: "The block in which to look for the transaction",
      optional: true,
    }),
  ],
  results: [
    {
      when: "if verbosity is not set or set to 0",
      given: { verbosity: [0, false] },
      schema: hex("The serialized transaction"),
    },
    {
      when: "if verbosity is set to 1",
      given: { verbosity: [1, true] },
      schema: detailed(false),
    },
    { when: "for verbosity = 2", given: { verbosity: [2] }, schema: detailed(true) },
  ],
  errors: [
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "the transaction, or the block, is not found" },
    { code: RPC_MISC_ERROR, when: "the block's body is not here" },
  ],
  examples: [[EXAMPLE_TXID], [EXAMPLE_TXID, 2, EXAMPLE_BLOCK]],
  run: async ({ txid, verbosity: level, blockhash }, host) => {
    const { chain } = host;
    const { genesis, genesisSpendable } = chain.params;
    if (!genesisSpendable && genesis.transactions.some((each) => each.txid === txid)) {
      const message =
        "The genesis block coinbase is not considered an ordinary transaction and cannot be retrieved";
      throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, message);
    }
    const node = blockhash === undefined ? undefined : chain.headers.get(blockhash);
    if (blockhash !== undefined && node === undefined) {
      throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, "Block hash not found");
    }
    const { transaction, place } =
      node === undefined ? await anywhere(host, txid) : await within(host, txid, node);
    if (level <= 0) return bytesToHex(transaction.toBytes());
    const details =
      level === 1 ? {} : { spent: place && (await spentBy(host, place)), showsPrevouts: true };
    const { hex: raw = "", ...description } = describeTransaction(
      transaction,
      chain.params,
      details,
    );
    return {
      ...(node !== undefined && { in_active_chain: chain.headers.isActive(node) }),
      ...description,
      hex: raw,
      ...(place !== undefined && describePlace(host, place.node)),
    };
  },
});

interface Found {
  readonly transaction: Transaction;
  /** Of a transaction in a block: the block, and how many of its transactions come before. */
  readonly place?: Place;
}

interface Place {
  readonly node: HeaderNode;
  readonly position: number;
}

/** Core: GetTransaction without a block. */
async function anywhere(host: RpcHost, txid: Txid): Promise<Found> {
  const { chain, indexes } = host;
  const { tip } = chain;
  const isReady = await isIndexReady(host);
  const entry = chain.mempool.get(txid);
  if (entry !== undefined) return { transaction: entry.transaction };
  const found = await confirmedTransaction(host, txid);
  if (found !== undefined) return { transaction: found.transaction, place: found };
  // A block may have taken it from the mempool in between.
  if (chain.tip !== tip) return anywhere(host, txid);
  const gap = indexGap(host, isReady);
  let message = "No such mempool or blockchain transaction";
  if (indexes?.transactions === undefined) {
    message =
      "No such mempool transaction. Use -txindex or provide a block hash to enable blockchain transaction queries";
  } else if (gap !== undefined) {
    message = `No such mempool transaction. ${gap}`;
  }
  throw notFound(message);
}

async function within(host: RpcHost, txid: Txid, node: HeaderNode): Promise<Found> {
  if (node.transactionCount === 0) throw new RpcError(RPC_MISC_ERROR, "Block not available");
  const { transactions } = await blockOf(host, node);
  const position = transactions.findIndex((each) => each.txid === txid);
  const transaction = transactions[position];
  if (transaction !== undefined) return { transaction, place: { node, position } };
  throw notFound("No such transaction found in the provided block");
}

function notFound(message: string): RpcError {
  const wallet = "Use gettransaction for wallet transactions.";
  return new RpcError(RPC_INVALID_ADDRESS_OR_KEY, `${message}. ${wallet}`);
}

/** The coins of its inputs; `undefined` for a coinbase, and for a block that was never connected. */
async function spentBy(
  host: RpcHost,
  { node, position }: Place,
): Promise<readonly Coin[] | undefined> {
  // Undo data has no entry for the coinbase.
  return (await undoOf(host, node.hash))?.[position - 1];
}

function describePlace({ chain }: RpcHost, node: HeaderNode) {
  const { hash, height, time } = node;
  if (!chain.headers.isActive(node)) return { blockhash: hash, confirmations: 0 };
  return {
    blockhash: hash,
    confirmations: chain.tip.height - height + 1,
    time,
    blocktime: time,
  };
}
