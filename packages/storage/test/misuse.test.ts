import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { regtest, ZERO_TXID } from "@chain/core";
import * as storage from "@chain/storage";
import { type ChainStore, MemoryStore } from "@chain/storage";
import * as level from "@chain/storage/level";
import { type Calls, maybe, misuseGaps, misuseProblems, whole } from "@chain/testing/misuse";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const { genesis } = regtest;
const hash = genesis.hash;
const bytes = new Uint8Array(32);
const outpoint = { txid: ZERO_TXID, vout: 0 };
const coin = { value: 1n, scriptPubKey: bytes, height: 1, coinbase: false };
const record = {
  header: genesis.header,
  height: 0,
  status: "body",
  transactionCount: 1,
  reason: maybe("bad"),
};

/** Good arguments for every method of a store. */
const methods = {
  readRecord: [hash],
  scanIndex: [() => undefined],
  initialize: [genesis.toBytes()],
  writeHeaders: [1, [genesis.header]],
  writeRecords: [[record]],
  writeBlock: [genesis.toBytes(), record],
  readBlock: [hash],
  readUndo: [hash],
  getCoins: [[outpoint]],
  commit: [
    {
      tip: hash,
      connected: [{ hash, undo: bytes }],
      coins: { spent: [{ outpoint, coin }], created: [{ outpoint, coin }] },
      records: [record],
      durable: true,
    },
  ],
  unspentByScript: [bytes],
  coinStatistics: [maybe("none")],
  prune: [{ height: 0, target: maybe(1), isActive: () => true }],
  loadCoins: [whole([], "map", "bytes")],
};

const key = new Uint8Array(4);
const recordMethods = {
  get: [key],
  getMany: [[key]],
  range: [{ from: key, end: key }, 1, maybe("descending")],
  write: [[{ key, value: maybe(bytes) }]],
};

const calls: Calls = {
  StorageError: {},
  keysWith: [key],
  MemoryKeyValueStore: {
    new: [],
    make: () => new storage.MemoryKeyValueStore(),
    methods: recordMethods,
  },
  coinStatisticsOf: [whole([], "map"), maybe("none")],
  snapshotBytes: [{ magic: regtest.magic, baseHash: hash, count: 0n }, whole([], "map")],
  SnapshotReader: {
    make: () => snapshotReader,
    methods: { coins: [1] },
    statics: {
      open: [whole([bytes, bytes], "map"), { magic: regtest.magic, nameOf: () => "main" }],
    },
  },
  MemoryStore: {
    new: [],
    make: () => new MemoryStore(),
    methods: { ...methods, forgetBlocks: [[hash]] },
  },
};

const network = { magic: regtest.magic, nameOf: () => "regtest" };
const snapshot = { magic: regtest.magic, baseHash: hash, count: 0n };
const snapshotReader = await storage.SnapshotReader.open(
  storage.snapshotBytes(snapshot, []),
  network,
);

describe("functions called from plain JavaScript", () => {
  let folder: string;
  let store: ChainStore;
  let records: storage.KeyValueStore;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "chain-misuse-"));
    store = await level.openLevelStore(join(folder, "store"));
    records = await level.openLevelKeyValueStore(join(folder, "records"));
  });

  afterAll(async () => {
    await store.close();
    await records.close();
    rmSync(folder, { recursive: true });
  });

  test("none is left out", () => {
    expect(misuseGaps(storage, calls)).toEqual([]);
  });

  test("say what is wrong, by name, with an error of ours", async () => {
    expect(await misuseProblems(storage, calls)).toEqual([]);
  });

  test("so does a store on disk", async () => {
    const { constructor: LevelStore } = store;
    const onDisk: Calls = { LevelStore: { make: () => store, methods } };
    expect(misuseGaps({ LevelStore }, onDisk)).toEqual([]);
    expect(await misuseProblems({ LevelStore }, onDisk)).toEqual([]);
  });

  test("so do records on disk", async () => {
    const { constructor: LevelKeyValueStore } = records;
    const onDisk: Calls = { LevelKeyValueStore: { make: () => records, methods: recordMethods } };
    expect(misuseGaps({ LevelKeyValueStore }, onDisk)).toEqual([]);
    expect(await misuseProblems({ LevelKeyValueStore }, onDisk)).toEqual([]);
  });

  test("so do the functions that open one", async () => {
    const options = { cacheSize: maybe(1 << 20), onRecovery: maybe(() => undefined) };
    const rebuild = { genesis: maybe(genesis), onProgress: maybe(() => undefined) };
    const opening: Calls = {
      openLevelKeyValueStore: [
        whole(join(folder, "further")),
        maybe({ cacheSize: maybe(1 << 20) }),
      ],
      openLevelStore: [whole(join(folder, "other")), maybe(options)],
      takeGuard: [whole(join(folder, "none"))],
      rebuildLevelStore: [whole(join(folder, "none")), maybe(rebuild)],
    };
    expect(misuseGaps(level, opening)).toEqual([]);
    expect(await misuseProblems(level, opening)).toEqual([]);
  });
});
