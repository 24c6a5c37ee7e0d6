import { MAX_FUTURE_BLOCK_TIME, type Milliseconds, type Seconds } from "@chain/core";
import type { Clock, Log, Metrics } from "@chain/engine";
import { type OpenChain, openChain } from "../chain/open.ts";
import { chainSettingsOf } from "../chain/settings.ts";
import { UserError } from "../errors.ts";
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
  const { identity, genesis } = config;
  const options = { log, clock, onOpened, metrics, genesis, ...chainSettingsOf(config) };
  const opened = await openWhenFree(
    identity,
    () => openChain(identity, options),
    (why) => log("info", "store", why),
  );
  const stop = () => opened.chain.close();
  try {
    refuseFuture(opened.chain.tip.time, clock.now());
  } catch (error) {
    await stop();
    throw error;
  }
  return { ...opened, stopping: "closing the database", stop };
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
  );
}
