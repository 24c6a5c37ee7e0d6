/** The tutorial's scenario, with real processes on real ports and real databases. */
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { told } from "@chain/testing/loopback";
import { anyPorts, type LogLine, NodeProcess, runProgram } from "@chain/testing/processes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let dataDir: string;
let ports: { readonly central: number; readonly wallet: number; readonly miner: number };
const running: NodeProcess[] = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "chain-walkthrough-"));
  const [central = 0, wallet = 0, miner = 0] = await anyPorts(3);
  ports = { central, wallet, miner };
});
afterAll(async () => {
  await Promise.all(running.map((node) => node.stop("SIGKILL")));
  await rm(dataDir, { recursive: true, force: true });
});

const environment = (port: number) => ({ NODE_ID: String(port), CHAIN_DATADIR: dataDir });

function run(program: "chain-node" | "chain-wallet", port: number, ...args: string[]) {
  return runProgram(program, args, { env: environment(port) });
}

/** The output of a program, if it ends well. */
async function printed(...call: Parameters<typeof run>): Promise<string> {
  const { code, stdout, stderr } = await run(...call);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout.trim();
}

async function start(port: number, ...args: string[]): Promise<NodeProcess> {
  const node = new NodeProcess(told(args), { env: environment(port) });
  running.push(node);
  await node.waitFor("listening", ({ event }) => event === "ready");
  return node;
}

function reaches(node: NodeProcess, height: number): Promise<LogLine> {
  const isThere = (line: LogLine) =>
    (line.event === "tip" || line.event === "ready") && line["height"] === height;
  return node.waitFor(`height ${height}`, isThere);
}

function copyChain(from: string, to: number): Promise<void> {
  const path = (name: string) => join(dataDir, `blockchain_${name}.db`);
  return cp(path(from), path(String(to)), { recursive: true });
}

async function balances(port: number, addresses: readonly string[]): Promise<string[]> {
  const flags = addresses.flatMap((address) => ["--address", address]);
  const rows = JSON.parse(await printed("chain-wallet", port, "getbalance", "--json", ...flags));
  return rows.map(({ balance }: { readonly balance: string }) => balance);
}

describe("the walkthrough", () => {
  it("ends with the balances of the tutorial, on every node", { timeout: 90_000 }, async () => {
    const { central, wallet, miner } = ports;
    const connect = ["--connect", `127.0.0.1:${central}`];
    const handTo = ["--central", `127.0.0.1:${central}`];
    const CENTRAL = await printed("chain-wallet", central, "createwallet");
    await printed("chain-node", central, "createblockchain", "-address", CENTRAL);
    await copyChain(String(central), wallet);
    await copyChain(String(central), miner);
    const WALLET: string[] = [];
    for (let i = 0; i < 4; i++) WALLET.push(await printed("chain-wallet", wallet, "createwallet"));
    const [w1 = "", w2 = "", w3 = "", w4 = ""] = WALLET;
    const MINER = await printed("chain-wallet", miner, "createwallet");

    // 1. Two payments of 10, each mined at once by the one who pays.
    const pay = (from: string, to: string, amount: string) =>
      ["send", "-from", from, "-to", to, "-amount", amount] as const;
    await printed("chain-wallet", central, ...pay(CENTRAL, w1, "10"), "-mine");
    await printed("chain-wallet", central, ...pay(CENTRAL, w2, "10"), "-mine");
    const centralNode = await start(central, "--role", "central");

    // 2. The wallet node downloads both blocks.
    const firstRun = await start(wallet, ...connect);
    await reaches(firstRun, 2);
    expect(await firstRun.stop("SIGTERM")).toBe(0);
    expect(await balances(wallet, [w1, w2, CENTRAL])).toEqual(["10", "10", "10"]);

    // A payment that can't be is refused with the reason, and nothing is sent.
    const tooMuch = await run("chain-wallet", wallet, ...pay(w1, w3, "11"), ...handTo);
    expect(tooMuch).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/^error: .*not enough: has 10, needs 11[^\n]*\n$/),
    });

    // 3. and 4. The miner gets two payments by way of the central node, and mines one block.
    const minerNode = await start(miner, "-miner", MINER, ...connect);
    await reaches(minerNode, 2);
    await printed("chain-wallet", wallet, ...pay(w1, w3, "1"), ...handTo);
    await printed("chain-wallet", wallet, ...pay(w2, w4, "1"), ...handTo);
    await Promise.all([reaches(minerNode, 3), reaches(centralNode, 3)]);

    // 5. The wallet node sees it.
    const secondRun = await start(wallet, ...connect);
    await reaches(secondRun, 3);
    // While it runs, the wallet asks it.
    const everybody = [w1, w2, w3, w4, CENTRAL, MINER];
    expect(await balances(wallet, everybody)).toEqual(["9", "9", "1", "1", "10", "10"]);
    for (const node of [secondRun, minerNode, centralNode])
      expect(await node.stop("SIGINT")).toBe(0);
    const tips = new Set<string>();
    for (const port of [central, wallet, miner]) {
      expect(await balances(port, everybody)).toEqual(["9", "9", "1", "1", "10", "10"]);
      const chain = JSON.parse(await printed("chain-node", port, "printchain", "--json"));
      expect(chain).toHaveLength(4);
      expect(chain[0].transactions).toHaveLength(3);
      tips.add(chain[0].hash);
    }
    expect(tips.size).toBe(1);
  });

  it("says so when there is nobody to take a payment, and spends nothing by it", async () => {
    const { wallet } = ports;
    const list = await printed("chain-wallet", wallet, "listaddresses");
    const [from = "", to = ""] = list.split("\n");
    const [free = 0] = await anyPorts(1);
    const args = ["send", "--from", from, "--to", to, "--amount", "2", "--central"];
    const { code, stdout, stderr } = await run(
      "chain-wallet",
      wallet,
      ...args,
      `127.0.0.1:${free}`,
    );
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^error: .*127\.0\.0\.1:\d+[^\n]*\n$/);
    expect(await balances(wallet, [from])).toEqual(["9"]);
  });
});
