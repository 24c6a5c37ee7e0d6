/**
 * The whole import of a chain by programs: `chain-node import`, and the `bitcoind` in the PATH (Bitcoin Core or Knots)
 * with `-loadblock`, with one thread and with two, in turns, starts included. Run with `pnpm bench import`.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { concatBytes, regtest, Writer } from "@chain/core";
import { present, sharedChain } from "@chain/testing/sharedChains";

const ROUNDS = 5;
/** The program of others, of the PATH. */
const [OTHER = ""] = ["bitcoind"];
const program = fileURLToPath(new URL("../../../bin/chain-node", import.meta.url));

interface Run {
  /** Wall time, seconds. */
  readonly seconds: number;
  /** Processor time of all threads, seconds. */
  readonly processor: number;
  /** Peak of memory, MB. */
  readonly memory: number;
}

/** Runs a program to its end. */
async function run(start: () => ChildProcess): Promise<Run> {
  const begun = performance.now();
  const child = start();
  const left = once(child, "exit");
  let [memory, processor] = [0, 0];
  const look = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      memory = Math.max(memory, Number(/VmHWM:\s*(\d+)/.exec(status)?.[1] ?? 0) / 1000);
      const [, fields = ""] = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ");
      const times = fields.split(" ");
      processor = (Number(times[11]) + Number(times[12])) / 100;
    } catch {} // it has ended
  }, 10);
  const [code] = await left;
  clearInterval(look);
  if (code !== 0) throw new TypeError(`the program ended with ${code}`);
  return { seconds: (performance.now() - begun) / 1000, processor, memory };
}

function ours(file: string, data: string, threads: number): Promise<Run> {
  const flags = ["--network", "regtest", "--port", "18999", "--datadir", data];
  return run(() =>
    spawn(process.execPath, [program, "import", file, ...flags, "--par", String(threads)], {
      stdio: "ignore",
    }),
  );
}

function theirs(file: string, data: string, threads: number): Promise<Run> {
  const own = [`-datadir=${data}`, `-loadblock=${file}`, `-par=${threads}`];
  const home = ["-regtest", "-listen=0", "-connect=0", "-dnsseed=0", "-fixedseeds=0"];
  const once = ["-server=0", "-stopafterblockimport", "-checkblockindex=0", "-printtoconsole=0"];
  return run(() => spawn(OTHER, [...home, ...once, ...own, "-assumevalid=0"], { stdio: "ignore" }));
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

function shown(name: string, runs: readonly Run[]) {
  const seconds = runs.map((each) => each.seconds);
  return {
    program: name,
    seconds: median(seconds).toFixed(2),
    "least to most": `${Math.min(...seconds).toFixed(2)} to ${Math.max(...seconds).toFixed(2)}`,
    processor: median(runs.map(({ processor }) => processor)).toFixed(2),
    MB: median(runs.map(({ memory }) => memory)).toFixed(0),
  };
}

async function compare(): Promise<void> {
  const { raw, facts } = sharedChain("chain-p2pkh");
  const directory = await mkdtemp(join(tmpdir(), "chain-bench-"));
  const file = join(directory, "bootstrap.dat");
  const frames = raw.map((block) =>
    concatBytes(regtest.magic, new Writer(4).u32(block.length).finish(), block),
  );
  await writeFile(file, concatBytes(...frames));
  const hasOther = spawnSync(OTHER, ["-version"]).status === 0;
  const programs = [["chain-node", ours], ...(hasOther ? [[OTHER, theirs] as const] : [])] as const;
  const rows = [1, 2].flatMap((threads) =>
    programs.map(([name, start]) => ({
      name: `${name}, ${threads}`,
      start,
      threads,
      runs: [] as Run[],
    })),
  );
  for (let round = 0; round < ROUNDS; round++) {
    for (const { start, threads, runs } of rows) {
      const data = await mkdtemp(join(directory, "data-"));
      runs.push(await start(file, data, threads));
      await rm(data, { recursive: true });
    }
  }
  await rm(directory, { recursive: true });
  console.log(`${raw.length} blocks, ${facts.allTx} transactions, ${facts.inputs} inputs`);
  console.table(rows.map(({ name, runs }) => shown(`${name} threads`, runs)));
  for (const threads of hasOther ? [1, 2] : []) {
    const of = (name: string) =>
      median(
        rows.find((row) => row.name === `${name}, ${threads}`)?.runs.map((r) => r.seconds) ?? [],
      );
    const ratio = (of("chain-node") / of(OTHER)).toFixed(2);
    console.log(`${threads} threads: ${ratio} times the time of ${OTHER}`);
  }
}

if (present) await compare();
else console.log("skipped, as ../shared/data is absent: a whole chain");
