/** Calls that wait for a light node. */
import type { Milliseconds, Txid } from "@chain/core";
import type { Fate, LightEvent } from "@chain/light";
import type { CallSignal } from "../define/method.ts";
import { RPC_CLIENT_IN_INITIAL_DOWNLOAD, RpcError } from "../errors.ts";
import type { LightHost } from "./host.ts";

/** Callers of ours wait for half a minute. Milliseconds. */
const LONGEST_SEARCH: Milliseconds = 20_000;
/** After a minute, peers that do not show a transaction have refused it. Milliseconds. */
const LONGEST_FATE: Milliseconds = 75_000;
/** How often is looked at what no event tells, as that a peer has agreed, and that the caller has gone. Milliseconds. */
const LOOK_EVERY: Milliseconds = 100;

/** Waits until `isDone`, the time is over, the caller has gone or the server ends. @returns whether it is done */
async function until(
  isDone: () => boolean,
  { light, timers, stopwatch }: LightHost,
  signal: CallSignal,
  longest: Milliseconds,
): Promise<boolean> {
  const deadline = stopwatch() + longest;
  while (!isDone()) {
    if (signal.aborted || signal.ending === true || stopwatch() > deadline) return false;
    await new Promise<void>((resolve) => {
      const ends: (() => void)[] = [];
      const wake = () => {
        for (const end of ends) end();
        resolve();
      };
      ends.push(
        timers.after(LOOK_EVERY, wake),
        light.subscribe((_: LightEvent) => wake()),
      );
    });
  }
  return true;
}

/** Waits for the end of a search: before, a balance could be wrong. @throws RpcError -10 */
export async function untilCurrent(host: LightHost, signal: CallSignal): Promise<void> {
  const { light, chain } = host;
  if (await until(() => light.balance.isCurrent, host, signal, LONGEST_SEARCH)) return;
  const searched = Math.max(0, light.balance.height);
  const message = `the chain is searched up to block ${searched} of ${chain.bestHeader.height}: ${progressOf(host)}`;
  throw new RpcError(RPC_CLIENT_IN_INITIAL_DOWNLOAD, message);
}

function progressOf({ light }: LightHost): string {
  const hasFilters = light.peers.some(({ servesFilters }) => servesFilters);
  return hasFilters
    ? "the search goes on"
    : "no peer is connected that serves the filters of blocks";
}

/** Waits for all headers: before, a birthday after the last one could be that of any block. @throws RpcError -10 */
export async function untilTipCurrent(host: LightHost, signal: CallSignal): Promise<void> {
  const { light, chain } = host;
  if (await until(() => light.isTipCurrent, host, signal, LONGEST_SEARCH)) return;
  const message = `headers are known up to block ${chain.bestHeader.height}, and the scripts are younger: ${progressOf(host)}`;
  throw new RpcError(RPC_CLIENT_IN_INITIAL_DOWNLOAD, message);
}

/** Waits for what becomes of a transaction; `unknown` where that is not known in time. */
export async function untilFate(txid: Txid, host: LightHost, signal: CallSignal): Promise<Fate> {
  await until(() => host.light.fate(txid) !== "unknown", host, signal, LONGEST_FATE);
  return host.light.fate(txid);
}
