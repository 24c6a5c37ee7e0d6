import type { Block } from "@chain/core";
import { MemoryStore } from "@chain/storage";
import { makeBlock } from "@chain/testing/blockFactory";
import { describe, expect, it } from "vitest";
import type { ChainManager } from "../../src/chain/manager.ts";
import {
  coinbaseOf,
  coinsHash,
  give,
  grow,
  mine,
  openNode,
  params,
  spend,
} from "../support/chains.ts";
import { Crash, SessionStore } from "../support/sessionStore.ts";

const payment = spend([coinbaseOf(params.genesis)], [7n]);

/** Four blocks, the second of which holds a payment; and two others beside them. */
async function setUp(store = new MemoryStore()) {
  const opened = await openNode({ store: new SessionStore(store) });
  const { chain } = opened;
  const first = await grow(chain, chain.tip, 1);
  const second = await mine(chain, first, [payment]);
  const long = await grow(chain, second, 2);
  const short = await grow(chain, chain.headers.genesis, 2, 9);
  expect(chain.tip).toBe(long);
  opened.events.length = 0;
  return { ...opened, store, first, second, long, short };
}

async function reopened(store: MemoryStore): Promise<ChainManager> {
  return (await openNode({ store: new SessionStore(store) })).chain;
}

describe("a block that is declared invalid", () => {
  it("takes the chain back below it, and what it held waits again", async () => {
    const { chain, events, first, second, long, short, store } = await setUp();
    const plain = (await openNode()).chain;
    await give(plain, (await chain.getBlock(first.hash)) as Block);
    await chain.invalidateBlock(short); // of more work than what is left: else it would be the tip
    await chain.invalidateBlock(second);
    expect(chain.tip).toBe(first);
    expect(chain.bestHeader).toBe(first);
    expect(await coinsHash(chain)).toBe(await coinsHash(plain));
    expect([...chain.mempool.entries()].map(({ transaction }) => transaction.txid)).toEqual([
      payment.txid,
    ]);
    expect(events.map(({ type }) => type)).toEqual([
      "block-disconnected",
      "block-disconnected",
      "block-disconnected",
      "transaction-added",
      "tip-changed",
    ]);
    expect(events.at(-1)).toMatchObject({ hash: first.hash, height: 1, forkHeight: 1 });
    expect([second.invalidReason, long.invalidReason]).toEqual(["declared-invalid", "bad-prevblk"]);

    const child = makeBlock({ parent: long, params });
    expect(await chain.acceptBlock(child)).toMatchObject({ ok: false, reason: "bad-prevblk" });
    expect(await chain.acceptHeaders([second.header])).toMatchObject({
      ok: false,
      reason: "duplicate-invalid",
    });
    const again = await reopened(store);
    expect(again.tip.hash).toBe(first.hash);
    expect(again.headers.get(long.hash)?.invalidReason).toBe("bad-prevblk");
    const next = await grow(again, again.tip, 1, 5);
    expect(again.tip).toBe(next);
  });

  it("gives way to another branch, though that has less work", async () => {
    const { chain, second, short } = await setUp();
    await chain.invalidateBlock(second);
    expect(chain.tip).toBe(short);
    await chain.invalidateBlock(short);
    expect(chain.tip.height).toBe(1);
  });

  it("changes nothing for the chain where it is not in it; the genesis block stays", async () => {
    const { chain, long, short, events } = await setUp();
    for (const node of [short, short, chain.headers.genesis]) await chain.invalidateBlock(node);
    expect(chain.tip).toBe(long);
    expect(events).toEqual([]);
  });

  it("stays so where the process dies before the chain has moved", async () => {
    const disk = new MemoryStore();
    const { second, short } = await setUp(disk);
    const { chain } = await openNode({ store: new SessionStore(disk, 1) });
    const node = chain.headers.get(second.hash) ?? expect.unreachable();
    await expect(chain.invalidateBlock(node)).rejects.toThrow(Crash);
    expect((await reopened(disk)).tip.hash).toBe(short.hash);
  });
});

describe("a block that is good again", () => {
  it("is the tip again, if it has most work, with all that stood on it", async () => {
    const { chain, second, long, store } = await setUp();
    const before = await coinsHash(chain);
    await chain.invalidateBlock(second);
    await chain.reconsiderBlock(long);
    expect(chain.tip).toBe(long);
    expect(chain.bestHeader).toBe(long);
    expect(await coinsHash(chain)).toBe(before);
    expect(chain.mempool.count).toBe(0);
    const again = await reopened(store);
    expect(again.tip.hash).toBe(long.hash);
    expect(again.headers.get(second.hash)?.invalidReason).toBeUndefined();
  });

  it("is checked like any other", async () => {
    const { chain, long } = await setUp();
    const bad = makeBlock({ parent: long, params, reward: 11n * 10n ** 9n });
    expect(await chain.acceptBlock(bad)).toMatchObject({ ok: false, reason: "bad-cb-amount" });
    const node = chain.headers.get(bad.hash) ?? expect.unreachable();
    await chain.reconsiderBlock(node);
    expect(chain.tip).toBe(long);
    expect(node.invalidReason).toBe("bad-cb-amount");
  });
});

describe("a block that is preferred", () => {
  it("is the tip where it has as much work, also after a restart", async () => {
    const { chain, first, second, long, short, store, events } = await setUp();
    const rival = await grow(chain, short, 2, 9);
    expect([chain.tip, rival.height]).toEqual([long, long.height]);
    await chain.preferBlock(rival);
    expect(chain.tip).toBe(rival);
    expect(chain.mempool.count).toBe(1);
    expect((await reopened(store)).tip.hash).toBe(rival.hash);
    await chain.preferBlock(long);
    expect(chain.tip).toBe(long);
    events.length = 0;
    for (const node of [long, second, first, short, chain.headers.genesis]) {
      await chain.preferBlock(node);
    }
    await chain.invalidateBlock(rival);
    await chain.preferBlock(rival);
    expect(events).toEqual([]);
    // More work is more work.
    await chain.reconsiderBlock(rival);
    const more = await grow(chain, rival, 1);
    expect(chain.tip).toBe(more);
  });

  it("needs a body", async () => {
    const { chain, long } = await setUp();
    const source = (await openNode()).chain;
    const rival = await grow(source, source.tip, 4, 3);
    const headers = [1, 2, 3, 4].map((height) => rival.ancestor(height)?.header);
    await chain.acceptHeaders(headers.filter((header) => header !== undefined));
    await chain.preferBlock(chain.headers.get(rival.hash) ?? expect.unreachable());
    expect(chain.tip).toBe(long);
  });
});
