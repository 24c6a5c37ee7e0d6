/** A chain that another implementation made, through real rules and a store: forwards, back, and forwards again. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Block,
  type CoinsView,
  connectBlock,
  decodeUndo,
  disconnectBlock,
  encodeUndo,
  type HeaderNode,
  HeaderTree,
  type Outpoint,
  outpointKey,
  outputsOf,
  prevoutsOf,
  regtest,
} from "@chain/core";
import { accepted } from "@chain/testing/blockFactory";
import { present, sharedChain } from "@chain/testing/sharedChains";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openLevelStore } from "../src/level/open.ts";
import { MemoryStore } from "../src/memory.ts";
import type { ChainStore } from "../src/store.ts";
import { recordOf } from "./support/chainSteps.ts";
import { loadIndex } from "./support/loadIndex.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "chain-storage-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Uses a store as a chain manager does, and does nothing else. */
class Chain {
  readonly store: ChainStore;
  readonly tree: HeaderTree = new HeaderTree(regtest.genesis.header);

  constructor(store: ChainStore) {
    this.store = store;
  }

  async #view(outpoints: readonly Outpoint[]): Promise<CoinsView> {
    const coins = await this.store.getCoins(outpoints);
    const found = new Map(outpoints.map((outpoint, i) => [outpointKey(outpoint), coins[i]]));
    return { get: (outpoint) => found.get(outpointKey(outpoint)) };
  }

  async begin(): Promise<void> {
    const { genesis } = regtest;
    await this.store.initialize(genesis.toBytes());
    const undo = encodeUndo([]);
    await this.store.commit({
      tip: genesis.hash,
      connected: [{ hash: genesis.hash, undo }],
      coins: { spent: [], created: [] },
      records: [recordOf(genesis, 0, "connected")],
      durable: true,
    });
  }

  async connect(block: Block): Promise<void> {
    const { tree, store } = this;
    const context = { parent: tree.tip, params: regtest };
    const view = await this.#view(prevoutsOf(block, context));
    const { changes, undo } = accepted(connectBlock(block, context, view));
    const node = tree.add(block.header);
    await store.writeBlock(block.toBytes(), recordOf(block, node.height, "body"));
    await store.commit({
      tip: node.hash,
      connected: [{ hash: node.hash, undo: encodeUndo(undo) }],
      coins: changes,
      records: [recordOf(block, node.height, "connected")],
      durable: false,
    });
    tree.setTip(node);
  }

  async disconnect(block: Block): Promise<void> {
    const parent = this.tree.tip.parent as HeaderNode;
    const context = { parent, params: regtest };
    const undo = decodeUndo((await this.store.readUndo(block.hash)) as Uint8Array);
    const view = await this.#view([...outputsOf(block), ...prevoutsOf(block, context)]);
    const coins = disconnectBlock(block, undo, context, view);
    await this.store.commit({
      tip: parent.hash,
      connected: [],
      coins,
      records: [],
      durable: false,
    });
    this.tree.setTip(parent);
  }
}

describe.skipIf(!present)(
  `chains of another implementation${present ? "" : " (skipped: ../shared/data is absent)"}`,
  () => {
    it("chain-p2pkh-small: the same coins in LevelDB and in memory", async () => {
      const { blocks, raw, facts } = sharedChain("chain-p2pkh-small");
      const hashes: string[] = [];
      for (const store of [new MemoryStore(), await openLevelStore(join(directory, "db"))]) {
        const chain = new Chain(store);
        await chain.begin();
        for (const block of blocks) await chain.connect(block);
        const { count, total, hash } = await store.coinStatistics();
        expect([count, total]).toEqual([facts.utxoCount, BigInt(facts.utxoSum)]);
        expect((await loadIndex(store)).tip).toBe(facts.tipHash);
        hashes.push(hash);

        const back = blocks.slice(-30);
        for (const block of back.toReversed()) await chain.disconnect(block);
        expect((await store.coinStatistics()).hash).not.toBe(hash);
        for (const block of back) await chain.connect(block);
        expect((await store.coinStatistics()).hash).toBe(hash);
        expect(await store.readBlock(blocks[7]!.hash)).toEqual(raw[7]!.slice());
        await store.close();
      }
      const again = await openLevelStore(join(directory, "db"));
      hashes.push((await again.coinStatistics()).hash);
      await again.close();
      expect(new Set(hashes).size).toBe(1);
    });
  },
);
