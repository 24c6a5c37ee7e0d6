/** `chain-node startnode --role spv` over TCP: its size, kills, a reorganisation, a peer without filters. */
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { bytesToHex, regtest } from "@chain/core";
import {
  type ControlClient,
  type Identity,
  openControl,
  parseIdentity,
  type RunningNode,
  startLightNode,
  startNode,
} from "@chain/fullnode";
import { testKey } from "@chain/testing/blockFactory";
import { told } from "@chain/testing/loopback";
import {
  addressOf,
  asNode,
  freePort,
  GENESIS,
  newChain,
  newIdentity,
  temporaryDirectory,
} from "@chain/testing/place";
import { NodeProcess, runProgram } from "@chain/testing/processes";
import { addressOfScript } from "@chain/wallet";
import { expect, onTestFinished, test } from "vitest";

const PAYEE = 1;
const script = testKey(PAYEE).script;
const patience = { timeout: 60_000, interval: 50 };

/** A full node that serves filters, as central nodes of devnet do. */
async function startCentral(
  identity: Identity,
  options: Partial<Parameters<typeof startNode>[0]> = {},
): Promise<{
  readonly node: RunningNode;
  readonly identity: Identity;
  readonly control: ControlClient;
}> {
  const node = await startNode({ identity, role: "central", connect: [], ...options });
  onTestFinished(() => node.stop());
  const control = await openControl(identity.paths);
  if (control === undefined) throw new Error("it runs");
  return { node, identity, control };
}

async function central(options: Partial<Parameters<typeof startNode>[0]> = {}) {
  const started = await startCentral(await newChain(), options);
  const mine = (nblocks: number, to: number) =>
    started.control.call("generatetoaddress", { nblocks, address: addressOf(to) });
  return { ...started, mine };
}

/** The bytes of the files of a light node. */
async function sizeOf({ paths }: Identity): Promise<number> {
  const names = await readdir(paths.light, { recursive: true, withFileTypes: true });
  const files = names.filter((each) => each.isFile());
  const sizes = await Promise.all(
    files.map(async (each) => (await stat(join(each.parentPath, each.name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Arguments that name a node, of a network whose files are in a directory of their own too. */
function named(identity: Identity): string[] {
  const { network, dataDir, nodeId } = identity;
  if (!network.isNested) return asNode(identity);
  const place = ["--datadir", dirname(dataDir), "--network", network.name];
  return ["--port", String(nodeId), ...place];
}

/** A light node that is a process, and its RPC. */
async function lightProcess(identity: Identity, port: number) {
  const file = join(identity.dataDir, "genesis.hex");
  const isDevnet = identity.network.genesis === undefined;
  if (isDevnet) await writeFile(file, bytesToHex(GENESIS.toBytes()));
  const chain = isDevnet ? ["--genesis", file] : [];
  const args = ["--role", "spv", ...chain, "--connect", `127.0.0.1:${port}`];
  const process = new NodeProcess([...told(args), ...named(identity)]);
  onTestFinished(async () => void (await process.stop("SIGKILL")));
  await process.waitFor("it to start", ({ event }) => event === "ready");
  const control = await openControl(identity.paths);
  if (control === undefined) throw new Error("it runs");
  return { process, control };
}

/** On regtest, whose blocks take two tries each. */
async function regtestIdentity(): Promise<Identity> {
  const datadir = await temporaryDirectory();
  return parseIdentity({ port: String(await freePort()), datadir, network: "regtest" }, {});
}

test("1,000 blocks take less than 100 kB, kill -9 in between included, and each payment has its path", {
  timeout: 240_000,
}, async () => {
  const { node, control: full } = await startCentral(await regtestIdentity(), {
    indexes: { blockFilters: true },
    peerBlockFilters: true,
  });
  const [ours, other] = [PAYEE, 2].map((n) => addressOfScript(testKey(n).script, regtest));
  const mine = (nblocks: number, address: string | undefined) =>
    full.call("generatetoaddress", { nblocks, address }, { timeout: 120_000 });
  await mine(1, ours);
  await mine(998, other);
  const [last = ""] = await mine(1, ours);
  const identity = await regtestIdentity();
  const watched = { scripts: [bytesToHex(script)] };
  // While headers come, when they are there, when a payment is found, and when all is searched.
  for (const place of ["ready", "ready", "tip", "confirmed", "confirmed", "searched"]) {
    const { process, control } = await lightProcess(identity, node.port);
    await control.call("watchscripts", watched);
    // A later place will do: what an earlier run has learned does not come again.
    const ends = [place, "searched"];
    await process.waitFor(place, ({ event = "" }) => ends.includes(event));
    expect(await process.stop("SIGKILL")).toBeNull();
  }
  const { process, control } = await lightProcess(identity, node.port);
  expect(await control.call("watchscripts", watched)).toMatchObject({ watched: 1 });
  const coins = await control.coins(script);
  expect(coins.map(({ coin }) => coin.height).sort((a, b) => a - b)).toEqual([1, 1000]);
  expect(await control.info()).toMatchObject({ height: 1000, headers: 1000, bestblockhash: last });
  for (const { outpoint } of coins) {
    const args = ["prove", outpoint.txid, ...named(identity)];
    const { code, stdout, stderr } = await runProgram("chain-node", args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(": proved");
  }
  await process.stop("SIGTERM");
  const bytes = await sizeOf(identity);
  console.log(`1,000 blocks take ${bytes} bytes in the directory of the light node`);
  expect(bytes).toBeLessThan(100_000);
  expect(bytes).toBeGreaterThan(80_000);
});

test("damaged files are asked for again", { timeout: 60_000 }, async () => {
  const { node, mine } = await central();
  await mine(5, PAYEE);
  const identity = await newIdentity();
  const open = () =>
    startLightNode({
      ...{ identity, genesis: GENESIS },
      connect: [{ host: "127.0.0.1", port: node.port }],
    });
  const first = await open();
  first.node.watch([script], { height: 0 });
  await expect.poll(() => first.node.balance.isCurrent && first.node.tip.height, patience).toBe(5);
  const { confirmed } = first.node.balance;
  expect(confirmed).toBe(5_000_000_000n);
  await first.stop();
  for (const [name, at] of [
    ["headers.dat", 165],
    ["state.dat", 40],
  ] as const) {
    const path = join(identity.paths.light, name);
    const bytes = await readFile(path);
    bytes[at] = (bytes[at] ?? 0) ^ 0x55;
    await writeFile(path, bytes);
    const again = await open();
    again.node.watch([script], { height: 0 });
    await expect
      .poll(() => again.node.balance.isCurrent && again.node.tip.height, patience)
      .toBe(5);
    expect(again.node.balance.confirmed).toBe(confirmed);
    await again.stop();
  }
});

test("a reorganisation takes a payment back, and the wallet's balance follows", {
  timeout: 60_000,
}, async () => {
  const one = await central();
  const two = await central();
  await one.mine(2, PAYEE);
  await two.mine(4, 2);
  const identity = await newIdentity();
  const light = await startLightNode({
    ...{ identity, genesis: GENESIS },
    connect: [{ host: "127.0.0.1", port: one.node.port }],
  });
  onTestFinished(() => light.stop());
  light.node.watch([script], { height: 0 });
  await expect.poll(() => light.node.balance.isCurrent && light.node.tip.height, patience).toBe(2);
  const [found] = light.node.transactions;
  expect(light.node.balance.confirmed).toBe(2_000_000_000n);
  // The full node hears of the longer branch, and the light node of it by TCP.
  const control = await openControl(one.identity.paths);
  await control?.call("addnode", { node: `127.0.0.1:${two.node.port}`, command: "add" });
  await expect.poll(() => light.node.balance.isCurrent && light.node.tip.height, patience).toBe(4);
  expect(light.node.balance.confirmed).toBe(0n);
  const asked = await openControl(identity.paths);
  const { txid } = found?.transaction ?? {};
  await expect(asked?.call("gettxoutproof", { txids: [txid] })).rejects.toMatchObject({ code: -5 });
  expect(await asked?.coins(script)).toEqual([]);
});

test("a peer without filters: a warning says what to do, and no balance is told", {
  timeout: 60_000,
}, async () => {
  const { node } = await central({ role: "wallet" });
  const identity = await newIdentity();
  const { process, control } = await lightProcess(identity, node.port);
  const line = await process.waitFor("the warning", ({ event }) => event === "no-filters");
  expect(line).toMatchObject({
    level: "warn",
    msg: expect.stringContaining("blockfilterindex and peerblockfilters"),
  });
  expect((await control.info()).warnings).toEqual([
    "no peer serves the filters of blocks, so payments can't be found",
  ]);
  await control.call("watchscripts", { scripts: [bytesToHex(script)] });
});

test("a second process of the same light node is refused", { timeout: 30_000 }, async () => {
  const identity = parseIdentity({ port: "3003", datadir: (await newIdentity()).dataDir }, {});
  const config = { identity, genesis: GENESIS, connect: [] };
  const first = await startLightNode(config);
  await expect(startLightNode(config)).rejects.toMatchObject({ code: "in-use" });
  await first.stop();
  const again = await startLightNode({ identity, connect: [] });
  expect(again.params.genesis.hash).toBe(GENESIS.hash);
  await again.stop();
});
