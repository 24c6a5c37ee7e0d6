/** Running in the background. Core: bitcoind.cpp, fork_daemon. */
import { type ChildProcess, spawn } from "node:child_process";
import { UserError } from "@chain/fullnode";

/** From the program in the background to the one that started it. */
type Report = { readonly state: "ready" } | { readonly state: "failed"; readonly why: string };

/**
 * Starts this program again in the background, and waits until it has started: only then its user knows that it runs.
 * @throws UserError `io` with its own reason where it ends before.
 */
export async function startDaemon(argv: readonly string[]): Promise<void> {
  const [, program = ""] = process.argv;
  const own = [...process.execArgv, program, ...argv, "-daemon=0", "-daemonwait=0"];
  const child = spawn(process.execPath, [...own, "-printtoconsole=0"], {
    detached: true,
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const report = await reportOf(child);
  child.removeAllListeners();
  if (child.connected) child.disconnect();
  child.unref();
  if (report.state === "failed") throw new UserError("io", report.why);
}

function reportOf(child: ChildProcess): Promise<Report> {
  return new Promise((resolve, reject) => {
    child.once("message", (report) => resolve(report as Report));
    child.once("error", reject);
    const why = "the daemon ended before it had started: see debug.log";
    child.once("exit", () => resolve({ state: "failed", why }));
  });
}

/** Says to the program that waits what became of this one. */
export function tellParent(report: Report): void {
  if (process.send === undefined || !process.connected) return;
  process.send(report, () => {
    if (process.connected) process.disconnect();
  });
}
