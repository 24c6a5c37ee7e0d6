/** What a node has lost and the wallet has kept. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ControlClient, openControl, type ProgramIo, parseIdentity } from "chain-node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { anyPorts, NodeProcess, runProgram } from "../../../scripts/processes.ts";
import { run } from "../src/cli.ts";

let dataDir: string;
let port: number;
let node: NodeProcess | undefined;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "chain-again-"));
  [port = 0] = await anyPorts(1);
});
afterAll(async () => {
  await node?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const environment = () => ({ NODE_ID: String(port), CHAIN_DATADIR: dataDir });

async function wallet(...args: string[]): Promise<string> {
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
  expect([await run(args, environment(), io), error]).toEqual([0, ""]);
  return out.trim();
}

async function start(): Promise<ControlClient> {
  node = new NodeProcess([], { env: environment() });
  await node.waitFor("listening", ({ event }) => event === "ready");
  const control = await openControl(parseIdentity({}, environment()).paths);
  return control ?? expect.unreachable("it runs");
}

it("a payment whose node lost its mempool is handed in again, also after a reorganisation", async () => {
  const from = await wallet("createwallet");
  const to = await wallet("createwallet");
  const made = await runProgram("chain-node", ["createblockchain", "--address", from], {
    env: environment(),
  });
  expect(made.code).toBe(0);
  let control = await start();
  const sent = await wallet("send", "--from", from, "--to", to, "--amount", "1", "--json");
  const { txid } = JSON.parse(sent);

  await node?.stop();
  for (const name of await readdir(dataDir)) {
    if (name.startsWith("mempool_")) await rm(join(dataDir, name));
  }
  control = await start();
  expect(await control.call("getrawmempool")).toEqual([]);
  expect(await wallet("getbalance", "--address", to)).toMatch(/: 1 \(1 of it in no block yet\)$/);
  expect(await control.call("getrawmempool")).toEqual([txid]);

  const mined = await control.mine(to);
  expect(await wallet("getbalance", "--address", to)).toMatch(/: 11$/);
  expect(await wallet("getbalance", "--address", to)).toMatch(/: 11$/); // noted as settled, and left alone
  // The block is taken back while nobody remembers what it held.
  await control.call("invalidateblock", { blockhash: mined.hash });
  await node?.stop();
  for (const name of await readdir(dataDir)) {
    if (name.startsWith("mempool_")) await rm(join(dataDir, name));
  }
  control = await start();
  expect(await control.call("getrawmempool")).toEqual([]);
  expect(await wallet("getbalance", "--address", to)).toMatch(/: 1 \(1 of it in no block yet\)$/);
  expect(await control.call("getrawmempool")).toEqual([txid]);
});
