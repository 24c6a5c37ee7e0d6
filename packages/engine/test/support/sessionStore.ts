import type { BlockHash, BlockHeader, Coin, LocatedCoin, Outpoint } from "@chain/core";
import { present } from "@chain/core/arguments";
import type {
  BackgroundCoins,
  BlockRecord,
  ChainStore,
  ChainUpdate,
  CoinStatistics,
  LoadedCoins,
  MemoryStore,
  PrunedBlocks,
  PruneOptions,
  RawRecord,
} from "@chain/storage";

/** Thrown in place of a write: the process dies here. */
export class Crash extends Error {
  override readonly name = "Crash";
}

/**
 * One life of a process over a store that outlives it. It ends after a number of writes: the next one, and whatever
 * is asked after that, fails.
 */
export class SessionStore implements ChainStore {
  readonly #disk: MemoryStore;
  #left: number;
  #dead = false;
  writes = 0;

  get hasScripts(): boolean {
    return this.#disk.hasScripts;
  }

  constructor(disk: MemoryStore, writes: number = Number.POSITIVE_INFINITY) {
    this.#disk = disk;
    this.#left = writes;
  }

  #alive(): MemoryStore {
    if (this.#dead) throw new Crash("dead");
    return this.#disk;
  }

  async #write(operation: (disk: MemoryStore) => Promise<void>): Promise<void> {
    const disk = this.#alive();
    if (this.#left === 0) {
      this.#dead = true;
      throw new Crash("killed");
    }
    this.#left--;
    this.writes++;
    await operation(disk);
  }

  initialize(genesis: Uint8Array): Promise<void> {
    return this.#write((disk) => disk.initialize(genesis));
  }

  writeHeaders(height: number, headers: readonly BlockHeader[]): Promise<void> {
    return this.#write((disk) => disk.writeHeaders(height, headers));
  }

  writeRecords(records: readonly BlockRecord[]): Promise<void> {
    return this.#write((disk) => disk.writeRecords(records));
  }

  writeBlock(raw: Uint8Array, record: BlockRecord): Promise<void> {
    return this.#write((disk) => disk.writeBlock(raw, record));
  }

  commit(update: ChainUpdate): Promise<void> {
    return this.#write((disk) => disk.commit(update));
  }

  resetChainState(): Promise<void> {
    return this.#write((disk) => disk.resetChainState());
  }

  async readBackground(): Promise<BackgroundCoins | undefined> {
    const below = await this.#alive().readBackground();
    return below && this.#dying(below);
  }

  async loadCoins(batches: AsyncIterable<readonly LocatedCoin[]>): Promise<LoadedCoins> {
    const loaded = await this.#alive().loadCoins(batches);
    return {
      ...loaded,
      activate: async (base) => {
        await this.#write(async () => void (await loaded.activate(base)));
        return this.#dying(present(await this.#disk.readBackground(), "readBackground()"));
      },
    };
  }

  /** Its writes count as well. */
  #dying(below: BackgroundCoins): BackgroundCoins {
    return {
      base: below.base,
      get tip() {
        return below.tip;
      },
      getCoins: (outpoints) => below.getCoins(outpoints),
      coinStatistics: (hash) => below.coinStatistics(hash),
      commit: (update) => this.#write(() => below.commit(update)),
      end: (kept) => this.#write(() => below.end(kept)),
    };
  }

  async prune(options: PruneOptions): Promise<PrunedBlocks> {
    return this.#alive().prune(options);
  }

  blockBytes(): number {
    return this.#alive().blockBytes();
  }

  async readGenesis(): Promise<Uint8Array | undefined> {
    return this.#alive().readGenesis();
  }

  async readTip(): Promise<BlockHash | undefined> {
    return this.#alive().readTip();
  }

  async readRecord(hash: BlockHash): Promise<BlockRecord | undefined> {
    return this.#alive().readRecord(hash);
  }

  async scanIndex(take: (record: RawRecord) => void): Promise<void> {
    return this.#alive().scanIndex(take);
  }

  async readBlock(hash: BlockHash): Promise<Uint8Array | undefined> {
    return this.#alive().readBlock(hash);
  }

  async readUndo(hash: BlockHash): Promise<Uint8Array | undefined> {
    return this.#alive().readUndo(hash);
  }

  async getCoins(outpoints: readonly Outpoint[]): Promise<readonly (Coin | undefined)[]> {
    return this.#alive().getCoins(outpoints);
  }

  verify(): Promise<void> {
    return this.#alive().verify();
  }

  unspentByScript(scriptPubKey: Uint8Array): AsyncIterable<LocatedCoin> {
    return this.#alive().unspentByScript(scriptPubKey);
  }

  coins(): AsyncIterable<LocatedCoin> {
    return this.#alive().coins();
  }

  async coinStatistics(): Promise<CoinStatistics> {
    return this.#alive().coinStatistics();
  }

  async coinsOnDisk(): Promise<number> {
    return this.#alive().coinsOnDisk();
  }

  async close(): Promise<void> {
    this.#dead = true;
  }
}
