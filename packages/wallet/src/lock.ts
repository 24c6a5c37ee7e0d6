/**
 * One process at a time, by files: each that wants in makes one with its own name, `FILE.lock-HOST-PID-RANDOM`, then
 * looks who else has one. Whoever is alone is in. Of two that see each other the one with the lower name waits and the
 * other steps back, so one of them gets in. A name is never used twice, so the file of a dead process can be removed
 * without a race; with a single lock file, two that find it stale could each remove the lock of the other.
 */
import { randomBytes } from "node:crypto";
import { open, readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { WalletError } from "./errors.ts";

/** Milliseconds between two looks. */
const PAUSE = 10;

/** @throws WalletError `in-use` where another live process keeps the lock for `timeout` milliseconds. */
export async function withLock<T>(
  path: string,
  timeout: number,
  action: () => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + timeout;
  const prefix = `${basename(path)}.lock-`;
  const name = `${prefix}${HOST()}-${process.pid}-${randomBytes(8).toString("hex")}`;
  const own = join(dirname(path), name);
  let waiting = false;
  try {
    while (true) {
      if (!waiting) await (await open(own, "wx", 0o600)).close();
      const others = await liveOthers(dirname(path), prefix, name);
      const [first] = others;
      if (first === undefined) return await action();
      if (performance.now() > deadline) throw inUse(path, first);
      waiting = name < first;
      if (!waiting) await rm(own, { force: true });
      await wait(PAUSE);
    }
  } finally {
    await rm(own, { force: true });
  }
}
