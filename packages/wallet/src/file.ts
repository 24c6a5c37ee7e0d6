/**
 * A key file on disk: readable by its owner alone from the first byte, replaced whole or not at all, written by one
 * process at a time. Entry `@chain/wallet/file`, the only part of this package that needs Node.
 * @module @chain/wallet/file
 */

import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, lstat, open, readdir, realpath, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Milliseconds } from "@chain/core";
import { requireOptions, requirePath } from "@chain/core/arguments";
import { WalletError } from "./errors.ts";
import { withLock } from "./lock.ts";
import type { WalletStorage } from "./storage.ts";

/** Far more than a hundred thousand keys take; what is larger is no key file, and is not read. */
const MAX_FILE_SIZE = 64 * 1024 * 1024;

export interface WalletFileOptions {
  /** Hears, as a sentence, that others than the owner may read the file. The next write takes that away. */
  readonly onWarning?: (message: string) => void;
  /** Milliseconds to wait for another process that is writing. Default: 5000. */
  readonly timeout?: Milliseconds;
  /** Milliseconds to wait for a process of another machine, which can't be asked whether it lives. Default: 120,000. */
  readonly foreignTimeout?: Milliseconds;
}

/**
 * The key file of this path, whether or not it exists yet.
 * Its methods throw WalletError `in-use`, `corrupt`, `io`.
 *
 * @example
 * import { join } from "node:path";
 * const file = walletFile(join(directory, "wallet_3000.db"));
 * const wallet = await Wallet.create(file, { params, now: () => 1_800_000_000 });
 * wallet.keys.length // 0
 */
export function walletFile(path: string, options: WalletFileOptions = {}): WalletStorage {
  requirePath(path, "path");
  requireOptions(options, "options", {
    onWarning: "function?",
    timeout: "number?",
    foreignTimeout: "number?",
  });

  const { onWarning, timeout = 5000, foreignTimeout } = options;
  return {
    read: () => describing(path, async () => readText(await resolve(path), onWarning)),
    update: (change) =>
      describing(path, async () => {
        const target = await resolve(path);
        await withLock(target, { timeout, foreignTimeout }, async () => {
          await removeLeftovers(target);
          const before = await readText(target, undefined);
          const after = change(before);
          if (after === before) return;
          if (after.length > MAX_FILE_SIZE) {
            throw new WalletError("unwritable", `${path} would get too large; nothing was written`);
          }
          await replace(target, after);
        });
      }),
    // A name of its own: while a payment is made, the file itself is written as well. No process of this machine holds
    // it for long without an end, so there is no limit to the wait.
    exclusively: async (action, onWait) => {
      const target = await describing(path, () => resolve(path));
      const limits = { timeout: Number.POSITIVE_INFINITY, foreignTimeout };
      return withLock(`${target}.payment`, { ...limits, onWait }, action);
    },
  };
}

/** Where a symbolic link leads: replacing the link itself would leave the keys in two places. */
async function resolve(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    if (await isLink(path)) {
      const message = `${path} is a link that leads nowhere: is a disk missing?`;
      throw new WalletError("io", message, { cause: error });
    }
    return join(await realpath(dirname(path)), basename(path));
  }
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink();
  } catch {
    return false;
  }
}

async function readText(
  path: string,
  onWarning: WalletFileOptions["onWarning"],
): Promise<string | undefined> {
  let file: FileHandle;
  try {
    // Without O_NONBLOCK (which Windows lacks, and does not need), opening a named pipe waits for a writer.
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
  try {
    const status = await file.stat();
    if (!status.isFile() || status.size > MAX_FILE_SIZE) {
      throw new WalletError("corrupt", `${path} is not a key file`);
    }
    if ((status.mode & 0o077) !== 0 && process.platform !== "win32") {
      onWarning?.(`${path} can be read by other users; chmod 600 keeps it private`);
    }
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

/** Steps in an order that survives a crash between any two: the name leads to the old text or to the new one. */
async function replace(path: string, text: string): Promise<void> {
  const temporary = `${path}${TEMPORARY}${randomBytes(8).toString("hex")}`;
  const file = await open(temporary, "wx", 0o600);
  try {
    // 1. The new text is on the disk, under a name that is never read.
    await file.writeFile(text);
    await file.sync();
    await file.close();
    // 2. It takes the place of the old one.
    await rename(temporary, path);
  } catch (error) {
    await file.close();
    await rm(temporary, { force: true });
    throw error;
  }
  // 3. That is on the disk too. Only now may an address be shown.
  await syncDirectory(dirname(path));
}

const TEMPORARY = ".tmp-";

/** The file of a process that was killed before step 2. It holds secrets. The lock says that no process uses it. */
async function removeLeftovers(path: string): Promise<void> {
  const prefix = `${basename(path)}${TEMPORARY}`;
  for (const name of await readdir(dirname(path))) {
    if (name.startsWith(prefix)) await rm(join(dirname(path), name), { force: true });
  }
}

async function syncDirectory(path: string): Promise<void> {
  if (process.platform === "win32") return; // can't open directories
  const directory = await open(path, constants.O_RDONLY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Turns errors of the system into one sentence. */
async function describing<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    const code = codeOf(cause);
    if (code === undefined) throw cause;
    const what =
      code === "ENOENT"
        ? `its directory does not exist`
        : code === "EACCES" || code === "EPERM"
          ? "permission denied"
          : code === "ENOSPC"
            ? "no space is left on the disk"
            : code === "EROFS"
              ? "its disk is read-only"
              : code;
    throw new WalletError("io", `can't use the key file ${path}: ${what}`, { cause });
  }
}

/** The code of a system error; `undefined` for any other. */
function codeOf(error: unknown): string | undefined {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return syscall === undefined ? undefined : code;
}
