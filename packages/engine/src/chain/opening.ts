/** How a chain begins, and how it goes on with what a store holds. */
import { Block, type ChainParams, type HeaderNode } from "@chain/core";
import type { ChainStore } from "@chain/storage";
import { EngineError, pruned } from "../errors.ts";
import type { BlockIndex } from "./blockIndex.ts";
import { connectGenesis } from "./genesis.ts";
import type { ChainParts } from "./parts.ts";

interface Opening {
  readonly params: ChainParams;
  readonly store: ChainStore;
  readonly index: BlockIndex;
}

/**
 * Reads the block index of a store, or makes a new store that of this chain.
 * @returns the last connected block; `undefined` where there is none
 * @throws EngineError `wrong-chain`, `bad-genesis`, `missing-data`; StorageError
 */
export async function readIndex({
  params,
  store,
  index,
}: Opening): Promise<HeaderNode | undefined> {
  const { genesis } = params;
  const stored = await store.readGenesis();
  if (stored === undefined) {
    connectGenesis(params); // nothing is written of a chain that can't begin
    await store.initialize(genesis.toBytes());
  } else {
    const { hash } = Block.fromBytes(stored);
    if (hash !== genesis.hash) {
      throw new EngineError("wrong-chain", `the database holds the chain of genesis ${hash}`);
    }
  }
  return index.restore(store);
}

/** Connects the genesis block, where no block is connected. */
export async function beginChain({ params, store, index }: Opening): Promise<void> {
  const { hash } = params.genesis;
  const { coins, undo } = connectGenesis(params);
  const records = [index.record(index.tree.genesis, "connected")];
  const connected = [{ hash, undo }];
  await store.commit({ tip: hash, connected, coins, records, durable: true });
}

/** Makes coins and index by script again from the stored blocks. @throws EngineError `pruned` where blocks are missing */
export async function reindexCoins(
  parts: Opening & Pick<ChainParts, "best" | "followers" | "unreadable" | "queue" | "background">,
  onProgress: (height: number, goal: number) => void,
): Promise<void> {
  const { index, best, followers, unreadable, queue } = parts;
  const { tree } = index;
  const refusal = await queue.write(async () => {
    const goal = tree.tip;
    if (index.prunedHeight !== undefined) return pruned("the coins can't be made again");
    await forgetCoins(parts);
    await best.activate({}, async () => onProgress(tree.tip.height, goal.height));
    followers.reset(tree.tip);
    const { error } = unreadable;
    if (error !== undefined && tree.tip !== goal && !queue.closed) throw error;
    return undefined;
  });
  if (refusal !== undefined) throw refusal;
}

/** Why the chain can't go back below a block, if it can't. */
export function goingBackRefused(
  node: HeaderNode,
  { index, background }: Pick<ChainParts, "index" | "background">,
): EngineError | undefined {
  const what = `the chain can't go back to height ${node.height}`;
  if (index.mayBePruned(node)) return pruned(what);
  const isBelow = node.parent !== undefined && background.isBelow(node.parent);
  if (!index.tree.isActive(node) || !isBelow) return undefined;
  return pruned(what, "the blocks below its snapshot are still to be checked");
}

/** Forgets the coins, and goes back to the genesis block: what is stored is then connected again. */
async function forgetCoins(opening: Opening & Pick<ChainParts, "background">): Promise<void> {
  const { store, index, background } = opening;
  for (let node: HeaderNode | undefined = index.tree.tip; node !== undefined; node = node.parent) {
    if (!background.isUnchecked(node)) index.noteDisconnected(node);
  }
  await store.resetChainState();
  index.tree.setTip(index.tree.genesis);
  background.forget();
  await beginChain(opening);
}
