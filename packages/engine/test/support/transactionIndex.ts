import {
  type Block,
  type BlockUndo,
  type Coin,
  type OutpointKey,
  outpointKey,
  type Transaction,
  type Txid,
} from "@chain/core";
import { expect } from "vitest";
import type { ChainChange, ChainFollower, ChainPosition } from "../../src/chain/follower.ts";
import type { ChainManager } from "../../src/chain/manager.ts";

/** The contents of an index's disk. */
export interface IndexDisk {
  readonly position: ChainPosition | undefined;
  readonly heights: ReadonlyMap<Txid, number>;
  readonly coins: ReadonlyMap<OutpointKey, Pick<Coin, "value" | "height">>;
}

export const EMPTY: IndexDisk = { position: undefined, heights: new Map(), coins: new Map() };

/**
 * An index of transactions and coins as simple as can be, which checks that the changes come in order and that undo data
 * holds the coins that it knows. Its disk changes in one step, and can be taken back to an earlier state.
 */
export class TransactionIndex implements ChainFollower {
  readonly name: string;
  readonly mempool: boolean;
  disk: IndexDisk;
  /** Unconfirmed, as far as it was told. */
  readonly unconfirmed: Map<Txid, Transaction> = new Map();
  /** Blocks of each call. */
  readonly calls: number[] = [];
  /** Is awaited before anything is applied. */
  gate: () => Promise<void> | void = () => {};

  constructor(options: { disk?: IndexDisk; mempool?: boolean; name?: string } = {}) {
    this.disk = options.disk ?? EMPTY;
    this.mempool = options.mempool ?? false;
    this.name = options.name ?? "transaction index";
  }

  async position(): Promise<ChainPosition | undefined> {
    return this.disk.position;
  }

  async apply(changes: readonly ChainChange[], end: ChainPosition): Promise<void> {
    await this.gate();
    const heights = new Map(this.disk.heights);
    const coins = new Map(this.disk.coins);
    let at = this.disk.position;
    let blocks = 0;
    for (const change of changes) {
      switch (change.type) {
        case "block-connected":
          expect(change.height).toBe(at === undefined ? 0 : at.height + 1);
          if (at !== undefined) expect(change.block.header.previousHash).toBe(at.hash);
          expect(change.block.hash).toBe(change.hash);
          connect(change, heights, coins);
          at = { hash: change.hash, height: change.height };
          blocks++;
          break;
        case "block-disconnected":
          expect({ hash: change.hash, height: change.height }).toEqual(at);
          disconnect(change, heights, coins);
          at = { hash: change.block.header.previousHash, height: change.height - 1 };
          blocks++;
          break;
        case "transaction-added":
          expect(this.unconfirmed.has(change.transaction.txid)).toBe(false);
          this.unconfirmed.set(change.transaction.txid, change.transaction);
          break;
        case "transaction-removed":
          expect(this.unconfirmed.delete(change.transaction.txid)).toBe(true);
          break;
        default:
          change satisfies never;
      }
    }
    expect(end).toEqual(at);
    this.calls.push(blocks);
    this.disk = { position: end, heights, coins };
  }
}

type Heights = Map<Txid, number>;
type Coins = Map<OutpointKey, Pick<Coin, "value" | "height">>;
interface Placed {
  readonly block: Block;
  readonly undo: BlockUndo;
  readonly height: number;
}

/** Each output that a block spends, with the coin that undo data has for it. */
function* spends({ block, undo }: Placed): Generator<[OutpointKey, Coin]> {
  const [, ...others] = block.transactions;
  expect(undo.length).toBe(others.length);
  for (const [i, { inputs }] of others.entries()) {
    for (const [j, { prevout }] of inputs.entries()) {
      yield [outpointKey(prevout), undo[i]?.[j] as Coin];
    }
  }
}

function outputs({ txid, outputs }: Transaction): [OutpointKey, bigint][] {
  return outputs.map(({ value }, vout) => [outpointKey({ txid, vout }), value]);
}

function connect(placed: Placed, heights: Heights, coins: Coins): void {
  const { block, height } = placed;
  for (const transaction of block.transactions) {
    heights.set(transaction.txid, height);
    for (const [key, value] of outputs(transaction)) coins.set(key, { value, height });
  }
  for (const [key, { value, height }] of spends(placed)) {
    expect(coins.get(key)).toEqual({ value, height });
    coins.delete(key);
  }
}

function disconnect(placed: Placed, heights: Heights, coins: Coins): void {
  for (const [key, { value, height }] of spends(placed)) {
    expect(coins.has(key)).toBe(false);
    coins.set(key, { value, height });
  }
  for (const transaction of placed.block.transactions) {
    heights.delete(transaction.txid);
    for (const [key] of outputs(transaction)) coins.delete(key);
  }
}

/** The same, made from all blocks of the best chain at once, without undo data. */
async function naiveIndex(chain: ChainManager): Promise<IndexDisk> {
  const heights: Heights = new Map();
  const coins: Coins = new Map();
  for (let height = 0; height <= chain.tip.height; height++) {
    const block = (await chain.getBlock(chain.tip.ancestor(height)?.hash as never)) as Block;
    for (const transaction of block.transactions) {
      heights.set(transaction.txid, height);
      for (const { prevout } of transaction.inputs) coins.delete(outpointKey(prevout));
      for (const [key, value] of outputs(transaction)) coins.set(key, { value, height });
    }
  }
  return { position: { hash: chain.tip.hash, height: chain.tip.height }, heights, coins };
}

/** Whether an index holds what the chain has, as soon as the chain has answered. */
export async function expectInStep(chain: ChainManager, index: TransactionIndex): Promise<void> {
  expect(index.disk).toEqual(await naiveIndex(chain));
  if (!index.mempool) return;
  const waiting = Array.from(chain.mempool.entries(), ({ transaction }) => transaction.txid);
  expect([...index.unconfirmed.keys()].sort()).toEqual(waiting.sort());
}
