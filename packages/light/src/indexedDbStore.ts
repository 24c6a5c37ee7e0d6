import { concatBytes, HEADER_SIZE } from "@chain/core";
import { present, requireBytes, requireFields, requireInteger } from "@chain/core/arguments";
import { LightError } from "./errors.ts";
import type { LightStore } from "./store.ts";

/** Headers of a record: writing one at the tip writes this many again at most, which are 80 kB. */
const HEADERS_PER_RECORD = 1_000;
const HEADERS = "headers";
const STATE = "state";
const COUNT_KEY = "count";
const STATE_KEY = "state";

/** The part of the platform's `indexedDB` that is used here. */
export interface PlatformIndexedDb {
  open(name: string, version: number): PlatformRequest & { onupgradeneeded: unknown };
}

interface PlatformRequest {
  readonly result: unknown;
  readonly error: unknown;
  onsuccess: unknown;
  onerror: unknown;
}

interface Database {
  onversionchange: unknown;
  createObjectStore(name: string): unknown;
  transaction(names: readonly string[], mode: "readonly" | "readwrite"): DatabaseTransaction;
  close(): void;
}

interface DatabaseTransaction {
  readonly error: unknown;
  oncomplete: unknown;
  onabort: unknown;
  objectStore(name: string): Records;
}

interface Records {
  get(key: number | string): PlatformRequest;
  getAll(): PlatformRequest;
  put(value: unknown, key: number | string): PlatformRequest;
}

/** Gets the answer to a question in a transaction, which ends once nothing more is asked. */
type Ask = <Answer>(request: PlatformRequest) => Promise<Answer>;

/**
 * A store in a browser's IndexedDB, whose transactions are atomic: a tab that is closed in the middle of a write
 * leaves what was there before. One node at a time may use a database.
 * @example
 * const store = await IndexedDbLightStore.open({ indexedDB, name: "light" });
 * await store.writeHeaders(0, new Uint8Array(80));
 * (await store.readHeaders()).length // 80
 * store.close();
 */
export class IndexedDbLightStore implements LightStore {
  readonly #database: Database;

  private constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Opens a database, and makes it where there is none.
   * @param options.indexedDB that of the platform
   * @param options.name of the database: one for each chain, and for each set of watched scripts
   * @throws LightError `store-failed`
   */
  static async open(options: {
    readonly indexedDB: PlatformIndexedDb;
    readonly name: string;
  }): Promise<IndexedDbLightStore> {
    requireFields(options, "options", { indexedDB: "object", name: "string" });
    requireFields(options.indexedDB, "options.indexedDB", { open: "function" });

    try {
      const request = options.indexedDB.open(options.name, 1);
      request.onupgradeneeded = () => {
        const database = request.result as Database;
        database.createObjectStore(HEADERS);
        database.createObjectStore(STATE);
      };
      const database = await answer<Database>(request);
      // Another page deletes it: without this, it would wait for ever.
      database.onversionchange = () => database.close();
      return new IndexedDbLightStore(database);
    } catch (cause) {
      throw failed(cause);
    }
  }

  readHeaders(): Promise<Uint8Array> {
    return this.#run("readonly", async (headers, state, ask) => {
      const count = (await ask<number | undefined>(state.get(COUNT_KEY))) ?? 0;
      const records = await ask<readonly Uint8Array[]>(headers.getAll());
      const used = records.slice(0, Math.ceil(count / HEADERS_PER_RECORD));
      return concatBytes(...used).subarray(0, count * HEADER_SIZE);
    });
  }

  async writeHeaders(index: number, bytes: Uint8Array): Promise<void> {
    requireInteger(index, "index");
    requireBytes(bytes, "bytes");

    const place = Math.floor(index / HEADERS_PER_RECORD);
    const size = HEADERS_PER_RECORD * HEADER_SIZE;
    await this.#run("readwrite", async (headers, state, ask) => {
      const before = (await ask<Uint8Array | undefined>(headers.get(place))) ?? new Uint8Array(0);
      const kept = before.subarray(0, (index % HEADERS_PER_RECORD) * HEADER_SIZE);
      const all = concatBytes(kept, bytes);
      for (let at = 0; at < all.length; at += size) {
        headers.put(all.slice(at, at + size), place + at / size);
      }
      // Records behind the last are not read, and are written over.
      state.put(place * HEADERS_PER_RECORD + Math.floor(all.length / HEADER_SIZE), COUNT_KEY);
    });
  }

  readState(): Promise<Uint8Array | undefined> {
    return this.#run("readonly", (_, state, ask) => ask(state.get(STATE_KEY)));
  }

  async writeState(bytes: Uint8Array): Promise<void> {
    requireBytes(bytes, "bytes");

    await this.#run("readwrite", async (_, state) => void state.put(bytes.slice(), STATE_KEY));
  }

  /** Ends the use of the database, once all that was being written is written. */
  close(): void {
    this.#database.close();
  }

  /** Does something in one transaction. */
  async #run<Result>(
    mode: "readonly" | "readwrite",
    work: (headers: Records, state: Records, ask: Ask) => Promise<Result>,
  ): Promise<Result> {
    try {
      const transaction = this.#database.transaction([HEADERS, STATE], mode);
      const ended = new Promise<void>((resolve, reject) => {
        transaction.oncomplete = () => resolve();
        // Where a write fails, as for lack of room, the whole transaction is aborted.
        transaction.onabort = () => reject(transaction.error);
      });
      // It is waited for below.
      ended.catch(() => {});
      const [headers, state] = [HEADERS, STATE].map((name) => transaction.objectStore(name));
      const result = await work(
        present(headers, "the store of headers"),
        present(state, "the store of the state"),
        answer,
      );
      await ended;
      return result;
    } catch (cause) {
      throw failed(cause);
    }
  }
}

function answer<Answer>(request: PlatformRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result as Answer);
    request.onerror = () => reject(request.error);
  });
}

function failed(cause: unknown): LightError {
  return new LightError("store-failed", `IndexedDB failed: ${String(cause)}`, { cause });
}
