/** Transactions that are looked for by id, in the mempool and, where the node has the index of transactions, in blocks. */
import type { Txid } from "@chain/core";
import type { FoundTransaction } from "@chain/indexes";
import type { RpcHost } from "../host.ts";
import { readable } from "./blocks.ts";

type Host = Pick<RpcHost, "indexes">;

/** Whether the index of transactions is there, and has come as far as the chain. */
export async function isIndexReady({ indexes }: Host): Promise<boolean> {
  return (await indexes?.transactions?.isCaughtUp()) ?? false;
}

/**
 * A transaction of the best chain, as far as the index has come. `undefined` without an index. Core: TxIndex::FindTx.
 * @throws RpcError -1 where its block can't be read
 */
export async function confirmedTransaction(
  { indexes }: Host,
  txid: Txid,
): Promise<FoundTransaction | undefined> {
  return readable(async () => indexes?.transactions?.index.find(txid));
}
