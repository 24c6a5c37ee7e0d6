import {
  Block,
  type BlockHash,
  type BlockHeader,
  type Coin,
  equalBytes,
  idFromBytes,
  idToBytes,
  type LocatedCoin,
  type Outpoint,
} from "@chain/core";
import {
  requireArray,
  requireBytes,
  requireFunction,
  requireHeader,
  requireId,
  requireInteger,
  requireLocatedCoin,
  requireOutpoint,
} from "@chain/core/arguments";
import { requireIterable, requirePruneOptions, requireRecord, requireUpdate } from "../checks.ts";
import { StorageError } from "../errors.ts";
import { coinStatisticsOf } from "../statistics.ts";
import type {
  BackgroundCoins,
  BlockRecord,
  ChainStore,
  ChainUpdate,
  CoinHash,
  CoinStatistics,
  LoadedCoins,
  PrunedBlocks,
  PruneOptions,
  RawRecord,
} from "../store.ts";
import type { AppendFile } from "./appendFile.ts";
import { type Background, freeGeneration, putBackground } from "./background.ts";
import { deleteCoins, keep, putCoins, putEntries, unknownBlock } from "./changes.ts";
import type { Batch, Database } from "./checked.ts";
import { Entries } from "./entries.ts";
import { asStorageError, closed, translated } from "./failure.ts";
import { Generations } from "./generations.ts";
import { HeldChanges, MAX_AGE, MAX_UNSYNCED } from "./heldChanges.ts";
import { seal } from "./journal.ts";
import { forgetOwner } from "./owner.ts";
import { Pruner } from "./pruner.ts";
import { type BlockEntry, decodeCoin, decodeLocated, type Marks } from "./records.ts";
import type { Files, StoreState } from "./recover.ts";
import { LEAST_RUN, MAX_RUN, putRun } from "./runs.ts";
import { scanIndex } from "./scan.ts";
import { coinKey, coinsOf, type KeyRange, keysFrom, META, scriptPrefix } from "./schema.ts";
import type { TableVerifier } from "./tables.ts";

type CoinsFound = readonly (Coin | undefined)[];

/** The only writer of a directory that no other process has open: see `openLevelStore`. */
export class LevelStore implements ChainStore {
  readonly #directory: string;
  readonly #db: Database;
  readonly #tables: TableVerifier;
  readonly #bodies: AppendFile;
  readonly #undos: AppendFile;
  readonly #pruner: Pruner;
  #marks: Marks;
  readonly #generations: Generations;
  readonly #held = new HeldChanges();
  readonly #entries: Entries;
  /** The bytes of memory that held changes may take; with 0 none are held. */
  readonly #maxHeld: number;
  #flushTimer: NodeJS.Timeout | undefined;
  /** Whether a write was not waited for. */
  #unsafe = false;
  /** Writes go one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;
  /** A write that failed may or may not be there: only opening the store again can tell. */
  #failure: unknown;

  constructor(
    directory: string,
    db: Database,
    files: Files,
    state: StoreState,
    tables: TableVerifier,
    maxHeld: number,
  ) {
    this.#directory = directory;
    this.#tables = tables;
    this.#db = db;
    this.#bodies = files.bodies;
    this.#undos = files.undos;
    this.#pruner = new Pruner(db, files);
    this.#marks = state.marks;
    this.#maxHeld = maxHeld;
    this.#entries = new Entries(db, this.#held);
    this.#generations = new Generations(db, state);
  }

  get hasScripts(): boolean {
    return this.#generations.scripts;
  }

  readGenesis(): Promise<Uint8Array | undefined> {
    return this.#read(() => this.#db.get(META.genesis));
  }

  readTip(): Promise<BlockHash | undefined> {
    return this.#run(async () => {
      const tip = this.#held.tip === undefined ? await this.#db.get(META.tip) : undefined;
      return this.#held.tip ?? (tip && idFromBytes<BlockHash>(tip));
    });
  }

  readRecord(hash: BlockHash): Promise<BlockRecord | undefined> {
    return this.#run(async () => {
      requireId(hash, "hash");
      return (await this.#entries.find(hash))?.record;
    });
  }

  scanIndex(take: (record: RawRecord) => void): Promise<void> {
    return this.#run(async () => {
      requireFunction(take, "take");
      await this.#flush();
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
      const batch = this.#batch().put(META.genesis, genesis);
      await this.#write(putEntries(batch, { record, body, undo: undefined }), true);
    });
  }

  writeHeaders(height: number, headers: readonly BlockHeader[]): Promise<void> {
    return this.#run(async () => {
      requireInteger(height, "height", 0);
      requireArray(headers, "headers", requireHeader);
      const batch = this.#batch();
      for (let from = 0; from < headers.length; from += MAX_RUN) {
        const part = headers.slice(from, from + MAX_RUN);
        if (part.length < LEAST_RUN) putEntries(batch, ...this.#entries.of(part, height + from));
        else putRun(batch, part, height + from);
      }
      await this.#write(batch, false);
    });
  }

  writeRecords(records: readonly BlockRecord[]): Promise<void> {
    return this.#run(async () => {
      requireArray(records, "records", requireRecord);
      const entries = records.map((record) => this.#entries.with(record));
      await this.#write(putEntries(this.#batch(), ...entries), false);
    });
  }

  writeBlock(raw: Uint8Array, record: BlockRecord): Promise<void> {
    return this.#run(async () => {
      requireBytes(raw, "raw");
      requireRecord(record, "record");
      const entry = this.#entries.with(record);
      const body = await keep(this.#bodies, raw, entry.body);
      await this.#hold([{ ...entry, body }]);
    });
  }

  readBlock(hash: BlockHash): Promise<Uint8Array | undefined> {
    return this.#read(async () => {
      requireId(hash, "hash");
      const location = this.#entries.get(hash)?.body;
      return location && (await this.#bodies.read(location));
    });
  }

  readUndo(hash: BlockHash): Promise<Uint8Array | undefined> {
    return this.#read(async () => {
      requireId(hash, "hash");
      const location = this.#entries.get(hash)?.undo;
      return location && (await this.#undos.read(location));
    });
  }

  // One `getMany` is one snapshot, and leaves the event loop free. (`getSync` for each is faster where few are asked
  // for, 300,000 a second against 70,000 for five at a time and 190,000 for fifty, but is neither.)
  getCoins(outpoints: readonly Outpoint[]): Promise<CoinsFound> {
    return this.#getCoins(outpoints, () => this.#generations.active);
  }

  #getCoins(outpoints: readonly Outpoint[], generation: () => number): Promise<CoinsFound> {
    return this.#read(async () => {
      requireArray(outpoints, "outpoints", requireOutpoint);
      const own = generation();
      const read = async (asked: readonly Outpoint[]) => {
        const values = await this.#db.getMany(asked.map((each) => coinKey(own, each)));
        return values.map((value) => value && decodeCoin(value));
      };
      return own === this.#generations.active ? this.#held.coins(outpoints, read) : read(outpoints);
    });
  }

  commit(update: ChainUpdate): Promise<void> {
    return this.#run(async () => {
      requireUpdate(update, "update");
      const entries = await this.#entriesOf(update);
      if (update.durable || this.#maxHeld === 0) {
        const batch = this.#batch().put(META.tip, idToBytes(update.tip));
        return this.#writeStep(batch, update, entries, this.#generations.active);
      }
      // A block that was connected can be disconnected after a kill, too: others may have seen it.
      if (!this.#held.isFollowedBy(update)) await this.#flush();
      this.#held.addStep(update);
      await this.#hold(entries);
    });
  }

  async #writeStep(
    batch: Batch,
    { coins, durable }: ChainUpdate,
    entries: readonly BlockEntry[],
    generation: number,
  ): Promise<void> {
    const place = this.#generations.place(generation);
    deleteCoins(putEntries(batch, ...entries), place, coins.spent);
    await this.#write(putCoins(batch, place, coins.created), durable);
    for (const entry of entries) this.#pruner.note(entry);
  }

  /** The index entries that a step changes. */
  async #entriesOf({ tip, connected, records }: ChainUpdate): Promise<readonly BlockEntry[]> {
    const entries = new Map<BlockHash, BlockEntry>();
    for (const record of records) entries.set(record.header.hash, this.#entries.with(record));
    for (const { hash, undo } of connected) {
      const entry = entries.get(hash) ?? (await this.#entries.find(hash));
      if (entry === undefined) throw unknownBlock(hash);
      entries.set(hash, { ...entry, undo: await keep(this.#undos, undo, entry.undo) });
    }
    if (!entries.has(tip) && (await this.#entries.find(tip)) === undefined) throw unknownBlock(tip);
    return [...entries.values()];
  }

  async readBackground(): Promise<BackgroundCoins | undefined> {
    return this.#generations.background && this.#backgroundCoins(this.#generations.background);
  }

  #backgroundCoins({ base, generation }: Background): BackgroundCoins {
    const own = (): Background => {
      const { background } = this.#generations;
      if (background?.generation === generation) return background;
      throw new StorageError("closed", "the blocks below the snapshot are not checked any more");
    };
    return {
      base,
      get tip() {
        return own().tip;
      },
      getCoins: (outpoints) => this.#getCoins(outpoints, () => own().generation),
      commit: (update) =>
        this.#run(async () => {
          requireUpdate(update, "update");
          const next = { ...own(), tip: update.tip };
          const entries = await this.#entriesOf(update);
          const batch = putBackground(this.#batch(), next);
          await this.#writeStep(batch, update, entries, generation);
          this.#generations.background = next;
        }),
      coinStatistics: (hash) => coinStatisticsOf(this.#located(coinsOf(own().generation)), hash),
      end: (kept) =>
        this.#run(async () => {
          const { tip } = own();
          await this.#generations.cleared;
          const batch = putBackground(this.#batch(), undefined);
          if (kept === "background") {
            batch.put(META.tip, idToBytes(tip)).put(META.generation, Uint8Array.of(generation));
          }
          await this.#write(batch, true);
          if (kept === "background") this.#generations.active = generation;
          this.#generations.background = undefined;
          this.#generations.clearOthers();
        }),
    };
  }

  async loadCoins(batches: AsyncIterable<readonly LocatedCoin[]>): Promise<LoadedCoins> {
    requireIterable(batches, "batches");
    if (this.#generations.background !== undefined || this.#generations.loading !== undefined) {
      throw new StorageError("bad-snapshot", "there is a snapshot already");
    }
    const generation = freeGeneration(this.#generations.kept);
    const place = this.#generations.place(generation);
    this.#generations.loading = generation;
    const discard = async () => {
      if (this.#generations.loading !== generation) return;
      this.#generations.loading = undefined;
      this.#generations.clearOthers();
    };
    try {
      await this.#generations.cleared; // it may have coins of that generation to delete
      for await (const coins of batches) {
        requireArray(coins, "batches[]", requireLocatedCoin);
        await this.#run(() => this.#write(putCoins(this.#batch(), place, coins), false));
      }
      const statistics = await coinStatisticsOf(this.#located(coinsOf(generation)));
      const activate = (base: BlockHash) => this.#run(() => this.#activate(base, generation));
      return { statistics, activate, discard };
    } catch (error) {
      await discard();
      throw error;
    }
  }

  async #activate(base: BlockHash, generation: number): Promise<BackgroundCoins> {
    requireId(base, "base");
    await this.#flush();
    const tip = await this.#db.get(META.tip);
    const known = await this.#entries.find(base);
    if (tip === undefined || known === undefined) throw unknownBlock(base);
    const below = { generation: this.#generations.active, tip: idFromBytes<BlockHash>(tip), base };
    const batch = putBackground(this.#batch(), below)
      .put(META.tip, idToBytes(base))
      .put(META.generation, Uint8Array.of(generation));
    await this.#write(batch, true);
    this.#generations.background = below;
    this.#generations.active = generation;
    this.#generations.loading = undefined;
    return this.#backgroundCoins(below);
  }

  prune(options: PruneOptions): Promise<PrunedBlocks> {
    return this.#run(async () => {
      requirePruneOptions(options, "options");
      await this.#flush();
      const { pruned, entries } = await this.#pruner.choose(options);
      // First nothing refers to the files any more, also after a power cut; then they go.
      if (entries.length > 0) await this.#write(putEntries(this.#batch(), ...entries), true);
      this.#pruner.deleteUnused();
      return pruned;
    });
  }

  blockBytes(): number {
    return this.#bodies.bytes + this.#undos.bytes;
  }

  resetChainState(): Promise<void> {
    return this.#run(async () => {
      await this.#generations.cleared; // else the next generation could be one that is not gone yet
      const next = freeGeneration(this.#generations.kept);
      const batch = putBackground(this.#batch(), undefined);
      batch.del(META.tip).put(META.generation, Uint8Array.of(next));
      await this.#write(batch, true);
      this.#generations.active = next;
      this.#generations.background = undefined;
      this.#generations.clearOthers();
    });
  }

  verify(): Promise<void> {
    return this.#read(() => this.#tables.verify("whole"));
  }

  async *unspentByScript(scriptPubKey: Uint8Array): AsyncGenerator<LocatedCoin> {
    requireBytes(scriptPubKey, "scriptPubKey");
    const { active } = this.#generations;
    const keys = this.hasScripts ? keysFrom(scriptPrefix(active, scriptPubKey)) : coinsOf(active);
    for await (const located of this.#located(keys)) {
      if (equalBytes(located.coin.scriptPubKey, scriptPubKey)) yield located;
    }
  }

  async coinStatistics(hash?: CoinHash): Promise<CoinStatistics> {
    return coinStatisticsOf(this.coins(), hash);
  }

  coinsOnDisk(): Promise<number> {
    return this.#read(async () => this.#db.size(coinsOf(this.#generations.active)));
  }

  coins(): AsyncIterable<LocatedCoin> {
    return this.#located(coinsOf(this.#generations.active));
  }

  /** Coins whose keys end in their outpoint, as they are at this moment. */
  async *#located(keys: KeyRange): AsyncGenerator<LocatedCoin> {
    const records = await this.#run(async () => {
      await this.#flush();
      return this.#db.iterator(keys); // before any change that is asked for later
    });
    try {
      for await (const record of records) yield decodeLocated(record);
    } catch (error) {
      throw asStorageError(error);
    }
  }

  close(): Promise<void> {
    this.#generations.stop();
    this.#closing ??= this.#last.then(async () => {
      try {
        await this.#generations.cleared;
        clearTimeout(this.#flushTimer);
        const isOpen = this.#unsafe || !this.#held.isEmpty;
        if (isOpen && this.#failure === undefined) await this.#write(this.#batch(), true);
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

  /** Changes that are written once they are too many or too old, or with the next batch. */
  async #hold(entries: readonly BlockEntry[]): Promise<void> {
    this.#held.addEntries(entries);
    if (this.#held.bytes > this.#maxHeld || this.#bodies.unsynced > MAX_UNSYNCED)
      await this.#flush();
    else {
      this.#flushTimer ??= setTimeout(() => {
        this.#flushTimer = undefined;
        this.#run(() => this.#flush()).catch(() => {}); // the next write says so
      }, MAX_AGE).unref();
    }
    for (const entry of entries) this.#pruner.note(entry);
  }

  async #flush(): Promise<void> {
    if (!this.#held.isEmpty) await this.#write(this.#batch(), false);
  }

  /** A batch that begins with the changes that are held. */
  #batch(): Batch {
    return this.#held.putInto(this.#db.batch(), this.#generations.place(this.#generations.active));
  }

  /**
   * Writes a batch of `#batch`. Records of the files were written before, so a kill in between leaves bytes that
   * nothing refers to, never the reverse. Durable: the files reach the disk first, then the batch, for the same reason.
   * Not durable: the disk may take them in any order, so the marks say from where on `recover` has to look.
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
      this.#held.clear();
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
