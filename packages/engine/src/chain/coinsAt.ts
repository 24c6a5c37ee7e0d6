/** The coins as they were after an earlier block of the best chain, found without a change of the chain. */
import {
  type Coin,
  compareBytes,
  type HeaderNode,
  idToBytes,
  isUnspendable,
  type LocatedCoin,
  type OutpointKey,
  outpointKey,
} from "@chain/core";
import { present } from "@chain/core/arguments";
import { type ChainStore, type CoinStatistics, coinStatisticsOf } from "@chain/storage";
import { EngineError } from "../errors.ts";
import type { BlockIndex } from "./blockIndex.ts";
import type { OperationQueue } from "./operationQueue.ts";
import type { ScriptRunner } from "./scriptRunner.ts";
import type { StoredBlocks } from "./storedBlocks.ts";
import { type ReadValues, withFirst } from "./withFirst.ts";

/** Coins that may differ between the tip and the block: they are held in memory, about 300 bytes each. */
const MAX_DIFFERENCES = 2_000_000;

/** All coins as they were after a block. */
export interface CoinsAt {
  readonly node: HeaderNode;
  /** Their number and their hash. Core: hash_serialized_3. */
  readonly statistics: CoinStatistics;
  /** The coins in the order of outpoints; to be read to the end, or left by `return`. */
  readonly coins: ReadValues<LocatedCoin>;
}

interface Options {
  readonly store: ChainStore;
  readonly index: BlockIndex;
  readonly blocks: StoredBlocks;
  readonly queue: OperationQueue;
  readonly scripts: Pick<ScriptRunner, "isTired" | "pause">;
}

/** The coins in which an earlier block differs from the tip, and whether they exist after that block. */
type Differences = Map<OutpointKey, { readonly located: LocatedCoin; readonly exists: boolean }>;

/**
 * Reads the coins as they were after a block: those of the tip, with what the blocks above it did taken back in memory
 * by their undo data. The chain goes on meanwhile. In place of Core's TemporaryRollback.
 * @throws EngineError `missing-data`: the block is not of the best chain, a block above it is not here, or too much lies
 *   between; StorageError
 */
export async function coinsAt(node: HeaderNode, options: Options): Promise<CoinsAt> {
  const { queue, index, store } = options;
  // Both of one moment: the store hands out the coins that it had when the first was read.
  const { tip, first, second } = await queue.run(async () => {
    const { tip } = index.tree;
    if (tip.ancestor(node.height) !== node) {
      throw new EngineError("missing-data", `block ${node.hash} is not of the best chain`);
    }
    return { tip, first: await pinned(store), second: await pinned(store) };
  });
  try {
    const differences = sorted(await differencesTo(node, tip, options));
    const statistics = await coinStatisticsOf(merged(first, differences));
    const coins = merged(second, differences);
    return { node, statistics, coins: withFirst(await coins.next(), coins) };
  } catch (error) {
    await first.return();
    await second.return();
    throw error;
  }
}

async function pinned(store: ChainStore): Promise<ReadValues<LocatedCoin>> {
  const coins = store.coins()[Symbol.asyncIterator]();
  return withFirst(await coins.next(), coins);
}

async function differencesTo(
  node: HeaderNode,
  tip: HeaderNode,
  { blocks, scripts }: Options,
): Promise<Differences> {
  const differences: Differences = new Map();
  const note = (located: LocatedCoin, exists: boolean) => {
    differences.set(outpointKey(located.outpoint), { located, exists });
  };
  for (let at = tip; at !== node; at = present(at.parent, "at.parent")) {
    const block = await blocks.block(at.hash);
    const undo = await blocks.undo(at.hash);
    if (block === undefined || undo === undefined) {
      throw new EngineError("missing-data", `block ${at.hash} or its undo data is not here`);
    }
    const { transactions } = block;
    for (let i = transactions.length - 1; i >= 0; i--) {
      const { txid, outputs, inputs, isCoinbase } = present(transactions[i], "transactions[i]");
      outputs.forEach((output, vout) => {
        if (isUnspendable(output.scriptPubKey)) return;
        const coin: Coin = { ...output, height: at.height, coinbase: isCoinbase };
        note({ outpoint: { txid, vout }, coin }, false);
      });
      if (i === 0) break;
      const spent = present(undo[i - 1], "undo[i - 1]");
      inputs.forEach(({ prevout }, n) => {
        note({ outpoint: prevout, coin: present(spent[n], "spent[n]") }, true);
      });
    }
    if (differences.size > MAX_DIFFERENCES) {
      const what = `more than ${MAX_DIFFERENCES} coins have changed since block ${node.hash}`;
      throw new EngineError("missing-data", what);
    }
    if (scripts.isTired()) await scripts.pause();
  }
  return differences;
}

interface Difference {
  readonly key: Uint8Array;
  readonly located: LocatedCoin;
  readonly exists: boolean;
}

function sorted(differences: Differences): readonly Difference[] {
  return Array.from(differences.values(), ({ located, exists }) => {
    return { key: keyOf(located), located, exists };
  }).sort((a, b) => compareBytes(a.key, b.key));
}

/** Its bytes have the order of the coins: by id as it is in memory, then by index. */
function keyOf({ outpoint: { txid, vout } }: LocatedCoin): Uint8Array {
  const key = new Uint8Array(36);
  key.set(idToBytes(txid));
  new DataView(key.buffer).setUint32(32, vout);
  return key;
}

async function* merged(
  coins: AsyncIterable<LocatedCoin>,
  differences: readonly Difference[],
): AsyncGenerator<LocatedCoin> {
  let at = 0;
  for await (const located of coins) {
    const key = differences.length > at ? keyOf(located) : undefined;
    let isReplaced = false;
    for (; key !== undefined && at < differences.length; at++) {
      const next = present(differences[at], "differences[at]");
      const order = compareBytes(next.key, key);
      if (order > 0) break;
      if (order === 0) isReplaced = true;
      if (next.exists) yield next.located;
    }
    if (!isReplaced) yield located;
  }
  for (const { exists, located } of differences.slice(at)) if (exists) yield located;
}
