import type { Block, ChainParams } from "@chain/core";
import { type ChainManager, InProcessSearch, type Log, Miner } from "@chain/engine";
import type { ChainStore } from "@chain/storage";
import { type SpendableCoin, spendableCoins } from "./chain/coins.ts";
import { openChain } from "./chain/open.ts";
import type { Identity } from "./identity.ts";
import { silentLog } from "./ports/silentLog.ts";
import { systemClock, systemTimers } from "./ports/system.ts";

/** The chain of a node that does not run. */
export interface OfflineChain {
  readonly chain: ChainManager;
  readonly params: ChainParams;
  readonly store: ChainStore;
  /** What a script has to spend. */
  coins(scriptPubKey: Uint8Array): Promise<SpendableCoin[]>;
  /** Lets others have the database. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Opens the database of a node that does not run.
 * @throws UserError `no-chain`; `in-use` where a process has it, which the message names; `damaged`, `io`.
 * @example
 * const offline = await openOffline(parseIdentity({ port: "3000" }, process.env));
 * console.log(offline.chain.tip.height);
 * await offline.close();
 */
export async function openOffline(identity: Identity, log: Log = silentLog): Promise<OfflineChain> {
  const { chain, params, store } = await openChain(identity, { log });
  return {
    chain,
    params,
    store,
    coins: (scriptPubKey) => spendableCoins(chain, scriptPubKey),
    close: () => chain.close(),
  };
}

/**
 * Mines one block with what waits, and waits until the chain has it.
 * @param payTo script of the output that gets the reward
 */
export function mineBlock(chain: ChainManager, payTo: Uint8Array): Promise<Block> {
  const search = new InProcessSearch(systemClock, systemTimers);
  return new Miner({ chain, search, payTo, clock: systemClock, log: silentLog }).mineOne();
}
