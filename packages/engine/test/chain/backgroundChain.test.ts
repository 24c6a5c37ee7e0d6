/** A chain that begins with a snapshot, and checks the blocks below it later. */
import {
  type Block,
  type ChainParams,
  type HeaderNode,
  type LocatedCoin,
  regtest,
} from "@chain/core";
import {
  coinStatisticsOf,
  MemoryStore,
  SnapshotReader,
  StorageError,
  snapshotBytes,
} from "@chain/storage";
import { accepted, makeBlock, payment } from "@chain/testing/blockFactory";
import { snapshotChain } from "@chain/testing/snapshotChain";
import { describe, expect, test } from "vitest";
import type { ChainManager } from "../../src/chain/manager.ts";
import { params as easy, openNode, trustingVerifier } from "../support/chains.ts";
import { Crash, SessionStore } from "../support/sessionStore.ts";

const BASE = 8;
const TIP = 12;

/** The blocks of a chain, and its snapshot at a height. */
async function source(from: ChainParams = easy, length = TIP) {
  const { chain } = await openNode({ params: from });
  const blocks: Block[] = [];
  for (let height = 1; height <= length; height++) {
    const block = makeBlock({ parent: chain.tip, params: from, extra: height });
    accepted(await chain.acceptBlock(block));
    blocks.push(block);
  }
  return { chain, blocks };
}

const { chain: whole, blocks } = await source();
const base = whole.headers.activeAt(BASE) as HeaderNode;
const at = (height: number) => blocks[height - 1] as Block;

/** The snapshot of a height, as a file that says that it is of the base. */
async function snapshot(height = BASE, of: ChainManager = whole): Promise<Uint8Array[]> {
  const { statistics, coins } = await of.coinsAt(of.headers.activeAt(height) as HeaderNode);
  const count = BigInt(statistics.count);
  const header = { magic: of.params.magic, baseHash: base.hash, count };
  const pieces: Uint8Array[] = [];
  for await (const piece of snapshotBytes(header, coins)) pieces.push(piece);
  return pieces;
}

const { statistics } = await whole.coinsAt(base);
const assumed = {
  height: BASE,
  hash: base.hash,
  coinsHash: statistics.hash,
  transactionCount: BASE + 1,
};
const params: ChainParams = { ...easy, assumedUtxo: [assumed] };
const network = { magic: params.magic, nameOf: () => undefined };
const reader = async (pieces: Uint8Array[]) => SnapshotReader.open(pieces, network);
const file = await snapshot();

/** A node with all headers and the first blocks. */
async function begun(store: ConstructorParameters<typeof SessionStore>[0] | SessionStore, own = 3) {
  const node = await openNode({ params, store });
  await node.chain.acceptHeaders(blocks.map(({ header }) => header));
  for (let height = 1; height <= own; height++) accepted(await node.chain.acceptBlock(at(height)));
  return node;
}

/** Resolves once all blocks below the snapshot are checked. */
function checked(chain: ChainManager): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (chain.snapshot.progress !== undefined) return;
      unsubscribe();
      resolve();
    };
    const unsubscribe = chain.subscribe(look);
    look();
  });
}

const give = async (chain: ChainManager, heights: readonly number[]) => {
  for (const height of heights) {
    accepted(await chain.acceptBlock(at(height), { requested: true }));
  }
};

describe("a chain with a snapshot", () => {
  test("goes on with it at once, and checks the blocks below it as they come", async () => {
    const { chain } = await begun(new MemoryStore());
    expect(await chain.snapshot.load(await reader(file))).toBe(chain.headers.get(base.hash));
    expect(chain.tip.hash).toBe(base.hash);
    expect(chain.tip.chainTransactionCount).toBe(BASE + 1);
    expect((await chain.coinStatistics()).hash).toBe(statistics.hash);
    expect(await chain.getBlock(at(5).hash)).toBeUndefined();
    // The tip first, out of order.
    await give(chain, [10, 9, 11]);
    expect(chain.tip.hash).toBe(at(11).hash);
    expect(chain.snapshot.progress).toMatchObject({ base: { height: BASE }, tip: { height: 3 } });
    // The base before the blocks below it: nothing is counted twice.
    await give(chain, [8, 7, 6, 4, 5]);
    await checked(chain);
    expect(chain.tip.hash).toBe(at(11).hash);
    expect(chain.tip.chainTransactionCount).toBe(12);
    expect(await chain.getUndo(at(6).hash)).toBeDefined();
    expect(await chain.wasConnected(at(6).hash)).toBe(true);
    // Now the chain can go back below it.
    await chain.invalidateBlock(chain.headers.get(at(6).hash) as HeaderNode);
    expect(chain.tip.hash).toBe(at(5).hash);
  });

  test("waits with its followers for the blocks below, and hands them out in order", async () => {
    const { chain } = await begun(new MemoryStore());
    const heights: number[] = [];
    const following = await chain.follow({
      name: "index",
      position: async () => undefined,
      async apply(changes) {
        for (const change of changes) {
          if (change.type === "block-connected") heights.push(change.height);
        }
      },
    });
    await following.caughtUp;
    await chain.snapshot.load(await reader(file));
    await give(chain, [9, 4, 5]);
    expect(heights.every((height) => height < 6)).toBe(true);
    await give(chain, [6, 7, 8]);
    await checked(chain);
    await give(chain, [10]);
    while (following.position?.height !== 10) {
      await chain.run(async () => {});
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(heights).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test("goes back in the background from a branch that is not the snapshot's", async () => {
    const { chain } = await begun(new MemoryStore(), 2);
    for (const extra of [100, 101]) {
      accepted(await chain.acceptBlock(makeBlock({ parent: chain.tip, params, extra })));
    }
    await chain.snapshot.load(await reader(file));
    expect(chain.tip.hash).toBe(base.hash);
    await give(chain, [3, 4, 5, 6, 7, 8]);
    await checked(chain);
    await give(chain, [9]);
    expect(chain.tip.hash).toBe(at(9).hash);
  });

  test("asks peers again for a block of that branch that can't be read, and goes back then", async () => {
    const store = new MemoryStore();
    const { chain, events } = await begun(store, 2);
    const stale = makeBlock({ parent: chain.tip, params, extra: 100 });
    accepted(await chain.acceptBlock(stale));
    const read = store.readBlock.bind(store);
    store.readBlock = async (hash) => {
      if (hash === stale.hash) throw new StorageError("corrupt", "a bad sector");
      return read(hash);
    };
    await chain.snapshot.load(await reader(file));
    await give(chain, [3, 4, 5, 6, 7, 8]);
    await chain.run(async () => {});
    expect(chain.isUnreadable(stale.hash)).toBe(true);
    expect(chain.snapshot.progress?.tip.hash).toBe(stale.hash);
    store.readBlock = read;
    accepted(await chain.acceptBlock(stale, { requested: true }));
    await checked(chain);
    expect(events.filter(({ type }) => type === "chain-stopped")).toEqual([]);
  });

  test("can't go back below it meanwhile, nor to a branch from below it with more work", async () => {
    const { chain } = await begun(new MemoryStore());
    await chain.snapshot.load(await reader(file));
    const below = chain.headers.get(at(5).hash) as HeaderNode;
    await expect(chain.invalidateBlock(below)).rejects.toMatchObject({
      code: "pruned",
      message:
        "the chain can't go back to height 5, because the blocks below its snapshot are still to be checked",
    });
    let parent = chain.headers.get(at(3).hash) as HeaderNode;
    for (let extra = 200; extra < 208; extra++) {
      const block = makeBlock({ parent, params, extra });
      accepted(await chain.acceptBlock(block, { requested: true }));
      parent = chain.headers.get(block.hash) as HeaderNode;
    }
    expect(parent.chainWork > chain.tip.chainWork).toBe(true);
    expect(chain.tip.hash).toBe(base.hash);
    // It goes there as soon as it can, also if no block comes any more.
    await give(chain, [4, 5, 6, 7, 8]);
    await checked(chain);
    await chain.run(async () => {});
    expect(chain.tip).toBe(parent);
  });

  test("can declare a block invalid meanwhile that is below it on another branch", async () => {
    const { chain } = await begun(new MemoryStore());
    await chain.snapshot.load(await reader(file));
    const parent = chain.headers.get(at(3).hash) as HeaderNode;
    const stale = makeBlock({ parent, params, extra: 300 });
    const { node } = accepted(await chain.acceptBlock(stale, { requested: true }));
    await chain.invalidateBlock(node);
    expect(node.invalidReason).toBe("declared-invalid");
    expect(chain.tip.hash).toBe(base.hash);
  });

  /** A node with a snapshot of other coins, whose hash was believed. */
  async function misled(store: MemoryStore) {
    const wrong = await whole.coinsAt(whole.headers.activeAt(BASE - 1) as HeaderNode);
    await wrong.coins.return(undefined);
    const believed = { ...easy, assumedUtxo: [{ ...assumed, coinsHash: wrong.statistics.hash }] };
    const { chain, events } = await openNode({ params: believed, store: new SessionStore(store) });
    await chain.acceptHeaders(blocks.map(({ header }) => header));
    await chain.snapshot.load(await reader(await snapshot(BASE - 1)));
    const stopped = new Promise<string>((resolve) => {
      chain.subscribe((event) => event.type === "chain-stopped" && resolve(event.why));
    });
    return { believed, chain, events, stopped };
  }

  test("is thrown out where the blocks below lead to other coins, and the chain stops", async () => {
    const store = new MemoryStore();
    const { believed, chain, events, stopped } = await misled(store);
    await give(chain, [1, 2, 3, 4, 5, 6, 7, 8]);
    expect(await stopped).toMatch(/failed to validate the -assumeutxo snapshot state.*from 8 to 8/);
    expect(events.some(({ type }) => type === "chain-stopped")).toBe(true);
    await chain.close();
    // The next start has the coins of the blocks.
    const again = await openNode({ params: believed, store });
    expect(again.chain.snapshot.progress).toBeUndefined();
    expect((await again.chain.coinStatistics()).hash).toBe(statistics.hash);
    await give(again.chain, [9]);
    expect(again.chain.tip.hash).toBe(at(9).hash);
  });

  test("has the blocks above it checked again once it is thrown out, also stale ones", async () => {
    const store = new MemoryStore();
    const { chain, stopped } = await misled(store);
    await give(chain, [9]);
    const stale = makeBlock({ parent: chain.tip, params, extra: 400 });
    accepted(await chain.acceptBlock(stale));
    await chain.invalidateBlock(chain.tip);
    await give(chain, [10, 11]);
    await chain.reconsiderBlock(chain.headers.get(stale.hash) as HeaderNode);
    const status = async ({ hash }: Block) => (await store.readRecord(hash))?.status;
    expect(await status(at(9))).toBe("connected");
    await give(chain, [1, 2, 3, 4, 5, 6, 7, 8]);
    await stopped;
    await chain.close();
    expect(await status(at(8))).toBe("connected");
    for (const block of [at(9), stale, at(10), at(11)]) expect(await status(block)).toBe("body");
  });

  test("takes back that a block above it is invalid once it is thrown out, but not if declared", async () => {
    const store = new MemoryStore();
    const { believed, chain, stopped } = await misled(store);
    // It spends a coin that the snapshot of the block before does not have.
    const [made] = at(BASE).transactions;
    const [output] = made?.outputs ?? [];
    if (made === undefined || output === undefined) expect.unreachable();
    const coin = { ...output, height: BASE, coinbase: true };
    const spent = { outpoint: { txid: made.txid, vout: 0 }, coin };
    const transactions = [payment({ coins: [spent], outputs: [output] })];
    const spending = makeBlock({ parent: chain.tip, params, transactions });
    expect(await chain.acceptBlock(spending)).toMatchObject({
      reason: "bad-txns-inputs-missingorspent",
    });
    const [declared, child] = [at(9), at(10)];
    await give(chain, [9, 10]);
    await chain.invalidateBlock(chain.headers.get(declared.hash) as HeaderNode);
    const status = async ({ hash }: Block) => (await store.readRecord(hash))?.status;
    expect(await status(spending)).toBe("invalid");
    await give(chain, [1, 2, 3, 4, 5, 6, 7, 8]);
    await stopped;
    await chain.close();
    expect(await status(spending)).toBe("body");
    expect([await status(declared), await status(child)]).toEqual(["invalid", "invalid"]);
    const again = await openNode({ params: believed, store });
    expect(again.chain.tip.hash).toBe(spending.hash);
  });

  test("answers and goes on while it hashes all coins", async () => {
    const store = new MemoryStore();
    const { chain } = await begun(new SessionStore(store));
    await chain.snapshot.load(await reader(file));
    await chain.close();
    const below = await store.readBackground();
    if (below === undefined) expect.unreachable();
    let begins = () => {};
    let goOn = () => {};
    const asked = new Promise<void>((resolve) => {
      begins = resolve;
    });
    const allowed = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const { base: hash, getCoins, commit, end, coinStatistics } = below;
    store.readBackground = async () => ({
      ...{ base: hash, tip: below.tip, getCoins, commit, end },
      coinStatistics: async () => {
        begins();
        await allowed;
        return coinStatistics();
      },
    });
    const { chain: slow } = await openNode({ params, store });
    await give(slow, [4, 5, 6, 7, 8]);
    await asked;
    await give(slow, [9]);
    expect(slow.tip.hash).toBe(at(9).hash);
    expect(slow.snapshot.progress?.tip).toBe(slow.snapshot.progress?.base);
    goOn();
    await checked(slow);
  });

  test("stays where damage of our own may be why the blocks below lead to other coins", async () => {
    const store = new MemoryStore();
    const { chain, stopped } = await misled(store);
    store.verify = async () => {
      throw new StorageError("corrupt", "a coin is damaged");
    };
    await give(chain, [1, 2, 3, 4, 5, 6, 7, 8]);
    expect(await stopped).toBe("a coin is damaged");
    expect(await store.readBackground()).toMatchObject({ base: base.hash });
  });

  test("forgets it when the coins are made again", async () => {
    const { chain } = await begun(new MemoryStore());
    await chain.snapshot.load(await reader(file));
    await give(chain, [9, 10]);
    await chain.reindexUtxo();
    expect(chain.snapshot.progress).toBeUndefined();
    expect(chain.tip.hash).toBe(at(3).hash);
    await give(chain, [4, 5, 6, 7, 8]);
    expect(chain.tip.hash).toBe(at(10).hash);
    expect(chain.tip.chainTransactionCount).toBe(11);
  });

  test("is whole after a kill at any write", async () => {
    let writes = 0;
    for (let kill = 0; ; kill++) {
      const disk = new MemoryStore();
      await (await begun(new SessionStore(disk))).chain.run(async () => {});
      const session = new SessionStore(disk, kill);
      const isDone = await (async () => {
        try {
          const { chain } = await openNode({ params, store: session });
          await chain.snapshot.load(await reader(file));
          await give(chain, [9, 4, 5, 6, 7, 8]);
          await Promise.race([
            checked(chain),
            new Promise<void>((_, reject) => {
              chain.subscribe(({ type }) => type === "chain-stopped" && reject(new Crash("dead")));
            }),
          ]);
          return true;
        } catch {
          return false;
        }
      })();
      const { chain } = await openNode({ params, store: disk });
      if (chain.snapshot.progress === undefined && chain.tip.height < BASE) {
        await chain.snapshot.load(await reader(file));
      }
      await give(chain, [4, 5, 6, 7, 8, 9, 10]);
      await checked(chain);
      expect(chain.tip.hash).toBe(at(10).hash);
      const after = await whole.coinsAt(whole.headers.activeAt(10) as HeaderNode);
      await after.coins.return(undefined);
      expect((await chain.coinStatistics()).hash).toBe(after.statistics.hash);
      if (isDone) break;
      writes++;
    }
    // One to take it, one for each block that is stored or connected, one to end it.
    expect(writes).toBeGreaterThan(12);
  });
});

describe("a snapshot is refused", () => {
  const refusal = async (chain: ChainManager, pieces = file) => {
    const error = await chain.snapshot.load(await reader(pieces)).then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    return error?.message;
  };

  test("where it is not one that the network knows", async () => {
    const { chain } = await openNode();
    expect(await refusal(chain)).toBe(
      `assumeutxo block hash in snapshot metadata not recognized (hash: ${base.hash}). The following snapshot heights are available: `,
    );
  });

  test("before the headers have come, below an invalid block, and off the best headers", async () => {
    const { chain } = await openNode({ params });
    expect(await refusal(chain)).toBe(
      `The base block header (${base.hash}) must appear in the headers chain. Make sure all headers are syncing, and call loadtxoutset again`,
    );
    await chain.acceptHeaders(blocks.map(({ header }) => header));
    const node = chain.headers.get(at(7).hash) as HeaderNode;
    await chain.invalidateBlock(node);
    expect(await refusal(chain)).toBe(
      `The base block header (${base.hash}) is part of an invalid chain`,
    );
    await chain.reconsiderBlock(node);
    let parent = chain.headers.genesis;
    for (let extra = 300; extra < 300 + TIP + 1; extra++) {
      const block = makeBlock({ parent, params, extra });
      await chain.acceptHeaders([block.header]);
      parent = chain.headers.get(block.hash) as HeaderNode;
    }
    expect(await refusal(chain)).toMatch(/^A forked headers-chain with more work/);
  });

  test("where the chain has as much work, and where it is in use already", async () => {
    const { chain } = await begun(new MemoryStore(), BASE);
    const less = "Population failed: Work does not exceed active chainstate";
    expect(await refusal(chain)).toBe(less);
    const { chain: other } = await begun(new MemoryStore());
    await other.snapshot.load(await reader(file));
    expect(await refusal(other)).toBe("Can't activate a snapshot-based chainstate more than once");
  });

  test("while another one is loaded", async () => {
    const higher = whole.headers.activeAt(BASE + 1) as HeaderNode;
    const { statistics: more, coins } = await whole.coinsAt(higher);
    const pieces: Uint8Array[] = [];
    const header = { magic: params.magic, baseHash: higher.hash, count: BigInt(more.count) };
    for await (const piece of snapshotBytes(header, coins)) pieces.push(piece);
    const second = { height: BASE + 1, hash: higher.hash, coinsHash: more.hash };
    const both = [assumed, { ...second, transactionCount: BASE + 2 }];
    const { chain } = await openNode({ params: { ...easy, assumedUtxo: both } });
    await chain.acceptHeaders(blocks.map((block) => block.header));
    const load = chain.snapshot.load(await reader(file));
    expect(await refusal(chain, pieces)).toBe("there is a snapshot already");
    await load;
    expect(chain.snapshot.progress?.base.hash).toBe(base.hash);
  });

  test("where old blocks are deleted automatically, but not where they are deleted on demand", async () => {
    const headers = blocks.map(({ header }) => header);
    const { chain } = await openNode({ params, prune: { target: 1 << 20 } });
    await chain.acceptHeaders(headers);
    expect(await refusal(chain)).toBe(
      "Can't activate a snapshot while old blocks are deleted automatically: they would fill the disk until those below the snapshot are checked",
    );
    const store = new MemoryStore();
    const { chain: other } = await openNode({ params, prune: {}, store });
    await other.acceptHeaders(headers);
    expect(await refusal(other)).toBeUndefined();
    // One that prunes itself from now on says that it waits.
    const { lines } = await openNode({ params, prune: { target: 1 << 20 }, store });
    expect(lines).toContainEqual(
      expect.objectContaining({
        level: "warn",
        message:
          "no block is deleted before those below the snapshot are checked, so that blocks may take more than their target",
      }),
    );
  });

  test("where its coins are others", async () => {
    const { chain } = await begun(new MemoryStore());
    const other = await whole.coinsAt(whole.headers.activeAt(7) as HeaderNode);
    await other.coins.return(undefined);
    const hashes = `expected ${statistics.hash}, got ${other.statistics.hash}`;
    expect(await refusal(chain, await snapshot(7))).toBe(
      `Population failed: Bad snapshot content hash: ${hashes}`,
    );
    expect(chain.tip.height).toBe(3);
    expect(chain.snapshot.progress).toBeUndefined();
    await chain.snapshot.load(await reader(file));
    expect(chain.tip.height).toBe(BASE);
  });
});

test("the chain of Core's tests has the coins that the parameters of regtest say, but for their heights", async () => {
  const { chain } = await openNode({ params: regtest, verifier: trustingVerifier });
  for (const block of snapshotChain()) accepted(await chain.acceptBlock(block));
  const known = regtest.assumedUtxo?.find(({ hash }) => hash === chain.tip.hash);
  const { coins } = await chain.coins();
  const lower: LocatedCoin[] = [];
  // Core: test/fuzz/utxo_snapshot.cpp counts from 0.
  for await (const { outpoint, coin } of coins) {
    lower.push({ outpoint, coin: { ...coin, height: coin.height - 1 } });
  }
  expect(known).toEqual({
    height: 200,
    hash: chain.tip.hash,
    coinsHash: (await coinStatisticsOf(lower)).hash,
    transactionCount: chain.tip.chainTransactionCount,
  });
});
