import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { kill, pid } from "node:process";
import { GUARD_DIRECTORY, GUARD_LOCK } from "./schema.ts";

/**
 * Names the process that has a database open. It is only a hint for people: the lock itself is LevelDB's, which ends with its process. The file
 * may have been left by a killed process or copied with the directory, so it also names the lock file (its inode),
 * which a copy does not share.
 */
const NAME = "process.pid";

/** Only the holder of the lock may call it. */
export function noteOwner(directory: string): void {
  try {
    writeFileSync(join(directory, NAME), `${pid} ${lockFile(directory)}\n`);
  } catch {
    // It is only a hint.
  }
}

export function forgetOwner(directory: string): void {
  rmSync(join(directory, NAME), { force: true });
}

/** Whether a process had the database open and did not close it. */
export function wasLeft(directory: string): boolean {
  return existsSync(join(directory, NAME));
}

/** The process that holds the lock, if it left its number and is still there. */
export function ownerOf(directory: string): number | undefined {
  try {
    const [owner, lock] = readFileSync(join(directory, NAME), "utf8").trim().split(" ");
    if (lock !== lockFile(directory)) return undefined;
    return isAlive(Number(owner)) ? Number(owner) : undefined;
  } catch {
    return undefined;
  }
}

/** By `stat` alone: to open and close the lock file would end a lock of our own process (POSIX). */
function lockFile(directory: string): string {
  const { dev, ino } = statSync(join(directory, GUARD_DIRECTORY, GUARD_LOCK), { bigint: true });
  return `${dev}:${ino}`;
}

function isAlive(owner: number): boolean {
  if (!Number.isSafeInteger(owner) || owner <= 0) return false;
  try {
    kill(owner, 0); // sends nothing
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // it is there, but another user's
  }
}
