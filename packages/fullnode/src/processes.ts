import { readFileSync } from "node:fs";
import { requireInteger } from "@chain/core/arguments";

/** Numbers of processes have 32 bits. */
const MAX_PID = 0x7fff_ffff;

/**
 * Whether a process of ours has this number. One that has ended and was not yet waited for does not count.
 * @example isAlive(process.pid) // true
 */
export function isAlive(pid: number): boolean {
  // Below 1 the system takes it for groups of processes.
  requireInteger(pid, "pid", 1, MAX_PID);

  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !isZombie(pid);
}

/** Linux tells; elsewhere a zombie counts as alive. It stays for ever in a container whose first process reaps none. */
function isZombie(pid: number): boolean {
  try {
    // The name stands in parentheses and may hold some itself; the state follows it (proc(5)).
    return /\) Z [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}
