import { constants } from "node:fs";
import { access, link, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Milliseconds } from "@chain/core";
import { requirePath } from "@chain/core/arguments";
import { messageOf, systemCode, UserError } from "./errors.ts";
import { cannotWrite, systemReason } from "./systemWords.ts";

/** Nodes that share a directory, as those of regtest do, may write the same file at the same time. */
const MAX_ATTEMPTS = 100;
/** Between two attempts; by chance, so that one of two gets through. Milliseconds. */
const MAX_PAUSE: Milliseconds = 20;

/**
 * The text of a file that a person named, if it is a file and not longer than it may be. Another thing (a pipe, a
 * device) may have no end, or none yet.
 * @throws UserError `damaged`; errors of the system.
 */
export async function readTextFile(path: string, maxSize: number): Promise<string> {
  // Without O_NONBLOCK (which Windows lacks, and does not need), opening a named pipe waits for a writer.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const status = await file.stat();
    if (!status.isFile()) throw new UserError("damaged", `${path} is not a file`);
    if (status.size > maxSize) throw new UserError("damaged", `${path} is too long`);
    return await file.readFile("latin1");
  } finally {
    await file.close();
  }
}

/** Replaces a file, whole or not at all; what is in it is for its owner only. @throws errors of the system */
export async function replaceFile(
  path: string,
  parts: Iterable<Uint8Array | string>,
): Promise<void> {
  const draft = `${path}.new`;
  const file = await open(draft, "w", 0o600);
  try {
    for (const part of parts) await file.writeFile(part);
    await file.sync();
  } catch (error) {
    await file.close();
    await rm(draft, { force: true });
    throw error;
  }
  await file.close();
  await rename(draft, path);
  await syncDirectory(dirname(path));
}

/**
 * Writes a secret of a running process: whole or not at all, and readable by its owner alone from its first byte on. It
 * is of no use after a power cut, so nothing waits for the disk.
 * @param mode permissions that it gets at the end @throws UserError `io`
 */
export async function writeSecret(
  path: string,
  text: string,
  { what, mode = 0o600 }: { readonly what: string; readonly mode?: number },
): Promise<void> {
  // One name, as Core has it, so that killed processes leave no more than one behind.
  const draft = `${path}.tmp`;
  for (let attempt = 1; ; attempt++) {
    try {
      await rm(draft, { force: true });
      await writePrivate(draft, text, mode);
      await rename(draft, path);
      return;
    } catch (error) {
      if (attempt < MAX_ATTEMPTS && (await isRace(error, path))) {
        await pause(Math.random() * MAX_PAUSE);
        continue;
      }
      await rm(draft, { force: true }).catch(() => {});
      throw cannotWrite(what, path, error);
    }
  }
}

async function writePrivate(path: string, text: string, mode: number): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.chmod(mode);
  } finally {
    await file.close();
  }
}

/** Whether another node of the same directory has put its draft there, or taken ours away. */
async function isRace(error: unknown, path: string): Promise<boolean> {
  const code = systemCode(error);
  if (code !== "ENOENT") return code === "EEXIST";
  return access(dirname(path)).then(
    () => true,
    () => false,
  );
}

/** Without this, a power cut could take the new name back. Windows can't, and need not. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/**
 * Gives a file that can't be read whole a second name, so that the next write, which replaces the first one, does not
 * overwrite it. The readable part is still there if the process is killed before that write.
 * @returns the new name @throws errors of the system
 */
export async function keepAside(path: string): Promise<string> {
  for (let n = 1; ; n++) {
    const aside = `${path}.damaged-${n}`;
    try {
      await link(path, aside);
      return aside;
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw error;
    }
  }
}

/** The same in words, for a line of the log. Never throws. */
export async function keptAs(path: string): Promise<string> {
  try {
    return `the file is kept as ${await keepAside(path)}`;
  } catch (error) {
    return `the file could not be kept under a second name: ${messageOf(error)}`;
  }
}

/**
 * Makes a data directory, and those above it. (With `recursive`, Node's own mkdir never ends where the system allows no
 * directory, as in /proc.)
 * @throws UserError `io`.
 * @example await makeDataDirectory(`${directory}/chain/regtest`);
 */
export async function makeDataDirectory(path: string): Promise<void> {
  requirePath(path, "path");

  try {
    await makeDirectories(path);
  } catch (error) {
    const why =
      systemCode(error) === "EEXIST"
        ? "it is not a directory"
        : systemReason(error, failedPath(error) ?? path);
    const message = `can't make the data directory ${path}: ${why}`;
    throw new UserError("io", message, { cause: error, data: { option: "datadir" } });
  }
}

/** The path that the system was called with: one of those above the directory, it may be. */
function failedPath(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).path;
}

async function makeDirectories(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" && dirname(path) !== path) {
      await makeDirectories(dirname(path));
      await mkdir(path, { mode: 0o700 });
    } else if (!(await isDirectory(path))) {
      throw error;
    }
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
