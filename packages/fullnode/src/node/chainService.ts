import { existsSync } from "node:fs";
import { MAX_FUTURE_BLOCK_TIME, type Milliseconds, type Seconds } from "@chain/core";
import type { Clock, Log, Metrics } from "@chain/engine";
import { rebuildLevelStore } from "@chain/storage/level";
import { explained, type OpenChain, openChain } from "../chain/open.ts";
import { refuseUnpruned } from "../chain/pruned.ts";
import { chainSettingsOf } from "../chain/settings.ts";
import { UserError } from "../errors.ts";
import type { Identity } from "../identity.ts";
import { openWhenFree } from "../openEither.ts";
import type { NodeConfig } from "./config.ts";
import type { Service } from "./service.ts";

/**
 * Opens the chain of a node, once no payment has its database any more.
 * @param onOpened is called when the database is ours, before the chain in it is loaded
 * @throws UserError as `openChain`; `refused` where the clock is behind the chain.
 */
export async function startChain(
  config: NodeConfig,
  clock: Clock,
  log: Log,
  onOpened: () => void,
  metrics?: Metrics,
): Promise<OpenChain & Service> {
  const { identity, genesis, rebuild } = config;
  const options = { log, clock, onOpened, metrics, genesis, ...chainSettingsOf(config) };
  const opened = await openWhenFree(
    identity,
    async () => {
      if (rebuild === "index") await rebuildIndex(identity, log);
      return openChain(identity, options);
    },
    (why) => log("info", "store", why),
  );
  const stop = () => opened.chain.close();
  try {
    refuseFuture(opened.chain.tip.time, clock.now());
    refuseUnpruned(opened.chain);
    if (rebuild === "coins") await rebuildCoins(identity, opened.chain, log);
  } catch (error) {
    await stop();
    throw error;
  }
  return { ...opened, stopping: "closing the database", stop };
}

/** Makes the database again from the block files. One that is not there yet is no fault. Core: -reindex. */
async function rebuildIndex({ paths, network }: Identity, log: Log): Promise<void> {
  const { database } = paths;
  if (!existsSync(database)) return;
  const { genesis } = network;
  const rebuilt = await explained(database, () => rebuildLevelStore(database, { genesis }));
  const { blocks, damaged, orphans } = rebuilt;
  log("info", "store", `the index of ${blocks} blocks is made again from the block files`);
  if (damaged + orphans === 0) return;
  const lost = `${damaged} places can't be read, and ${orphans} blocks do not connect`;
  log("warn", "store", `${lost}: peers are asked for what is missing`);
}

/** Core: -reindex-chainstate. */
async function rebuildCoins(
  { paths }: Identity,
  chain: OpenChain["chain"],
  log: Log,
): Promise<void> {
  await explained(paths.database, () => chain.reindexUtxo());
  log("info", "store", `the coins are made again, up to height ${chain.tip.height}`);
}

/**
 * With a clock that is wrong, good blocks are refused and wrong ones taken, so that the node would lose its network.
 * Core refuses to start as well (node/chainstate.cpp).
 */
function refuseFuture(tipTime: Seconds, now: Milliseconds): void {
  if (tipTime <= now / 1000 + MAX_FUTURE_BLOCK_TIME) return;
  const date = (ms: number) => new Date(ms).toISOString();
  const facts = `the last block is of ${date(tipTime * 1000)}, and our clock shows ${date(now)}`;
  throw new UserError(
    "refused",
    `the chain appears to be from the future (${facts}): correct the clock`,
    { data: { service: "chain", option: "mockTime" } },
  );
}
