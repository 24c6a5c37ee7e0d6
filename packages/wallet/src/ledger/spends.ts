/** Which transactions of the wallet spend a coin. */
import type { Outpoint, Txid } from "@chain/core";
import type { HeldTransaction } from "./heldTransaction.ts";

/** The only known spend of a transaction's outputs. */
interface OneSpend {
  readonly vout: number;
  readonly spender: HeldTransaction;
}

/**
 * Of all coins that the wallet's transactions spend, others' as well: conflicts begin there. By transaction id first, because
 * the text of an outpoint would have to be made for each question. Core: mapTxSpends.
 */
export class Spends {
  /** Mostly one spend of one output, which needs no map of its own. */
  readonly #byId = new Map<Txid, OneSpend | Map<number, readonly HeldTransaction[]>>();

  of(txid: Txid, vout: number): readonly HeldTransaction[] {
    const found = this.#byId.get(txid);
    if (found === undefined) return [];
    if (found instanceof Map) return found.get(vout) ?? [];
    return found.vout === vout ? [found.spender] : [];
  }

  add({ txid, vout }: Outpoint, spender: HeldTransaction): void {
    const found = this.#byId.get(txid);
    if (found === undefined) {
      this.#byId.set(txid, { vout, spender });
      return;
    }
    const spends = found instanceof Map ? found : new Map([[found.vout, [found.spender]]]);
    spends.set(vout, [...(spends.get(vout) ?? []), spender]);
    this.#byId.set(txid, spends);
  }

  delete({ txid, vout }: Outpoint, spender: HeldTransaction): void {
    const found = this.#byId.get(txid);
    if (found instanceof Map) {
      const left = (found.get(vout) ?? []).filter((each) => each !== spender);
      if (left.length > 0) found.set(vout, left);
      else found.delete(vout);
      if (found.size === 0) this.#byId.delete(txid);
    } else if (found?.vout === vout && found.spender === spender) this.#byId.delete(txid);
  }

  isSpent(txid: Txid, vout: number): boolean {
    const found = this.#byId.get(txid);
    if (found === undefined) return false;
    if (found instanceof Map) return found.get(vout)?.some((each) => each.isSpending) ?? false;
    return found.vout === vout && found.spender.isSpending;
  }
}
