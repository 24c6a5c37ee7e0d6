/** The tutorial's scenario among three processes in a ring: none is special, and any of them may die. */

import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ControlClient, openControl, parseIdentity } from "@chain/fullnode";
import type { ProgramIo } from "@chain/terminal";
import { anyPorts, type LogLine, NodeProcess, runProgram } from "@chain/testing/processes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../src/cli.ts";

/** A node, its wallet, and the one other node that it is told of. */
interface Place {
  readonly port: number;
  readonly knows: number;
  /** The first address of its wallet. */
  readonly address: string;
}

let dataDir: string;
const running = new Map<number, NodeProcess>();

const environment = (port: number) => ({ NODE_ID: String(port), CHAIN_DATADIR: dataDir });
const database = (port: number) => join(dataDir, `blockchain_${port}.db`);

/** The wallet program, in this process: it talks to the node of its port. */
async function wallet(port: number, ...args: string[]) {
  let [out, error] = ["", ""];
  const io: ProgramIo = {
    write: async (text) => {
      out += text;
    },
    writeError: (text) => {
      error += text;
    },
    colour: false,
    onStop: () => () => {},
  };
  const code = await run(args, environment(port), io);
  return { code, out: out.trim(), error };
}

/** The output of the program, if it ends well. */
async function printed(port: number, ...args: string[]): Promise<string> {
  const { code, out, error } = await wallet(port, ...args);
  expect({ code, error }).toEqual({ code: 0, error: "" });
  return out;
}

/** Pays from a wallet by way of its own node. @returns the transaction's id */
async function pay(port: number, from: string, to: string, amount: string, ...more: string[]) {
  const flags = ["--from", from, "--to", to, "--amount", amount, "--json", ...more];
  return JSON.parse(await printed(port, "send", ...flags)).txid as string;
}

async function control(port: number): Promise<ControlClient> {
  const found = await openControl(parseIdentity({}, environment(port)).paths);
  return found ?? expect.unreachable(`node ${port} does not run`);
}

async function balances(port: number, addresses: readonly string[]): Promise<string[]> {
  const flags = addresses.flatMap((address) => ["--address", address]);
  const rows = JSON.parse(await printed(port, "getbalance", "--json", ...flags));
  return rows.map(({ balance }: { readonly balance: string }) => balance);
}

/** All nodes have the same arguments, but for their ports. */
async function start({ port, knows }: Place): Promise<void> {
  const args = ["--addnode", `127.0.0.1:${knows}`];
  const node = new NodeProcess(args, { env: environment(port) });
  running.set(port, node);
  await node.waitFor("listening", ({ event }) => event === "ready");
}

function seen(port: number, what: string, test: (line: LogLine) => boolean): Promise<LogLine> {
  const node = running.get(port) ?? expect.unreachable(`node ${port} was never started`);
  return node.waitFor(what, test);
}

function reach(places: readonly Place[], height: number): Promise<unknown> {
  const isThere = (line: LogLine) =>
    (line.event === "tip" || line.event === "ready") && line["height"] === height;
  return Promise.all(places.map(({ port }) => seen(port, `height ${height}`, isThere)));
}

/** Waits until a payment has come to a node. */
function arrives(port: number, txid: string): Promise<LogLine> {
  return seen(port, txid, (line) => line.event === "transaction" && line["txid"] === txid);
}

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "chain-ring-"));
});
afterAll(async () => {
  await Promise.all([...running.values()].map((node) => node.stop("SIGKILL")));
  await rm(dataDir, { recursive: true, force: true });
});

describe("three nodes in a ring, none of them special", () => {
  it("do what the tutorial does, and go on without any one of them", {
    timeout: 60_000,
  }, async () => {
    const ports = await anyPorts(3);
    const places: Place[] = [];
    for (const [i, port] of ports.entries()) {
      const address = await printed(port, "createwallet");
      places.push({ port, knows: ports[(i + 1) % 3] ?? 0, address });
    }
    const [a, b, c] = places as [Place, Place, Place];
    const W1 = b.address;
    const W2 = await printed(b.port, "createwallet");
    const W3 = await printed(b.port, "createwallet");
    const W4 = await printed(b.port, "createwallet");
    const everybody = [W1, W2, W3, W4, a.address, c.address];
    const created = await runProgram("chain-node", ["createblockchain", "--address", a.address], {
      env: environment(a.port),
    });
    expect(created).toMatchObject({ code: 0, stderr: "" });
    for (const { port } of [b, c]) await cp(database(a.port), database(port), { recursive: true });
    await Promise.all(places.map(start));

    // 1. and 2. Two payments of 10, each mined at once by the one who pays; the others get the blocks.
    await pay(a.port, a.address, W1, "10", "--mine");
    await pay(a.port, a.address, W2, "10", "--mine");
    await reach(places, 2);
    expect(await balances(b.port, [W1, W2, a.address])).toEqual(["10", "10", "10"]);
    expect(await wallet(b.port, "send", "--from", W1, "--to", W3, "--amount", "11")).toMatchObject({
      code: 1,
      error: expect.stringContaining("not enough: has 10, needs 11"),
    });

    // 3. to 5. Two payments from one node; another mines both into one block.
    const paid = [await pay(b.port, W1, W3, "1"), await pay(b.port, W2, W4, "1")];
    await Promise.all(paid.map((txid) => arrives(c.port, txid)));
    await (await control(c.port)).mine(c.address);
    await reach(places, 3);
    for (const { port } of places) {
      expect(await balances(port, everybody)).toEqual(["9", "9", "1", "1", "10", "10"]);
    }

    // Each dies in turn: of the others, one pays and one mines. Then it comes back and hears of it.
    let height = 3;
    for (const [dead, payer, miner] of [
      [a, b, c],
      [c, a, b],
      [b, c, a],
    ] as const) {
      expect(await running.get(dead.port)?.stop("SIGKILL")).toBeNull();
      const txid = await pay(payer.port, payer.address, miner.address, "1");
      await arrives(miner.port, txid);
      await (await control(miner.port)).mine(miner.address);
      await reach([payer, miner], ++height);
      await start(dead);
      await reach([dead], height);
    }
    const tips = new Set<string>();
    for (const { port } of places) {
      // Each of the three wallets has paid 1, and got 1 and a reward of 10.
      expect(await balances(port, everybody)).toEqual(["19", "9", "1", "1", "20", "20"]);
      const { bestblockhash } = await (await control(port)).info();
      tips.add(bestblockhash);
    }
    expect(tips.size).toBe(1);
    const ends = places.map(({ port }) => running.get(port)?.stop("SIGTERM"));
    expect(await Promise.all(ends)).toEqual([0, 0, 0]);
  });
});
