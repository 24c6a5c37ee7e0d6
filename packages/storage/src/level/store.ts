import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import {
  Block,
  type BlockHash,
  type Coin,
  CoreError,
  equalBytes,
  idFromBytes,
  idToBytes,
  type LocatedCoin,
  type Outpoint,
  Reader,
  readCoin,
  Writer,
  writeCoin,
} from "@chain/core";
import { ClassicLevel } from "classic-level";
import { StorageError } from "../errors.ts";
import { OUTPOINT_KEY_SIZE, outpointFromKey } from "../keys.ts";
import { CoinStatisticsBuilder } from "../statistics.ts";
import type {
  BlockRecord,
  BlockStatus,
  ChainStore,
  ChainUpdate,
  CoinStatistics,
  StoredIndex,
} from "../store.ts";
import { AppendFile, type FileEnd, isBefore, type Location } from "./appendFile.ts";
import { forgetPid, notePid, ownerOf } from "./lock.ts";
import { type BlockEntry, decodeEntry, encodeEntry } from "./records.ts";
import {
  ALL_BLOCKS,
  blockKey,
  coinKey,
  coinsOf,
  FORMAT_VALUE,
  type KeyRange,
  MAGIC,
  META,
  range,
  SCHEMA_VERSION,
  scriptKey,
  scriptPrefix,
  scriptsOf,
} from "./schema.ts";

type Database = ClassicLevel<Uint8Array, Uint8Array>;
type Batch = ReturnType<Database["batch"]>;

/** Block and undo files: how far they are in use, and how far they are safe from a power cut. */
interface Files {
  readonly body: FileEnd;
  readonly undo: FileEnd;
  readonly safeBody: FileEnd;
  readonly safeUndo: FileEnd;
}

/** LevelDB hands out Buffers, whose `slice` does not copy: others get what they expect of bytes. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const START: FileEnd = { file: 0, offset: 0 };

export interface LevelStoreOptions {
  /** Memory for LevelDB's block cache, in bytes. Default 64 MiB. */
  readonly cacheSize?: number;
}

/**
 * Opens or makes a store in a directory: a LevelDB database for block index and coins in `index/`, blocks and undo data
 * in append-only files in `blocks/`. The directory may be copied while nobody has it open.
 * @throws StorageError `in-use`, `foreign`, `newer-version`, `corrupt`, `io`.
 */
export async function openLevelStore(
  directory: string,
  options: LevelStoreOptions = {},
): Promise<ChainStore> {
  return LevelStore.open(directory, options);
}

class LevelStore implements ChainStore {
  readonly #directory: string;
  readonly #db: Database;
  readonly #bodies: AppendFile;
  readonly #undos: AppendFile;
  #safe: { body: FileEnd; undo: FileEnd };
  #generation: number;
  #closing: Promise<void> | undefined;
  /** One write after the other. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(directory: string, db: Database, files: Files, generation: number) {
    this.#directory = directory;
    this.#db = db;
    const blocks = join(directory, "blocks");
    this.#bodies = new AppendFile(blocks, "blk", files.body);
    this.#undos = new AppendFile(blocks, "rev", files.undo);
    this.#safe = { body: files.safeBody, undo: files.safeUndo };
    this.#generation = generation;
  }

  static async open(directory: string, options: LevelStoreOptions): Promise<LevelStore> {
    const db = await openDatabase(directory, options);
    try {
      const stored = await db.get(META.files);
      const files = decodeFiles(stored && plain(stored));
      const [generation = 0] = (await db.get(META.generation)) ?? [];
      const store = new LevelStore(directory, db, files, generation);
      await store.#clearOtherGenerations();
      await store.#recover();
      notePid(directory);
      return store;
    } catch (error) {
      await db.close();
      throw error;
    }
  }

  /**
   * After a power cut, files can lack bytes that the database refers to (never after a mere kill: the system keeps
   * those). What came after the last durable write is looked at; bodies that are gone are forgotten, and if a connected
   * block lost its body or undo data, the coins are made anew from what is left.
   */
  async #recover(): Promise<void> {
    const isLost = await this.#lossDetector();
    if (isLost === undefined) return;
    const batch = this.#db.batch();
    let lostConnected = false;
    for await (const value of this.#db.values(ALL_BLOCKS)) {
      const { record, body, undo } = decodeEntry(plain(value));
      const bodyLost = await isLost(this.#bodies, body, this.#safe.body);
      const undoLost = await isLost(this.#undos, undo, this.#safe.undo);
      if (!bodyLost && !undoLost) continue;
      lostConnected ||= record.status === "connected";
      const status: BlockStatus =
        record.status === "invalid" ? "invalid" : bodyLost ? "header" : "body";
      const kept = { record: { ...record, status }, body: bodyLost ? undefined : body };
      batch.put(blockKey(record.header.hash), encodeEntry({ ...kept, undo: undefined }));
    }
    await batch.write({ sync: true });
    if (lostConnected) await this.resetChainState();
    await this.#run(() => this.#write(this.#db.batch(), true));
  }

  /** How to tell that a record is lost; `undefined` where the store was closed in peace, so none is. */
  async #lossDetector() {
    const files = [
      { file: this.#bodies, safe: this.#safe.body },
      { file: this.#undos, safe: this.#safe.undo },
    ];
    const suspicious = files.some(
      ({ file, safe }) => isBefore(safe, file.end) || file.sizeOf(file.end.file) < file.end.offset,
    );
    if (!suspicious) return undefined;
    return async (file: AppendFile, location: Location | undefined, safe: FileEnd) => {
      if (location === undefined) return false;
      if (isBefore(location, safe) && file.holds(location)) return false;
      return !(await file.isIntact(location));
    };
  }

  async loadIndex(): Promise<StoredIndex> {
    this.#check();
    const tip = await this.#db.get(META.tip);
    const records: BlockRecord[] = [];
    for await (const value of this.#db.values(ALL_BLOCKS)) {
      records.push(decodeEntry(plain(value)).record);
    }
    records.sort((a, b) => a.height - b.height);
    const genesis = await this.#db.get(META.genesis);
    return {
      genesis: genesis && plain(genesis),
      tip: tip && idFromBytes<BlockHash>(tip),
      records,
    };
  }

  initialize(genesis: Uint8Array): Promise<void> {
    return this.#run(async () => {
      const present = await this.#db.get(META.genesis);
      if (present !== undefined) {
        if (equalBytes(present, genesis)) return;
        throw new StorageError("wrong-chain", "the database belongs to another genesis block");
      }
      const { header, transactions } = Block.fromBytes(genesis);
      const body = await this.#bodies.append(genesis);
      const record: BlockRecord = {
        header,
        height: 0,
        status: "body",
        hasBody: true,
        transactionCount: transactions.length,
      };
      const batch = this.#db.batch().put(META.genesis, genesis);
      batch.put(blockKey(header.hash), encodeEntry({ record, body, undo: undefined }));
      await this.#write(batch, true);
    });
  }

  writeRecords(records: readonly BlockRecord[]): Promise<void> {
    return this.#run(async () => {
      const batch = this.#db.batch();
      for (const record of records) this.#putRecord(batch, record);
      await batch.write();
    });
  }

  writeBlock(raw: Uint8Array, record: BlockRecord): Promise<void> {
    return this.#run(async () => {
      const known = this.#entry(record.header.hash);
      const body = known?.body ?? (await this.#bodies.append(raw));
      const batch = this.#db.batch();
      batch.put(blockKey(record.header.hash), encodeEntry({ record, body, undo: known?.undo }));
      await this.#write(batch, false);
    });
  }

  async readBlock(hash: BlockHash): Promise<Uint8Array | undefined> {
    this.#check();
    const location = this.#entry(hash)?.body;
    return location && this.#bodies.read(location);
  }

  async readUndo(hash: BlockHash): Promise<Uint8Array | undefined> {
    this.#check();
    const location = this.#entry(hash)?.undo;
    return location && this.#undos.read(location);
  }

  async getCoins(outpoints: readonly Outpoint[]): Promise<readonly (Coin | undefined)[]> {
    this.#check();
    const keys = outpoints.map((outpoint) => coinKey(this.#generation, outpoint));
    const values = await this.#db.getMany(keys);
    return values.map((value) => value && decodeCoin(value));
  }

  commit({ tip, connected, coins, records, durable }: ChainUpdate): Promise<void> {
    return this.#run(async () => {
      const generation = this.#generation;
      const batch = this.#db.batch();
      for (const { outpoint, coin } of coins.spent) {
        batch.del(coinKey(generation, outpoint));
        batch.del(scriptKey(generation, coin.scriptPubKey, outpoint));
      }
      for (const { outpoint, coin } of coins.created) {
        const value = encodeCoin(coin);
        batch.put(coinKey(generation, outpoint), value);
        batch.put(scriptKey(generation, coin.scriptPubKey, outpoint), value);
      }
      const undos = new Map<BlockHash, Location>();
      for (const { hash, undo } of connected) undos.set(hash, await this.#undos.append(undo));
      const changed = new Map(records.map((record) => [record.header.hash, record]));
      for (const hash of new Set([...undos.keys(), ...changed.keys()])) {
        const known = this.#entry(hash);
        const record = changed.get(hash) ?? known?.record;
        if (record === undefined) {
          throw new StorageError("corrupt", `block ${hash} is connected but not in the index`);
        }
        const undo = undos.get(hash) ?? known?.undo;
        batch.put(blockKey(hash), encodeEntry({ record, body: known?.body, undo }));
      }
      batch.put(META.tip, idToBytes(tip));
      await this.#write(batch, durable);
    });
  }

  resetChainState(): Promise<void> {
    return this.#run(async () => {
      const next = (this.#generation + 1) % 256;
      const batch = this.#db.batch().del(META.tip).put(META.generation, Uint8Array.of(next));
      await batch.write({ sync: true });
      this.#generation = next;
      await this.#clearOtherGenerations();
    });
  }

  async #clearOtherGenerations(): Promise<void> {
    for (const all of [coinsOf, scriptsOf]) {
      const own = all(this.#generation);
      await this.#db.clear({ gte: all(0).gte, lt: own.gte });
      await this.#db.clear({ gte: own.lt, lt: all(255).lt });
    }
  }

  async *unspentByScript(scriptPubKey: Uint8Array): AsyncGenerator<LocatedCoin> {
    this.#check();
    yield* this.#located(range(scriptPrefix(this.#generation, scriptPubKey)));
  }

  async coinStatistics(): Promise<CoinStatistics> {
    this.#check();
    const statistics = new CoinStatisticsBuilder();
    for await (const coin of this.#located(coinsOf(this.#generation))) statistics.add(coin);
    return statistics.finish();
  }

  /** Coins whose keys end in their outpoint. */
  async *#located(keys: KeyRange): AsyncGenerator<LocatedCoin> {
    for await (const [key, value] of this.#db.iterator(keys)) {
      const outpoint = outpointFromKey(key.subarray(key.length - OUTPOINT_KEY_SIZE));
      yield { outpoint, coin: decodeCoin(value) };
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#last.then(async () => {
      await this.#write(this.#db.batch(), true);
      await this.#bodies.close();
      await this.#undos.close();
      forgetPid(this.#directory);
      await this.#db.close();
    });
    return this.#closing;
  }

  #entry(hash: BlockHash): BlockEntry | undefined {
    const value = this.#db.getSync(blockKey(hash));
    if (value === undefined) return undefined;
    try {
      return decodeEntry(plain(value));
    } catch (error) {
      if (!(error instanceof CoreError)) throw error;
      throw new StorageError("corrupt", `index entry of block ${hash}: ${error.message}`);
    }
  }

  #putRecord(batch: Batch, record: BlockRecord): void {
    const { hash } = record.header;
    const known = this.#entry(hash);
    batch.put(blockKey(hash), encodeEntry({ record, body: known?.body, undo: known?.undo }));
  }

  /**
   * Writes a batch that may refer to new records of the files. Durable: first the files reach the disk, then the
   * database that refers to them, so there is no moment at which it refers to what could be lost.
   */
  async #write(batch: Batch, durable: boolean): Promise<void> {
    if (durable) {
      await this.#bodies.sync();
      await this.#undos.sync();
      this.#safe = { body: this.#bodies.end, undo: this.#undos.end };
    }
    const files = encodeFiles({
      body: this.#bodies.end,
      undo: this.#undos.end,
      safeBody: this.#safe.body,
      safeUndo: this.#safe.undo,
    });
    await batch.put(META.files, files).write({ sync: durable });
  }

  #run<Result>(operation: () => Promise<Result>): Promise<Result> {
    if (this.#closing !== undefined) return Promise.reject(closed());
    const result = this.#last.then(operation);
    this.#last = result.catch(() => undefined);
    return result;
  }

  #check(): void {
    if (this.#closing !== undefined) throw closed();
  }
}

function closed(): StorageError {
  return new StorageError("closed", "the store is closed");
}

/** Opens LevelDB, and makes sure that it is one of ours and nobody else has it. */
async function openDatabase(directory: string, options: LevelStoreOptions): Promise<Database> {
  const index = join(directory, "index");
  const fresh = !existsSync(index);
  if (fresh && existsSync(directory) && readdirSync(directory).length > 0) {
    throw new StorageError("foreign", `${directory} holds something else than a chain`);
  }
  try {
    mkdirSync(join(directory, "blocks"), { recursive: true });
  } catch (error) {
    throw new StorageError("io", `can't make ${directory}: ${messageOf(error)}`, { cause: error });
  }
  const db: Database = new ClassicLevel(index, {
    keyEncoding: "view",
    valueEncoding: "view",
    cacheSize: options.cacheSize ?? 64 * 1024 * 1024,
    compression: false, // hashes do not compress
  });
  try {
    await db.open();
  } catch (error) {
    throw whyNotOpen(error, directory);
  }
  const format = await db.get(META.format);
  if (format === undefined) {
    // A kill right after the very first open leaves an empty database: that is one of ours too.
    const [any] = await db.keys({ limit: 1 }).all();
    if (any !== undefined) {
      await db.close();
      throw new StorageError("foreign", `${directory} holds a database of another program`);
    }
    await db.put(META.format, FORMAT_VALUE);
    return db;
  }
  if (!equalBytes(format, FORMAT_VALUE)) {
    await db.close();
    const [name, version] = String.fromCharCode(...format).split(":");
    throw name === MAGIC && Number(version) > SCHEMA_VERSION
      ? new StorageError(
          "newer-version",
          `${directory} was written by a newer version (schema ${version}, this one knows ${SCHEMA_VERSION})`,
        )
      : new StorageError("foreign", `${directory} holds a database of another program`);
  }
  return db;
}

function whyNotOpen(error: unknown, directory: string): StorageError {
  const cause = (error as { cause?: { code?: string } }).cause;
  if (cause?.code === "LEVEL_LOCKED") {
    const owner = ownerOf(directory);
    const who = owner === undefined ? "another process" : `process ${owner}`;
    return new StorageError("in-use", `${directory} is in use by ${who}`);
  }
  const code = cause?.code === "LEVEL_CORRUPTION" ? "corrupt" : "io";
  return new StorageError(code, `can't open ${directory}: ${messageOf(cause ?? error)}`, {
    cause: error,
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function encodeCoin(coin: Coin): Uint8Array {
  const writer = new Writer(48);
  writeCoin(writer, coin);
  return writer.finish();
}

function decodeCoin(bytes: Uint8Array): Coin {
  const reader = new Reader(plain(bytes));
  const coin = readCoin(reader);
  reader.finish();
  return coin;
}

function encodeFiles({ body, undo, safeBody, safeUndo }: Files): Uint8Array {
  const writer = new Writer(32);
  for (const { file, offset } of [body, undo, safeBody, safeUndo]) writer.u32(file).u32(offset);
  return writer.finish();
}

function decodeFiles(bytes: Uint8Array | undefined): Files {
  if (bytes === undefined) return { body: START, undo: START, safeBody: START, safeUndo: START };
  const reader = new Reader(bytes);
  const end = (): FileEnd => ({ file: reader.u32(), offset: reader.u32() });
  return { body: end(), undo: end(), safeBody: end(), safeUndo: end() };
}
