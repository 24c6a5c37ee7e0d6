/** Nodes that are killed while they work come back, and end where the others are. */

import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openControl, parseIdentity } from "@chain/fullnode";
import { told } from "@chain/testing/loopback";
import { anyPorts, type LogLine, NodeProcess, runProgram } from "@chain/testing/processes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let dataDir: string;
let genesis: string;
let address: string;
let walletFile: string;
const running: NodeProcess[] = [];

const environment = (port: number) => ({ NODE_ID: String(port), CHAIN_DATADIR: dataDir });

async function printed(
  program: "chain-node" | "chain-wallet",
  port: number,
  ...args: string[]
): Promise<string> {
  const { code, stdout, stderr } = await runProgram(program, args, { env: environment(port) });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout.trim();
}

async function start(port: number, ...args: string[]): Promise<NodeProcess> {
  const node = new NodeProcess(told(args), { env: environment(port) });
  running.push(node);
  await node.waitFor("listening", ({ event }) => event === "ready");
  return node;
}

const tipAbove = (height: number) => (line: LogLine) =>
  (line.event === "tip" || line.event === "ready") && Number(line["height"]) > height;

async function joinChain(port: number): Promise<void> {
  await cp(genesis, join(dataDir, `blockchain_${port}.db`), { recursive: true });
}

async function tipOf(port: number): Promise<{ readonly hash: string; readonly height: number }> {
  const [tip] = JSON.parse(
    await printed("chain-node", port, "printchain", "--json", "--limit", "1"),
  );
  return tip;
}

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "chain-kill-"));
  const [port = 0] = await anyPorts(1);
  address = await printed("chain-wallet", port, "createwallet");
  await printed("chain-node", port, "createblockchain", "--address", address);
  genesis = join(dataDir, `blockchain_${port}.db`);
  walletFile = join(dataDir, `wallet_${port}.db`);
}, 30_000);
afterAll(async () => {
  await Promise.all(running.map((node) => node.stop("SIGKILL")));
  await rm(dataDir, { recursive: true, force: true });
});

describe("kill -9", () => {
  it("while mining: the node goes on, and its peer has the same chain", {
    timeout: 60_000,
  }, async () => {
    const [follower = 0, miner = 0] = await anyPorts(2);
    await joinChain(follower);
    await joinChain(miner);
    const follow = await start(follower, "--role", "central");
    const mine = ["--miner", address, "--mine-when", "0", "--connect", `127.0.0.1:${follower}`];
    let height = 0;
    for (let round = 0; round < 3; round++) {
      const node = await start(miner, ...mine);
      // In the middle of the work for the block after the next.
      await node.waitFor("two blocks more", tipAbove(height + 1));
      await node.stop("SIGKILL");
      height = (await tipOf(miner)).height;
    }
    // The last block may not have left before the kill: once more, without mining.
    const last = await start(miner, "--role", "wallet", "--connect", `127.0.0.1:${follower}`);
    await follow.waitFor("the whole chain", tipAbove(height - 1));
    expect(await last.stop()).toBe(0);
    expect(await follow.stop()).toBe(0);
    expect(await tipOf(follower)).toEqual(await tipOf(miner));
  });

  it("while syncing: the node goes on where it was", { timeout: 60_000 }, async () => {
    const [source = 0, fresh = 0] = await anyPorts(2);
    await joinChain(source);
    await joinChain(fresh);
    const serving = await start(source, "--role", "central");
    await printed("chain-node", source, "mine", "--blocks", "60", "--address", address);
    const connect = ["--connect", `127.0.0.1:${source}`, "--log-level", "debug"];
    const first = await start(fresh, ...connect);
    await first.waitFor("some of the blocks", tipAbove(5));
    await first.stop("SIGKILL");
    const { height } = await tipOf(fresh);
    expect(height).toBeGreaterThan(5);
    const second = await start(fresh, ...connect);
    await second.waitFor("all of them", tipAbove(59));
    expect(await second.stop()).toBe(0);
    expect(await serving.stop()).toBe(0);
    expect(await tipOf(fresh)).toEqual(await tipOf(source));
  });

  it("right after a payment was accepted: it is in the mempool of the next run", {
    timeout: 60_000,
  }, async () => {
    const port = await ownChain();
    const to = await printed("chain-wallet", port, "createwallet");
    const sent: string[] = [];
    for (let round = 0; round < 3; round++) {
      const node = await start(port);
      const flags = ["--from", address, "--to", to, "--amount", "1", "--json"];
      sent.push(JSON.parse(await printed("chain-wallet", port, "send", ...flags)).txid);
      await node.stop("SIGKILL");
    }
    const node = await start(port);
    await node.waitFor("the mempool", ({ event }) => event === "mempool-loaded");
    expect(await mempoolOf(port)).toEqual(sent);
    await node.stop();
  });

  it("right after a reorganisation: what it put back is in the mempool of the next run", {
    timeout: 60_000,
  }, async () => {
    const port = await ownChain();
    const node = await start(port);
    const flags = ["--from", address, "--to", address, "--amount", "1", "--json", "--mine"];
    const { txid, blockhash } = JSON.parse(await printed("chain-wallet", port, "send", ...flags));
    await (await control(port)).call("invalidateblock", { blockhash });
    await node.stop("SIGKILL");
    const next = await start(port);
    await expect.poll(() => mempoolOf(port), { timeout: 20_000 }).toEqual([txid]);
    await next.stop();
  });

  it("while a database is made: nothing is left of it after the next run", async () => {
    const [port = 0] = await anyPorts(1);
    const leftover = join(dataDir, `blockchain_${port}.db.new-AbCdEf`);
    const dead = join(dataDir, `blockchain_${port}.db.new-${2 ** 22 + 1}-AbCdEf`);
    const living = join(dataDir, `blockchain_${port}.db.new-${process.pid}-AbCdEf`);
    for (const path of [leftover, dead, living]) await cp(genesis, path, { recursive: true });
    await printed("chain-node", port, "createblockchain", "--address", address);
    const names = (await readdir(dataDir)).filter((name) => name.includes(`_${port}.db.new-`));
    expect(names).toEqual([`blockchain_${port}.db.new-${process.pid}-AbCdEf`]);
  });
});

/** A node with the common chain and the wallet that owns it. */
async function ownChain(): Promise<number> {
  const [port = 0] = await anyPorts(1);
  await joinChain(port);
  await cp(walletFile, join(dataDir, `wallet_${port}.db`));
  return port;
}

async function control(port: number) {
  const found = await openControl(parseIdentity({}, environment(port)).paths);
  return found ?? expect.unreachable(`node ${port} does not run`);
}

async function mempoolOf(port: number) {
  return (await control(port)).call("getrawmempool");
}
