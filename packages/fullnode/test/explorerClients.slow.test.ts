/** Clients of mempool.space and of Electrum servers, as they are on npm and in Debian, call a node. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { bytesToHex } from "@chain/core";
import { present } from "@chain/core/arguments";
import { scriptHashOf } from "@chain/indexes";
import { testKey } from "@chain/testing/blockFactory";
import { startDoorNode } from "@chain/testing/doorNode";
import { withRegistry } from "@chain/testing/loopback";
import { addressOfScript, decodeAddress } from "@chain/wallet";
import { afterAll, expect, it, onTestFinished } from "vitest";
import { startElectrum } from "../src/doors/electrum.ts";
import { startEsplora } from "../src/doors/esplora.ts";

const folder = await mkdtemp(join(tmpdir(), "chain-explorers-"));
afterAll(() => rm(folder, { recursive: true, force: true }));
const [isInstalled, hasElectrum] = await Promise.all([install(), isThere()]);
const load = createRequire(join(folder, "package.json"));
const OTHER = testKey(1).script;

async function install(): Promise<boolean> {
  const dependencies = { "@mempool/mempool.js": "3.0.0", "@mempool/electrum-client": "1.1.9" };
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, dependencies }));
  const options = ["install", "--ignore-scripts", "--no-audit", "--no-fund"];
  try {
    const env = withRegistry("mempool.space's clients");
    await promisify(execFile)("npm", options, { cwd: folder, env, timeout: 120_000 });
    return true;
  } catch {
    return false;
  }
}

async function isThere(): Promise<boolean> {
  try {
    await promisify(execFile)("electrum", ["version", "--offline"]);
    return true;
  } catch {
    return false;
  }
}

async function start(blocks: number) {
  const door = await startDoorNode(blocks);
  const esplora = await startEsplora(door.host);
  const electrum = await startElectrum(door.host);
  onTestFinished(async () => {
    await esplora.close();
    await electrum.close();
  });
  const address = present(addressOfScript(OTHER, door.node.params), "an address");
  return { ...door, esplora, electrum, address };
}

it.skipIf(!isInstalled)("@mempool/mempool.js gets all that it asks for", async () => {
  const { pay, mine, node, esplora, address } = await start(103);
  const confirmed = await pay(OTHER);
  await mine();
  const waiting = await pay(OTHER);
  const { txid } = confirmed;
  const { hash } = node.chain.tip;
  const client = load("@mempool/mempool.js")({
    hostname: `localhost:${esplora.port}`,
    network: "",
  });
  const { addresses, blocks, difficulty, fees, mempool, transactions } = client.bitcoin;
  const stats = await addresses.getAddress({ address });
  expect([stats.chain_stats.tx_count, stats.mempool_stats.tx_count]).toEqual([1, 1]);
  const ids = (list: readonly { readonly txid: string }[]) => list.map((each) => each.txid);
  expect(ids(await addresses.getAddressTxs({ address }))).toEqual([waiting.txid, txid]);
  expect(ids(await addresses.getAddressTxs({ address, after_txid: waiting.txid }))).toEqual([txid]);
  expect(ids(await addresses.getAddressTxsChain({ address }))).toEqual([txid]);
  expect(ids(await addresses.getAddressTxsMempool({ address }))).toEqual([waiting.txid]);
  expect(ids(await addresses.getAddressTxsUtxo({ address }))).toEqual([txid, waiting.txid]);
  expect(await blocks.getBlocksTipHeight()).toBe(104);
  expect(await blocks.getBlocksTipHash()).toBe(hash);
  expect(await blocks.getBlock({ hash })).toMatchObject({ id: hash, extras: { totalFees: 1_000 } });
  expect(await blocks.getBlocks({ start_height: 104 })).toHaveLength(15);
  expect(await blocks.getBlockStatus({ hash })).toMatchObject({ in_best_chain: true });
  expect(await blocks.getBlockTxs({ hash, start_index: 0 })).toHaveLength(2);
  expect(await blocks.getBlockTxids({ hash })).toContain(txid);
  expect(await blocks.getBlockTxid({ hash, index: 1 })).toBe(txid);
  expect(await blocks.getBlockHeader({ hash })).toHaveLength(160);
  expect(await blocks.getBlockHeight({ height: 104 })).toBe(hash);
  expect(await difficulty.getDifficultyAdjustment()).toMatchObject({ remainingBlocks: 40 });
  expect((await difficulty.getHashrate({ interval: "1m" })).currentHashrate).toBeGreaterThan(0);
  expect(await fees.getFeesRecommended()).toMatchObject({ fastestFee: 1, minimumFee: 1 });
  expect(await fees.getFeesMempoolBlocks()).toMatchObject([{ nTx: 1 }]);
  expect(await fees.getCPFP({ txid: waiting.txid })).toMatchObject({ ancestors: [] });
  expect(await mempool.getMempool()).toMatchObject({ count: 1 });
  expect(await mempool.getMempoolTxids()).toEqual([waiting.txid]);
  expect(ids(await mempool.getMempoolRecent())).toEqual([waiting.txid]);
  expect(await transactions.getTx({ txid })).toMatchObject({ txid, fee: 1_000 });
  expect(await transactions.getTxStatus({ txid })).toMatchObject({ confirmed: true });
  expect(await transactions.getTxHex({ txid })).toBe(bytesToHex(confirmed.toBytes()));
  expect(await transactions.getTxMerkleProof({ txid })).toMatchObject({ pos: 1 });
  expect(await transactions.getTxMerkleBlockProof({ txid })).toMatch(/^[0-9a-f]+$/);
  expect(await transactions.getTxOutspends({ txid })).toEqual([{ spent: false }]);
  expect(await transactions.getTxOutspend({ txid, vout: 0 })).toEqual({ spent: false });
  const txhex = bytesToHex(waiting.toBytes());
  expect(await transactions.postTx({ txhex })).toBe(waiting.txid);
});

it.skipIf(!isInstalled)("@mempool/electrum-client calls, and hears of changes", async () => {
  const { pay, mine, node, electrum } = await start(102);
  const Client = load("@mempool/electrum-client");
  const client = new Client(electrum.port, "127.0.0.1", "tcp");
  await client.initElectrum({ client: "test", version: "1.4" });
  onTestFinished(() => client.close());
  const hash = scriptHashOf(OTHER);
  await client.blockchainScripthash_subscribe(hash);
  const heard = new Promise((resolve) => {
    client.subscribe.on("blockchain.scripthash.subscribe", resolve);
  });
  const { txid } = await pay(OTHER);
  expect(await heard).toMatchObject([hash, expect.stringMatching(/^[0-9a-f]{64}$/)]);
  await mine();
  expect(await client.blockchainScripthash_getHistory(hash)).toEqual([
    { tx_hash: txid, height: 103 },
  ]);
  expect(await client.blockchainScripthash_getBalance(hash)).toMatchObject({ unconfirmed: 0 });
  expect(await client.blockchainScripthash_listunspent(hash)).toMatchObject([{ tx_hash: txid }]);
  expect(await client.blockchainTransaction_getMerkle(txid, 103)).toMatchObject({ pos: 1 });
  expect((await client.blockchainHeaders_subscribe()).height).toBe(node.chain.tip.height);
});

it.skipIf(!hasElectrum)("Electrum finds its history, proves it and pays", async () => {
  const { mine, node, electrum, pay } = await start(103);
  const home = await mkdtemp(join(folder, "electrum-"));
  const flags = ["--regtest", "-D", home];
  const call = async (...args: readonly string[]): Promise<string> =>
    (await promisify(execFile)("electrum", [...args, ...flags], { timeout: 60_000 })).stdout.trim();
  await call("create", "--offline");
  await call("setconfig", "--offline", "oneserver", "true");
  const server = `127.0.0.1:${electrum.port}:t`;
  await call("daemon", "-d", "--oneserver", "--server", server);
  // It outlives the test otherwise.
  onTestFinished(async () => void (await call("stop")));
  await call("load_wallet");
  /** Asked again until it is so: the daemon says of nothing that it has heard of it. */
  const until = async (method: string, holds: (answer: unknown) => boolean): Promise<unknown> => {
    for (;;) {
      const answer: unknown = JSON.parse(await call(method));
      if (holds(answer)) return answer;
      await wait(200);
    }
  };
  const address = await call("getunusedaddress");
  const decoded = decodeAddress(address, node.params);
  if (!decoded.ok) throw new RangeError(`Electrum has the address ${address}`);
  const received = await pay(decoded.script, { fee: 10_000n });
  const { txid } = received;
  await until("getbalance", (each) => "unconfirmed" in (each as object));
  await mine();
  // Electrum counts as confirmed what it has a proof for: the header, and the path of the transaction.
  const balance = await until("getbalance", (each) => !("unconfirmed" in (each as object)));
  expect(balance).toEqual({ confirmed: "49.9999" });
  expect(await call("gettransaction", txid)).toBe(bytesToHex(received.toBytes()));
  const spent = await call(
    "payto",
    present(addressOfScript(OTHER, node.params), "an address"),
    "1",
  );
  const sent = await call("broadcast", spent);
  expect(node.chain.mempool.get(sent as never)).toBeDefined();
  await mine();
  const history = await until(
    "onchain_history",
    (each) => (each as { readonly transactions: readonly object[] }).transactions.length === 2,
  );
  expect(JSON.stringify(history)).toContain(sent);
});
