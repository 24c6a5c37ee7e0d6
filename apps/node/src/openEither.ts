import { setTimeout as wait } from "node:timers/promises";
import { type ControlClient, openControl } from "./control/client.ts";
import { messageOf, UserError } from "./errors.ts";
import type { Identity } from "./identity.ts";

/** Milliseconds between two tries. */
const PAUSE = 50;
/** Milliseconds after which somebody who waits is told why. */
const NOTICE = 500;
/** Longest wait for another process. Milliseconds. */
const TIMEOUT = 60_000;

/** A node that runs, or the chain of one that does not. */
export type OpenNode<Offline> =
  | { readonly running: ControlClient; readonly offline?: undefined }
  | { readonly running?: undefined; readonly offline: Offline };

/**
 * Asks the node of these files if it runs, else opens its database. Another process that has the database for a moment
 * (a payment, a node that starts or ends) is waited for, up to a minute.
 * @param open opens the database of a node that does not run: `openOffline`, `openOfflineCoins`
 * @param onWait hears once why it takes longer
 * @throws UserError as `openOffline`; `in-use` where the other process does not end.
 * @example
 * const { running, offline } = await openEither(identity, openOffline, (why) => io.writeError(`${why}\n`));
 */
export async function openEither<Offline>(
  identity: Identity,
  open: (identity: Identity) => Promise<Offline>,
  onWait: (sentence: string) => void,
  timeoutMs: number = TIMEOUT,
): Promise<OpenNode<Offline>> {
  const started = performance.now();
  let told = false;
  while (true) {
    const running = await openControl(identity.paths);
    if (running !== undefined) return { running };
    try {
      return { offline: await open(identity) };
    } catch (error) {
      const waited = performance.now() - started;
      if (!(error instanceof UserError) || error.code !== "in-use") throw error;
      if (waited > timeoutMs) throw error;
      if (!told && waited > NOTICE) {
        told = true;
        onWait(`waiting, because ${messageOf(error)}`);
      }
    }
    await wait(PAUSE);
  }
}
