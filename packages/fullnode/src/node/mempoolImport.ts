import type { Milliseconds } from "@chain/core";
import type { Log, Node } from "@chain/engine";
import type { RpcHost } from "@chain/rpc";
import { readMempoolFile } from "./mempoolFile.ts";

/** Options: the things that are taken of a file beside its transactions. */
export type ImportOptions = Parameters<NonNullable<RpcHost["mempool"]["importFile"]>>[1];

interface Importer {
  readonly node: Node;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => Milliseconds;
  /** Whether the node ends: then the rest is left. */
  readonly isStopped: () => boolean;
}

/**
 * Hands in what a file in the format of `mempool.dat` holds: every transaction is checked as one that just came. Of a
 * damaged one, what stands before the damage. Core: LoadMempool.
 * @returns whether there is such a file, and it could be read whole
 */
export async function importMempool(
  path: string,
  { useCurrentTime, applyFeeDeltas, applyUnbroadcast }: ImportOptions,
  { node, log, now, isStopped }: Importer,
): Promise<boolean> {
  const { entries, deltas, damage } = await readMempoolFile(path, { mustExist: true });
  const { chain } = node;
  if (applyFeeDeltas) {
    for (const [txid, delta] of deltas) await chain.prioritiseTransaction(txid, delta);
  }
  let [taken, expired] = [0, 0];
  for (const { transaction, time, unbroadcast } of entries) {
    if (isStopped()) return false;
    const since = useCurrentTime ? now() : time;
    if (since + chain.mempool.limits.expiry < now()) {
      expired++;
      continue;
    }
    if ((await chain.acceptTransaction(transaction, { time: since })).ok) taken++;
    const isHere = chain.mempool.get(transaction.txid) !== undefined;
    if (isHere && applyUnbroadcast && unbroadcast) node.announceAgain(transaction.txid);
  }
  const of = entries.length;
  log("info", "mempool", `${taken} of ${of} transactions of ${path} taken, ${expired} had expired`);
  if (damage !== undefined) log("warn", "mempool", `${path} can't be read whole: ${damage}`);
  return damage === undefined;
}
