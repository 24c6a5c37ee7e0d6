/**
 * A chain of 900,000 headers, mainnet's number: what it costs a node to take them from a peer, to start with them, and
 * what a balance costs while the node is stopped. Every program gets a heap of 400 MB. Run with `pnpm bench headers`,
 * or `pnpm bench headers 50000` for fewer.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { type BlockHash, bytesToHex, regtest } from "@chain/core";
import { openControl, parseIdentity } from "@chain/fullnode";
import { told } from "@chain/testing/loopback";
import { PROGRAMS } from "@chain/testing/processes";
import {
  type Command,
  Deframer,
  decodePayload,
  frameMessage,
  frameRaw,
  MAX_HEADERS,
  netAddress,
  UNSPECIFIED_ADDRESS,
} from "@chain/wire";

const COUNT = Number(process.argv[2] ?? 900_000);
const HEAP = 400;
const SIZE = 80;
/** Of the clock of Linux, a second. */
const TICKS = 100;
const { magic, genesis } = regtest;

const node = PROGRAMS["chain-node"];
const wallet = PROGRAMS["chain-wallet"];

const sha256d = (bytes: Uint8Array): Uint8Array =>
  createHash("sha256").update(createHash("sha256").update(bytes).digest()).digest();

/** Headers one after the other, from the first above the genesis block; of regtest, so a try in two is a good one. */
function mine(count: number): {
  readonly bytes: Uint8Array;
  readonly heights: Map<string, number>;
} {
  const bytes = new Uint8Array(count * SIZE);
  const heights = new Map<string, number>();
  let previous: Uint8Array = sha256d(genesis.header.toBytes());
  for (let i = 0; i < count; i++) {
    const header = bytes.subarray(i * SIZE, (i + 1) * SIZE);
    const view = new DataView(header.buffer, header.byteOffset, SIZE);
    view.setInt32(0, 0x2000_0000, true);
    header.set(previous, 4);
    view.setUint32(68, genesis.header.time + i + 1, true);
    view.setUint32(72, genesis.header.bits, true);
    let nonce = 0;
    do {
      view.setUint32(76, nonce++, true);
      previous = sha256d(header);
    } while ((previous[31] as number) > 0x7e);
    heights.set(bytesToHex(previous.toReversed()), i + 1);
  }
  return { bytes, heights };
}

/** A peer that answers `getheaders` and nothing else. */
class Peer {
  readonly #chain: ReturnType<typeof mine>;
  readonly #server = createServer((socket) => this.#meet(socket));
  #sockets: Socket[] = [];

  constructor(chain: ReturnType<typeof mine>) {
    this.#chain = chain;
  }

  async listen(): Promise<number> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets = [];
  }

  #meet(socket: Socket): void {
    this.#sockets.push(socket);
    socket.setNoDelay(true).on("error", () => {});
    const deframer = new Deframer(magic);
    socket.on("data", (data) => {
      for (const event of deframer.push(data)) {
        if (event.type !== "message") continue;
        if (event.command === "version") this.#greet(socket);
        if (event.command !== "getheaders") continue;
        const message = decodePayload<Command>(event.command, event.payload, 70_016);
        if ("locator" in message) socket.write(this.#answer(message.locator));
      }
    });
  }

  #greet(socket: Socket): void {
    socket.write(
      frameMessage(magic, {
        command: "version",
        protocolVersion: 70_016,
        services: 9n,
        timestamp: BigInt(Math.floor(Date.now() / 1000)),
        receiver: netAddress("127.0.0.1", 1),
        sender: UNSPECIFIED_ADDRESS,
        nonce: 1n,
        userAgent: "/bench:1/",
        startHeight: COUNT,
        relay: true,
      }),
    );
    socket.write(frameMessage(magic, { command: "verack" }));
  }

  #answer(locator: readonly BlockHash[]): Uint8Array {
    const { bytes, heights } = this.#chain;
    const known = locator.map((hash) => heights.get(hash)).find((height) => height !== undefined);
    const first = known ?? 0;
    const count = Math.min(MAX_HEADERS, COUNT - first);
    const payload = new Uint8Array(3 + count * (SIZE + 1));
    payload.set([0xfd, count & 0xff, count >> 8]);
    for (let i = 0; i < count; i++) {
      const header = bytes.subarray((first + i) * SIZE, (first + i + 1) * SIZE);
      payload.set(header, 3 + i * (SIZE + 1));
    }
    return frameRaw(magic, "headers", payload);
  }
}

const directory = mkdtempSync(join(tmpdir(), "chain-bench-headers-"));
const place = ["--network", "regtest", "--port", await freePort(), "--datadir", directory];
const identity = parseIdentity(
  { network: "regtest", port: place[3] as string, datadir: directory },
  {},
);

async function freePort(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return String(port);
}

function run(program: string, ...argv: readonly string[]): ChildProcess {
  const source = ["--conditions=@chain/source", "--import", import.meta.resolve("tsx")];
  const flags = [...source, `--max-old-space-size=${HEAP}`, program, ...argv];
  return spawn(process.execPath, flags, { stdio: ["ignore", "pipe", "inherit"] });
}

async function ready(child: ChildProcess): Promise<void> {
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    if (line.includes('"event":"ready"')) break;
  }
  child.stdout?.resume();
}

/** Kilobytes of resident memory at most, and seconds of processor time, until now; on Linux. */
function used({ pid }: ChildProcess): { readonly peak: number; readonly cpu: number } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const peak = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]);
    const [, after = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
    const [user = 0, system = 0] = after.split(" ").slice(11, 13).map(Number);
    return { peak, cpu: (user + system) / TICKS };
  } catch {
    return { peak: Number.NaN, cpu: Number.NaN };
  }
}

/** Time and memory of one step. @param empty peak of a node without headers, in kilobytes */
function report(what: string, begun: number, child: ChildProcess, empty?: number): number {
  const wall = (performance.now() - begun) / 1000;
  const { peak, cpu } = used(child);
  const time = `${wall.toFixed(1)} s (processor ${cpu.toFixed(1)} s)`;
  const each =
    empty === undefined ? "" : `, ${Math.round(((peak - empty) * 1024) / COUNT)} bytes a header`;
  console.log(`${what}: ${time}, ${Math.round(peak / 1000)} MB at most${each}`);
  return peak;
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill("SIGTERM");
  await once(child, "close");
}

const start = ["startnode", "--log", "json", "--log-level", "info", ...place];

try {
  const peer = new Peer(mine(COUNT));
  const port = await peer.listen();

  let begun = performance.now();
  const empty = run(node, ...told([...start, "--role", "central"]));
  await ready(empty);
  const least = report("start without headers", begun, empty);
  await stop(empty);

  const taking = run(node, ...start, "--role", "central", "--connect", `127.0.0.1:${port}`);
  await ready(taking);
  begun = performance.now();
  const control = await openControl(identity.paths);
  while ((await control?.info())?.headers !== COUNT) await wait(200);
  report(`${COUNT} headers from a peer`, begun, taking, least);
  peer.close();
  await stop(taking);

  begun = performance.now();
  const again = run(node, ...told([...start, "--role", "central"]));
  await ready(again);
  report("start with them", begun, again, least);
  await stop(again);

  begun = performance.now();
  const address = "mfWxJ45yp2SFn7UciZyNpvDKrzbhyfKrY8"; // of a hash of zeros
  const asking = run(wallet, "getbalance", ...place, "--address", address);
  const [code] = await once(asking, "close");
  const wall = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(`getbalance with the node stopped: ${wall} s, exit ${code}`);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
