/** Nodes of the Bitcoin Core family, which are not ours, on regtest or a signet; and ours beside them, in this process. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BlockHeader, type ChainParams, checkHeader, nobleVerifier } from "@chain/core";
import {
  ChainManager,
  type Log,
  Miner,
  Node,
  type PeerAddress,
  type ProofOfWorkSearch,
} from "@chain/engine";
import { MemoryStore } from "@chain/storage";
import { freePort, temporaryDirectory } from "@chain/testing/place";
import { expect, onTestFinished } from "vitest";
import { systemClock, systemRandom, systemTimers } from "../../src/ports/system.ts";
import { listen, tcpDialer } from "../../src/ports/tcp.ts";

const patience = { timeout: 60_000, interval: 100 };

/** A program of the family. */
export interface Daemon {
  /** The command that is called, from the path. */
  readonly program: string;
  /** Of a network that the family calls as we do. */
  readonly params: ChainParams;
  /** To make it speak the protocol that probes do. */
  readonly flags?: readonly string[];
  /** To make it ask nothing of the network around it, where it knows such flags. */
  readonly quiet?: readonly string[];
  /** Where it keeps its things. Default: a new directory. */
  readonly directory?: string;
}

/** Its version, if it is installed. */
export function versionOf({ program }: Daemon): string | undefined {
  try {
    const text = execFileSync(program, ["--version"], { encoding: "utf8" });
    return /v(\d+\.\d+\.\d+)/.exec(text)?.[1];
  } catch {
    return undefined;
  }
}

export class CoreNode {
  readonly port: number;
  readonly #rpc: number;
  /** Of what is of its network. */
  readonly #directory: string;
  readonly #child: ChildProcess;

  private constructor(
    { program, params }: Daemon,
    port: number,
    rpc: number,
    directory: string,
    flags: readonly string[],
  ) {
    this.port = port;
    this.#rpc = rpc;
    this.#directory = join(directory, params.name);
    const where = [
      `-datadir=${directory}`,
      `-bind=127.0.0.1:${port}`,
      `-port=${port}`,
      `-rpcport=${rpc}`,
    ];
    const isTold = flags.some((flag) => flag.startsWith("-connect="));
    const fixed = [
      `-${params.name}`,
      "-listen",
      // It calls those it is told to, and so has no use for seeds either.
      ...(isTold ? [] : ["-connect=0"]),
      "-dnsseed=0",
      "-discover=0",
      "-listenonion=0",
      "-debug=net",
      "-printtoconsole=0",
    ];
    this.#child = spawn(program, [...fixed, ...where, ...flags], { stdio: "ignore" });
  }

  static async start(daemon: Daemon, ...more: readonly string[]): Promise<CoreNode> {
    const { directory = await temporaryDirectory() } = daemon;
    const flags = [...(daemon.quiet ?? []), ...more];
    const node = new CoreNode(daemon, await freePort(), await freePort(), directory, flags);
    onTestFinished(() => node.stop());
    // A node that was told to call it may have given it blocks by then.
    await expect.poll(() => node.height().catch(() => -1), patience).toBeGreaterThanOrEqual(0);
    return node;
  }

  call<Result>(method: string, ...params: readonly unknown[]): Promise<Result> {
    return this.#post("", method, params);
  }

  /** The same of one of its wallets. */
  ask<Result>(wallet: string, method: string, ...params: readonly unknown[]): Promise<Result> {
    return this.#post(`wallet/${wallet}`, method, params);
  }

  async #post<Result>(path: string, method: string, params: readonly unknown[]): Promise<Result> {
    const cookie = await readFile(join(this.#directory, ".cookie"), "utf8");
    const response = await fetch(`http://127.0.0.1:${this.#rpc}/${path}`, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(cookie).toString("base64")}` },
      body: JSON.stringify({ id: 1, method, params }),
    });
    const { result, error } = (await response.json()) as { result: Result; error: unknown };
    if (error !== null) throw new TypeError(`${method}: ${JSON.stringify(error)}`);
    return result;
  }

  height = (): Promise<number> => this.call("getblockcount");
  tip = (): Promise<string> => this.call("getbestblockhash");
  mine = (count: number, address: string): Promise<string[]> =>
    this.call("generatetoaddress", count, address);

  /** Lines of its log that hold this text. */
  async log(text: string): Promise<readonly string[]> {
    const lines = await readFile(join(this.#directory, "debug.log"), "utf8");
    return lines.split("\n").filter((line) => line.includes(text));
  }

  /** Ends it as its operator does: it writes its files. */
  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    await this.call("stop");
    await ended;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await ended;
  }
}

export interface OurNode {
  readonly port: number;
  readonly chain: ChainManager;
  readonly node: Node;
  readonly log: readonly string[];
  /** Mines so many blocks on its tip. */
  mine(payTo: Uint8Array, count: number): Promise<void>;
}

function openChain(params: ChainParams, log: Log): Promise<ChainManager> {
  return ChainManager.open({
    params,
    store: new MemoryStore(),
    verifier: nobleVerifier,
    clock: systemClock,
    timers: systemTimers,
    log,
  });
}

/** One of our nodes, in this process and on real TCP. */
export async function startOurNode(
  params: ChainParams,
  connect: readonly PeerAddress[] = [],
  given?: ChainManager,
): Promise<OurNode> {
  const lines: string[] = [];
  const log = (level: string, category: string, message: string) => {
    lines.push(`${level} ${category} ${message}`);
  };
  const chain = given ?? (await openChain(params, log));
  const node = new Node({
    chain,
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom,
    dialer: tcpDialer(),
    log,
    userAgent: "/chain:test/",
    // Nobody waits here so that others can't guess where a payment began.
    pace: { inbound: 50, outbound: 50, requestDelay: 2_000, tellsNewcomers: false },
    connect,
  });
  const listener = await listen({ host: "127.0.0.1", port: 0 }, (connection) =>
    node.accept(connection),
  );
  onTestFinished(async () => {
    await node.stop();
    await listener.close();
    if (given === undefined) await chain.close();
  });
  node.start();
  return {
    port: listener.port,
    chain,
    node,
    log: lines,
    async mine(payTo, count) {
      for (let i = 0; i < count; i++) {
        const search = searchFor(params);
        await new Miner({
          chain,
          search,
          payTo,
          clock: systemClock,
          timers: systemTimers,
          log,
        }).mineOne();
      }
    },
  };
}

/** Two tries on average. */
const searchFor = (params: ChainParams): ProofOfWorkSearch => ({
  async search(header) {
    for (let nonce = 0; ; nonce++) {
      const tried = new BlockHeader({ ...header, nonce });
      if (checkHeader(tried, params).ok) return tried;
    }
  },
});
