import {
  type LocatedCoin,
  reversedHex,
  sha256,
  type Txid,
  Writer,
  writeOutpoint,
  writeOutput,
} from "@chain/core";
import { sha256 as streaming } from "@noble/hashes/sha2.js";
import type { CoinStatistics } from "./store.ts";

/** Bytes of a coin beside its script: outpoint, height and flag, value, and two that nobody can explain. Core: GetBogoSize. */
const BOGO_SIZE = 32 + 4 + 4 + 8 + 2;

/**
 * Adds up coins that come in the order of their outpoints. The hash is Core's `hash_serialized_3`, so two stores hold the
 * same coins exactly when it is the same, and anybody can compare with a node of Bitcoin Core.
 */
export class CoinStatisticsBuilder {
  #count = 0;
  #transactions = 0;
  #lastTxid: Txid | undefined;
  #total = 0n;
  #bogoSize = 0;
  readonly #hash = streaming.create();

  add({ outpoint, coin }: LocatedCoin): void {
    // Core: TxOutSer (kernel/coinstats.cpp).
    const writer = new Writer(80);
    writeOutpoint(writer, outpoint);
    writer.u32(coin.height * 2 + (coin.coinbase ? 1 : 0));
    writeOutput(writer, coin);
    this.#hash.update(writer.finish());
    this.#count++;
    if (outpoint.txid !== this.#lastTxid) this.#transactions++;
    this.#lastTxid = outpoint.txid;
    this.#total += coin.value;
    this.#bogoSize += BOGO_SIZE + coin.scriptPubKey.length;
  }

  finish(): CoinStatistics {
    return {
      count: this.#count,
      transactions: this.#transactions,
      total: this.#total,
      bogoSize: this.#bogoSize,
      hash: reversedHex(sha256(this.#hash.digest())),
    };
  }
}
