import {
  bytesToHex,
  type LocatedCoin,
  sha256,
  Writer,
  writeCoin,
  writeOutpoint,
} from "@chain/core";
import { sha256 as streaming } from "@noble/hashes/sha2.js";
import type { CoinStatistics } from "./store.ts";

/**
 * Adds up coins that come in the order of their outpoints. The hash is SHA-256d over outpoint and coin of each, so two
 * stores hold the same coins exactly when it is the same.
 */
export class CoinStatisticsBuilder {
  #count = 0;
  #total = 0n;
  readonly #hash = streaming.create();

  add({ outpoint, coin }: LocatedCoin): void {
    const writer = new Writer(80);
    writeOutpoint(writer, outpoint);
    writeCoin(writer, coin);
    this.#hash.update(writer.finish());
    this.#count++;
    this.#total += coin.value;
  }

  finish(): CoinStatistics {
    const hash = bytesToHex(sha256(this.#hash.digest()));
    return { count: this.#count, total: this.#total, hash };
  }
}
