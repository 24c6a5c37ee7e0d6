/** Hands payments in: to the node of this wallet if it runs, else to another one, or into a block. */
import { openEither, openOffline } from "@chain/fullnode";
import type { Wallet } from "@chain/wallet";
import { againWhereNodeEnds } from "./opening.ts";
import type { Order, Say, Sent } from "./order.ts";
import { payByNode } from "./payByNode.ts";
import { payOffline } from "./payOffline.ts";

/**
 * Pays, while no other program pays from this wallet: coins are chosen, spent and noted as spent by one at a time.
 * @param say hears why it takes longer
 * @throws UserError `refused` and others: nothing was paid; `uncertain`: no node has said.
 */
export function pay(order: Order, wallet: Wallet, say: Say): Promise<Sent> {
  return wallet.exclusively(
    () => againWhereNodeEnds(() => payOnce(order, wallet, say)),
    (holder) => say(`waiting, because ${holder} makes another payment of this wallet`),
  );
}

async function payOnce(order: Order, wallet: Wallet, say: Say): Promise<Sent> {
  const { running, offline } = await openEither(order.identity, openOffline, say);
  if (running !== undefined) return payByNode(order, wallet, running, say);
  try {
    return await payOffline(order, wallet, offline, say);
  } finally {
    await offline.close();
  }
}
