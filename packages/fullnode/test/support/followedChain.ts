/**
 * A chain on disk with an index that follows it. As a program it goes on until it is killed, with blocks and
 * reorganisations, and prints a line when the index is about to write one: `followedChain.ts DIRECTORY SEED`.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BlockHash, type HeaderNode, nobleVerifier, regtest } from "@chain/core";
import { ChainManager } from "@chain/engine";
import { openLevelStore } from "@chain/storage/level";
import { makeBlock } from "@chain/testing/blockFactory";
import { Rng } from "@chain/testing/random";
import { systemTimers } from "../../src/ports/system.ts";
import { HeightIndex } from "./heightIndex.ts";

/** After all blocks that the factory makes. */
const clock = { now: () => 1_900_000_000_000 };

export async function openFollowed(
  directory: string,
  onApply?: () => Promise<void>,
): Promise<{ readonly chain: ChainManager; readonly index: HeightIndex }> {
  const store = await openLevelStore(join(directory, "chain"));
  const ports = { clock, timers: systemTimers, log: () => {} };
  const chain = await ChainManager.open({
    ...{ params: regtest, store, verifier: nobleVerifier },
    ...ports,
  });
  return { chain, index: new HeightIndex(join(directory, "index"), onApply) };
}

/** The height of each transaction from a block down. */
export async function heightsUpTo(
  chain: ChainManager,
  hash: BlockHash,
): Promise<Map<string, number>> {
  const heights = new Map<string, number>();
  let node: HeaderNode | undefined = chain.headers.get(hash);
  for (; node !== undefined; node = node.parent) {
    const block = await chain.getBlock(node.hash);
    for (const { txid } of block?.transactions ?? []) heights.set(txid, node.height);
  }
  return heights;
}

async function goOn(directory: string, seed: number): Promise<never> {
  const say = () =>
    new Promise<void>((resolve) => process.stdout.write("applies\n", () => resolve()));
  const { chain, index } = await openFollowed(directory, say);
  await chain.follow(index);
  const rng = new Rng(seed);
  for (let extra = seed * 1_000_000; ; extra++) {
    // A third of them are branches that become the best chain.
    const depth = chain.tip.height > 5 && rng.below(3) === 0 ? 1 + rng.below(4) : 0;
    let parent = chain.tip.ancestor(chain.tip.height - depth) as HeaderNode;
    for (let i = 0; i <= depth; i++) {
      const verdict = await chain.acceptBlock(makeBlock({ parent, params: regtest, extra }), {
        requested: true,
      });
      if (!verdict.ok) throw new TypeError(verdict.reason);
      parent = verdict.node;
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , directory = "", seed] = process.argv;
  await goOn(directory, Number(seed));
}
