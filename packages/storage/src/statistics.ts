import {
  ArgumentError,
  bogoSize,
  coinElement,
  type LocatedCoin,
  MuHash,
  reversedHex,
  sha256,
  type Txid,
} from "@chain/core";
import { requireLocatedCoin } from "@chain/core/arguments";
import { sha256 as streaming } from "@noble/hashes/sha2.js";
import { requireIterable } from "./checks.ts";
import type { CoinHash, CoinStatistics } from "./store.ts";

/**
 * Adds up coins that come in the order of their outpoints.
 * @param hash `serialized` by default
 * @example (await coinStatisticsOf([], "none")).count // 0
 */
export async function coinStatisticsOf(
  coins: AsyncIterable<LocatedCoin> | Iterable<LocatedCoin>,
  hash?: CoinHash,
): Promise<CoinStatistics> {
  requireIterable(coins, "coins");

  const statistics = new CoinStatisticsBuilder(hash);
  for await (const located of coins) {
    requireLocatedCoin(located, "coins[]");
    statistics.add(located);
  }
  return statistics.finish();
}

interface RunningHash {
  readonly add: (coin: Uint8Array) => void;
  readonly finish: () => string;
}

/**
 * Adds up coins that come in the order of their outpoints. The hashes are Core's, so two stores hold the same coins
 * exactly when they are the same, and anybody can compare with a node of Bitcoin Core.
 */
class CoinStatisticsBuilder {
  #count = 0;
  #transactions = 0;
  #lastTxid: Txid | undefined;
  #total = 0n;
  #bogoSize = 0;
  readonly #hash: RunningHash;

  constructor(hash: CoinHash = "serialized") {
    this.#hash = runningHash(hash);
  }

  add(located: LocatedCoin): void {
    const { outpoint, coin } = located;
    this.#hash.add(coinElement(located));
    this.#count++;
    if (outpoint.txid !== this.#lastTxid) this.#transactions++;
    this.#lastTxid = outpoint.txid;
    this.#total += coin.value;
    this.#bogoSize += bogoSize(coin.scriptPubKey);
  }

  finish(): CoinStatistics {
    return {
      count: this.#count,
      transactions: this.#transactions,
      total: this.#total,
      bogoSize: this.#bogoSize,
      hash: this.#hash.finish(),
    };
  }
}

function runningHash(kind: CoinHash): RunningHash {
  switch (kind) {
    case "serialized": {
      const hash = streaming.create();
      return {
        add: (coin) => void hash.update(coin),
        finish: () => reversedHex(sha256(hash.digest())),
      };
    }
    case "muhash": {
      const hash = new MuHash();
      return { add: (coin) => void hash.add(coin), finish: () => reversedHex(hash.digest()) };
    }
    case "none":
      return { add: () => {}, finish: () => "" };
    default:
      kind satisfies never;
      throw new ArgumentError("hash", "serialized, muhash or none", kind);
  }
}
