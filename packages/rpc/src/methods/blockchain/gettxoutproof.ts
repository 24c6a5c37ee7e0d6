import { bytesToHex, type HeaderNode, type Txid } from "@chain/core";
import { argument } from "../../define/argument.ts";
import { defineMethod, type Method } from "../../define/method.ts";
import { hex } from "../../define/result.ts";
import { blockHash, hashType, list } from "../../define/types.ts";
import { encodeMerkleProof } from "../../describe/merkleBlock.ts";
import { RPC_INVALID_ADDRESS_OR_KEY, RPC_INVALID_PARAMETER, RpcError } from "../../errors.ts";
import type { RpcHost } from "../../host.ts";
import { blockOf, headerOf } from "../blocks.ts";
import { EXAMPLE_BLOCK, EXAMPLE_TXID } from "../examples.ts";
import { confirmedTransaction, indexGap, isIndexReady } from "../transactions.ts";

/** Outputs of a transaction that are looked for. Core: MAX_OUTPUTS_PER_BLOCK, in AccessByTxid. */
const MAX_OUTPUTS = 4_000_000 / 36;
const OUTPUTS_AT_ONCE = 1000;

export const gettxoutproof: Method = defineMethod({
  name: "gettxoutproof",
  category: "blockchain",
  description:
    'Returns a hex-encoded proof that "txid" was included in a block.\nNOTE: Without blockhash, it only works where there is an unspent output of a transaction, or the node has the index of transactions (-txindex).',
  arguments: [
    list(
      "txids",
      argument("txid", hashType<Txid>("txid"), { text: "A transaction hash", optional: true }),
      { text: "The txids to filter" },
    ),
    blockHash("blockhash", {
      text: "If specified, looks for txid in the block with this hash",
      optional: true,
    }),
  ],
  results: [{ schema: hex("The proof, a merkle block of BIP-0037") }],
  errors: [
    { code: RPC_INVALID_PARAMETER, when: "there is no txid, or one twice" },
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "the block, or a transaction in it, is not found" },
  ],
  examples: [[[EXAMPLE_TXID], EXAMPLE_BLOCK]],
  run: async ({ txids, blockhash }, host) => {
    if (txids.length === 0) {
      throw new RpcError(RPC_INVALID_PARAMETER, "Parameter 'txids' cannot be empty");
    }
    const wanted = new Set<Txid>();
    for (const txid of txids as readonly Txid[]) {
      if (wanted.has(txid)) {
        throw new RpcError(RPC_INVALID_PARAMETER, `Invalid parameter, duplicated txid: ${txid}`);
      }
      wanted.add(txid);
    }
    const node =
      blockhash === undefined ? await blockWithOne(host, wanted) : headerOf(host, blockhash);
    const block = await blockOf(host, node);
    if (block.transactions.filter(({ txid }) => wanted.has(txid)).length !== wanted.size) {
      const message = "Not all transactions found in specified or retrieved block";
      throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, message);
    }
    return bytesToHex(encodeMerkleProof(block, wanted));
  },
});

/**
 * By unspent outputs first, because they are quick to find, then by the index of transactions.
 * @throws RpcError -5 where there is none, or the index has not come so far; -1 where a block can't be read
 */
async function blockWithOne(host: RpcHost, txids: ReadonlySet<Txid>): Promise<HeaderNode> {
  const unspent = await withUnspent(host, txids);
  if (unspent !== undefined) return unspent;
  const isReady = await isIndexReady(host);
  for (const txid of txids) {
    const found = await confirmedTransaction(host, txid);
    if (found !== undefined) return found.node;
  }
  const gap = indexGap(host, isReady);
  const message =
    gap === undefined ? "Transaction not yet in block" : `Transaction not found in a block. ${gap}`;
  throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, message);
}

/** The block of the first transaction that has an unspent output. Core: AccessByTxid. */
async function withUnspent(
  { chain }: RpcHost,
  txids: ReadonlySet<Txid>,
): Promise<HeaderNode | undefined> {
  for (const txid of txids) {
    for (let start = 0; start < MAX_OUTPUTS; start += OUTPUTS_AT_ONCE) {
      const outpoints = Array.from({ length: OUTPUTS_AT_ONCE }, (_, i) => ({
        txid,
        vout: start + i,
      }));
      const coin = (await chain.getCoins(outpoints)).find((each) => each !== undefined);
      if (coin !== undefined) return chain.headers.activeAt(coin.height);
    }
  }
  return undefined;
}
