import { join } from "node:path";
import type { ChainManager, Log } from "@chain/engine";
import {
  type ChainIndex,
  followChain,
  IndexError,
  type Indexes,
  type RunningIndex,
  TransactionIndex,
} from "@chain/indexes";
import { type KeyValueStore, MemoryKeyValueStore, StorageError } from "@chain/storage";
import { openLevelKeyValueStore } from "@chain/storage/level";
import { messageOf, systemCode, UserError } from "../errors.ts";
import { makeDataDirectory } from "../files.ts";
import type { Service } from "./service.ts";

/** The indexes that a node keeps. One that is switched on later is built then; one that is switched off keeps its files. */
export interface IndexesConfig {
  /** All transactions by id. Core: -txindex. Default: no. */
  readonly transactions?: boolean;
}

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
  const start = <Index extends ChainIndex>(
    name: string,
    of: (records: KeyValueStore) => Index,
  ): Promise<RunningIndex<Index>> => {
    const path = directory && join(directory, name);
    return explained(name, path, async () => {
      const records = await openRecords(path);
      opened.push(records);
      const index = await followChain(of(records), { chain, records, log });
      running.push(index);
      return index;
    });
  };
  try {
    const { transactions = false } = wanted ?? {};
    const indexes: Indexes = {
      ...(transactions && {
        transactions: await start("txindex", (records) => new TransactionIndex(records, chain)),
      }),
    };
    return { indexes, stopping: "closing the indexes", stop };
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
