/** Coins, as sums over all of them take them. Core: kernel/coinstats.cpp. */
import { requireBytes } from "./arguments.ts";
import type { LocatedCoin } from "./coin.ts";
import { Writer } from "./encoding/writer.ts";
import { writeOutpoint } from "./outpoint.ts";
import { requireLocatedCoin } from "./shapes.ts";
import { writeOutput } from "./transaction.ts";

/** Bytes of a coin beside its script: outpoint, height and flag, value, and two that nobody can explain. */
const BOGO_SIZE = 32 + 4 + 4 + 8 + 2;

/**
 * The bytes of a coin that hashes of all coins are made of: an element of `MuHash`, a part of `hash_serialized_3`. Core:
 * TxOutSer.
 * @example coinElement({ outpoint: input.prevout, coin }).length // 116: 49 beside the script, a public key
 */
export function coinElement(located: LocatedCoin): Uint8Array {
  requireLocatedCoin(located, "located");

  const { outpoint, coin } = located;
  const writer = new Writer(80);
  writeOutpoint(writer, outpoint);
  writer.u32(coin.height * 2 + (coin.coinbase ? 1 : 0));
  writeOutput(writer, coin);
  return writer.finish();
}

/**
 * The size of a coin by a measure that no database changes. Core: GetBogoSize.
 * @example bogoSize(Uint8Array.of(0x51)) // 51
 */
export function bogoSize(scriptPubKey: Uint8Array): number {
  requireBytes(scriptPubKey, "scriptPubKey");

  return BOGO_SIZE + scriptPubKey.length;
}
