import { type BlockHash, BlockHeader, HEADER_SIZE } from "@chain/core";
import type { BlockRecord, ChainStore } from "../../src/store.ts";

/** All that a store has of its blocks, parents first, and the last that is connected. */
export async function loadIndex(store: ChainStore): Promise<{
  readonly tip: BlockHash | undefined;
  readonly records: readonly BlockRecord[];
}> {
  const tip = await store.readTip();
  const seen = new Map<BlockHash, readonly [number, number]>();
  await store.scanIndex((raw) => {
    const { height, transactionCount, status, invalidReason } = raw;
    const header = raw.header.slice(raw.headerStart, raw.headerStart + HEADER_SIZE);
    const hash = raw.hash.slice(raw.hashStart, raw.hashStart + 32);
    const id = BlockHeader.fromBytes(header).hash;
    if (BlockHeader.fromHashed(header, hash).hash !== id)
      throw new Error(`${id} under another key`);
    if ((status === "invalid") !== (invalidReason !== undefined)) throw new Error("no reason");
    seen.set(id, [height, transactionCount]); // of one that comes twice, the later is right
  });
  const records: BlockRecord[] = [];
  for (const [hash, [height, transactionCount]] of seen) {
    const record = await store.readRecord(hash);
    if (record?.height !== height || record.transactionCount !== transactionCount) {
      throw new Error(`two ways to read ${hash} do not agree`);
    }
    records.push(record);
  }
  return { tip, records: records.sort((a, b) => a.height - b.height) };
}
