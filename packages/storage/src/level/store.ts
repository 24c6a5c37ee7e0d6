import {
  Block,
  type BlockHash,
  BlockHeader,
  type Coin,
  equalBytes,
  idFromBytes,
  idToBytes,
  type LocatedCoin,
  type Outpoint,
} from "@chain/core";
import {
  present,
  requireArray,
  requireBytes,
  requireFunction,
  requireHeader,
  requireId,
  requireInteger,
  requireOutpoint,
} from "@chain/core/arguments";
import { requirePruneOptions, requireRecord, requireUpdate } from "../checks.ts";
import { StorageError } from "../errors.ts";
import { OUTPOINT_KEY_SIZE, outpointFromKey } from "../keys.ts";
import { coinStatisticsOf } from "../statistics.ts";
import type {
  BlockRecord,
  ChainStore,
  ChainUpdate,
  CoinHash,
  CoinStatistics,
  PrunedBlocks,
  PruneOptions,
  RawRecord,
} from "../store.ts";
import type { AppendFile, Location } from "./appendFile.ts";
import type { Batch, Database } from "./checked.ts";
import { asStorageError, closed } from "./failure.ts";
import { seal } from "./journal.ts";
import { forgetOwner } from "./owner.ts";
import { Pruner } from "./pruner.ts";
import {
  type BlockEntry,
  decodeCoin,
  decodeEntry,
  encodeCoin,
  encodeEntry,
  type Marks,
} from "./records.ts";
import type { Files, StoreState } from "./recover.ts";
import { encodeRun, LEAST_RUN, MAX_RUN } from "./runs.ts";
import { findHeader, scanIndex } from "./scan.ts";
import {
  blockKey,
  coinKey,
  coinsOf,
  type KeyRange,
  keysFrom,
  keysOfOthers,
  META,
  runKey,
  scriptKey,
  scriptPrefix,
} from "./schema.ts";
import type { TableVerifier } from "./tables.ts";

/** After so many bytes of blocks and undo data the disk is waited for, asked or not: `recover` has to read them. */
const MAX_UNSYNCED = 32 * 1024 * 1024;
/** Coins of an old generation deleted at a time. */
const CLEAR_AT_A_TIME = 20_000;

/** The only writer of a directory that no other process has open: see `openLevelStore`. */
export class LevelStore implements ChainStore {
  readonly #directory: string;
  readonly #db: Database;
  readonly #tables: TableVerifier;
  readonly #bodies: AppendFile;
  readonly #undos: AppendFile;
  readonly #pruner: Pruner;
  #marks: Marks;
  #generation: number;
  /** Whether a write was not waited for. */
  #unsafe = false;
  /** Writes go one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  #clearing: Promise<void>;
  #closing: Promise<void> | undefined;
  /** A write that failed may or may not be there: only opening the store again can tell. */
  #failure: unknown;

  constructor(
    directory: string,
    db: Database,
    files: Files,
    state: StoreState,
    tables: TableVerifier,
  ) {
    this.#directory = directory;
    this.#tables = tables;
    this.#db = db;
    this.#bodies = files.bodies;
    this.#undos = files.undos;
    this.#pruner = new Pruner(db, files);
    this.#marks = state.marks;
    this.#generation = state.generation;
    this.#clearing = this.#clearOldCoins();
  }

  readGenesis(): Promise<Uint8Array | undefined> {
    return this.#read(async () => {
      return await this.#db.get(META.genesis);
    });
  }

  readTip(): Promise<BlockHash | undefined> {
    return this.#run(async () => {
      const tip = await this.#db.get(META.tip);
      return tip && idFromBytes<BlockHash>(tip);
    });
  }

  readRecord(hash: BlockHash): Promise<BlockRecord | undefined> {
    return this.#run(async () => {
      requireId(hash, "hash");
      return (await this.#find(hash))?.record;
    });
  }

  scanIndex(take: (record: RawRecord) => void): Promise<void> {
    return this.#run(async () => {
      requireFunction(take, "take");
      await scanIndex(this.#db, take);
    });
  }

  initialize(genesis: Uint8Array): Promise<void> {
    return this.#run(async () => {
      requireBytes(genesis, "genesis");
      const present = await this.#db.get(META.genesis);
      if (present !== undefined) {
        if (equalBytes(present, genesis)) return;
        throw new StorageError("wrong-chain", "the store belongs to another genesis block");
      }
      const { header, transactions } = Block.fromBytes(genesis);
      const record: BlockRecord = {
        header,
        height: 0,
        status: "body",
        hasBody: true,
        transactionCount: transactions.length,
      };
      const body = await this.#bodies.append(genesis);
      const batch = this.#db.batch().put(META.genesis, genesis);
      await this.#write(put(batch, { record, body, undo: undefined }), true);
    });
  }

  writeHeaders(height: number, headers: readonly BlockHeader[]): Promise<void> {
    return this.#run(async () => {
      requireInteger(height, "height", 0);
      requireArray(headers, "headers", requireHeader);
      const batch = this.#db.batch();
      for (let from = 0; from < headers.length; from += MAX_RUN) {
        const part = headers.slice(from, from + MAX_RUN);
        if (part.length < LEAST_RUN) {
          put(
            batch,
            ...part.map((header, i) => this.#entryFor(recordOf(header, height + from + i))),
          );
        } else {
          batch.put(runKey(height + from, present(part[0], "part[0]").hashBytes), encodeRun(part));
        }
      }
      await this.#write(batch, false);
    });
  }

  writeRecords(records: readonly BlockRecord[]): Promise<void> {
    return this.#run(async () => {
      requireArray(records, "records", requireRecord);
      const entries = records.map((record) => this.#entryFor(record));
      await this.#write(put(this.#db.batch(), ...entries), false);
    });
  }

  writeBlock(raw: Uint8Array, record: BlockRecord): Promise<void> {
    return this.#run(async () => {
      requireBytes(raw, "raw");
      requireRecord(record, "record");
      const entry = this.#entryFor(record);
      const body = await keep(this.#bodies, raw, entry.body);
      await this.#write(put(this.#db.batch(), { ...entry, body }), false);
      this.#pruner.note({ ...entry, body });
    });
  }

  readBlock(hash: BlockHash): Promise<Uint8Array | undefined> {
    return this.#read(async () => {
      requireId(hash, "hash");
      const location = this.#entry(hash)?.body;
      return location && (await this.#bodies.read(location));
    });
  }

  readUndo(hash: BlockHash): Promise<Uint8Array | undefined> {
    return this.#read(async () => {
      requireId(hash, "hash");
      const location = this.#entry(hash)?.undo;
      return location && (await this.#undos.read(location));
    });
  }

  // One `getMany` is one snapshot, and leaves the event loop free. (`getSync` for each is faster where few are asked
  // for, 300,000 a second against 70,000 for five at a time and 190,000 for fifty, but is neither.)
  getCoins(outpoints: readonly Outpoint[]): Promise<readonly (Coin | undefined)[]> {
    return this.#read(async () => {
      requireArray(outpoints, "outpoints", requireOutpoint);
      const keys = outpoints.map((outpoint) => coinKey(this.#generation, outpoint));
      const values = await this.#db.getMany(keys);
      return values.map((value) => value && decodeCoin(value));
    });
  }

  commit(update: ChainUpdate): Promise<void> {
    return this.#run(async () => {
      requireUpdate(update, "update");
      const { tip, connected, coins, records, durable } = update;
      const entries = new Map<BlockHash, BlockEntry>();
      for (const record of records) entries.set(record.header.hash, this.#entryFor(record));
      for (const { hash, undo } of connected) {
        const entry = entries.get(hash) ?? (await this.#find(hash));
        if (entry === undefined) throw unknownBlock(hash);
        entries.set(hash, { ...entry, undo: await keep(this.#undos, undo, entry.undo) });
      }
      if (!entries.has(tip) && (await this.#find(tip)) === undefined) throw unknownBlock(tip);
      const generation = this.#generation;
      const batch = put(this.#db.batch(), ...entries.values()).put(META.tip, idToBytes(tip));
      for (const { outpoint, coin } of coins.spent) {
        batch.del(coinKey(generation, outpoint));
        batch.del(scriptKey(generation, coin.scriptPubKey, outpoint));
      }
      for (const { outpoint, coin } of coins.created) {
        const value = encodeCoin(coin);
        batch.put(coinKey(generation, outpoint), value);
        batch.put(scriptKey(generation, coin.scriptPubKey, outpoint), value);
      }
      await this.#write(batch, durable);
      for (const { hash } of connected) {
        this.#pruner.note(present(entries.get(hash), "entries.get(hash)"));
      }
    });
  }

  prune(options: PruneOptions): Promise<PrunedBlocks> {
    return this.#run(async () => {
      requirePruneOptions(options, "options");
      const { pruned, entries } = await this.#pruner.choose(options);
      // First nothing refers to the files any more, also after a power cut; then they go.
      if (entries.length > 0) await this.#write(put(this.#db.batch(), ...entries), true);
      this.#pruner.deleteUnused();
      return pruned;
    });
  }

  blockBytes(): number {
    return this.#bodies.bytes + this.#undos.bytes;
  }

  resetChainState(): Promise<void> {
    return this.#run(async () => {
      await this.#clearing; // else the next generation could be one that is not gone yet
      const next = (this.#generation + 1) % 256;
      const batch = this.#db.batch().del(META.tip).put(META.generation, Uint8Array.of(next));
      await this.#write(batch, true);
      this.#generation = next;
      this.#clearing = this.#clearOldCoins();
    });
  }

  /** Deletes records of old generations, a piece at a time, in the background. The next open deletes the rest. */
  async #clearOldCoins(): Promise<void> {
    try {
      for (const keys of keysOfOthers(this.#generation)) {
        while (this.#closing === undefined) {
          if ((await this.#db.firstKey(keys)) === undefined) break;
          await this.#db.clear({ ...keys, limit: CLEAR_AT_A_TIME });
        }
      }
    } catch {
      // Nothing depends on it, and the next write fails too if the disk does not work.
    }
  }

  verify(): Promise<void> {
    return this.#read(() => this.#tables.verify("whole"));
  }

  async *unspentByScript(scriptPubKey: Uint8Array): AsyncGenerator<LocatedCoin> {
    requireBytes(scriptPubKey, "scriptPubKey");
    yield* this.#located(keysFrom(scriptPrefix(this.#generation, scriptPubKey)));
  }

  async coinStatistics(hash?: CoinHash): Promise<CoinStatistics> {
    return coinStatisticsOf(this.coins(), hash);
  }

  coinsOnDisk(): Promise<number> {
    return this.#read(() => this.#db.size(coinsOf(this.#generation)));
  }

  coins(): AsyncIterable<LocatedCoin> {
    return this.#located(coinsOf(this.#generation));
  }

  /** Coins whose keys end in their outpoint, as they are at this moment. */
  async *#located(keys: KeyRange): AsyncGenerator<LocatedCoin> {
    if (this.#closing !== undefined) throw closed();
    try {
      for await (const [key, value] of this.#db.iterator(keys)) {
        const outpoint = outpointFromKey(key.subarray(key.length - OUTPOINT_KEY_SIZE));
        yield { outpoint, coin: decodeCoin(value) };
      }
    } catch (error) {
      throw asStorageError(error);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#last.then(async () => {
      try {
        await this.#clearing;
        if (this.#unsafe && this.#failure === undefined) await this.#write(this.#db.batch(), true);
      } catch (error) {
        throw asStorageError(error);
      } finally {
        await this.#bodies.close();
        await this.#undos.close();
        // The files that a failed write left are verified at the next start, as after a kill.
        if (this.#failure === undefined) forgetOwner(this.#directory);
        await this.#db.close();
      }
    });
    return this.#closing;
  }

  /** The index entry of a block that has one of its own, as every block has whose body is stored. */
  #entry(hash: BlockHash): BlockEntry | undefined {
    const value = this.#db.getSync(blockKey(hash));
    return value && decodeEntry(value);
  }

  /** The same of every block, those included whose headers stand in a run and have no entry yet. */
  async #find(hash: BlockHash): Promise<BlockEntry | undefined> {
    const entry = this.#entry(hash);
    if (entry !== undefined) return entry;
    const hashBytes = idToBytes(hash);
    const found = await findHeader(this.#db, hashBytes);
    if (found === undefined) return undefined;
    const header = BlockHeader.fromHashed(found.header.subarray(found.headerStart), hashBytes);
    return { record: recordOf(header, found.height), body: undefined, undo: undefined };
  }

  /** The entry with this record, and where the files hold body and undo data of the block. */
  #entryFor(record: BlockRecord): BlockEntry {
    const known = this.#entry(record.header.hash);
    return { record, body: known?.body, undo: known?.undo };
  }

  /**
   * Writes a batch. Records of the files were written before, so a kill in between leaves bytes that nothing refers to,
   * never the reverse. Durable: the files reach the disk first, then the batch, for the same reason. Not durable: the
   * disk may take them in any order, so the marks say from where on `recover` has to look.
   */
  async #write(batch: Batch, wanted: boolean): Promise<void> {
    const durable = wanted || this.#bodies.unsynced + this.#undos.unsynced > MAX_UNSYNCED;
    try {
      if (durable) {
        await this.#bodies.sync();
        await this.#undos.sync();
      }
      const [body, undo] = [this.#bodies.end, this.#undos.end];
      const safe = durable ? { safeBody: body, safeUndo: undo } : {};
      const marks = { ...this.#marks, batch: this.#marks.batch + 1, body, undo, ...safe };
      await seal(batch, marks).write({ sync: durable });
      this.#marks = marks;
      this.#unsafe = !durable;
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  /** After all writes before it. */
  #run<Result>(operation: () => Promise<Result>): Promise<Result> {
    if (this.#closing !== undefined) return Promise.reject(closed());
    const result = this.#last.then(async () => {
      if (this.#failure !== undefined) {
        const message = "a write failed before: open the store again";
        throw new StorageError("io", message, { cause: this.#failure });
      }
      return operation();
    });
    this.#last = result.catch(() => undefined);
    return translated(result);
  }

  async #read<Result>(operation: () => Promise<Result>): Promise<Result> {
    if (this.#closing !== undefined) throw closed();
    return translated(operation());
  }
}

/** The same, failing with a StorageError. */
async function translated<Result>(promise: Promise<Result>): Promise<Result> {
  try {
    return await promise;
  } catch (error) {
    throw asStorageError(error);
  }
}

function recordOf(header: BlockHeader, height: number): BlockRecord {
  return { header, height, status: "header", hasBody: false, transactionCount: 0 };
}

function put(batch: Batch, ...entries: readonly BlockEntry[]): Batch {
  for (const entry of entries) batch.put(blockKey(entry.record.header.hash), encodeEntry(entry));
  return batch;
}

/** Appends bytes that are not there yet. Those that the disk spoilt are written again. */
async function keep(file: AppendFile, bytes: Uint8Array, known?: Location): Promise<Location> {
  if (known?.length === bytes.length) {
    try {
      if (equalBytes(await file.read(known), bytes)) return known;
    } catch {
      // Bad sectors are no reason not to write it elsewhere; a disk that takes nothing says so when it is written.
    }
  }
  return file.append(bytes);
}

function unknownBlock(hash: BlockHash): StorageError {
  return new StorageError("unknown-block", `block ${hash} is not in the index`);
}
