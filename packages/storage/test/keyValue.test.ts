import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bytesToHex } from "@chain/core";
import { temporaryDirectory } from "@chain/testing/place";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  type KeyValueRecord,
  type KeyValueStore,
  keysWith,
  MemoryKeyValueStore,
  StorageError,
} from "../src/index.ts";
import { openLevelKeyValueStore, openLevelStore } from "../src/level.ts";

const onDisk = async () => openLevelKeyValueStore(join(await temporaryDirectory(), "records"));
const STORES: readonly [string, () => Promise<KeyValueStore>][] = [
  ["in memory", async () => new MemoryKeyValueStore()],
  ["in LevelDB", onDisk],
];
const bytes = (...values: number[]) => Uint8Array.from(values);
const hexOf = (value: Uint8Array | undefined) => value && bytesToHex(value);

describe.each(STORES)("records %s", (_, open) => {
  it("are the same after they are written anew", async () => {
    const store = await open();
    const records = Array.from({ length: 250 }, (_, i) => {
      return { key: bytes(1, i >> 8, i), value: new Uint8Array(10_000).fill(i) };
    });
    await store.write(records);
    await store.write([{ key: bytes(1, 0, 7), value: undefined }]);
    await store.rewrite();
    const shown = (all: readonly KeyValueRecord[]) =>
      all.map(({ key, value }) => `${bytesToHex(key)} ${bytesToHex(value)}`);
    const left = await store.range(keysWith(bytes(1)), 1000);
    expect(shown(left)).toEqual(shown(records.filter((_, i) => i !== 7)));
    await store.close();
    await expect(store.rewrite()).rejects.toMatchObject({ code: "closed" });
  });

  it("behave as a sorted map", async () => {
    const key = fc.uint8Array({ minLength: 2, maxLength: 3, max: 3 });
    const change = fc.record({ key, value: fc.option(fc.uint8Array(), { nil: undefined }) });
    const store = await open();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(change)),
        key,
        key,
        fc.nat({ max: 5 }),
        async (batches, from, end, limit) => {
          await store.clear();
          const map = new Map<string, string>();
          for (const batch of batches) {
            await store.write(batch);
            for (const each of batch) {
              const value = hexOf(each.value);
              if (value === undefined) map.delete(bytesToHex(each.key));
              else map.set(bytesToHex(each.key), value);
            }
          }
          const keys = batches.flat().map((each) => each.key);
          const values = (await store.getMany(keys)).map(hexOf);
          expect(values).toEqual(keys.map((each) => map.get(bytesToHex(each))));
          expect(hexOf(await store.get(from))).toEqual(map.get(bytesToHex(from)));
          const within = [...map].filter(([k]) => k >= bytesToHex(from) && k < bytesToHex(end));
          within.sort(([a], [b]) => (a < b ? -1 : 1));
          for (const order of ["ascending", "descending"] as const) {
            const range = await store.range({ from, end }, limit, order);
            const found = range.map((each) => [bytesToHex(each.key), bytesToHex(each.value)]);
            const all = order === "ascending" ? within : within.toReversed();
            expect(found).toEqual(all.slice(0, limit));
          }
        },
      ),
      { numRuns: 50 },
    );
    await store.close();
  });

  it("write nothing of a batch that has a bad change", async () => {
    const store = await open();
    const good = { key: bytes(1, 1), value: bytes(1) };
    const bad = { key: bytes(1), value: bytes(1) };
    await expect(store.write([good, bad])).rejects.toThrow("changes[1].key");
    expect(await store.get(good.key)).toBeUndefined();
    await store.close();
  });

  it("refuse everything once they are closed", async () => {
    const store = await open();
    await store.close();
    await store.close();
    const calls = [
      store.get(bytes(1, 1)),
      store.getMany([bytes(1, 1)]),
      store.range(keysWith(bytes(1)), 1),
      store.write([{ key: bytes(1, 1), value: bytes(1) }]),
    ];
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: "closed" });
  });
});

describe("records in LevelDB", () => {
  test("are there when the store is opened again", async () => {
    const path = join(await temporaryDirectory(), "records");
    const store = await openLevelKeyValueStore(path);
    await store.write([{ key: bytes(1, 1), value: bytes(7) }]);
    await expect(openLevelKeyValueStore(path)).rejects.toMatchObject({ code: "in-use" });
    await store.close();
    const again = await openLevelKeyValueStore(path);
    expect(await again.get(bytes(1, 1))).toEqual(bytes(7));
    await again.close();
  });

  test("are not made among the files of others", async () => {
    const path = await temporaryDirectory();
    writeFileSync(join(path, "letter.txt"), "dear Alice");
    await expect(openLevelKeyValueStore(path)).rejects.toMatchObject({ code: "foreign" });
    const chain = join(await temporaryDirectory(), "blockchain.db");
    await (await openLevelStore(chain)).close();
    await expect(openLevelKeyValueStore(chain)).rejects.toMatchObject({ code: "foreign" });
  });

  test("that are damaged are never read as if they were whole", async () => {
    const path = join(await temporaryDirectory(), "records");
    const value = new Uint8Array(100).fill(0xaa);
    const changes = Array.from({ length: 100 }, (_, i) => ({ key: bytes(1, i), value }));
    await (async () => {
      const store = await openLevelKeyValueStore(path);
      await store.write(changes);
      await store.close();
    })();
    // Opened again, LevelDB makes a table of its log.
    await (await openLevelKeyValueStore(path)).close();
    for (const name of readdirSync(join(path, "index"))) {
      if (!/\.(ldb|log)$/.test(name)) continue;
      const file = join(path, "index", name);
      const content = readFileSync(file);
      const at = content.indexOf(Buffer.alloc(90, 0xaa));
      if (at >= 0) {
        content[at + 50] = 0;
        writeFileSync(file, content);
      }
    }
    await expect(
      (async () => {
        const store = await openLevelKeyValueStore(path);
        try {
          return await store.getMany(changes.map(({ key }) => key));
        } finally {
          await store.close();
        }
      })(),
    ).rejects.toSatisfy((error) => error instanceof StorageError && error.code === "corrupt");
  });
});

test("no file in LevelDB has a value that was written over, once records are written anew", async () => {
  const directory = join(await temporaryDirectory(), "records");
  const secret = "a secret that nobody may find";
  const has = () =>
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .some(({ parentPath, name }) => readFileSync(join(parentPath, name)).includes(secret));
  const value = new TextEncoder().encode(secret);
  let store = await openLevelKeyValueStore(directory);
  for (const reopens of [false, true]) {
    await store.write([
      { key: bytes(1, 1), value: bytes(1) },
      { key: bytes(1, 2), value },
      { key: bytes(1, 3), value: bytes(3) },
    ]);
    if (reopens) {
      await store.close();
      store = await openLevelKeyValueStore(directory);
    }
    await store.write([{ key: bytes(1, 2), value: bytes(2) }]);
    expect(has()).toBe(true);
    await store.rewrite();
    expect(has()).toBe(false);
  }
  await store.close();
});
