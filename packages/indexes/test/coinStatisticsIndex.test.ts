import {
  Block,
  BlockHeader,
  blockSubsidy,
  type HeaderNode,
  MuHash,
  mainnet,
  regtest,
  reversedHex,
} from "@chain/core";
import { MemoryKeyValueStore } from "@chain/storage";
import { describe, expect, it, test } from "vitest";
import type { IndexRecords } from "../src/chainIndex.ts";
import { CoinStatisticsIndex } from "../src/coinStatisticsIndex.ts";
import { followChain } from "../src/followChain.ts";
import { openChain, spending, type TestChain } from "./support/chain.ts";
import { overHistories } from "./support/history.ts";

/** Compares with the coins themselves, and adds up the values of the block. */
async function expectExact({ chain }: TestChain, index: CoinStatisticsIndex): Promise<void> {
  const scanned = await chain.coinStatistics("muhash");
  const found = (await index.statistics(chain.tip.hash)) ?? expect.unreachable();
  expect({ ...found, block: undefined, totalUnspendable: undefined }).toEqual({
    muHash: scanned.hash,
    count: scanned.count,
    bogoSize: scanned.bogoSize,
    total: scanned.total,
  });
  const { spent, coinbase, others, unspendable } = found.block;
  const { genesis, replaced, scripts, unclaimed } = unspendable;
  const made = coinbase + others + genesis + replaced + scripts + unclaimed;
  expect(made).toBe(spent + blockSubsidy(chain.tip.height, chain.params));
  let subsidies = 0n;
  for (let node: HeaderNode | undefined = chain.tip; node; node = node.parent) {
    subsidies += blockSubsidy(node.height, chain.params);
  }
  expect(found.total + found.totalUnspendable).toBe(subsidies);
}

/** Records that a test looks into. */
function recordsOf(store: MemoryKeyValueStore): IndexRecords {
  return {
    get: (key) => store.get(key),
    getMany: (keys) => store.getMany(keys),
    put: (key, value) => void store.write([{ key, value }]),
    delete: (key) => void store.write([{ key, value: undefined }]),
  };
}

describe("the index of coin statistics", () => {
  it("agrees with the coins after every step, whatever it had when it began", async () => {
    await overHistories(
      (records, { chain }) => new CoinStatisticsIndex(records, chain),
      (own, index) => expectExact(own, index),
    );
  });

  test("answers for each block of the chain, and for those that it has left", async () => {
    const own = await openChain();
    const { chain, log } = own;
    const records = new MemoryKeyValueStore();
    const { index } = await followChain(new CoinStatisticsIndex(records, chain), {
      chain,
      records,
      log,
    });
    const seen = new Map<Block, unknown>();
    const [first] = await own.grow(1);
    const at = async (block: Block) => index.statistics(block.hash);
    const note = async (block: Block) => seen.set(block, await at(block));
    await note(first as Block);
    const base = chain.tip;
    const { block: left } = await own.add([spending(first as Block, 1)]);
    await note(left);
    const { node } = await own.add([], base, 1);
    await own.add([], node);
    expect(chain.headers.isActive(chain.headers.get(left.hash) as HeaderNode)).toBe(false);
    for (const [block, statistics] of seen) expect(await at(block)).toEqual(statistics);
    expect(seen.get(left)).toMatchObject({ block: { spent: 10_0000_0000n, others: 1n } });
  });

  test("counts neither a genesis block whose coins can't be spent nor a coinbase that was replaced", async () => {
    const { genesis } = regtest;
    const store = new MemoryKeyValueStore();
    const index = new CoinStatisticsIndex(store, { params: mainnet });
    const records = recordsOf(store);
    await index.connect({ block: genesis, undo: [], hash: genesis.hash, height: 0 }, records);
    const subsidy = 50_0000_0000n;
    expect(await index.statistics(genesis.hash)).toMatchObject({
      count: 0,
      muHash: reversedHex(new MuHash().digest()),
      total: 0n,
      totalUnspendable: subsidy,
      block: { unspendable: { genesis: subsidy, unclaimed: 0n } },
    });
    const hash = "00000000000271a2dc26e7667f8419f2e15416dc6955e5a6c6cdf3f2574dd08e" as never;
    const { header, transactions } = genesis;
    const next = new BlockHeader({ ...header, previousHash: genesis.hash });
    const block = new Block(next, transactions);
    const replaced = { block, undo: [], hash, height: 91_722 };
    await index.connect(replaced, records);
    expect(await index.statistics(hash)).toMatchObject({
      count: 0,
      total: 0n,
      totalUnspendable: 2n * subsidy,
      block: { coinbase: 0n, unspendable: { replaced: subsidy, unclaimed: 0n } },
    });
  });

  test("says what is damaged, and does not go on", async () => {
    const own = await openChain();
    const { chain, log } = own;
    await own.grow(2);
    const start = async (spoil: (store: MemoryKeyValueStore) => Promise<void>) => {
      const records = new MemoryKeyValueStore();
      const running = await followChain(new CoinStatisticsIndex(records, chain), {
        chain,
        records,
        log,
      });
      await running.caughtUp;
      await spoil(records);
      await own.grow(1);
      return running.error;
    };
    const state = Uint8Array.of(0x6d, 0x6d);
    expect(await start((store) => store.write([{ key: state, value: undefined }]))).toMatchObject({
      code: "damaged",
      message: "the hash of all coins is missing",
    });
  });
});
