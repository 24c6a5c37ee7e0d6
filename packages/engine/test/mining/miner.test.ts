import { BlockHeader, checkProofOfWork, MAX_FUTURE_BLOCK_TIME } from "@chain/core";
import { makeBlock, summary, testKey } from "@chain/testing/blockFactory";
import { virtualTime } from "@chain/testing/time";
import { afterEach, describe, expect, it } from "vitest";
import type { ChainManager } from "../../src/chain/manager.ts";
import type { NodeEventOf, NodeEventType } from "../../src/events.ts";
import { Miner, type MinerOptions } from "../../src/mining/miner.ts";
import { InProcessSearch } from "../../src/mining/search.ts";
import { blockTemplate } from "../../src/mining/template.ts";
import type { ProofOfWorkSearch, StopSignal, Timers } from "../../src/ports.ts";
import {
  COIN_VALUE,
  coinbaseOf,
  give,
  grow,
  mine,
  openNode,
  output,
  params,
  spend,
} from "../support/chains.ts";
import { collectingLog, realTimers, TestClock } from "../support/ports.ts";

const systemClock = { now: () => Date.now() };

const genesisCoin = coinbaseOf(params.genesis);

const running: Miner[] = [];

const searches: ManualSearch[] = [];
afterEach(async () => {
  const stopping = running.splice(0).map((miner) => miner.stop());
  for (const { asked } of searches.splice(0)) for (const { finish } of asked) finish(false);
  await Promise.all(stopping);
});

function makeMiner(chain: ChainManager, options: Partial<MinerOptions> = {}): Miner {
  const miner = new Miner({
    chain,
    search: new InProcessSearch(systemClock, realTimers),
    payTo: testKey(9).script,
    clock: systemClock,
    timers: realTimers,
    log: collectingLog().log,
    ...options,
  });
  running.push(miner);
  return miner;
}

it("two that pay one script and share their numbers make different blocks at once", async () => {
  const { chain } = await openNode();
  let made = 0;
  const options = { extraNonce: () => made++ };
  const miners = [makeMiner(chain, options), makeMiner(chain, options)];
  const blocks = await Promise.all(miners.map((miner) => miner.mineOne()));
  expect(new Set(blocks.map(({ hash }) => hash)).size).toBe(2);
  expect(chain.tip.height).toBe(2);
});

it("gives up after as many tries as it may make, and never makes more", async () => {
  const { chain } = await openNode();
  const tries: (number | undefined)[] = [];
  const search: ProofOfWorkSearch = {
    search: async (_, __, maxTries) => void tries.push(maxTries),
  };
  const mining = makeMiner(chain, { search }).mineOne({ aborted: false }, 7);
  await expect(mining).rejects.toMatchObject({ code: "exhausted" });
  expect(tries).toEqual([7]);
  const own = new InProcessSearch(systemClock, realTimers);
  const { header } = blockTemplate(chain, testKey(9).script).block;
  const found = await own.search(header, { aborted: false });
  const enough = (found?.nonce ?? 0) + 1;
  expect((await own.search(header, { aborted: false }, enough))?.hash).toBe(found?.hash);
  expect(await own.search(header, { aborted: false }, enough - 1)).toBeUndefined();
  expect(await own.search(header, { aborted: false }, 0)).toBeUndefined();
});

function next<Type extends NodeEventType>(
  chain: ChainManager,
  type: Type,
  holds: (event: NodeEventOf<Type>) => boolean = () => true,
): Promise<NodeEventOf<Type>> {
  return new Promise((resolve) => {
    const leave = chain.subscribe((event) => {
      if (event.type !== type || !holds(event as NodeEventOf<Type>)) return;
      leave();
      resolve(event as NodeEventOf<Type>);
    });
  });
}

/** A search that waits to be told, so that a test can act in the middle of it. */
class ManualSearch implements ProofOfWorkSearch {
  readonly asked: {
    readonly header: BlockHeader;
    readonly signal: StopSignal;
    finish(found: boolean): void;
  }[] = [];
  #waiting: (() => void)[] = [];

  search(header: BlockHeader, signal: StopSignal): Promise<BlockHeader | undefined> {
    return new Promise((resolve) => {
      const finish = (found: boolean) => resolve(found ? solve(header) : undefined);
      this.asked.push({ header, signal, finish });
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  async call(n: number) {
    while (this.asked.length <= n)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.asked[n]!;
  }
}

function manualSearch(): ManualSearch {
  const search = new ManualSearch();
  searches.push(search);
  return search;
}

function solve(header: BlockHeader): BlockHeader {
  for (let nonce = 0; ; nonce++) {
    const solved = new BlockHeader({ ...header, nonce });
    if (checkProofOfWork(solved.hash, solved.bits, params)) return solved;
  }
}

describe("a miner", () => {
  it("begins with two waiting transactions and goes on until none are left", async () => {
    const { chain, clock } = await openNode();
    const split = spend([genesisCoin], [1n, 2n, 3n]);
    await mine(chain, chain.tip, [split]);
    const search = manualSearch();
    makeMiner(chain, { search, clock }).start();
    await chain.acceptTransaction(spend([output(split, 0)], [1n]));
    expect(search.asked).toHaveLength(0);
    await chain.acceptTransaction(spend([output(split, 1)], [2n]));
    const first = await search.call(0);
    // A third comes: the search begins anew with it.
    await chain.acceptTransaction(spend([output(split, 2)], [3n]));
    expect(first.signal.aborted).toBe(true);
    first.finish(false);
    const second = await search.call(1);
    expect(second.signal.aborted).toBe(false);
    const connected = next(chain, "block-connected");
    second.finish(true);
    expect((await connected).block.transactions).toHaveLength(4);
    expect(chain.mempool.count).toBe(0);
    // One is not enough to begin with.
    await chain.acceptTransaction(spend([output(spend([output(split, 0)], [1n]))], [1n]));
    expect(search.asked).toHaveLength(2);
  });

  it("stops at once when the tip changes, and builds on the new one", async () => {
    const { chain } = await openNode();
    const search = manualSearch();
    makeMiner(chain, { search, mineWhen: 1 }).start();
    await chain.acceptTransaction(spend([genesisCoin], [COIN_VALUE]));
    const first = await search.call(0);
    const tip = await grow(chain, chain.tip, 1);
    expect(first.signal.aborted).toBe(true);
    // It may have found something all the same: then the block is a branch that lost.
    first.finish(true);
    const second = await search.call(1);
    expect(second.header.previousHash).toBe(tip.hash);
    second.finish(true);
    await next(chain, "tip-changed");
    expect(chain.mempool.count).toBe(0);
  });

  it("waits while blocks are on their way, and no longer when none comes", async () => {
    const time = virtualTime(0);
    const timers: Timers = {
      after: (wait, callback) => (wait === 0 ? realTimers : time).after(wait, callback),
    };
    const { chain } = await openNode({ timers });
    const source = (await openNode()).chain;
    const ahead = await grow(source, source.tip, 30);
    const headers = Array.from({ length: 30 }, (_, i) => ahead.ancestor(i + 1)?.header);
    await chain.acceptHeaders(headers as BlockHeader[]);
    const search = manualSearch();
    makeMiner(chain, { search, mineWhen: 1 }).start();
    await chain.acceptTransaction(spend([genesisCoin], [COIN_VALUE]));
    expect(search.asked).toHaveLength(0);
    await time.pass(120_000);
    const connected = next(chain, "block-connected");
    (await search.call(0)).finish(true);
    expect(await connected).toMatchObject({ height: 1 });
  });

  it("does not give all its time to templates under a stream of transactions", async () => {
    const clock = new TestClock(1_700_000_000);
    const { chain } = await openNode({ clock });
    const split = spend([genesisCoin], new Array<bigint>(10).fill(1n));
    await mine(chain, chain.tip, [split]);
    const search = manualSearch();
    // Each look at the clock costs 5 ms: so a template takes 5.
    const slow = { now: () => (clock.milliseconds += 5) };
    makeMiner(chain, { search, mineWhen: 1, clock: slow }).start();
    await chain.acceptTransaction(spend([output(split, 0)], [1n]));
    const { signal } = await search.call(0);
    expect(signal.aborted).toBe(false);
    await chain.acceptTransaction(spend([output(split, 1)], [1n]));
    let looks = 1;
    while (!signal.aborted) looks++;
    expect(looks).toBeGreaterThan(10);
  });

  it("mines a burst of 50 transactions in chains", async () => {
    const { chain } = await openNode();
    const split = spend([genesisCoin], [1n, 2n]);
    await mine(chain, chain.tip, [split]);
    makeMiner(chain).start();
    const done = next(chain, "tip-changed", () => chain.mempool.count === 0 && sent === 50);
    let sent = 0;
    const all = [];
    for (const vout of [0, 1]) {
      let coin = output(split, vout);
      for (let i = 0; i < 25; i++) {
        const transaction = spend([coin], [BigInt(vout + 1)]);
        coin = output(transaction);
        all.push(transaction);
      }
    }
    const verdicts = await Promise.all(
      all.map(async (transaction) => {
        const verdict = await chain.acceptTransaction(transaction);
        sent++;
        return summary(verdict);
      }),
    );
    expect(new Set(verdicts)).toEqual(new Set(["ok"]));
    // A single transaction may be left at the end, which waits for a second.
    if (chain.mempool.count > 0) await done;
    const mined = [];
    for (let height = 2; height <= chain.tip.height; height++) {
      const block = (await chain.getBlock(chain.headers.activeAt(height)!.hash))!;
      mined.push(...block.transactions.slice(1));
    }
    expect(new Set(mined.map(({ txid }) => txid))).toEqual(new Set(all.map(({ txid }) => txid)));
  });

  it("mines one on demand, empty or not, and can be stopped", async () => {
    const { chain } = await openNode();
    const miner = makeMiner(chain);
    const block = await miner.mineOne();
    expect(chain.tip.hash).toBe(block.hash);
    expect(block.transactions).toHaveLength(1);
    expect(block.transactions[0]?.outputs[0]?.scriptPubKey).toEqual(testKey(9).script);
    await expect(miner.mineOne({ aborted: true })).rejects.toMatchObject({ code: "stopped" });
  });

  it("takes another range of nonces when one is exhausted", async () => {
    const { chain } = await openNode();
    const search = manualSearch();
    const mined = makeMiner(chain, { search }).mineOne();
    const first = await search.call(0);
    first.finish(false);
    const second = await search.call(1);
    expect(second.header.merkleRoot).not.toBe(first.header.merkleRoot);
    second.finish(true);
    expect((await mined).header.merkleRoot).toBe(second.header.merkleRoot);
  });

  it("lets others have their turn while it searches in vain, and stops", async () => {
    const { chain } = await openNode();
    const search = new InProcessSearch(systemClock, realTimers);
    // Nobody finds a block of mainnet's difficulty here.
    const impossible: ProofOfWorkSearch = {
      search: (header, signal) =>
        search.search(new BlockHeader({ ...header, bits: 0x1d00ffff }), signal),
    };
    const miner = makeMiner(chain, { search: impossible, mineWhen: 0 });
    miner.start();
    for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setImmediate(resolve));
    await miner.stop();
    expect(chain.tip.height).toBe(0);
  });

  it("waits for a change where its own block is refused, instead of failing over and over", async () => {
    const { chain } = await openNode();
    const { log, lines } = collectingLog();
    let count = 0;
    const wrong: ProofOfWorkSearch = {
      async search(header) {
        count++;
        return new BlockHeader({ ...solve(header), time: 0 });
      },
    };
    const miner = makeMiner(chain, { search: wrong, mineWhen: 1, log });
    miner.start();
    const refused = next(chain, "block-refused");
    await chain.acceptTransaction(spend([genesisCoin], [1n]));
    await refused;
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(count).toBe(1);
    expect(lines.filter(({ level }) => level === "error")).toHaveLength(1);
  });
});

describe("a miner that waits for the time", () => {
  /** A block so far ahead of the clock that the next one would be too new. */
  async function aheadOfTheClock() {
    const opened = await openNode();
    const { chain, clock } = opened;
    const time = clock.milliseconds / 1000 + MAX_FUTURE_BLOCK_TIME;
    await give(chain, makeBlock({ parent: chain.tip, params, header: { time } }));
    return opened;
  }

  it("says why, and goes on when the clock has come far enough", async () => {
    const { chain, clock } = await aheadOfTheClock();
    const { log, lines } = collectingLog();
    const time = virtualTime(0);
    makeMiner(chain, { mineWhen: 0, log, timers: time }).start();
    await time.pass(5_000);
    expect(chain.tip.height).toBe(1);
    expect(lines.filter(({ level }) => level === "warn")).toEqual([
      {
        level: "warn",
        message: expect.stringMatching(/time-too-new.*two hours ahead of our clock/),
      },
    ]);
    clock.milliseconds += 1_000;
    const connected = next(chain, "block-connected");
    await time.pass(1_000);
    await connected;
    await time.pass(0);
    expect(lines.map(({ message }) => message)).toContain("mining goes on");
  });

  it("refuses one block on demand at once", async () => {
    const { chain } = await aheadOfTheClock();
    const mined = makeMiner(chain).mineOne();
    await expect(mined).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining("time-too-new"),
    });
  });

  it("tries again after any failure", async () => {
    const { chain } = await openNode();
    const time = virtualTime(0);
    const { log, lines } = collectingLog();
    let failing = true;
    const search: ProofOfWorkSearch = {
      async search(header) {
        if (failing) throw new TypeError("EMFILE: too many open files");
        return solve(header);
      },
    };
    makeMiner(chain, { search, mineWhen: 1, log, timers: time }).start();
    await chain.acceptTransaction(spend([genesisCoin], [1n]));
    await time.pass(100_000);
    expect(lines.filter(({ level }) => level === "error")).toHaveLength(1);
    failing = false;
    const connected = next(chain, "block-connected");
    await time.pass(30_000);
    await connected;
  });

  it("says that no block can have the time of a clock past 2106", async () => {
    const { chain, clock } = await openNode();
    clock.milliseconds = 2 ** 32 * 1000;
    await expect(makeMiner(chain).mineOne()).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining("2106-02-07"),
    });
  });
});

describe("two miners", () => {
  it("find blocks at once: most work wins, and the loser's transactions are mined after all", async () => {
    const [one, two] = [(await openNode()).chain, (await openNode()).chain];
    const split = spend([genesisCoin], [1n, 2n]);
    const shared = makeBlock({ parent: one.tip, params, transactions: [split] });
    await give(one, shared);
    await give(two, shared);
    const left = spend([output(split, 0)], [1n]);
    const right = spend([output(split, 1)], [2n]);
    await one.acceptTransaction(left);
    await two.acceptTransaction(right);
    const [a, b] = await Promise.all([makeMiner(one).mineOne(), makeMiner(two).mineOne()]);
    await give(one, b);
    await give(two, a);
    expect(one.tip.hash).toBe(a.hash);
    expect(two.tip.hash).toBe(b.hash);
    const c = await makeMiner(two).mineOne();
    await give(one, c);
    expect(one.tip.hash).toBe(c.hash);
    expect(one.mempool.get(left.txid)).toBeDefined();
    const d = await makeMiner(one).mineOne();
    expect(d.transactions.map(({ txid }) => txid)).toContain(left.txid);
    await give(two, d);
    expect((await one.coinStatistics()).hash).toBe((await two.coinStatistics()).hash);
  });
});
