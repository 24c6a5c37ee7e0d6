import type { Txid } from "@chain/core";
import { describeTransaction } from "../describe/transaction.ts";
import { confirmedTransaction, indexGap, isIndexReady } from "../methods/transactions.ts";
import { inFormat, notFound, type Resource } from "./answer.ts";
import { readHash } from "./read.ts";

/** `/rest/tx/TXID.EXT`: a transaction of the mempool or, by the index, of a block. Core: rest_tx. */
export const transaction: Resource = async ({ host, rest, format }) => {
  const { chain } = host;
  const txid = readHash<Txid>(rest);
  const isReady = await isIndexReady(host);
  const waiting = chain.mempool.get(txid)?.transaction;
  const confirmed = waiting === undefined ? await confirmedTransaction(host, txid) : undefined;
  const found = waiting ?? confirmed?.transaction;
  if (found === undefined) {
    const gap = indexGap(host, isReady);
    throw notFound(gap === undefined ? `${rest} not found` : `${rest} not found. ${gap}`);
  }
  return inFormat(format, {
    bytes: () => found.toBytes(),
    json: () => {
      const { hex, ...fields } = describeTransaction(found, chain.params);
      return { ...fields, ...(confirmed && { blockhash: confirmed.node.hash }), hex };
    },
  });
};
