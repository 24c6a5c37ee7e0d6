/** The real program in the background. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "@chain/testing/place";
import { expect, onTestFinished, test } from "vitest";

const PROGRAM = fileURLToPath(new URL("../../../bin/chain-bitcoind", import.meta.url));

function start(argv: readonly string[]) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(process.execPath, [PROGRAM, ...argv], (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

test("a daemon says whether it started, outlives its terminal, and ends by a signal", async () => {
  const directory = await mkdtemp(join(tmpdir(), "chain-daemon-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const own = ["-regtest", `-datadir=${directory}`, `-rpcport=${await freePort()}`, "-listen=0"];
  const file = (name: string) => readFile(join(directory, "regtest", name), "utf8");
  const first = await start([...own, "-daemon"]);
  expect(first).toEqual({ code: 0, stdout: "chain-bitcoind starting\n", stderr: "" });
  const pid = Number(await file("bitcoind.pid"));
  let isGone = false;
  onTestFinished(() => void (isGone || process.kill(pid, "SIGKILL")));

  const second = await start([...own, "-daemon"]);
  expect(second.code).toBe(1);
  expect(second.stderr).toMatch(
    /^Error: Cannot obtain a lock on directory .*regtest\. chain-bitcoind is probably already running\.\n$/,
  );
  process.kill(pid, "SIGHUP");
  expect(Number(await file("bitcoind.pid"))).toBe(pid);
  process.kill(pid, "SIGTERM");
  await expect.poll(() => file("debug.log"), { timeout: 30_000 }).toMatch(/Shutdown: done\n$/);
  await expect.poll(() => file("bitcoind.pid").catch(() => ""), { timeout: 30_000 }).toBe("");
  isGone = true;
});
