import { type BlockHash, bytesToHex, type Transaction, type Txid } from "@chain/core";
import type { ControlClient } from "@chain/fullnode";
import type { PendingFate, Wallet } from "@chain/wallet";

/** Blocks on top of a settled payment after which it is forgotten: no reorganisation goes that far. */
const DEEP = 100;

/** The reasons of a node for a payment whose coins a block has spent. */
const SETTLED: ReadonlySet<string> = new Set([
  "bad-txns-inputs-missingorspent",
  "txn-already-known",
  "Transaction outputs already in utxo set",
]);

/** The note on a payment that a node has accepted: from now on others may know it. */
export const ACCEPTED: PendingFate = { accepted: true, onlyOwnNode: undefined };

/** Whether its owner was told that its fate is not known, and it is not known since. */
export function isUncertain({ accepted, settled }: PendingFate): boolean {
  return accepted !== true && settled === undefined;
}

/**
 * Hands in again what a node has accepted once and has lost since: it ran out of room, its files were lost, another
 * node had accepted the payment, or a reorganisation took the block. A payment is kept until it is a hundred blocks
 * deep, because until then a reorganisation may need it again. Oldest first, as later ones may spend earlier ones.
 * @param options.isAlone whether no other program makes a payment of this wallet: a payment that only this node
 *   can have got, and that it does not know, is forgotten then, because the program that made it was killed before
 */
export async function handInAgain(
  wallet: Wallet,
  node: ControlClient,
  { isAlone = false }: { readonly isAlone?: boolean } = {},
): Promise<void> {
  if (wallet.pending.length === 0) return;
  const { height, headers, bestblockhash: hash } = await node.info();
  // Asked first: what was loaded before the list was made is in it.
  const { loaded } = await node.call("getmempoolinfo");
  const names = await node.call("getrawmempool");
  // Its coins say nothing yet of a payment that is in a block further on.
  if (headers > height) return;
  const waiting = new Set<string>(Array.isArray(names) ? names : []);
  const isOnChain = chainView(node);
  const news = new Map<Txid, PendingFate>();
  const forgotten: Txid[] = [];
  for (const { transaction, settled, accepted, onlyOwnNode } of wallet.pending) {
    const { txid } = transaction;
    if (settled !== undefined && (await isOnChain(settled))) {
      if (height - settled.height >= DEEP) forgotten.push(txid);
      continue;
    }
    if (accepted !== true) {
      // Its owner was told that its fate is not known: it is not handed in, but looked for.
      if (waiting.has(txid)) news.set(txid, ACCEPTED);
      else if (await isSpent(node, transaction)) news.set(txid, { settled: { height, hash } });
      else if (onlyOwnNode === true && loaded && isAlone) forgotten.push(txid);
      else if (settled !== undefined) news.set(txid, { settled: undefined });
      continue;
    }
    // Never in the place of another payment, which may have been reported as made.
    const verdict = waiting.has(txid) ? undefined : await node.submit(transaction, { isNew: true });
    if (verdict?.ok === false && SETTLED.has(verdict.reason)) {
      news.set(txid, { settled: { height, hash } });
    } else if (settled !== undefined) {
      news.set(txid, { settled: undefined });
    }
  }
  await wallet.notePending(news);
  await wallet.removePending(forgotten);
}

/** Whether a block has spent a coin of a transaction, or holds the transaction itself. */
async function isSpent(node: ControlClient, transaction: Transaction): Promise<boolean> {
  const rawtxs = [bytesToHex(transaction.toBytes())];
  const [answer] = await node.call("testmempoolaccept", { rawtxs });
  const reason = answer?.["reject-reason"];
  return reason === "missing-inputs" || reason === "txn-already-known";
}

/** Asks once for each height. */
function chainView(
  node: ControlClient,
): (place: { readonly height: number; readonly hash: BlockHash }) => Promise<boolean> {
  const hashes = new Map<number, Promise<string | undefined>>();
  return async ({ height, hash }) => {
    const known =
      hashes.get(height) ?? node.call("getblockhash", { height }).catch(() => undefined);
    hashes.set(height, known);
    return (await known) === hash;
  };
}
