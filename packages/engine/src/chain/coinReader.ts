import {
  type Coin,
  type CoinsView,
  type Outpoint,
  type OutpointKey,
  outpointKey,
} from "@chain/core";
import type { ChainStore } from "@chain/storage";

/** Coins of the store, as far as they were read beforehand: rules never wait for a database. */
export class CoinReader implements CoinsView {
  readonly #store: Pick<ChainStore, "getCoins">;
  readonly #read = new Map<OutpointKey, Coin | undefined>();

  constructor(store: Pick<ChainStore, "getCoins">) {
    this.#store = store;
  }

  /** Reads those of these in one go that were not read before. */
  async fetch(outpoints: readonly Outpoint[]): Promise<void> {
    const missing = outpoints.filter((outpoint) => !this.#read.has(outpointKey(outpoint)));
    if (missing.length === 0) return;
    const coins = await this.#store.getCoins(missing);
    missing.forEach((outpoint, i) => {
      this.#read.set(outpointKey(outpoint), coins[i]);
    });
  }

  get(outpoint: Outpoint): Coin | undefined {
    return this.#read.get(outpointKey(outpoint));
  }
}
