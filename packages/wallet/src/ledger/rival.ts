/** Coins that one payment of a wallet has before another. */
import type { Outpoint, Transaction, Txid } from "@chain/core";
import type { History } from "./history.ts";

/** A coin, and the transaction that spends it already. */
interface Rival {
  readonly outpoint: Outpoint;
  readonly spender: Txid;
}

/**
 * The first coin of a payment that another transaction spends already. The one that the payment replaces does not count, nor
 * those that this one replaced before.
 */
export function rivalOf(
  { txid, inputs }: Transaction,
  replaces: Txid | undefined,
  history: Pick<History, "get" | "spenders">,
): Rival | undefined {
  const mayConflict = new Set([txid]);
  for (let old = replaces; old !== undefined && !mayConflict.has(old); ) {
    mayConflict.add(old);
    old = history.get(old)?.notes.replaces;
  }
  for (const { prevout: outpoint } of inputs) {
    const rival = history
      .spenders(outpoint)
      .find((each) => each.isSpending && !mayConflict.has(each.txid));
    if (rival !== undefined) return { outpoint, spender: rival.txid };
  }
  return undefined;
}
