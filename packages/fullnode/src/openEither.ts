import { setTimeout as wait } from "node:timers/promises";
import type { Milliseconds } from "@chain/core";
import { requireFields, requireFunction, requireNumber } from "@chain/core/arguments";
import { requireIdentity } from "./checks.ts";
import { messageOf, UserError } from "./errors.ts";
import type { Identity } from "./identity.ts";
import { type ControlClient, openControl } from "./rpc/client.ts";

/** Milliseconds between two tries. */
const PAUSE: Milliseconds = 50;
/** Milliseconds after which a waiting user is told why. */
const NOTICE = 500;
/** Longest wait for another process. Milliseconds. */
const TIMEOUT: Milliseconds = 60_000;
/** Within so many milliseconds a node that is not busy says that it runs. */
const PATIENCE: Milliseconds = 2_000;

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
 * const { running, offline } = await openEither(identity, openOffline, say);
 * running // undefined
 * await offline?.close();
 */
export async function openEither<Offline>(
  identity: Identity,
  open: (identity: Identity) => Promise<Offline>,
  onWait: (sentence: string) => void,
  timeoutMs: number = TIMEOUT,
): Promise<OpenNode<Offline>> {
  requireIdentity(identity, "identity");
  requireFunction(open, "open");
  requireFunction(onWait, "onWait");
  requireNumber(timeoutMs, "timeoutMs");

  const find = async (): Promise<OpenNode<Offline> | undefined> => {
    const running = await openControl(identity.paths);
    return running && { running };
  };
  const attempt = async () => (await find()) ?? { offline: await open(identity) };
  return whileInUse(attempt, { onWait, timeoutMs });
}

/**
 * Opens the database of a node that must not run, such as before it is started. A payment that has the database for a
 * moment is waited for; a node that runs is not.
 * @param onWait hears once why it takes longer
 * @throws UserError `in-use` where the node runs, or the other process does not end; what `open` throws.
 * @example
 * const { tip, close } = await openWhenFree(identity, () => openOfflineCoins(identity), say);
 * tip.height // 0
 * await close();
 */
export function openWhenFree<Opened>(
  identity: Pick<Identity, "paths">,
  open: () => Promise<Opened>,
  onWait: (sentence: string) => void,
): Promise<Opened> {
  requireFields(identity, "identity", { paths: "object" });
  requireFunction(open, "open");
  requireFunction(onWait, "onWait");

  const { paths } = identity;

  const isRunning = () =>
    openControl(paths, { wait: PATIENCE }).then(
      (running) => running !== undefined,
      () => true, // it lives, and is busy
    );
  return whileInUse(open, { onWait, timeoutMs: TIMEOUT, isFinal: isRunning });
}

interface Waiting {
  readonly onWait: (sentence: string) => void;
  readonly timeoutMs: number;
  /** Whether the other process is one that does not end soon. */
  readonly isFinal?: () => Promise<boolean>;
}

async function whileInUse<Opened>(
  open: () => Promise<Opened>,
  { onWait, timeoutMs, isFinal }: Waiting,
): Promise<Opened> {
  const started = performance.now();
  let told = false;
  while (true) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== "in-use") throw error;
      const waited = performance.now() - started;
      if (waited > timeoutMs || (await isFinal?.())) throw error;
      if (!told && waited > NOTICE) {
        told = true;
        onWait(`waiting, because ${messageOf(error)}`);
      }
    }
    await wait(PAUSE);
  }
}
