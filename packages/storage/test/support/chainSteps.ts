/** Steps of a chain that mean nothing as blocks, but are stored as blocks are. Made from a seed. */

import {
  Block,
  type BlockHash,
  BlockHeader,
  bytesToHex,
  type Coin,
  type LocatedCoin,
  type MerkleRoot,
  NULL_OUTPOINT,
  outpointKey,
  SEQUENCE_FINAL,
  sha256,
  Transaction,
  type Txid,
  ZERO_BLOCK_HASH,
} from "@chain/core";
import { Rng } from "@chain/testing/random";
import type { BlockRecord, ChainStore, ChainUpdate } from "../../src/store.ts";

/** Of a store that prunes: blocks that stay, and bytes of its files. */
export const KEPT_BLOCKS = 5;
export const PRUNED_FILE_SIZE = 1_000;

/** A block that exists only to be stored. */
export function fakeBlock(height: number, parent: BlockHash, salt = 0): Block {
  const coinbase = new Transaction({
    version: 1,
    inputs: [
      {
        prevout: NULL_OUTPOINT,
        scriptSig: Uint8Array.of(height & 0xff, height >> 8, salt & 0xff, salt >> 8),
        sequence: SEQUENCE_FINAL,
        witness: [],
      },
    ],
    outputs: [{ value: 50n, scriptPubKey: script(height % 3) }],
    lockTime: 0,
  });
  const header = new BlockHeader({
    version: 1,
    previousHash: parent,
    merkleRoot: coinbase.txid as string as MerkleRoot,
    time: height,
    bits: 0x207fffff,
    nonce: salt,
  });
  return new Block(header, [coinbase]);
}

export function script(n: number): Uint8Array {
  return Uint8Array.from({ length: 25 }, () => n);
}

export function recordOf(block: Block, height: number, status: BlockRecord["status"]): BlockRecord {
  return {
    header: block.header,
    height,
    status,
    hasBody: true,
    transactionCount: block.transactions.length,
  };
}

export const GENESIS: Block = fakeBlock(0, ZERO_BLOCK_HASH);

export function coinFor(id: number, height: number): LocatedCoin {
  const txid = bytesToHex(sha256(Uint8Array.of(id >> 8, id & 0xff))) as Txid;
  const coin: Coin = {
    value: BigInt(id * 7 + 1),
    scriptPubKey: script(id % 3),
    height,
    coinbase: id % 4 === 0,
  };
  return { outpoint: { txid, vout: id % 5 }, coin };
}

/** A naive twin of a store: what the coins must be. */
export class Model {
  readonly coins: Map<string, LocatedCoin> = new Map();

  apply({ coins }: ChainUpdate): void {
    for (const { outpoint } of coins.spent) this.coins.delete(outpointKey(outpoint));
    for (const located of coins.created) this.coins.set(outpointKey(located.outpoint), located);
  }
}

/** Connects block after block, each spending and making some coins; yields each step before it is taken. */
export function* chainSteps(
  seed: number,
  count: number,
): Generator<{ readonly block: Block; readonly height: number; readonly update: ChainUpdate }> {
  const rng = new Rng(seed);
  const unspent: LocatedCoin[] = [];
  let parent = GENESIS.hash;
  let nextCoin = 1;
  for (let height = 1; height <= count; height++) {
    const block = fakeBlock(height, parent, seed);
    const spent = Array.from({ length: Math.min(rng.below(4), unspent.length) }, () => {
      return unspent.splice(rng.below(unspent.length), 1)[0] as LocatedCoin;
    });
    const created = Array.from({ length: 1 + rng.below(5) }, () => coinFor(nextCoin++, height));
    unspent.push(...created);
    const update: ChainUpdate = {
      tip: block.hash,
      connected: [{ hash: block.hash, undo: Uint8Array.of(height & 0xff, ...script(height)) }],
      coins: { spent, created },
      records: [recordOf(block, height, "connected")],
      durable: rng.below(3) === 0,
    };
    yield { block, height, update };
    parent = block.hash;
  }
}

export async function begin(store: ChainStore): Promise<void> {
  await store.initialize(GENESIS.toBytes());
  await store.commit({
    tip: GENESIS.hash,
    connected: [{ hash: GENESIS.hash, undo: Uint8Array.of(0) }],
    coins: { spent: [], created: [] },
    records: [recordOf(GENESIS, 0, "connected")],
    durable: true,
  });
}

export async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}
