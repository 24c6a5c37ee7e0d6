/** Where the records of wallets are. Core: wallet/db.cpp, walletdb.cpp (MakeDatabase). */
import { readdir, rm, stat } from "node:fs/promises";
import { isAbsolute, join, relative, resolve } from "node:path";
import type { WalletFault } from "@chain/rpc";
import { type KeyValueStore, MemoryKeyValueStore, StorageError } from "@chain/storage";
import { openLevelKeyValueStore } from "@chain/storage/level";
import { messageOf, systemCode, UserError } from "../errors.ts";
import { makeDataDirectory } from "../files.ts";

export type OpenedStore = { readonly ok: true; readonly records: KeyValueStore } | StoreFault;

export interface StoreFault {
  readonly ok: false;
  readonly why: WalletFault;
  readonly message: string;
}

/** The records of wallets by name. */
export interface WalletStores {
  /** As `getwalletinfo.format` has it. */
  readonly format: string;
  /** The names of all wallets that are there. */
  list(): Promise<readonly string[]>;
  /** Whether there is a wallet of this name. */
  has(name: string): Promise<boolean>;
  create(name: string): Promise<OpenedStore>;
  open(name: string): Promise<OpenedStore>;
  /** Deletes a wallet that was just made, and is closed. */
  remove(name: string): Promise<void>;
  /** The path that errors name. */
  pathOf(name: string): string;
}

/** In the directory of a wallet; the records of the wallet without a name lie in the directory of wallets itself. */
const RECORDS = "wallet.db";

/** Each wallet in a directory of its own, in LevelDB. Names are paths below `directory`, or absolute. */
export class DiskStores implements WalletStores {
  readonly format = "leveldb";
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = resolve(directory);
  }

  pathOf(name: string): string {
    return isAbsolute(name) ? resolve(name) : join(this.#directory, name);
  }

  async list(): Promise<readonly string[]> {
    const names: string[] = [];
    await this.#find(this.#directory, names);
    return names.sort();
  }

  async #find(directory: string, names: string[]): Promise<void> {
    const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (!entry.isDirectory()) continue;
      if (entry.name === RECORDS) names.push(relative(this.#directory, directory));
      else await this.#find(join(directory, entry.name), names);
    }
  }

  has(name: string): Promise<boolean> {
    return isDirectory(join(this.pathOf(name), RECORDS));
  }

  async create(name: string): Promise<OpenedStore> {
    const fault = await this.#faultOf(name);
    if (fault !== undefined) return fault;
    if (await this.has(name)) {
      const path = this.pathOf(name);
      return failed(`Failed to create database path '${path}'. Database already exists.`);
    }
    return this.#open(name);
  }

  async open(name: string): Promise<OpenedStore> {
    const fault = await this.#faultOf(name);
    if (fault !== undefined) return fault;
    if (await this.has(name)) return this.#open(name);
    const path = this.pathOf(name);
    const why = (await exists(path)) ? "Data is not in recognized format." : "Path does not exist.";
    return failed(`Failed to load database path '${path}'. ${why}`, "not-found");
  }

  async remove(name: string): Promise<void> {
    const path = this.pathOf(name);
    await rm(join(path, RECORDS), { recursive: true, force: true });
    const left = await readdir(path).catch(() => [RECORDS]);
    if (left.length === 0 && path !== this.#directory) await rm(path, { recursive: true });
  }

  /** Core: GetWalletPath. */
  async #faultOf(name: string): Promise<StoreFault | undefined> {
    const path = this.pathOf(name);
    const isPossible = !name.includes("\0") && ((await isDirectory(path)) || !(await exists(path)));
    if (isPossible) return undefined;
    return failed(
      `Invalid -wallet path '${name}'. -wallet path should point to a directory where the wallet's records can be stored, or to a location where such a directory could be created (${this.#directory})`,
    );
  }

  async #open(name: string): Promise<OpenedStore> {
    const path = join(this.pathOf(name), RECORDS);
    try {
      // For its owner alone.
      await makeDataDirectory(path);
      return { ok: true, records: await openLevelKeyValueStore(path, { durable: true }) };
    } catch (error) {
      const isOurs = error instanceof StorageError || error instanceof UserError;
      if (!isOurs && systemCode(error) === undefined) throw error;
      return failed(`${path}: ${messageOf(error)}`);
    }
  }
}

/** Kept as long as the node lives, loaded or not. */
export class MemoryStores implements WalletStores {
  readonly format = "memory";
  readonly #all = new Map<string, KeyValueStore>();

  pathOf(name: string): string {
    return name;
  }

  async list(): Promise<readonly string[]> {
    return [...this.#all.keys()].sort();
  }

  async has(name: string): Promise<boolean> {
    return this.#all.has(name);
  }

  async create(name: string): Promise<OpenedStore> {
    if (this.#all.has(name)) {
      return failed(`Failed to create database path '${name}'. Database already exists.`);
    }
    const records = keptOpen(new MemoryKeyValueStore());
    this.#all.set(name, records);
    return { ok: true, records };
  }

  async open(name: string): Promise<OpenedStore> {
    const records = this.#all.get(name);
    if (records !== undefined) return { ok: true, records };
    return failed(`Failed to load database path '${name}'. Path does not exist.`, "not-found");
  }

  async remove(name: string): Promise<void> {
    this.#all.delete(name);
  }
}

/** A wallet that is unloaded can be loaded again. */
function keptOpen(store: KeyValueStore): KeyValueStore {
  return {
    get: (key) => store.get(key),
    getMany: (keys) => store.getMany(keys),
    range: (range, limit, order) => store.range(range, limit, order),
    write: (changes) => store.write(changes),
    rewrite: () => store.rewrite(),
    clear: () => store.clear(),
    close: async () => {},
  };
}

function failed(message: string, why: WalletFault = "failed"): StoreFault {
  return { ok: false, why, message: `Wallet file verification failed. ${message}` };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => systemCode(error) !== "ENOENT",
  );
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
