/**
 * Outputs and coins in JSON. They are plain objects, made by the million where blocks connect and compared field by
 * field, so they have no method `toJSON`, and `JSON.stringify` throws on their amounts: these functions are for it.
 */
import { formatAmount } from "./amount.ts";
import { bytesToHex } from "./bytes.ts";
import type { Coin } from "./coin.ts";
import { requireCoin, requireOutput } from "./shapes.ts";

/** An output in JSON. */
export interface OutputJson {
  /** Coins as exact decimal text: a number could not hold them. */
  readonly value: string;
  /** Hex. */
  readonly scriptPubKey: string;
}

/** A coin in JSON. */
export interface CoinJson extends OutputJson {
  /** Height of the block that made it. */
  readonly height: number;
  readonly coinbase: boolean;
}

/**
 * An output for `JSON.stringify` and `console.log`, as `Transaction.toJSON` has it.
 * @throws ArgumentError for what is no output
 * @example outputToJson({ value: 50_000_000n, scriptPubKey: hexToBytes("51") }) // { value: "0.5", scriptPubKey: "51" }
 */
export function outputToJson(output: Pick<Coin, "value" | "scriptPubKey">): OutputJson {
  requireOutput(output, "output");
  return { value: formatAmount(output.value), scriptPubKey: bytesToHex(output.scriptPubKey) };
}

/**
 * A coin for `JSON.stringify` and `console.log`.
 * @throws ArgumentError for what is no coin
 * @example coinToJson(coin).value // "50"
 */
export function coinToJson(coin: Coin): CoinJson {
  requireCoin(coin, "coin");
  return { ...outputToJson(coin), height: coin.height, coinbase: coin.coinbase };
}
