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

/** May stand in a file name. */
const HOST = hostname().replaceAll(/[^A-Za-z0-9]/g, "_");
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
  const name = `${prefix}${HOST}-${process.pid}-${randomBytes(8).toString("hex")}`;
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

/** Names of the locks of others, lowest first; those of dead processes are removed. */
async function liveOthers(
  directory: string,
  prefix: string,
  own: string,
): Promise<readonly string[]> {
  const live: string[] = [];
  for (const name of await readdir(directory)) {
    if (!name.startsWith(prefix) || name === own) continue;
    if (isAlive(name.slice(prefix.length))) live.push(name);
    else await rm(join(directory, name), { force: true });
  }
  return live.sort();
}

/** Processes of other machines can't be asked, so they count as alive. */
function isAlive(holder: string): boolean {
  const [, host, pid] = /^(\w*)-(\d+)-[0-9a-f]+$/.exec(holder) ?? [];
  if (host !== HOST || pid === undefined) return true;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

function inUse(path: string, lock: string): WalletError {
  const holder = lock.slice(`${basename(path)}.lock-`.length).split("-");
  const where = holder[0] === HOST ? "" : ` on ${holder[0]}`;
  const message = `the key file ${path} is being written by process ${holder[1]}${where}; if that is no wallet, delete ${join(dirname(path), lock)}`;
  return new WalletError("in-use", message);
}
