/** Transactions that are looked for by id, in the mempool and, where the node has the index of transactions, in blocks. */
import type { Txid } from "@chain/core";
import type { FoundTransaction } from "@chain/indexes";
import type { RpcHost } from "../host.ts";
import { readable } from "./blocks.ts";
import { indexFailure } from "./indexFailure.ts";

type Host = Pick<RpcHost, "indexes">;

/** Whether the index of transactions is there, and has come as far as the chain. */
export async function isIndexReady({ indexes }: Host): Promise<boolean> {
  return (await indexes?.transactions?.isCaughtUp()) ?? false;
}

/** Why the index may lack a transaction of a block; `undefined` without an index, and where it is ready. */
export function indexGap({ indexes }: Host, isReady: boolean): string | undefined {
  const running = indexes?.transactions;
  if (running === undefined || isReady) return undefined;
  return (
    indexFailure(running) ?? "Blockchain transactions are still in the process of being indexed"
  );
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
