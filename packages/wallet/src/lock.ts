/**
 * One process at a time, by files: each that wants in makes one with its own name, `FILE.lock-HOST-PID-START-RANDOM`,
 * then looks who else has one. START is when the process began, where the system tells: a process identifier is given
 * out again, and the lock of a dead process must not count as that of a stranger. A process that is alone is in. Of two
 * that see each other the one with the lower name waits and the other steps back, so one of them gets in. A name is
 * never used twice, so the file of a dead process can be removed without a race; with a single lock file, two that find
 * it stale could each remove the lock of the other.
 */

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { open, readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Milliseconds } from "@chain/core";
import { WalletError } from "./errors.ts";

/** May stand in a file name. */
const HOST = hostname().replaceAll(/[^A-Za-z0-9]/g, "_");
/** Milliseconds between two looks, at first and after a while. */
const PAUSE: Milliseconds = 10;
const MAX_PAUSE: Milliseconds = 50;
/** Milliseconds after which a caller that waits is told which process it waits for. */
const NOTICE = 500;
/** Far longer than a payment takes. Milliseconds. */
const FOREIGN_TIMEOUT: Milliseconds = 120_000;

export interface LockOptions {
  /** Longest wait in milliseconds; `Infinity` where every holder is known to finish. */
  readonly timeout: Milliseconds;
  /**
   * Longest wait in milliseconds for one process of another machine, which can't be asked whether it still lives: after
   * a crash of that machine, or of a container, its lock stays for ever. Default: 120,000.
   */
  readonly foreignTimeout?: Milliseconds | undefined;
  /** Hears once, after half a second, which process has the lock: `process 4711`. */
  readonly onWait?: ((holder: string) => void) | undefined;
}

/** @throws WalletError `in-use` where another process keeps the lock for too long. */
export async function withLock<T>(
  path: string,
  { timeout, foreignTimeout = FOREIGN_TIMEOUT, onWait }: LockOptions,
  action: () => Promise<T>,
): Promise<T> {
  const started = performance.now();
  const prefix = `${basename(path)}.lock-`;
  const start = startOf(process.pid) ?? "";
  const name = `${prefix}${HOST}-${process.pid}-${start}-${randomBytes(8).toString("hex")}`;
  const own = join(dirname(path), name);
  let told = onWait === undefined;
  let foreign: { readonly name: string; readonly since: Milliseconds } | undefined;
  /** Whether our file is there. */
  let asks = false;
  try {
    while (true) {
      let seen = await others(dirname(path), prefix, name);
      // Many may wait: a file of each, made and removed at each look, would keep the disk busy.
      if (!asks && seen.first === undefined) {
        await (await open(own, "wx", 0o600)).close();
        asks = true;
        seen = await others(dirname(path), prefix, name);
      }
      const { first, stranger } = seen;
      if (first === undefined) return await action();
      const now = performance.now();
      if (stranger === undefined) foreign = undefined;
      else if (stranger !== foreign?.name) foreign = { name: stranger, since: now };
      const waitedForeign = foreign === undefined ? 0 : now - foreign.since;
      if (foreign !== undefined && waitedForeign > foreignTimeout) {
        throw silent(path, foreign.name, foreignTimeout);
      }
      const waited = now - started;
      if (waited > timeout) throw inUse(path, first);
      if (!told && waited > NOTICE) {
        told = true;
        onWait?.(holderOf(path, stranger ?? first));
      }
      if (asks && name > first) {
        await rm(own, { force: true });
        asks = false;
      }
      await wait(Math.min(PAUSE + waited / 100, MAX_PAUSE));
    }
  } finally {
    await rm(own, { force: true });
  }
}

/**
 * The lowest name of a lock that another live process has, and that of a process on another machine; locks of dead
 * processes before them are removed.
 */
async function others(
  directory: string,
  prefix: string,
  own: string,
): Promise<{ readonly first: string | undefined; readonly stranger: string | undefined }> {
  const names = (await readdir(directory))
    .filter((name) => name.startsWith(prefix) && name !== own)
    .sort();
  const stranger = names.find((name) => hostOf(name.slice(prefix.length)) !== HOST);
  for (const name of names) {
    // One is enough: many may wait, and to ask after a process costs more than to read its name.
    if (isAlive(name.slice(prefix.length))) return { first: name, stranger };
    await rm(join(directory, name), { force: true });
  }
  return { first: undefined, stranger };
}

function hostOf(holder: string): string | undefined {
  return /^(\w*)-(\d+)-(\d*)-[0-9a-f]+$/.exec(holder)?.[1];
}

/** Processes of other machines can't be asked, so they count as alive. */
function isAlive(holder: string): boolean {
  const [, host, pid, start] = /^(\w*)-(\d+)-(\d*)-[0-9a-f]+$/.exec(holder) ?? [];
  if (host !== HOST || pid === undefined) return true;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
  const now = startOf(Number(pid));
  return start === undefined || start === "" || now === undefined || now === start;
}

/** When a process began, in ticks since the start of the system; `undefined` where the system does not tell. */
function startOf(pid: number): string | undefined {
  try {
    // The name of the program stands in parentheses and may hold anything; the start is the 20th field behind it.
    const status = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = status.slice(status.lastIndexOf(")") + 2).split(" ");
    // A killed process whose parent has not asked for its end yet holds nothing any more.
    return fields[0] === "Z" ? "ended" : fields[19];
  } catch {
    return undefined;
  }
}

function holderOf(path: string, lock: string): string {
  const [host, pid] = lock.slice(`${basename(path)}.lock-`.length).split("-");
  const file = join(dirname(path), lock);
  return `process ${pid}${host === HOST ? "" : ` on ${host} (if that is gone, delete ${file})`}`;
}

/** It is on another machine, and does not give the lock back. */
function silent(path: string, lock: string, waited: number): WalletError {
  const [host, pid] = lock.slice(`${basename(path)}.lock-`.length).split("-");
  const file = join(dirname(path), lock);
  const holder = `process ${pid} on ${host}, which can't be asked from here whether it still lives`;
  return new WalletError(
    "in-use",
    `waited ${waited / 1000} s for ${holder}: if it does not, delete ${file}`,
  );
}

function inUse(path: string, lock: string): WalletError {
  const file = join(dirname(path), lock);
  const message = `the key file ${path} is being written by ${holderOf(path, lock)}; if that is no wallet, delete ${file}`;
  return new WalletError("in-use", message);
}
