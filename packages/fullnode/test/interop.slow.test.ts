/**
 * With nodes that others wrote, on regtest. bcoin 1.0.2 is installed from the registry into a temporary folder, without
 * its install scripts: all of it that is used here is JavaScript.
 */

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { bytesToHex, hash160, type LocatedCoin, regtest } from "@chain/core";
import { spendableCoins } from "@chain/engine";
import { payment, testKey } from "@chain/testing/blockFactory";
import { withRegistry } from "@chain/testing/loopback";
import { mineTo, startTestNode } from "@chain/testing/nodes";
import { freePort, temporaryDirectory } from "@chain/testing/place";
import { encodeAddress } from "@chain/wallet";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { type Identity, parseIdentity } from "../src/identity.ts";
import type { RunningNode } from "../src/node/start.ts";

/** From here on SegWit is in force for bcoin, which lets regtest vote on it (BIP-0009); Core has it from the start. */
const SEGWIT = 432;
const patience = { timeout: 60_000, interval: 100 };
const key = testKey(5);

const folder = await mkdtemp(join(tmpdir(), "chain-bcoin-"));
afterAll(() => rm(folder, { recursive: true, force: true }));
/** Before it listens, bcoin asks a server of the internet for its address, and no option keeps it from that. */
const QUIET = `require("bcoin/lib/net/pool").prototype.discoverExternal = async () => {};`;
const quiet = join(folder, "quiet.cjs");

const isInstalled = await install();

async function install(): Promise<boolean> {
  const manifest = {
    private: true,
    dependencies: { bcoin: "1.0.2" },
    overrides: { leveldown: "5.6.0" },
  };
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
  await writeFile(quiet, QUIET);
  const options = ["install", "--ignore-scripts", "--no-audit", "--no-fund"];
  try {
    const env = withRegistry("bcoin");
    await promisify(execFile)("npm", options, { cwd: folder, env, timeout: 120_000 });
    return true;
  } catch {
    return false;
  }
}

class Bcoin {
  readonly port: number;
  readonly #http: number;
  readonly #child: ChildProcess;

  private constructor(port: number, http: number, flags: readonly string[]) {
    this.port = port;
    this.#http = http;
    const program = join(folder, "node_modules", "bcoin", "bin", "node");
    const fixed = [
      "--network=regtest",
      "--memory=true",
      `--prefix=${folder}/data-${port}`,
      "--no-wallet=true",
    ];
    const where = ["--listen=true", "--host=127.0.0.1", `--port=${port}`, `--http-port=${http}`];
    this.#child = spawn(
      process.execPath,
      ["--require", quiet, program, ...fixed, ...where, ...flags],
      {
        env: { ...process.env, NODE_BACKEND: "js" },
        stdio: "ignore",
      },
    );
  }

  static async start(...flags: readonly string[]): Promise<Bcoin> {
    const bcoin = new Bcoin(await freePort(), await freePort(), flags);
    onTestFinished(() => bcoin.stop());
    // It may have blocks of its peer already when it answers for the first time.
    await expect.poll(() => bcoin.height().catch(() => -1), patience).toBeGreaterThanOrEqual(0);
    return bcoin;
  }

  async call<Result>(method: string, ...params: readonly unknown[]): Promise<Result> {
    const body = JSON.stringify({ id: 1, method, params });
    const response = await fetch(`http://127.0.0.1:${this.#http}/`, { method: "POST", body });
    const { result, error } = (await response.json()) as { result: Result; error: unknown };
    if (error) throw new TypeError(`${method}: ${JSON.stringify(error)}`);
    return result;
  }

  height = (): Promise<number> => this.call("getblockcount");
  tip = (): Promise<string> => this.call("getbestblockhash");

  /** Its addresses of regtest begin otherwise than Core's. */
  mine(count: number): Promise<string[]> {
    const hash = hash160(key.publicKey);
    const address = encodeAddress({ type: "p2pkh", hash }, { ...regtest, pubkeyHashPrefix: 0x3c });
    return this.call("generatetoaddress", count, address);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await ended;
  }
}

async function newRegtest(): Promise<Identity> {
  const datadir = await temporaryDirectory();
  return parseIdentity({ port: String(await freePort()), datadir, network: "regtest" }, {});
}

const at = (port: number) => [{ host: "127.0.0.1", port }];
const name = isInstalled ? "bcoin" : "bcoin (skipped: the registry can't be reached)";

describe.skipIf(!isInstalled)(name, () => {
  const agree = async (ours: RunningNode, bcoin: Bcoin): Promise<void> => {
    await expect.poll(() => bcoin.tip(), patience).toBe(ours.chain.tip.hash);
  };

  it("and we sync from each other, relay blocks and payments, and follow a reorganisation", async () => {
    const bcoin = await Bcoin.start("--only=127.0.0.1:1");
    await bcoin.mine(SEGWIT + 8);
    const ours = await startTestNode({ identity: await newRegtest(), connect: at(bcoin.port) });
    await expect.poll(() => ours.chain.tip.height, patience).toBe(SEGWIT + 8);
    await agree(ours, bcoin);

    // Blocks, both ways.
    await mineTo(ours, key.script, 2);
    await agree(ours, bcoin);
    await bcoin.mine(2);
    await expect.poll(async () => ours.chain.tip.hash === (await bcoin.tip()), patience).toBe(true);

    // Payments, both ways, each mined by the other.
    const coins: readonly LocatedCoin[] = await spendableCoins(ours.chain, key.script);
    const [first, second] = coins.filter(({ coin }) => coin.height < SEGWIT - 100);
    if (first === undefined || second === undefined) expect.unreachable();
    const pay = (coin: LocatedCoin) =>
      payment({
        coins: [coin],
        outputs: [{ value: coin.coin.value - 10_000n, scriptPubKey: testKey(6).script }],
        key,
      });
    const [there, back] = [pay(first), pay(second)];
    expect(await ours.node.submitTransaction(there)).toMatchObject({ ok: true });
    await expect.poll(() => bcoin.call("getrawmempool"), patience).toEqual([there.txid]);
    await bcoin.mine(1);
    await expect.poll(() => ours.chain.mempool.count, patience).toBe(0);
    expect((await ours.chain.getCoins([{ txid: there.txid, vout: 0 }]))[0]).toBeDefined();
    await bcoin.call("sendrawtransaction", bytesToHex(back.toBytes()));
    await expect.poll(() => ours.chain.mempool.get(back.txid) !== undefined, patience).toBe(true);
    await mineTo(ours, key.script, 1);
    await agree(ours, bcoin);
    expect(await bcoin.call("getrawmempool")).toEqual([]);

    // A third node knows a longer branch, and tells bcoin alone.
    const identity = await newRegtest();
    const other = await startTestNode({ identity, connect: at(ours.port) });
    await expect.poll(() => other.chain.tip.hash, patience).toBe(ours.chain.tip.hash);
    await other.stop();
    await bcoin.mine(1);
    await expect.poll(async () => ours.chain.tip.hash === (await bcoin.tip()), patience).toBe(true);
    const lost = ours.chain.tip.hash;
    const alone = await startTestNode({ identity, connect: [] });
    await mineTo(alone, testKey(7).script, 3);
    await alone.stop();
    const returned = await startTestNode({ identity, connect: at(bcoin.port) });
    await expect.poll(() => returned.node.peers()[0]?.ready, patience).toBe(true);
    // It tells of its branch with the next block.
    await mineTo(returned, testKey(7).script, 1);
    const longer = returned.chain.tip.hash;
    await expect.poll(() => bcoin.tip(), patience).toBe(longer);
    await expect.poll(() => ours.chain.tip.hash, patience).toBe(longer);
    expect(longer).not.toBe(lost);

    // And one that begins with nothing gets all of it from us.
    const late = await Bcoin.start(`--only=127.0.0.1:${ours.port}`);
    await agree(ours, late);
    expect(await late.height()).toBe(ours.chain.tip.height);
  });
});
