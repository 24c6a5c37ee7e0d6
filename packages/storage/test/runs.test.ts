import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BlockHash, type BlockHeader, bytesToHex, HeaderTree, idToBytes } from "@chain/core";
import { ClassicLevel } from "classic-level";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Database } from "../src/level/checked.ts";
import { openLevelStore } from "../src/level/open.ts";
import { decodeMarks } from "../src/level/records.ts";
import { ALL_BLOCKS, ALL_RUNS, blockKey, journalKey, META, runKey } from "../src/level/schema.ts";
import { MemoryStore } from "../src/memory.ts";
import type { ChainStore } from "../src/store.ts";
import { begin, fakeBlock, GENESIS, recordOf } from "./support/chainSteps.ts";
import { loadIndex } from "./support/loadIndex.ts";

let path: string;
beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), "chain-storage-")), "db");
});
afterEach(async () => {
  await rm(join(path, ".."), { recursive: true, force: true });
});

/** Blocks one on the other, the first on the genesis block. */
function chain(count: number, salt = 1, parent: BlockHash = GENESIS.hash, height = 1) {
  const blocks: ReturnType<typeof fakeBlock>[] = [];
  for (let i = 0; i < count; i++) {
    blocks.push(fakeBlock(height + i, blocks.at(-1)?.hash ?? parent, salt));
  }
  return blocks;
}

/** Long enough for runs of two thousand headers, and more. */
const LONG = chain(4_100);

const headersOf = (blocks: readonly { readonly header: BlockHeader }[]) =>
  blocks.map(({ header }) => header);

async function restored(store: ChainStore): Promise<HeaderTree> {
  const tree = new HeaderTree(GENESIS.header);
  const restorer = tree.restore();
  await store.scanIndex((record) => restorer.add(record));
  restorer.finish();
  return tree;
}

async function keys(db: Database, range: typeof ALL_RUNS): Promise<number> {
  let count = 0;
  for await (const _ of db.iterator(range)) count++;
  return count;
}

/** Looks into a closed store, or changes it behind its back. */
async function behind<Result>(look: (db: Database) => Promise<Result>): Promise<Result> {
  const raw = rawDatabase();
  await raw.open();
  try {
    return await look(new Database(raw));
  } finally {
    await raw.close();
  }
}

function rawDatabase(): ClassicLevel<Uint8Array, Uint8Array> {
  return new ClassicLevel(join(path, "index"), {
    keyEncoding: "view",
    valueEncoding: "view",
    compression: false,
  });
}

describe.each([
  ["in memory", async () => new MemoryStore()],
  ["in LevelDB", () => openLevelStore(path)],
] as const)("headers that come many at a time, %s", (_, open) => {
  it("are entries like others, and what is learnt of their blocks counts in their place", async () => {
    const store: ChainStore = await open();
    await begin(store);
    const blocks = LONG;
    await store.writeHeaders(1, headersOf(blocks.slice(0, 4_055)));
    await store.writeHeaders(4_056, headersOf(blocks.slice(4_055))); // few: no run
    const branch = chain(60, 2, blocks[9]?.hash, 11);
    await store.writeHeaders(11, headersOf(branch));
    const [first, second, third] = blocks as [
      (typeof blocks)[0],
      (typeof blocks)[0],
      (typeof blocks)[0],
    ];
    await store.writeBlock(first.toBytes(), recordOf(first, 1, "body"));
    await store.commit({
      tip: first.hash,
      connected: [{ hash: first.hash, undo: Uint8Array.of(1) }],
      coins: { spent: [], created: [] },
      records: [],
      durable: false,
    });
    await store.writeRecords([{ ...recordOf(branch[59]!, 70, "invalid"), reason: "bad" }]);
    const tree = await restored(store);
    expect(tree.size).toBe(1 + 4_100 + 60);
    const entries = blocks.map(({ header }) => {
      const node = tree.get(header.hash);
      return `${node?.height} ${node?.transactionCount} ${node && bytesToHex(node.header.toBytes())}`;
    });
    expect(entries).toEqual(
      blocks.map(({ header }, i) => `${i + 1} ${i === 0 ? 1 : 0} ${bytesToHex(header.toBytes())}`),
    );
    expect(tree.get(branch[59]!.hash)?.invalidReason).toBe("bad");
    expect(await store.readRecord(second.hash)).toMatchObject({ height: 2, status: "header" });
    expect(await store.readRecord(blocks[1_999]!.hash)).toMatchObject({ height: 2_000 });
    expect(await store.readRecord(blocks[4_054]!.hash)).toMatchObject({ height: 4_055 });
    expect((await store.readRecord(first.hash))?.hasBody).toBe(true);
    // A merkle root, which is no hash of a block.
    expect(await store.readRecord(third.header.merkleRoot as string as BlockHash)).toBeUndefined();
    expect(await store.readBlock(second.hash)).toBeUndefined();
    await store.close();
  });
});

describe("runs of headers in LevelDB", () => {
  it("hold two thousand headers in a record", async () => {
    const store = await openLevelStore(path);
    await begin(store);
    await store.writeHeaders(1, headersOf(LONG));
    await store.close();
    expect(await behind((db) => keys(db, ALL_RUNS))).toBe(3);
    expect(await behind((db) => keys(db, ALL_BLOCKS))).toBe(1);
    const again = await openLevelStore(path);
    expect((await restored(again)).bestHeader.height).toBe(4_100);
    await again.close();
  });

  it("are written into a database of the version before them, which is read as it is", async () => {
    const blocks = chain(160);
    const old = await openLevelStore(path);
    await begin(old);
    await old.writeRecords(blocks.slice(0, 60).map((block, i) => recordOf(block, i + 1, "header")));
    await old.close();
    const raw = rawDatabase();
    await raw.put(META.format, new TextEncoder().encode("chain-storage:2"));
    await raw.close();
    const store = await openLevelStore(path);
    await store.writeHeaders(61, headersOf(blocks.slice(60)));
    expect((await loadIndex(store)).records).toHaveLength(161);
    await store.close();
    await raw.open();
    // So that a program that knows no runs says so, and does not miss them.
    expect(new TextDecoder().decode(await raw.get(META.format))).toBe("chain-storage:4");
    await raw.close();
  });

  it("are not believed where a byte was changed", async () => {
    const blocks = chain(100);
    const store = await openLevelStore(path);
    await begin(store);
    await store.writeHeaders(1, headersOf(blocks));
    await store.close();
    const raw = rawDatabase();
    const key = runKey(1, idToBytes(blocks[0]!.hash));
    const before = (await raw.get(key)) as Uint8Array;
    for (const change of [before.with(5_000, before[5_000]! ^ 1), before.slice(80)]) {
      await raw.put(key, change);
      await raw.close();
      const damaged = await openLevelStore(path);
      await expect(damaged.scanIndex(() => {})).rejects.toMatchObject({ code: "corrupt" });
      await expect(damaged.readRecord(blocks[50]!.hash)).rejects.toMatchObject({ code: "corrupt" });
      await damaged.close();
      await raw.open();
    }
    await raw.close();
  });

  it("are dropped with all that stands on them where a power cut took their parents", async () => {
    const blocks = chain(400);
    const store = await openLevelStore(path);
    await begin(store);
    await store.writeHeaders(1, headersOf(blocks.slice(0, 100)));
    await store.writeHeaders(101, headersOf(blocks.slice(100, 200)));
    await store.writeHeaders(201, headersOf(blocks.slice(200, 300)));
    await store.writeBlock(blocks[249]!.toBytes(), recordOf(blocks[249]!, 250, "body"));
    await store.writeBlock(blocks[49]!.toBytes(), recordOf(blocks[49]!, 50, "body"));
    await store.writeHeaders(301, headersOf(blocks.slice(300, 320))); // few: entries of their own
    await store.close();
    await behind(async (db) => {
      const { batch } = decodeMarks((await db.get(META.marks)) as Uint8Array);
      // Before it: the third run, two blocks, the last headers, the end.
      const second = journalKey(batch - 5);
      const run = runKey(101, idToBytes(blocks[100]!.hash));
      expect([await db.get(second), await db.get(run)]).not.toContain(undefined);
      await db.batch().del(second).del(run).write({ sync: true });
    });
    const survivor = await openLevelStore(path);
    const { tip, records } = await loadIndex(survivor);
    expect(tip).toBeUndefined();
    expect(records).toHaveLength(101);
    expect(records.filter(({ hasBody }) => hasBody).map(({ height }) => height)).toEqual([0, 50]);
    await survivor.writeHeaders(101, headersOf(blocks.slice(100)));
    expect((await restored(survivor)).bestHeader.height).toBe(400);
    await survivor.close();
    expect(await behind((db) => db.get(blockKey(blocks[249]!.hash)))).toBeUndefined();
  });
});
