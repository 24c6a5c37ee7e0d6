import type { Block, HeaderNode } from "@chain/core";
import { MemoryStore } from "@chain/storage";
import { makeBlock } from "@chain/testing/blockFactory";
import { describe, expect, it } from "vitest";
import {
  COIN_VALUE,
  coinbaseOf,
  coinsHash,
  give,
  grow,
  mine,
  openNode,
  params,
  spend,
} from "../support/chains.ts";
import { SessionStore } from "../support/sessionStore.ts";

const genesisCoin = coinbaseOf(params.genesis);

describe("growing", () => {
  it("connects block by block and spends the genesis coinbase in the next", async () => {
    const { chain, events } = await openNode();
    const node = await mine(chain, chain.tip, [spend([genesisCoin], [COIN_VALUE])]);
    expect(chain.tip).toBe(node);
    const { count, total, tip } = await chain.coinStatistics();
    expect({ count, total, tip }).toEqual({ count: 2, total: 2n * COIN_VALUE, tip: node });
    expect(events.map(({ type }) => type)).toEqual(["block-connected", "tip-changed"]);
    expect(events[1]).toMatchObject({ hash: node.hash, height: 1, forkHeight: 0 });
  });

  it("takes bytes, keeps exactly those, and says what it knew before", async () => {
    const { chain } = await openNode();
    const block = makeBlock({ parent: chain.tip, params });
    const raw = block.toBytes();
    expect(await chain.acceptBlock(raw)).toMatchObject({ ok: true, fresh: true, connected: true });
    expect(await chain.acceptBlock(raw)).toMatchObject({ ok: true, fresh: false, connected: true });
    expect(await chain.getRawBlock(block.hash)).toEqual(raw);
    expect((await chain.getBlock(params.genesis.hash))?.toBytes()).toEqual(
      params.genesis.toBytes(),
    );
  });

  it("connects blocks that came before their parents' bodies once those are there", async () => {
    const { chain } = await openNode();
    const source = (await openNode()).chain;
    const tip = await grow(source, source.tip, 5);
    const path = [1, 2, 3, 4, 5].map((height) => tip.ancestor(height) as HeaderNode);
    await chain.acceptHeaders(path.map(({ header }) => header));
    expect(chain.bestHeader.hash).toBe(tip.hash);
    expect(chain.tip.height).toBe(0);
    for (const node of path.toReversed()) {
      await give(chain, (await source.getBlock(node.hash)) as Block);
    }
    expect(chain.tip.hash).toBe(tip.hash);
    expect(await coinsHash(chain)).toBe(await coinsHash(source));
  });

  it("finds coins by outpoint and by script", async () => {
    const { chain } = await openNode();
    const [coin] = await chain.getCoins([genesisCoin]);
    expect(coin).toMatchObject({ value: COIN_VALUE, height: 0, coinbase: true });
    const found = [];
    for await (const { outpoint } of chain.unspentByScript(coin?.scriptPubKey as Uint8Array)) {
      found.push(outpoint);
    }
    expect(found).toEqual([genesisCoin]);
  });
});

describe("opening", () => {
  it("makes the coins anew from the blocks", async () => {
    const disk = new MemoryStore();
    const { chain, events } = await openNode({ store: new SessionStore(disk) });
    await grow(chain, await mine(chain, chain.tip, [spend([genesisCoin], [1n, 2n])]), 3);
    await grow(chain, chain.headers.genesis, 2, 4);
    const before = await chain.coinStatistics();
    events.length = 0;
    const seen: string[] = [];
    await chain.reindexUtxo((height, goal) => seen.push(`${height}/${goal}`));
    expect(seen).toEqual(["1/4", "2/4", "3/4", "4/4"]);
    expect(await chain.coinStatistics()).toEqual(before);
    expect(events).toEqual([]);
  });
});
