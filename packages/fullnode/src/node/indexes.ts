import { join } from "node:path";
import type { ChainManager, Log } from "@chain/engine";
import {
  BlockFilterIndex,
  type ChainIndex,
  CoinStatisticsIndex,
  followChain,
  IndexError,
  type Indexes,
  type IndexName,
  type RunningIndex,
  ScriptHistoryIndex,
  SpenderIndex,
  TransactionIndex,
} from "@chain/indexes";
import { type KeyValueStore, MemoryKeyValueStore, StorageError } from "@chain/storage";
import { openLevelKeyValueStore } from "@chain/storage/level";
import { messageOf, systemCode, UserError } from "../errors.ts";
import { makeDataDirectory } from "../files.ts";
import type { Service } from "./service.ts";

/**
 * The indexes that a node keeps; none of them by default. One that is switched on later is built then; one that is
 * switched off keeps its files.
 */
export interface IndexesConfig {
  /** All transactions by id. Core: -txindex. */
  readonly transactions?: boolean;
  /** The filters of blocks (BIP-0158). Core: -blockfilterindex. */
  readonly blockFilters?: boolean;
  /** Statistics of all coins after each block. Core: -coinstatsindex. */
  readonly coinStats?: boolean;
  /** The transactions that have spent outputs. Core: -txospenderindex. */
  readonly spenders?: boolean;
  /** The history of each output script, as Electrum servers keep it; Core has no such index. */
  readonly scriptHistory?: boolean;
}

interface IndexRow<Index extends ChainIndex> {
  /** The directory of its records. */
  readonly folder: string;
  readonly make: (records: KeyValueStore, chain: ChainManager, log: Log) => Index;
}

type IndexOf<Name extends IndexName> =
  NonNullable<Indexes[Name]> extends RunningIndex<infer Index> ? Index : never;

/** All that there are. */
const INDEXES: { readonly [Name in IndexName]-?: IndexRow<IndexOf<Name>> } = {
  transactions: {
    folder: "txindex",
    make: (records, chain) => new TransactionIndex(records, chain),
  },
  coinStats: {
    folder: "coinstatsindex",
    make: (records, chain) => new CoinStatisticsIndex(records, chain),
  },
  blockFilters: { folder: "blockfilter", make: (records) => new BlockFilterIndex(records) },
  spenders: {
    folder: "txospenderindex",
    make: (records, chain) => new SpenderIndex(records, chain),
  },
  scriptHistory: {
    folder: "scripthistoryindex",
    make: (records, chain, log) => new ScriptHistoryIndex(records, chain, log),
  },
};

export interface RunningIndexes extends Service {
  readonly indexes: Indexes;
}

/**
 * Begins to follow the chain by the indexes that are wanted.
 * @param directory where their files are; `undefined`: in memory
 * @throws UserError `damaged`, `in-use`, `io`.
 */
export async function startIndexes(
  wanted: IndexesConfig | undefined,
  directory: string | undefined,
  chain: ChainManager,
  log: Log,
): Promise<RunningIndexes> {
  const opened: KeyValueStore[] = [];
  const running: RunningIndex[] = [];
  const stop = async () => {
    for (const each of running) await each.stop();
    for (const records of opened) await records.close();
  };
  const start = ({ folder, make }: IndexRow<ChainIndex>): Promise<RunningIndex> => {
    const path = directory && join(directory, folder);
    return explained(folder, path, async () => {
      const records = await openRecords(path);
      opened.push(records);
      const index = await followChain(make(records, chain, log), { chain, records, log });
      running.push(index);
      return index;
    });
  };
  try {
    const indexes: Partial<Record<IndexName, RunningIndex>> = {};
    for (const name of Object.keys(INDEXES) as IndexName[]) {
      if (wanted?.[name] === true) indexes[name] = await start(INDEXES[name]);
    }
    return { indexes: indexes as Indexes, stopping: "closing the indexes", stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function openRecords(path: string | undefined): Promise<KeyValueStore> {
  if (path === undefined) return new MemoryKeyValueStore();
  await makeDataDirectory(path);
  return openLevelKeyValueStore(path);
}

async function explained<Result>(
  name: string,
  path: string | undefined,
  act: () => Promise<Result>,
): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    const message = messageOf(error);
    const code = error instanceof StorageError || error instanceof IndexError ? error.code : "io";
    if (code === "in-use") throw new UserError("in-use", message, { cause: error });
    if (code === "corrupt" || code === "foreign" || code === "damaged") {
      const advice = `delete ${path}, and it is built again`;
      throw new UserError("damaged", `${name}: ${message}: ${advice}`, { cause: error });
    }
    if (error instanceof StorageError || systemCode(error) !== undefined) {
      throw new UserError("io", `${name}: ${message}`, { cause: error });
    }
    throw error;
  }
}
