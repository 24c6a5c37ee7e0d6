/** A chain whose first block makes many coins; each that follows spends some of them and makes as many. */
import { type Block, bytesToHex, type LocatedCoin, sha256, type Txid } from "@chain/core";
import type { ChainStore } from "../../src/store.ts";
import { fakeBlock, GENESIS, recordOf, script } from "./chainSteps.ts";

const MANY = 12_000;
const SOME = 100;

function coin(id: number): LocatedCoin {
  const txid = bytesToHex(sha256(Uint8Array.of(id >> 16, id >> 8, id))) as Txid;
  const scriptPubKey = script(id % 3);
  return {
    outpoint: { txid, vout: 0 },
    coin: { value: 1n, scriptPubKey, height: 1, coinbase: false },
  };
}

const coins = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => coin(from + i));

/** Connects the blocks from one height to another. */
export async function connectMany(store: ChainStore, from: number, to: number): Promise<void> {
  let parent: Block = GENESIS;
  for (let height = 1; height <= to; height++) {
    const block = fakeBlock(height, parent.hash);
    parent = block;
    if (height < from) continue;
    await store.writeBlock(block.toBytes(), recordOf(block, height, "body"));
    const next = MANY + (height - 2) * SOME;
    await store.commit({
      tip: block.hash,
      connected: [{ hash: block.hash, undo: Uint8Array.of(height) }],
      coins: {
        spent: height === 1 ? [] : coins((height - 2) * SOME, SOME),
        created: height === 1 ? coins(0, MANY) : coins(next, SOME),
      },
      records: [recordOf(block, height, "connected")],
      durable: height % 3 === 0,
    });
  }
}
