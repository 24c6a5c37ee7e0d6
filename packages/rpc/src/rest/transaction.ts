import type { Txid } from "@chain/core";
import { describeTransaction } from "../describe/transaction.ts";
import { inFormat, notFound, type Resource } from "./answer.ts";
import { readHash } from "./read.ts";

/** `/rest/tx/TXID.EXT`: a transaction of the mempool, as there is no index of those in blocks. Core: rest_tx. */
export const transaction: Resource = async ({ host: { chain }, rest, format }) => {
  const found = chain.mempool.get(readHash<Txid>(rest))?.transaction;
  if (found === undefined) throw notFound(`${rest} not found`);
  return inFormat(format, {
    bytes: () => found.toBytes(),
    json: () => describeTransaction(found, chain.params),
  });
};
