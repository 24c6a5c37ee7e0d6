import type { BlockHash, LocatedCoin, Outpoint } from "@chain/core";
import type { BlockRecord, ChainStore, ChainUpdate, MemoryStore } from "@chain/storage";

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

  initialize = (genesis: Uint8Array) => this.#write((disk) => disk.initialize(genesis));
  writeRecords = (records: readonly BlockRecord[]) =>
    this.#write((disk) => disk.writeRecords(records));
  writeBlock = (raw: Uint8Array, record: BlockRecord) =>
    this.#write((disk) => disk.writeBlock(raw, record));
  commit = (update: ChainUpdate) => this.#write((disk) => disk.commit(update));
  resetChainState = () => this.#write((disk) => disk.resetChainState());

  loadIndex = async () => this.#alive().loadIndex();
  readBlock = async (hash: BlockHash) => this.#alive().readBlock(hash);
  readUndo = async (hash: BlockHash) => this.#alive().readUndo(hash);
  getCoins = async (outpoints: readonly Outpoint[]) => this.#alive().getCoins(outpoints);
  unspentByScript = (script: Uint8Array): AsyncIterable<LocatedCoin> =>
    this.#alive().unspentByScript(script);
  coinStatistics = async () => this.#alive().coinStatistics();

  async close(): Promise<void> {
    this.#dead = true;
  }
}
