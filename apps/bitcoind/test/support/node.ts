/** chain-bitcoind as a process, on regtest, without peers. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "@chain/testing/place";
import { expect, vi } from "vitest";

const PROGRAM = fileURLToPath(new URL("../../../../bin/chain-bitcoind", import.meta.url));
const patience = { timeout: 120_000, interval: 20 };

/** A process on a directory. */
export class Node {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  readonly #directory: string;
  readonly #rpcPort: number;
  #error = "";

  private constructor(directory: string, rpcPort: number, options: readonly string[]) {
    this.#directory = directory;
    this.#rpcPort = rpcPort;
    const place = ["-regtest", `-datadir=${directory}`, `-rpcport=${rpcPort}`];
    const more = ["-listen=0", "-connect=0", "-printtoconsole=0", ...options];
    this.child = spawn(process.execPath, [PROGRAM, ...place, ...more], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#error += text;
    });
    this.ended = once(this.child, "close");
  }

  static async start(directory: string, ...options: string[]): Promise<Node> {
    return new Node(directory, await freePort(), options);
  }

  async call(method: string, ...params: unknown[]): Promise<unknown> {
    const cookie = await readFile(join(this.#directory, "regtest", ".cookie"), "utf8");
    const answer = await fetch(`http://127.0.0.1:${this.#rpcPort}`, {
      method: "POST",
      headers: { authorization: `Basic ${btoa(cookie)}` },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    const { result, error } = (await answer.json()) as { result: unknown; error?: unknown };
    if (error !== undefined) throw new TypeError(`${method}: ${JSON.stringify(error)}`);
    return result;
  }

  /** Waits until it has the chain, and each of its indexes too. */
  async done(height: number): Promise<void> {
    await vi.waitFor(async () => {
      if (this.child.exitCode !== null) return;
      // A call that fails means that it has not begun to listen, or that it starts.
      expect(await this.call("getblockcount")).toBe(height);
      const indexes = (await this.call("getindexinfo")) as Record<string, { synced: boolean }>;
      expect(Object.values(indexes).filter(({ synced }) => !synced)).toEqual([]);
    }, patience);
    expect([this.child.exitCode, this.#error]).toEqual([null, ""]);
  }

  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }

  async stop(): Promise<void> {
    this.child.kill("SIGTERM");
    await this.ended;
    expect([this.child.exitCode, this.#error]).toEqual([0, ""]);
  }
}
