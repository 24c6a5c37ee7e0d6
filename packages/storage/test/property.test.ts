/** LevelDB, memory and a naive model take the same random steps, and must always say the same. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Block,
  type CoinChanges,
  CoinsOverlay,
  compareBytes,
  type LocatedCoin,
  type Outpoint,
  outpointKey,
  reversedHex,
  sha256d,
  Writer,
  writeOutpoint,
  writeOutput,
} from "@chain/core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { outpointToKey } from "../src/keys.ts";
import { type LevelStoreOptions, openLevelStore } from "../src/level/open.ts";
import { MemoryStore } from "../src/memory.ts";
import type { ChainStore, ChainUpdate } from "../src/store.ts";
import { all, begin, coinFor, fakeBlock, GENESIS, recordOf, script } from "./support/chainSteps.ts";
import { loadIndex } from "./support/loadIndex.ts";

/** A connected block, and what it takes to go back. */
interface Step {
  readonly block: Block;
  readonly undo: Uint8Array;
  readonly spent: readonly LocatedCoin[];
  readonly created: readonly LocatedCoin[];
}

/** The coins as a plain list, the chain as a stack. */
class Model {
  coins: LocatedCoin[] = [];
  chain: Step[] = [];
  salt = 0;

  get tip(): Block {
    return this.chain.at(-1)?.block ?? GENESIS;
  }

  get(outpoint: Outpoint) {
    const key = outpointKey(outpoint);
    return this.coins.find((each) => outpointKey(each.outpoint) === key)?.coin;
  }

  /** Hash of all coins, with nothing of the store in it. */
  hash(): string {
    const parts = this.coins.map(({ outpoint, coin }) => {
      const writer = new Writer();
      writeOutpoint(writer, outpoint);
      writer.u32(coin.height * 2 + (coin.coinbase ? 1 : 0));
      writeOutput(writer, coin);
      return { key: outpointToKey(outpoint), bytes: writer.finish() };
    });
    const all = new Writer();
    for (const { bytes } of parts.sort((a, b) => compareBytes(a.key, b.key))) all.bytes(bytes);
    return reversedHex(sha256d(all.finish()));
  }
}

interface Real {
  readonly path: string;
  /** Some hold changes of a few steps back. */
  readonly options: LevelStoreOptions;
  readonly memory: MemoryStore;
  /** One without an index by script. */
  readonly scanned: MemoryStore;
  level: ChainStore;
}

type Numbers = readonly number[];

/** The choices of a block: numbers that choose among the coins to spend, and ids of those to make. */
function step(
  view: readonly LocatedCoin[],
  parent: Step | undefined,
  salt: number,
  spend: Numbers,
  make: Numbers,
): Step {
  const height = (parent?.block.header.time ?? 0) + 1;
  const block = fakeBlock(height, (parent?.block ?? GENESIS).hash, salt);
  const left = [...view];
  const spent = spend.flatMap((n) => (left.length === 0 ? [] : left.splice(n % left.length, 1)));
  const taken = new Set(left.map(({ outpoint }) => outpointKey(outpoint)));
  const created: LocatedCoin[] = [];
  for (const id of make) {
    const coin = coinFor(id, height);
    if (taken.has(outpointKey(coin.outpoint))) continue;
    taken.add(outpointKey(coin.outpoint));
    created.push(coin);
  }
  return { block, undo: Uint8Array.of(height, salt & 0xff, salt >> 8), spent, created };
}

function applied(coins: readonly LocatedCoin[], { spent, created }: CoinChanges): LocatedCoin[] {
  const gone = new Set(spent.map(({ outpoint }) => outpointKey(outpoint)));
  return [...coins.filter(({ outpoint }) => !gone.has(outpointKey(outpoint))), ...created];
}
class Reorganise implements fc.AsyncCommand<Model, Real> {
  readonly back: number;
  readonly blocks: readonly { readonly spend: Numbers; readonly make: Numbers }[];
  readonly durable: boolean;

  constructor(
    back: number,
    blocks: readonly { readonly spend: Numbers; readonly make: Numbers }[],
    durable: boolean,
  ) {
    this.back = back;
    this.blocks = blocks;
    this.durable = durable;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, real: Real): Promise<void> {
    const overlay = new CoinsOverlay({ get: (outpoint) => model.get(outpoint) });
    let coins = [...model.coins];
    const chain = [...model.chain];
    for (let n = 0; n < this.back; n++) {
      const last = chain.pop();
      if (last === undefined) break;
      const reverse = { spent: last.created, created: last.spent };
      overlay.apply(reverse);
      coins = applied(coins, reverse);
    }
    const connected: Step[] = [];
    for (const { spend, make } of this.blocks) {
      const next = step(coins, chain.at(-1), ++model.salt, spend, make);
      overlay.apply(next);
      coins = applied(coins, next);
      chain.push(next);
      connected.push(next);
    }
    for (const { block } of connected) {
      const record = recordOf(block, block.header.time, "body");
      for (const store of [real.memory, real.scanned, real.level])
        await store.writeBlock(block.toBytes(), record);
    }
    const update: ChainUpdate = {
      tip: (chain.at(-1)?.block ?? GENESIS).hash,
      connected: connected.map(({ block, undo }) => ({ hash: block.hash, undo })),
      coins: overlay.changes(),
      records: connected.map(({ block }) => recordOf(block, block.header.time, "connected")),
      durable: this.durable,
    };
    for (const store of [real.memory, real.scanned, real.level]) await store.commit(update);
    model.coins = coins;
    model.chain = chain;
    await compare(model, real, real.options.writeBackSize !== undefined);
  }

  toString(): string {
    return `back ${this.back}, forth ${JSON.stringify(this.blocks)}${this.durable ? ", durable" : ""}`;
  }
}

/** Ends and begins again, and switches the index by script, or leaves it as it is. */
class Reopen implements fc.AsyncCommand<Model, Real> {
  readonly scripts: boolean | undefined;

  constructor(scripts: boolean | undefined) {
    this.scripts = scripts;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, real: Real): Promise<void> {
    const before = real.level.hasScripts;
    await real.level.close();
    const { scripts } = this;
    const more = scripts === undefined ? {} : { scripts };
    real.level = await openLevelStore(real.path, { ...real.options, ...more });
    expect(real.level.hasScripts).toBe(scripts ?? before);
    await compare(model, real);
  }

  toString(): string {
    return `reopen${this.scripts === undefined ? "" : ` with scripts: ${this.scripts}`}`;
  }
}

/** Forgets the coins and makes them anew, as `reindexutxo` does; perhaps with a restart before anything is made. */
class Rebuild implements fc.AsyncCommand<Model, Real> {
  readonly reopen: boolean;

  constructor(reopen: boolean) {
    this.reopen = reopen;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, real: Real): Promise<void> {
    for (const store of [real.memory, real.scanned, real.level]) await store.resetChainState();
    if (this.reopen) {
      await real.level.close();
      real.level = await openLevelStore(real.path, real.options);
    }
    expect((await loadIndex(real.level)).tip).toBeUndefined();
    expect((await real.level.coinStatistics()).count).toBe(0);
    for (const store of [real.memory, real.scanned, real.level]) {
      await begin(store);
      for (const { block, undo, spent, created } of model.chain) {
        await store.commit({
          tip: block.hash,
          connected: [{ hash: block.hash, undo }],
          coins: { spent, created },
          records: [],
          durable: false,
        });
      }
    }
    await compare(model, real);
  }

  toString(): string {
    return this.reopen ? "rebuild after a restart" : "rebuild";
  }
}

const ids = Array.from({ length: 40 }, (_, id) => id);

/** @param isQuick only by reads after which a store that holds changes back goes on holding them */
async function compare(
  model: Model,
  { memory, scanned, level }: Real,
  isQuick = false,
): Promise<void> {
  const statistics = {
    count: model.coins.length,
    total: model.coins.reduce((sum, { coin }) => sum + coin.value, 0n),
    hash: model.hash(),
    transactions: new Set(model.coins.map(({ outpoint }) => outpoint.txid)).size,
    bogoSize: model.coins.reduce((sum, { coin }) => sum + 50 + coin.scriptPubKey.length, 0),
  };
  const asked = ids.map((id) => coinFor(id, 0).outpoint);
  for (const store of [memory, scanned, level]) {
    expect(await store.readTip()).toBe(model.tip.hash);
    if (!isQuick) expect(await store.coinStatistics()).toEqual(statistics);
    expect(await store.getCoins(asked)).toEqual(asked.map((outpoint) => model.get(outpoint)));
    for (const n of isQuick ? [] : [0, 1, 2]) {
      const expected = model.coins
        .filter(({ coin }) => coin.scriptPubKey[0] === n)
        .sort((a, b) => compareBytes(outpointToKey(a.outpoint), outpointToKey(b.outpoint)));
      expect(await all(store.unspentByScript(script(n)))).toEqual(expected);
    }
    for (const { block, undo } of model.chain) {
      expect(await store.readUndo(block.hash)).toEqual(undo);
      expect(await store.readBlock(block.hash)).toEqual(block.toBytes());
    }
  }
  if (isQuick) return;
  const [one, other] = [await loadIndex(memory), await loadIndex(level)];
  expect(other.tip).toBe(model.tip.hash);
  expect(other.tip).toBe(one.tip);
  const lines = ({ records }: typeof one) =>
    records.map(({ header, ...rest }) => `${header.hash} ${JSON.stringify(rest)}`).sort();
  expect(lines(other)).toEqual(lines(one));
}

it("does the same in LevelDB, in memory and in a naive model", { timeout: 60_000 }, async () => {
  const id = fc.nat({ max: ids.length - 1 });
  const block = fc.record({
    spend: fc.array(fc.nat({ max: 1000 }), { maxLength: 4 }),
    make: fc.array(id, { maxLength: 6 }),
  });
  const commands = fc.commands(
    [
      fc
        .tuple(fc.nat({ max: 4 }), fc.array(block, { maxLength: 3 }), fc.boolean())
        .map(([back, blocks, durable]) => new Reorganise(back, blocks, durable)),
      fc.array(block, { minLength: 1, maxLength: 2 }).map((b) => new Reorganise(0, b, false)),
      fc.constantFrom(undefined, false, true).map((scripts) => new Reopen(scripts)),
      fc.boolean().map((reopen) => new Rebuild(reopen)),
    ],
    { maxCommands: 15 },
  );
  const settings = fc.constantFrom<LevelStoreOptions>({}, { writeBackSize: 5_000 });
  await fc.assert(
    fc.asyncProperty(settings, commands, async (options, list) => {
      const directory = mkdtempSync(join(tmpdir(), "chain-storage-"));
      const path = join(directory, "db");
      const real: Real = {
        path,
        options,
        memory: new MemoryStore(),
        scanned: new MemoryStore({ scripts: false }),
        level: await openLevelStore(path, options),
      };
      try {
        for (const store of [real.memory, real.scanned, real.level]) await begin(store);
        const model = new Model();
        await fc.asyncModelRun(() => ({ model, real }), list);
        await compare(model, real);
      } finally {
        await real.level.close();
        rmSync(directory, { recursive: true, force: true });
      }
    }),
    { numRuns: 20 },
  );
});
