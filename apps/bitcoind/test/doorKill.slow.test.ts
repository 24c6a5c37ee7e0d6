/** Two callers at once at the HTTP door of chain-bitcoind, by chain-cli, while the process is killed again and again. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "@chain/testing/place";
import { expect, onTestFinished, test } from "vitest";

const BIN = fileURLToPath(new URL("../../../bin", import.meta.url));
const ROUNDS = 3;
const CALLERS = 2;

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

test("what two callers were told is there after each kill, and one line says that the node is gone", async () => {
  const directory = await mkdtemp(join(tmpdir(), "chain-door-kill-"));
  const [port, rpcPort] = [await freePort(), await freePort()];
  const place = ["-regtest", `-datadir=${directory}`, `-rpcport=${rpcPort}`];
  let node: ChildProcess | undefined;
  onTestFinished(async () => {
    node?.kill("SIGKILL");
    await rm(directory, { recursive: true, force: true });
  });
  const start = () => {
    const more = [`-port=${port}`, "-connect=0", "-printtoconsole=0"];
    const args = [join(BIN, "chain-bitcoind"), ...place, ...more];
    node = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
    return node;
  };
  const cli = (...words: string[]) =>
    new Promise<Ended>((resolve) => {
      const args = [join(BIN, "chain-cli"), ...place, ...words];
      execFile(process.execPath, args, (error, out, text) => {
        const code = error === null ? 0 : Number(error.code);
        resolve({ code, out: out.trim(), error: text });
      });
    });
  const told: string[] = [];

  for (let round = 0; round < ROUNDS; round++) {
    const child = start();
    // The cookie of the killed process stands there until the next one answers.
    const waited = await cli("-rpcwait", "getblockcount");
    expect(waited).toMatchObject({ code: 0, error: "" });
    expect(Number(waited.out)).toBeGreaterThanOrEqual(told.length);
    for (const hash of told) {
      const found = JSON.parse((await cli("getblockheader", hash)).out);
      expect([hash, found.confirmations > 0]).toEqual([hash, true]);
    }
    let answers = 0;
    const callers = Array.from({ length: CALLERS }, async () => {
      for (;;) {
        const ended = await cli("generatetodescriptor", "1", "raw(51)");
        if (ended.code !== 0) return ended;
        told.push(...(JSON.parse(ended.out) as string[]));
        if (++answers === 2 * CALLERS) child.kill("SIGKILL");
      }
    });
    for (const { code, out, error } of await Promise.all(callers)) {
      expect([code, out]).toEqual([1, ""]);
      expect(error).toMatch(/^error: timeout on transient error: Could not connect to the server/);
    }
    expect(new Set(told).size).toBe(told.length);
  }

  const last = start();
  expect(await cli("-rpcwait", "stop")).toMatchObject({ code: 0, out: "Bitcoin Core stopping" });
  expect(await once(last, "exit")).toEqual([0, null]);
  expect(told.length).toBeGreaterThanOrEqual(ROUNDS * 2 * CALLERS);
});
