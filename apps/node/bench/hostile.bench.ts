/**
 * How long a fresh node takes for 1,000 blocks of one honest peer, over TCP, while others call it to keep it busy: four
 * of a kind each, and one of every kind. The better of two times, in turns with as many undisturbed ones. Run with
 * `pnpm bench hostile`, or `pnpm bench hostile ping` for one kind.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Identity, openChain, openControl, parseIdentity } from "@chain/fullnode";
import { present, sharedChain } from "@chain/testing/sharedChains";
import { ATTACKS } from "./support/attacks.ts";

const CHAIN = "chain-p2pkh";
/** A sync that takes longer is given up. Milliseconds. */
const PATIENCE = 60_000;

const node = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const attackers = fileURLToPath(new URL("support/attackers.ts", import.meta.url));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** A program from source, once it has printed what is waited for. */
async function run(
  program: string,
  sign: string,
  ...argv: readonly string[]
): Promise<ChildProcess> {
  const source = ["--conditions=@chain/source", "--import", import.meta.resolve("tsx")];
  const child = spawn(process.execPath, [...source, program, ...argv], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    if (line.includes(sign)) break;
  }
  child.stdout?.resume();
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill(signal);
  await once(child, "close");
}

const started = '"event":"ready"';

function startNode(
  { network, nodeId, paths: _ }: Identity,
  directory: string,
  ...more: readonly string[]
) {
  const place = ["--network", network.name, "--port", String(nodeId), "--datadir", directory];
  return run(node, started, "startnode", "--log", "json", "--log-level", "info", ...place, ...more);
}

interface Sync {
  readonly seconds: number;
  /** Seconds of the processor that the node took, from its start. */
  readonly processor: number;
  readonly blocks: number;
}

/** On Linux. */
function processorTime({ pid }: ChildProcess): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return Number.NaN;
  }
}

async function sync(directory: string, server: number, attack: string | undefined): Promise<Sync> {
  const port = await freePort();
  const identity = parseIdentity(
    { network: "regtest", port: String(port), datadir: directory },
    {},
  );
  // It calls nobody else, whatever addresses it is told.
  const victim = await startNode(identity, directory, "--connect", "127.0.0.1:1");
  const children = [victim];
  try {
    if (attack !== undefined) children.push(await run(attackers, "ready", attack, String(port)));
    const control = await openControl(identity.paths);
    if (control === undefined) throw new TypeError("the node does not run");
    const begun = performance.now();
    await control.call("addnode", { node: `127.0.0.1:${server}`, command: "onetry" });
    const { facts } = sharedChain(CHAIN);
    for (;;) {
      const blocks = await control.call("getblockcount");
      const elapsed = performance.now() - begun;
      if (blocks === facts.height || elapsed > PATIENCE) {
        return { seconds: elapsed / 1000, processor: processorTime(victim), blocks };
      }
      await wait(50);
    }
  } finally {
    await Promise.all(children.map((child) => end(child, "SIGKILL")));
    await rm(identity.paths.database, { recursive: true, force: true });
  }
}

function best(syncs: readonly Sync[]): Sync {
  return syncs.reduce((one, other) => (other.seconds < one.seconds ? other : one));
}

async function main(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "chain-bench-hostile-"));
  const port = await freePort();
  const identity = parseIdentity(
    { network: "regtest", port: String(port), datadir: directory },
    {},
  );
  const { chain } = await openChain(identity, { log: () => {} });
  for (const block of sharedChain(CHAIN).raw) await chain.acceptBlock(block, { requested: true });
  await chain.close();
  const server = await startNode(identity, directory, "--connect", "127.0.0.1:1");
  try {
    await sync(directory, port, undefined); // so that the server is warm
    const table: object[] = [];
    const wanted = process.argv.slice(2).join(" ");
    for (const attack of Object.keys(ATTACKS).filter((name) => name.startsWith(wanted))) {
      // In turns, because others may use the machine as well.
      const calm: Sync[] = [];
      const attacked: Sync[] = [];
      for (let round = 0; round < 2; round++) {
        calm.push(await sync(directory, port, undefined));
        attacked.push(await sync(directory, port, attack));
      }
      const [before, now] = [best(calm), best(attacked)];
      const row = {
        attack,
        undisturbed: before.seconds.toFixed(1),
        attacked: now.seconds.toFixed(1),
        "times as long": (now.seconds / before.seconds).toFixed(2),
        processor: `${before.processor.toFixed(1)} → ${now.processor.toFixed(1)}`,
        blocks: now.blocks,
      };
      console.log(JSON.stringify(row));
      table.push(row);
    }
    console.table(table);
  } finally {
    await end(server, "SIGTERM");
    await rm(directory, { recursive: true, force: true });
  }
}

if (present) await main();
else console.log("skipped, as ../shared/data is absent: 1,000 blocks among attackers");
