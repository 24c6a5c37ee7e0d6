/**
 * Litecoin Core 0.21, as Debian has it: a node of the Bitcoin Core family that is not ours. On regtest it differs from
 * Bitcoin in its genesis block, in what it counts as work, and in what its addresses look like.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { scryptSync } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  Block,
  type BlockHash,
  BlockHeader,
  type ChainParams,
  checkHeader,
  nobleVerifier,
  regtest,
} from "@chain/core";
import {
  ChainManager,
  type Log,
  Miner,
  Node,
  type PeerAddress,
  type ProofOfWorkSearch,
} from "@chain/engine";
import { MemoryStore } from "@chain/storage";
import { expect, onTestFinished } from "vitest";
import { systemClock, systemRandom, systemTimers } from "../../src/ports/system.ts";
import { listen, tcpDialer } from "../../src/ports/tcp.ts";
import { freePort, temporaryDirectory } from "./place.ts";

const patience = { timeout: 60_000, interval: 100 };

/** Its work: scrypt of the header, read as a number like any hash. */
function powHash(header: BlockHeader): BlockHash {
  const bytes = header.toBytes();
  const hash = scryptSync(bytes, bytes, 32, { N: 1024, r: 1, p: 1 });
  return hash.reverse().toString("hex") as BlockHash;
}

const GENESIS = Block.fromHex(
  "010000000000000000000000000000000000000000000000000000000000000000000000d9ced4ed1130f7b7faad9be25323ffafa33232a17c3edf6cfd97bee6bafbdd97dae5494dffff7f2000000000" +
    "0101000000010000000000000000000000000000000000000000000000000000000000000000ffffffff4804ffff001d0104404e592054696d65732030352f4f63742f32303131205374657665204a6f62732c204170706c65e280997320566973696f6e6172792c2044696573206174203536ffffffff" +
    "0100f2052a010000004341040184710fa689ad5023690c80f3a49c8f13f8d45b8c857fbcbc8bc4a8e4d3eb4b10f4d4604fa08dce601aaf0f470216fe1b51850b4acf21b179c45070ac7b03a9ac00000000",
);

/** Its regtest below height 432, where extension blocks would begin that nobody else knows. */
export const litecoinRegtest: ChainParams = Object.freeze({
  ...regtest,
  genesis: GENESIS,
  powHash,
  targetSpacing: 150,
  targetTimespan: 302_400,
  deployments: { bip34: 500, bip65: 1351, bip66: 1251, csv: 432, segwit: 0 },
  scriptHashPrefix: 0x3a,
  bech32Hrp: "rltc",
});

/** Its version, if it is installed. */
export function litecoindVersion(): string | undefined {
  try {
    const text = execFileSync("litecoind", ["--version"], { encoding: "utf8" });
    return /v(\d+\.\d+\.\d+)/.exec(text)?.[1];
  } catch {
    return undefined;
  }
}

export class Litecoind {
  readonly port: number;
  readonly #rpc: number;
  readonly #directory: string;
  readonly #child: ChildProcess;

  private constructor(port: number, rpc: number, directory: string, flags: readonly string[]) {
    this.port = port;
    this.#rpc = rpc;
    this.#directory = directory;
    const where = [
      `-datadir=${directory}`,
      `-bind=127.0.0.1:${port}`,
      `-port=${port}`,
      `-rpcport=${rpc}`,
    ];
    const fixed = [
      "-regtest",
      "-listen",
      "-dnsseed=0",
      "-listenonion=0",
      "-debug=net",
      "-printtoconsole=0",
    ];
    this.#child = spawn("litecoind", [...fixed, ...where, ...flags], { stdio: "ignore" });
  }

  static async start(...flags: readonly string[]): Promise<Litecoind> {
    const directory = await temporaryDirectory();
    const node = new Litecoind(await freePort(), await freePort(), directory, flags);
    onTestFinished(() => node.stop());
    // Whoever was told to call it may have given it blocks by then.
    await expect.poll(() => node.height().catch(() => -1), patience).toBeGreaterThanOrEqual(0);
    return node;
  }

  async call<Result>(method: string, ...params: readonly unknown[]): Promise<Result> {
    const cookie = await readFile(join(this.#directory, "regtest", ".cookie"), "utf8");
    const response = await fetch(`http://127.0.0.1:${this.#rpc}/`, {
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
    const lines = await readFile(join(this.#directory, "regtest", "debug.log"), "utf8");
    return lines.split("\n").filter((line) => line.includes(text));
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

function openChain(log: Log): Promise<ChainManager> {
  return ChainManager.open({
    params: litecoinRegtest,
    store: new MemoryStore(),
    verifier: nobleVerifier,
    clock: systemClock,
    timers: systemTimers,
    log,
  });
}

/** One of our nodes, in this process and on real TCP. */
export async function startOurNode(
  connect: readonly PeerAddress[] = [],
  given?: ChainManager,
): Promise<OurNode> {
  const lines: string[] = [];
  const log = (level: string, category: string, message: string) => {
    lines.push(`${level} ${category} ${message}`);
  };
  const chain = given ?? (await openChain(log));
  const node = new Node({
    chain,
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom,
    dialer: tcpDialer(),
    log,
    userAgent: "/chain:test/",
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
        await new Miner({ chain, search, payTo, clock: systemClock, log }).mineOne();
      }
    },
  };
}

/** Two tries on average. */
const search: ProofOfWorkSearch = {
  async search(header) {
    for (let nonce = 0; ; nonce++) {
      const tried = new BlockHeader({ ...header, nonce });
      if (checkHeader(tried, litecoinRegtest).ok) return tried;
    }
  },
};
