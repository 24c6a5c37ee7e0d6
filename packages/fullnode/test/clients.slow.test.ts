/** Clients of Bitcoin Core, as they are on npm and in Debian, call a node. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { regtest } from "@chain/core";
import { METHODS } from "@chain/rpc";
import { createRpcClient } from "@chain/rpc/client";
import { withRegistry } from "@chain/testing/loopback";
import { startTestNode } from "@chain/testing/nodes";
import { freePort } from "@chain/testing/place";
import { afterAll, expect, it } from "vitest";
import type { NodeConfig } from "../src/node/config.ts";
import { newRegtest, regtestAddress } from "./support/rpc.ts";

const folder = await mkdtemp(join(tmpdir(), "chain-clients-"));
afterAll(() => rm(folder, { recursive: true, force: true }));
const isInstalled = await install();
const isThere = (program: string): Promise<boolean> =>
  promisify(execFile)(program, ["-version"]).then(
    () => true,
    () => false,
  );
const [bitcoinCli, litecoinCli] = await Promise.all([
  isThere("bitcoin-cli"),
  isThere("litecoin-cli"),
]);

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
async function serve({
  port,
  told,
}: {
  readonly port?: number;
  readonly told?: NodeConfig["connect"];
} = {}): Promise<number> {
  const identity = await newRegtest();
  const credentials = { user: "me", password: "secret" };
  await startTestNode({
    identity,
    rpc: { credentials, ...(port !== undefined && { port }) },
    ...(told !== undefined && { connect: told }),
  });
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

/** Calls a program from the path for a node that answers at this port, and gives its output. */
function caller(program: string, port: number) {
  const where = ["-regtest", "-rpcconnect=127.0.0.1", `-datadir=${folder}`, `-rpcport=${port}`];
  return async (args: readonly string[], input = ""): Promise<string> => {
    const called = promisify(execFile)(program, [...where, "-rpcuser=me", ...args]);
    called.child.stdin?.end(input);
    return (await called).stdout.trim();
  };
}
const PASSWORD = "-rpcpassword=secret";

it.skipIf(!litecoinCli)(
  "litecoin-cli calls, with arguments and a password from its input",
  async () => {
    const call = caller("litecoin-cli", await serve());
    expect(await call([PASSWORD, "-rpcwait", "getblockcount"])).toBe("0");
    expect(await call([PASSWORD, "-stdin", "getblockhash"], "0\n")).toBe(GENESIS);
    expect(await call(["-stdinrpcpass", "getblockcount"], "secret\n")).toBe("0");
    await expect(call([PASSWORD, "getblockhash", "7"])).rejects.toMatchObject({ code: 8 });
    await expect(call(["-rpcpassword=wrong", "getblockcount"])).rejects.toMatchObject({ code: 1 });
  },
);

it.skipIf(!bitcoinCli)(
  "bitcoin-cli calls: by position, by name, from its input, for overviews, to mine",
  async () => {
    const port = await freePort();
    const call = caller("bitcoin-cli", port);
    // It is called first, and waits.
    const waiting = call([PASSWORD, "-rpcwait", "getblockcount"]);
    const peer = await startTestNode({ identity: await newRegtest() });
    await serve({ port, told: [{ host: "127.0.0.1", port: peer.port }] });
    expect(await waiting).toBe("0");
    const mined = await call([PASSWORD, "generatetoaddress", "3", regtestAddress(0)]);
    const [, , best] = JSON.parse(mined) as string[];
    expect(await call([PASSWORD, "getbestblockhash"])).toBe(best);
    expect(await call([PASSWORD, "-generate", "1"]).catch(({ code }) => code)).not.toBe(0);
    const named = ["-named", "getblock", `blockhash=${best}`, "verbosity=2"];
    expect(JSON.parse(await call([PASSWORD, ...named]))).toMatchObject({ height: 3 });
    const mixed = ["-named", "getblockheader", best as string, "verbose=false"];
    expect(await call([PASSWORD, ...mixed])).toMatch(/^[0-9a-f]{160}$/);
    expect(await call([PASSWORD, "-stdin", "getblockhash"], "3\n")).toBe(best);
    expect(await call(["-stdinrpcpass", "getblockcount"], "secret\n")).toBe("3");
    const info = await call([PASSWORD, "-getinfo", "-color=never"]);
    expect(info).toMatch(/^Chain: regtest\nBlocks: 3\nHeaders: 3\n/);
    expect(info).toMatch(/Network: in 0, out 1, total 1\nVersion: 310100\n/);
    const peers = await call([PASSWORD, "-netinfo", "4"]);
    expect(peers).toMatch(/manual .*\n/);
    expect(peers).toMatch(/^total +0 +0 +1 +1$/m);
    expect(JSON.parse(await call([PASSWORD, "-addrinfo"]))).toHaveProperty("addresses_known");
    expect(await call([PASSWORD, "help", "getblockcount"])).toMatch(/^getblockcount\n/);
    const noWallet = call([PASSWORD, "-rpcwallet=mine", "getbalance"]);
    await expect(noWallet).rejects.toMatchObject({ code: 32_601 % 256 });
    await expect(call([PASSWORD, "getblockhash", "7"])).rejects.toMatchObject({
      code: 8,
      stderr: expect.stringContaining("error code: -8\nerror message:\nBlock height out of range"),
    });
    await expect(call(["-rpcpassword=wrong", "getblockcount"])).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Authorization failed: Incorrect rpcuser or rpcpassword"),
    });
  },
);

/** These change something, or wait, or the client of Bitcoin Core 29 can't write their arguments. */
const NOT_READ =
  /^(chain_.*|stop|waitfor.*|add.*|generate.*|set.*|mockscheduler|savemempool|importmempool|dumptxoutset|loadtxoutset|pruneblockchain|(invalidate|precious|reconsider)block|getblockfrompeer|submit.*|send.*|prioritise.*|disconnectnode|clearbanned|ping|logging|scrubbanned|rpc\.discover)$/;
/** Their answers differ from call to call. */
const VARYING =
  /^(uptime|getmemoryinfo|getnettotals|getrpcinfo|getblocktemplate|getaddrmaninfo|getnodeinfo|getmininginfo|echo)$/;

it.skipIf(!bitcoinCli)("bitcoin-cli reads what every method that reads has to say", async () => {
  const port = await serve();
  const call = caller("bitcoin-cli", port);
  const client = createRpcClient({
    url: `http://127.0.0.1:${port}`,
    user: "me",
    password: "secret",
  });
  const reading = METHODS.filter(
    // Wallets have tests of their own, beside bitcoind's.
    ({ name, category }) => !/^(chain|wallet)$/.test(category) && !NOT_READ.test(name),
  );
  const different: unknown[] = [];
  for (const { name, examples } of reading) {
    for (const example of examples) {
      const params = JSON.parse(JSON.stringify(example)) as unknown[];
      const isJson = name === "echojson";
      const words = params.map((each) =>
        typeof each === "string" && !isJson ? each : JSON.stringify(each),
      );
      // One after the other, because a scan refuses to run beside another.
      const printed = await call([PASSWORD, name, ...words]).catch(({ code }) => `error ${-code}`);
      const told = await client.call(name, params).catch(({ code }) => `error ${code}`);
      const text = typeof told === "string" ? told.trim() : JSON.stringify(told);
      const isRead = printed === text || JSON.stringify(tryJson(printed)) === text;
      const isNull = told === null && printed === "";
      const varies = VARYING.test(name) && tryJson(printed) !== undefined;
      if (!isRead && !isNull && !varies) different.push([name, ...words, printed, text]);
    }
  }
  expect(different).toEqual([]);
  expect(reading.length).toBeGreaterThan(60);
});

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
