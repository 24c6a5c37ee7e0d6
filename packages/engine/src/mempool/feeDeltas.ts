import type { Txid } from "@chain/core";

/** Files have them as 64 bits with a sign. */
const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);

/** Amounts that an operator adds to the fees of transactions, in base units. Core: CTxMemPool::mapDeltas. */
export class FeeDeltas {
  readonly #deltas = new Map<Txid, bigint>();

  /** 0n where nothing is added. */
  get(txid: Txid): bigint {
    return this.#deltas.get(txid) ?? 0n;
  }

  /**
   * Adds to what a transaction has, up to the bounds of 64 bits.
   * @returns by how much it has changed
   */
  add(txid: Txid, delta: bigint): bigint {
    const before = this.get(txid);
    const sum = before + delta;
    const after = sum > MAX ? MAX : sum < MIN ? MIN : sum;
    if (after === 0n) this.#deltas.delete(txid);
    else this.#deltas.set(txid, after);
    return after - before;
  }

  delete(txid: Txid): void {
    this.#deltas.delete(txid);
  }

  entries(): IterableIterator<readonly [Txid, bigint]> {
    return this.#deltas.entries();
  }
}
