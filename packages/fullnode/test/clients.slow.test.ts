/** Clients of Bitcoin Core, as they are on npm and in Debian, call a node. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { regtest } from "@chain/core";
import { withRegistry } from "@chain/testing/loopback";
import { startTestNode } from "@chain/testing/nodes";
import { afterAll, expect, it } from "vitest";
import { newRegtest } from "./support/rpc.ts";

const folder = await mkdtemp(join(tmpdir(), "chain-clients-"));
afterAll(() => rm(folder, { recursive: true, force: true }));
const isInstalled = await install();
const litecoinCli = await promisify(execFile)("litecoin-cli", ["-version"]).then(
  () => true,
  () => false,
);

async function install(): Promise<boolean> {
  const dependencies = { "bitcoin-core": "5.0.0", "rpc-bitcoin": "2.0.0" };
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, dependencies }));
  const options = ["install", "--ignore-scripts", "--no-audit", "--no-fund"];
  try {
    const env = withRegistry("bitcoin-core and rpc-bitcoin");
    await promisify(execFile)("npm", options, { cwd: folder, env, timeout: 120_000 });
    return true;
  } catch {
    return false;
  }
}

/** @returns its port */
async function serve(): Promise<number> {
  const identity = await newRegtest();
  await startTestNode({ identity, rpc: { credentials: { user: "me", password: "secret" } } });
  return JSON.parse(await readFile(identity.paths.control, "utf8")).port;
}

const load = createRequire(join(folder, "package.json"));
const GENESIS = regtest.genesis.hash;

it.skipIf(!isInstalled)("bitcoin-core calls, and sends batches", async () => {
  const port = await serve();
  const Client = load("bitcoin-core");
  const host = `http://127.0.0.1:${port}`;
  const client = new Client({ host, username: "me", password: "secret" });
  expect(await client.command("getblockcount")).toBe(0);
  const batch = [
    { method: "getblockcount", parameters: [] },
    { method: "getblockhash", parameters: [0] },
  ];
  expect(await client.command(batch)).toEqual([0, GENESIS]);
  await expect(client.command("getblockhash", 5)).rejects.toMatchObject({ code: -8 });
});

it.skipIf(!isInstalled)("rpc-bitcoin calls", async () => {
  const port = await serve();
  const { RPCClient } = load("rpc-bitcoin");
  const client = new RPCClient({ url: "http://127.0.0.1", port, user: "me", pass: "secret" });
  expect(await client.getblockcount()).toBe(0);
  expect(await client.getblock({ blockhash: GENESIS, verbosity: 2 })).toMatchObject({ height: 0 });
  expect(await client.getnetworkinfo()).toMatchObject({ version: 310_100 });
});

it.skipIf(!litecoinCli)(
  "litecoin-cli calls, with arguments and a password from its input",
  async () => {
    const port = await serve();
    const call = (args: readonly string[], input = "") => {
      const where = [
        "-regtest",
        "-rpcconnect=127.0.0.1",
        `-datadir=${folder}`,
        `-rpcport=${port}`,
        "-rpcuser=me",
      ];
      const called = promisify(execFile)("litecoin-cli", [...where, ...args]);
      called.child.stdin?.end(input);
      return called.then(({ stdout }) => stdout.trim());
    };
    const password = "-rpcpassword=secret";
    expect(await call([password, "-rpcwait", "getblockcount"])).toBe("0");
    expect(await call([password, "-stdin", "getblockhash"], "0\n")).toBe(GENESIS);
    expect(await call(["-stdinrpcpass", "getblockcount"], "secret\n")).toBe("0");
    await expect(call([password, "getblockhash", "7"])).rejects.toMatchObject({ code: 8 });
    await expect(call(["-rpcpassword=wrong", "getblockcount"])).rejects.toMatchObject({ code: 1 });
  },
);
