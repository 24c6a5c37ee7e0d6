import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Only a hint for people: the lock itself is LevelDB's. */
const NAME = "process.pid";

export function notePid(directory: string): void {
  writeFileSync(join(directory, NAME), `${process.pid}\n`);
}

export function forgetPid(directory: string): void {
  rmSync(join(directory, NAME), { force: true });
}

/** The process that has the database open, if it left its number and is still there. */
export function ownerOf(directory: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(directory, NAME), "utf8").trim());
    if (!Number.isInteger(pid) || pid <= 0) return undefined;
    process.kill(pid, 0); // asks only whether it is there
    return pid;
  } catch {
    return undefined;
  }
}
