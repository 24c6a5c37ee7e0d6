import { requireArray, requireBytes } from "./arguments.ts";
import type { Coin } from "./coin.ts";
import { Reader } from "./encoding/reader.ts";
import { Writer } from "./encoding/writer.ts";
import { requireCoin, requireCoins, requireReader, requireWriter } from "./shapes.ts";
import { readOutput, writeOutput } from "./transaction.ts";

/**
 * The coins that a block spent, so that it can be disconnected: for each transaction but the coinbase, the coins of its inputs in
 * order, those included that the same block made. Core: CBlockUndo.
 */
export type BlockUndo = readonly (readonly Coin[])[];

/**
 * Undo data as stored: counts, and for each coin `height * 2 + coinbase` and the output.
 * @example decodeUndo(encodeUndo([[coin]])) // [[coin]]
 */
export function encodeUndo(undo: BlockUndo): Uint8Array {
  requireArray(undo, "undo", requireCoins);

  const writer = new Writer();
  writer.compactSize(undo.length);
  for (const coins of undo) {
    writer.compactSize(coins.length);
    for (const coin of coins) writeCoin(writer, coin);
  }
  return writer.finish();
}

/**
 * @throws CoreError where the bytes are not undo data.
 * @example decodeUndo(encodeUndo([[coin]])) // [[coin]]
 */
export function decodeUndo(bytes: Uint8Array): BlockUndo {
  requireBytes(bytes, "bytes");

  const reader = new Reader(bytes);
  const undo: Coin[][] = [];
  for (let n = reader.compactSize(); n > 0; n--) {
    const coins: Coin[] = [];
    for (let m = reader.compactSize(); m > 0; m--) coins.push(readCoin(reader));
    undo.push(coins);
  }
  reader.finish();
  return undo;
}

/**
 * A coin in the form that storage and undo data share.
 * @example
 * const writer = new Writer();
 * writeCoin(writer, coin);
 * readCoin(new Reader(writer.finish())) // coin
 */
export function writeCoin(writer: Writer, coin: Coin): void {
  requireWriter(writer, "writer");
  requireCoin(coin, "coin");

  writer.compactSize(coin.height * 2 + (coin.coinbase ? 1 : 0));
  writeOutput(writer, coin);
}

/**
 * The script is copied, so that a coin that is kept does not keep the bytes around it.
 * @example
 * const writer = new Writer();
 * writeCoin(writer, coin);
 * readCoin(new Reader(writer.finish())) // coin
 */
export function readCoin(reader: Reader): Coin {
  requireReader(reader, "reader");

  const code = Number(reader.compactSize64());
  const { value, scriptPubKey } = readOutput(reader);
  return {
    value,
    scriptPubKey: scriptPubKey.slice(),
    height: Math.floor(code / 2),
    coinbase: code % 2 === 1,
  };
}
