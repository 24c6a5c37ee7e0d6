/** Running in the background. Core: bitcoind.cpp, fork_daemon. */
import { spawn } from "node:child_process";
import { UserError } from "@chain/fullnode";

const READY = "ready";

/**
 * Starts this program again in the background.
 * @param waits until it has started
 * @throws UserError `io` where it ends before it has started.
 */
export async function startDaemon(argv: readonly string[], waits: boolean): Promise<void> {
  const [, program = ""] = process.argv;
  const own = [...process.execArgv, program, ...argv, "-daemon=0", "-daemonwait=0"];
  const child = spawn(process.execPath, [...own, "-printtoconsole=0"], {
    detached: true,
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  if (waits) {
    await new Promise<void>((resolve, reject) => {
      child.once("message", () => resolve());
      child.once("error", reject);
      child.once("exit", () =>
        reject(new UserError("io", "the daemon did not start: see debug.log")),
      );
    });
    child.removeAllListeners();
  }
  if (child.connected) child.disconnect();
  child.unref();
}

/** Says to the program that waits that this one has started. */
export function tellParent(): void {
  if (process.send === undefined || !process.connected) return;
  process.send(READY, () => {
    if (process.connected) process.disconnect();
  });
}
