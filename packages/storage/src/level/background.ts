import { type BlockHash, concatBytes, idFromBytes, idToBytes } from "@chain/core";
import { StorageError } from "../errors.ts";
import type { Batch } from "./checked.ts";
import { META } from "./schema.ts";

/** Coins below a snapshot: their generation, the last block that was connected to them, the block of the snapshot. */
export interface Background {
  readonly generation: number;
  readonly tip: BlockHash;
  readonly base: BlockHash;
}

const SIZE = 65;

/** Writes it, or that there is none. */
export function putBackground(batch: Batch, background: Background | undefined): Batch {
  if (background === undefined) return batch.del(META.background);
  const { generation, tip, base } = background;
  const value = concatBytes(Uint8Array.of(generation), idToBytes(tip), idToBytes(base));
  return batch.put(META.background, value);
}

/** @throws StorageError `corrupt` */
export function decodeBackground(value: Uint8Array | undefined): Background | undefined {
  if (value === undefined) return undefined;
  if (value.length !== SIZE) {
    throw new StorageError("corrupt", "the database holds a damaged record of a snapshot");
  }
  return {
    generation: value[0] ?? 0,
    tip: idFromBytes<BlockHash>(value.subarray(1, 33)),
    base: idFromBytes<BlockHash>(value.subarray(33)),
  };
}

/** A generation that no coins have. */
export function freeGeneration(used: readonly number[]): number {
  let generation = ((used[0] ?? 0) + 1) % 256;
  while (used.includes(generation)) generation = (generation + 1) % 256;
  return generation;
}
