/** Which transactions of the wallet spend a coin. */
import type { Outpoint, Txid } from "@chain/core";
import type { HeldTransaction } from "./heldTransaction.ts";

/** Core: mapTxSpends. Of all coins that the wallet's transactions spend, others' as well: conflicts begin there. */
export class Spends {
  /** One transaction is the rule, and 100,000 lists of one would cost memory. */
  readonly #spenders = new Map<string, HeldTransaction | HeldTransaction[]>();

  of(txid: Txid, vout: number): readonly HeldTransaction[] {
    const found = this.#spenders.get(`${txid}:${vout}`);
    if (found === undefined) return [];
    return Array.isArray(found) ? found : [found];
  }

  add({ txid, vout }: Outpoint, spender: HeldTransaction): void {
    const key = `${txid}:${vout}`;
    const found = this.#spenders.get(key);
    if (found === undefined) this.#spenders.set(key, spender);
    else if (Array.isArray(found)) found.push(spender);
    else this.#spenders.set(key, [found, spender]);
  }

  delete({ txid, vout }: Outpoint, spender: HeldTransaction): void {
    const left = this.of(txid, vout).filter((each) => each !== spender);
    if (left.length === 0) this.#spenders.delete(`${txid}:${vout}`);
    else this.#spenders.set(`${txid}:${vout}`, left);
  }

  isSpent(txid: Txid, vout: number): boolean {
    const found = this.#spenders.get(`${txid}:${vout}`);
    if (found === undefined) return false;
    return Array.isArray(found) ? found.some((each) => each.isSpending) : found.isSpending;
  }
}
