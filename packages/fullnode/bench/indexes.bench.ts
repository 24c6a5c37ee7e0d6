/**
 * The cost of each index over a whole chain, and of the same index of the `bitcoind` in the PATH (Bitcoin Core or Knots), in
 * one run. Run with `pnpm bench indexes`.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { concatBytes, regtest, Writer } from "@chain/core";
import { ChainManager } from "@chain/engine";
import {
  BlockFilterIndex,
  type ChainIndex,
  CoinStatisticsIndex,
  followChain,
  ScriptHistoryIndex,
  SpenderIndex,
  TransactionIndex,
} from "@chain/indexes";
import { loadNativeVerifier } from "@chain/signatures";
import type { KeyValueStore } from "@chain/storage";
import { openLevelKeyValueStore, openLevelStore } from "@chain/storage/level";
import { freePort } from "@chain/testing/place";
import { present, type SharedChain, sharedChain } from "@chain/testing/sharedChains";
import { systemClock, systemTimers } from "../src/ports/system.ts";

/** Milliseconds of processor time, and bytes on disk. */
interface Cost {
  readonly processor: number;
  readonly bytes: number;
}

const log = () => {};
/** The program of others, of the PATH. */
const [OTHER = ""] = ["bitcoind"];
const HERTZ = 100; // of the times in /proc

async function bytesOf(directory: string): Promise<number> {
  let sum = 0;
  for (const name of await readdir(directory, { recursive: true })) {
    const found = await stat(join(directory, name));
    if (found.isFile()) sum += found.size;
  }
  return sum;
}

type Make = (records: KeyValueStore, chain: ChainManager) => ChainIndex;
const OURS: readonly (readonly [string, Make])[] = [
  ["txindex", (records, chain) => new TransactionIndex(records, chain)],
  ["blockfilterindex", (records) => new BlockFilterIndex(records)],
  ["coinstatsindex", (records, chain) => new CoinStatisticsIndex(records, chain)],
  ["txospenderindex", (records, chain) => new SpenderIndex(records, chain)],
  ["scripthistoryindex", (records, chain) => new ScriptHistoryIndex(records, chain, log)],
];

/** Builds each index from the blocks on disk. */
async function ours({ raw }: SharedChain, directory: string): Promise<ReadonlyMap<string, Cost>> {
  const store = await openLevelStore(join(directory, "ours"));
  const verifier = loadNativeVerifier();
  const ports = { clock: systemClock, timers: systemTimers, log };
  const chain = await ChainManager.open({ params: regtest, store, verifier, ...ports });
  for (const block of raw) await chain.acceptBlock(block, { requested: true });
  const costs = new Map<string, Cost>();
  for (const [name, make] of OURS) {
    const path = join(directory, name);
    const records = await openLevelKeyValueStore(path);
    const begun = process.cpuUsage();
    const running = await followChain(make(records, chain), { chain, records, log });
    await running.caughtUp;
    const { user, system } = process.cpuUsage(begun);
    await running.stop();
    await records.close();
    costs.set(name, { processor: (user + system) / 1000, bytes: await bytesOf(path) });
  }
  await chain.close();
  return costs;
}

class Theirs {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async #start(flags: readonly string[]): Promise<{ child: ChildProcess; port: number }> {
    const port = await freePort();
    const home = [
      "-regtest",
      "-listen=0",
      "-connect=0",
      "-dnsseed=0",
      "-fixedseeds=0",
      "-printtoconsole=0",
      "-checkblockindex=0",
    ];
    const own = [`-datadir=${this.#directory}`, `-rpcport=${port}`];
    const child = spawn(OTHER, [...home, ...own, ...flags], { stdio: "ignore" });
    return { child, port };
  }

  async #call(port: number, method: string): Promise<unknown> {
    const cookie = await readFile(join(this.#directory, "regtest", ".cookie"));
    const response = await fetch(`http://127.0.0.1:${port}`, {
      method: "POST",
      headers: { authorization: `Basic ${cookie.toString("base64")}` },
      body: JSON.stringify({ method, params: [], id: 1 }),
    });
    return ((await response.json()) as { result: unknown }).result;
  }

  /** Asks again and again until the answer is right. @returns milliseconds of processor time until then */
  async run(
    flags: readonly string[],
    method: string,
    isDone: (answer: never) => boolean,
  ): Promise<number> {
    const { child, port } = await this.#start(flags);
    const left = once(child, "exit");
    for (;;) {
      const answer = await this.#call(port, method).catch(() => undefined);
      if (answer !== undefined && answer !== null && isDone(answer as never)) break;
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new TypeError("bitcoind ended by itself");
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const times = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    child.kill("SIGTERM");
    await left;
    return ((Number(times[11]) + Number(times[12])) * 1000) / HERTZ;
  }
}

/** The same by the other program: its processor time less that of a start without the index. */
async function theirs(
  { raw, facts }: SharedChain,
  directory: string,
): Promise<ReadonlyMap<string, Cost>> {
  const data = await mkdtemp(join(directory, "theirs-"));
  const file = join(directory, "blocks.dat");
  const frames = raw.map((block) =>
    concatBytes(regtest.magic, new Writer(4).u32(block.length).finish(), block),
  );
  writeFileSync(file, concatBytes(...frames));
  const program = new Theirs(data);
  const all = (height: number) => height === facts.height;
  await program.run([`-loadblock=${file}`], "getblockcount", all);
  const costs = new Map<string, Cost>();
  const start = await program.run([], "getblockcount", all);
  for (const name of ["txindex", "blockfilterindex", "coinstatsindex"]) {
    const isSynced = (answer: Record<string, { synced: boolean }>) =>
      Object.values(answer).some(({ synced }) => synced);
    const processor = await program.run([`-${name}=1`], "getindexinfo", isSynced);
    const folders = join(data, "regtest", "indexes");
    costs.set(name, { processor: processor - start, bytes: await bytesOf(folders) });
    await rm(folders, { recursive: true });
  }
  return costs;
}

function shown(chain: SharedChain, cost: Cost | undefined): readonly [string, string] {
  if (cost === undefined) return ["", ""];
  const perBlock = cost.processor / chain.raw.length;
  return [perBlock.toFixed(3), (cost.bytes / chain.facts.allTx).toFixed(1)];
}

async function compare(): Promise<void> {
  const chain = sharedChain("chain-p2pkh");
  const directory = await mkdtemp(join(tmpdir(), "chain-bench-"));
  const own = await ours(chain, directory);
  const hasOther = spawnSync(OTHER, ["-version"]).status === 0;
  const other = hasOther ? await theirs(chain, directory) : new Map<string, Cost>();
  await rm(directory, { recursive: true });
  const { length } = chain.raw;
  console.log(`${length} blocks, ${chain.facts.allTx} transactions, ${chain.facts.inputs} inputs`);
  console.table(
    [...own].map(([index, cost]) => {
      const [ms, bytes] = shown(chain, cost);
      const [theirMs, theirBytes] = shown(chain, other.get(index));
      return {
        index,
        "ms/block": ms,
        "bytes/tx": bytes,
        "their ms/block": theirMs,
        "their bytes/tx": theirBytes,
      };
    }),
  );
}

if (present) await compare();
else console.log("skipped, as ../shared/data is absent: a whole chain");
