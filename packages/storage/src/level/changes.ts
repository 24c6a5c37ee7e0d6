/** Parts of the batches that a store writes. */
import { type BlockHash, type BlockHeader, equalBytes, type LocatedCoin } from "@chain/core";
import { StorageError } from "../errors.ts";
import type { BlockRecord } from "../store.ts";
import type { AppendFile, Location } from "./appendFile.ts";
import type { Batch } from "./checked.ts";
import { type BlockEntry, encodeCoin, encodeEntry } from "./records.ts";
import { blockKey, coinKey, scriptKey } from "./schema.ts";

/** Where the coins stand that a batch changes. */
export interface CoinsPlace {
  readonly generation: number;
  /** Whether they are indexed by script. */
  readonly scripts: boolean;
}

/** Deletes coins of a generation, with the index by script. */
export function deleteCoins(
  batch: Batch,
  { generation, scripts }: CoinsPlace,
  coins: readonly LocatedCoin[],
): void {
  for (const { outpoint, coin } of coins) {
    batch.del(coinKey(generation, outpoint));
    if (scripts) batch.del(scriptKey(generation, coin.scriptPubKey, outpoint));
  }
}

/** Adds coins of a generation, with the index by script. */
export function putCoins(
  batch: Batch,
  { generation, scripts }: CoinsPlace,
  coins: readonly LocatedCoin[],
): Batch {
  for (const { outpoint, coin } of coins) {
    const value = encodeCoin(coin);
    batch.put(coinKey(generation, outpoint), value);
    if (scripts) batch.put(scriptKey(generation, coin.scriptPubKey, outpoint), value);
  }
  return batch;
}

export function recordOf(header: BlockHeader, height: number): BlockRecord {
  return { header, height, status: "header", hasBody: false, transactionCount: 0 };
}

export function putEntries(batch: Batch, ...entries: readonly BlockEntry[]): Batch {
  for (const entry of entries) batch.put(blockKey(entry.record.header.hash), encodeEntry(entry));
  return batch;
}

/** Appends bytes that are not there yet. Those that the disk spoilt are written again. */
export async function keep(
  file: AppendFile,
  bytes: Uint8Array,
  known?: Location,
): Promise<Location> {
  if (known?.length === bytes.length) {
    try {
      if (equalBytes(await file.read(known), bytes)) return known;
    } catch {
      // Bad sectors are no reason not to write it elsewhere; a disk that takes nothing says so when it is written.
    }
  }
  return file.append(bytes);
}

export function unknownBlock(hash: BlockHash): StorageError {
  return new StorageError("unknown-block", `block ${hash} is not in the index`);
}
