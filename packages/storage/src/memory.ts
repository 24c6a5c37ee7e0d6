import {
  Block,
  type BlockHash,
  type BlockHeader,
  bytesToHex,
  type Coin,
  type CoinChanges,
  compareBytes,
  equalBytes,
  idToBytes,
  type LocatedCoin,
  type Outpoint,
  type OutpointKey,
  outpointKey,
} from "@chain/core";
import {
  requireArray,
  requireBytes,
  requireFunction,
  requireHeader,
  requireId,
  requireInteger,
  requireLocatedCoin,
  requireOptions,
  requireOutpoint,
} from "@chain/core/arguments";
import { requireIterable, requirePruneOptions, requireRecord, requireUpdate } from "./checks.ts";
import { StorageError } from "./errors.ts";
import { outpointToKey } from "./keys.ts";
import { prunedRecord } from "./prunedRecord.ts";
import { coinStatisticsOf } from "./statistics.ts";
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
} from "./store.ts";

export interface MemoryStoreOptions {
  readonly scripts?: boolean;
}

/**
 * A store that lives as long as its process: for tests, simulations and browsers.
 * @example await new MemoryStore().readTip() // undefined
 */
export class MemoryStore implements ChainStore {
  #genesis: Uint8Array | undefined;
  #tip: BlockHash | undefined;
  #closed = false;
  readonly #records = new Map<BlockHash, BlockRecord>();
  readonly #bodies = new Map<BlockHash, Uint8Array>();
  readonly #undo = new Map<BlockHash, Uint8Array>();
  readonly hasScripts: boolean;
  #coins: CoinSet;
  /** Coins below a snapshot. */
  #background: { coins: CoinSet; tip: BlockHash; base: BlockHash } | undefined;
  /** Coins of a snapshot that is being loaded. */
  #loading: CoinSet | undefined;

  /** @param options.scripts whether coins are indexed by script; default: they are */
  constructor(options: MemoryStoreOptions = {}) {
    requireOptions(options, "options", { scripts: "boolean?" });

    this.hasScripts = options.scripts ?? true;
    this.#coins = new CoinSet(this.hasScripts);
  }

  async readGenesis(): Promise<Uint8Array | undefined> {
    this.#check();
    return this.#genesis;
  }

  async readTip(): Promise<BlockHash | undefined> {
    this.#check();
    return this.#tip;
  }

  async readRecord(hash: BlockHash): Promise<BlockRecord | undefined> {
    requireId(hash, "hash");

    this.#check();
    return this.#records.get(hash);
  }

  async scanIndex(take: (record: RawRecord) => void): Promise<void> {
    requireFunction(take, "take");

    this.#check();
    for (const record of this.#records.values()) {
      const { header, height, status, hasBody, transactionCount, reason } = record;
      const invalidReason = status === "invalid" ? (reason ?? "bad-prevblk") : undefined;
      const hash = idToBytes(header.hash);
      const bytes = header.toBytes();
      const places = { header: bytes, headerStart: 0, hash, hashStart: 0 };
      take({ ...places, height, status, hasBody, transactionCount, invalidReason });
    }
  }

  async initialize(genesis: Uint8Array): Promise<void> {
    requireBytes(genesis, "genesis");

    this.#check();
    const block = Block.fromBytes(genesis);
    if (this.#genesis !== undefined) {
      if (bytesToHex(this.#genesis) === bytesToHex(genesis)) return;
      throw new StorageError("wrong-chain", "the store belongs to another genesis block");
    }
    this.#genesis = genesis.slice();
    this.#bodies.set(block.hash, this.#genesis);
    this.#put({
      header: block.header,
      height: 0,
      status: "body",
      hasBody: true,
      transactionCount: block.transactions.length,
    });
  }

  async writeHeaders(height: number, headers: readonly BlockHeader[]): Promise<void> {
    requireInteger(height, "height", 0);
    requireArray(headers, "headers", requireHeader);

    this.#check();
    headers.forEach((header, i) => {
      this.#put({
        header,
        height: height + i,
        status: "header",
        hasBody: false,
        transactionCount: 0,
      });
    });
  }

  async writeRecords(records: readonly BlockRecord[]): Promise<void> {
    requireArray(records, "records", requireRecord);

    this.#check();
    for (const record of records) this.#put(record);
  }

  async writeBlock(raw: Uint8Array, record: BlockRecord): Promise<void> {
    requireBytes(raw, "raw");
    requireRecord(record, "record");

    this.#check();
    const { hash } = record.header;
    if (!this.#bodies.has(hash)) this.#bodies.set(hash, raw.slice());
    this.#put(record);
  }

  #put(record: BlockRecord): void {
    const { hash } = record.header;
    const hasBody = this.#bodies.has(hash);
    const isCounted = hasBody || record.status === "connected";
    const transactionCount = isCounted ? record.transactionCount : 0;
    this.#records.set(hash, { ...record, hasBody, transactionCount });
  }

  async prune(options: PruneOptions): Promise<PrunedBlocks> {
    requirePruneOptions(options, "options");
    const { height: last, target = 0, isActive } = options;

    this.#check();
    const old = [...this.#records.values()].filter(({ hasBody, height }) => {
      return hasBody && height <= last;
    });
    let bytes = this.blockBytes();
    let pruned: number | undefined;
    const forgotten: BlockHash[] = [];
    for (const record of old.sort((a, b) => a.height - b.height)) {
      if (bytes <= target) break;
      const { hash } = record.header;
      bytes -= (this.#bodies.get(hash)?.length ?? 0) + (this.#undo.get(hash)?.length ?? 0);
      this.#bodies.delete(hash);
      this.#undo.delete(hash);
      this.#put(prunedRecord(record, isActive(hash)));
      if (isActive(hash)) pruned = record.height;
      else forgotten.push(hash);
    }
    return { height: pruned, forgotten };
  }

  async forgetBlocks(hashes: readonly BlockHash[]): Promise<void> {
    requireArray(hashes, "hashes", requireId);

    this.#check();
    for (const hash of hashes) {
      this.#records.delete(hash);
      this.#bodies.delete(hash);
      this.#undo.delete(hash);
    }
  }

  blockBytes(): number {
    const kept = [...this.#bodies.values(), ...this.#undo.values()];
    return kept.reduce((sum, { length }) => sum + length, 0);
  }

  async readBlock(hash: BlockHash): Promise<Uint8Array | undefined> {
    requireId(hash, "hash");

    this.#check();
    return this.#bodies.get(hash);
  }

  async readUndo(hash: BlockHash): Promise<Uint8Array | undefined> {
    requireId(hash, "hash");

    this.#check();
    return this.#undo.get(hash);
  }

  async getCoins(outpoints: readonly Outpoint[]): Promise<readonly (Coin | undefined)[]> {
    requireArray(outpoints, "outpoints", requireOutpoint);

    this.#check();
    return outpoints.map((outpoint) => this.#coins.get(outpoint));
  }

  async commit(update: ChainUpdate): Promise<void> {
    requireUpdate(update, "update");

    this.#check();
    this.#commit(update, this.#coins);
    this.#tip = update.tip;
  }

  #commit({ tip, connected, coins, records }: ChainUpdate, set: CoinSet): void {
    const written = new Set(records.map(({ header }) => header.hash));
    for (const hash of [...connected.map((block) => block.hash), tip]) {
      if (this.#records.has(hash) || written.has(hash)) continue;
      throw new StorageError("unknown-block", `block ${hash} is not in the index`);
    }
    set.apply(coins);
    for (const { hash, undo } of connected) this.#undo.set(hash, undo.slice());
    for (const record of records) this.#put(record);
  }

  async resetChainState(): Promise<void> {
    this.#check();
    this.#coins = new CoinSet(this.hasScripts);
    this.#background = undefined;
    this.#tip = undefined;
  }

  async readBackground(): Promise<BackgroundCoins | undefined> {
    this.#check();
    return this.#background && this.#backgroundCoins(this.#background.base);
  }

  #backgroundCoins(base: BlockHash): BackgroundCoins {
    const own = () => {
      this.#check();
      if (this.#background?.base === base) return this.#background;
      throw new StorageError("closed", "the blocks below the snapshot are not checked any more");
    };
    return {
      base,
      get tip() {
        return own().tip;
      },
      getCoins: async (outpoints) => outpoints.map((outpoint) => own().coins.get(outpoint)),
      commit: async (update) => {
        requireUpdate(update, "update");
        this.#commit(update, own().coins);
        own().tip = update.tip;
      },
      coinStatistics: (hash) => coinStatisticsOf(own().coins.inOrder(), hash),
      end: async (kept) => {
        const { coins, tip } = own();
        if (kept === "background") {
          this.#coins = coins;
          this.#tip = tip;
        }
        this.#background = undefined;
      },
    };
  }

  async loadCoins(batches: AsyncIterable<readonly LocatedCoin[]>): Promise<LoadedCoins> {
    requireIterable(batches, "batches");

    this.#check();
    if (this.#background !== undefined || this.#loading !== undefined) {
      throw new StorageError("bad-snapshot", "there is a snapshot already");
    }
    const loaded = new CoinSet(this.hasScripts);
    this.#loading = loaded;
    const discard = async () => {
      if (this.#loading === loaded) this.#loading = undefined;
    };
    try {
      for await (const created of batches) {
        requireArray(created, "batches[]", requireLocatedCoin);
        loaded.apply({ spent: [], created });
      }
    } catch (error) {
      await discard();
      throw error;
    }
    return {
      statistics: await coinStatisticsOf(loaded.inOrder()),
      activate: async (base) => {
        requireId(base, "base");
        this.#check();
        const tip = this.#tip;
        if (tip === undefined || !this.#records.has(base)) {
          throw new StorageError("unknown-block", `block ${base} is not in the index`);
        }
        this.#background = { coins: this.#coins, tip, base };
        this.#coins = loaded;
        this.#loading = undefined;
        this.#tip = base;
        return this.#backgroundCoins(base);
      },
      discard,
    };
  }

  /** Memory does not rot, as far as anybody can tell. */
  async verify(): Promise<void> {
    this.#check();
  }

  async *unspentByScript(scriptPubKey: Uint8Array): AsyncGenerator<LocatedCoin> {
    requireBytes(scriptPubKey, "scriptPubKey");

    this.#check();
    yield* this.#coins.lockedBy(scriptPubKey);
  }

  async *coins(): AsyncGenerator<LocatedCoin> {
    this.#check();
    yield* this.#coins.inOrder();
  }

  async coinStatistics(hash?: CoinHash): Promise<CoinStatistics> {
    this.#check();
    return coinStatisticsOf(this.#coins.inOrder(), hash);
  }

  async coinsOnDisk(): Promise<number> {
    this.#check();
    return 0;
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #check(): void {
    if (this.#closed) throw new StorageError("closed", "the store is closed");
  }
}

/** Unspent outputs, by outpoint and, where they are indexed, by script. */
class CoinSet {
  readonly #isIndexed: boolean;
  readonly #coins = new Map<OutpointKey, LocatedCoin>();
  /** Hex of an output script → what it locks. */
  readonly #byScript = new Map<string, Map<OutpointKey, LocatedCoin>>();

  constructor(isIndexed: boolean) {
    this.#isIndexed = isIndexed;
  }

  get(outpoint: Outpoint): Coin | undefined {
    return this.#coins.get(outpointKey(outpoint))?.coin;
  }

  inOrder(): readonly LocatedCoin[] {
    return inOrder(this.#coins.values());
  }

  lockedBy(scriptPubKey: Uint8Array): readonly LocatedCoin[] {
    if (!this.#isIndexed) {
      return this.inOrder().filter(({ coin }) => equalBytes(coin.scriptPubKey, scriptPubKey));
    }
    return inOrder(this.#byScript.get(bytesToHex(scriptPubKey))?.values() ?? []);
  }

  apply({ spent, created }: CoinChanges): void {
    for (const { outpoint, coin } of spent) {
      const key = outpointKey(outpoint);
      this.#coins.delete(key);
      if (!this.#isIndexed) continue;
      const script = bytesToHex(coin.scriptPubKey);
      const locked = this.#byScript.get(script);
      locked?.delete(key);
      if (locked?.size === 0) this.#byScript.delete(script);
    }
    for (const located of created) {
      const key = outpointKey(located.outpoint);
      this.#coins.set(key, located);
      if (!this.#isIndexed) continue;
      const script = bytesToHex(located.coin.scriptPubKey);
      const locked = this.#byScript.get(script) ?? new Map<OutpointKey, LocatedCoin>();
      this.#byScript.set(script, locked.set(key, located));
    }
  }
}

/** By outpoint, as the keys of a database are. */
function inOrder(coins: Iterable<LocatedCoin>): LocatedCoin[] {
  return [...coins]
    .map((located) => ({ located, key: outpointToKey(located.outpoint) }))
    .sort((a, b) => compareBytes(a.key, b.key))
    .map(({ located }) => located);
}
