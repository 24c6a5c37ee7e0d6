import type { Block, ChainParams } from "@chain/core";
import { requireBytes, requireFields } from "@chain/core/arguments";
import {
  type ChainManager,
  InProcessSearch,
  type Log,
  Miner,
  type SpendableCoin,
  spendableCoins,
} from "@chain/engine";
import type { ChainStore } from "@chain/storage";
import { openChain, openStored, refuseLight, type StoredChain } from "./chain/open.ts";
import { requireIdentity, requireLog } from "./checks.ts";
import { UserError } from "./errors.ts";
import type { Identity } from "./identity.ts";
import { silentLog } from "./ports/silentLog.ts";
import { systemClock, systemTimers } from "./ports/system.ts";

/** The chain of a node that does not run. */
export interface OfflineChain {
  readonly chain: ChainManager;
  readonly params: ChainParams;
  readonly store: ChainStore;
  /** The coins that a script can spend. */
  coins(scriptPubKey: Uint8Array): Promise<SpendableCoin[]>;
  /** Lets others have the database. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Opens the database of a node that does not run.
 * @throws UserError `no-chain`, a light node's too; `in-use` where a process has it, which the message names; `damaged`, `io`.
 * @example
 * const offline = await openOffline(identity);
 * offline.chain.tip.height // 0
 * await offline.close();
 */
export async function openOffline(identity: Identity, log: Log = silentLog): Promise<OfflineChain> {
  requireIdentity(identity, "identity");
  requireLog(log, "log");

  await refuseLight(identity);
  const { chain, params, store } = await openChain(identity, { log });
  return {
    chain,
    params,
    store,
    coins: (scriptPubKey) => spendableCoins(chain, scriptPubKey),
    close: () => chain.close(),
  };
}

/** The coins and blocks of a node that does not run, as its last commit left them. */
export interface OfflineCoins extends StoredChain {
  /** Confirmed coins that a script locks. */
  coins(scriptPubKey: Uint8Array): Promise<SpendableCoin[]>;
  /** Lets others have the database. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Opens the database of a node that does not run, for reading: fast, however many blocks there are. Where the node has
 * to finish something first, such as making its coins again, that is done.
 * @throws UserError as `openOffline`.
 * @example
 * const offline = await openOfflineCoins(identity);
 * offline.tip.height // 0
 * await offline.close();
 */
export async function openOfflineCoins(
  identity: Identity,
  log: Log = silentLog,
): Promise<OfflineCoins> {
  requireIdentity(identity, "identity");
  requireLog(log, "log");

  let stored = await openStored(identity);
  if (stored === undefined) {
    await (await openOffline(identity, log)).close();
    stored = await openStored(identity);
  }
  if (stored === undefined) {
    throw new UserError("damaged", `${identity.paths.database} has lost its last block`);
  }
  const { store } = stored;
  return {
    ...stored,
    coins: async (scriptPubKey) => {
      const coins: SpendableCoin[] = [];
      for await (const coin of store.unspentByScript(scriptPubKey)) {
        coins.push({ ...coin, pending: false });
      }
      return coins;
    },
    close: () => store.close(),
  };
}

/**
 * Mines one block with what waits, and waits until the chain has it.
 * @param payTo script of the output that gets the reward
 * @example
 * const { chain, close } = await openOffline(identity);
 * (await mineBlock(chain, payTo)).hash === chain.tip.hash // true
 * await close();
 */
export function mineBlock(chain: ChainManager, payTo: Uint8Array): Promise<Block> {
  requireFields(chain, "chain", { acceptBlock: "function", tip: "object" });
  requireBytes(payTo, "payTo");

  const search = new InProcessSearch(systemClock, systemTimers);
  return new Miner({
    chain,
    search,
    payTo,
    clock: systemClock,
    timers: systemTimers,
    log: silentLog,
  }).mineOne();
}
