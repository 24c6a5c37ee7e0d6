/** Payments that a node has lost and the wallet has kept. */

import { copyFile, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { DEVNET, outpointKey, Transaction } from "@chain/core";
import { type ControlClient, openControl, parseAddress, parseIdentity } from "@chain/fullnode";
import type { ProgramIo } from "@chain/terminal";
import { told } from "@chain/testing/loopback";
import { anyPorts, NodeProcess, runProgram } from "@chain/testing/processes";
import { buildPayment, formatAmount, Wallet, WalletError } from "@chain/wallet";
import { walletFile } from "@chain/wallet/file";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { run } from "../src/cli.ts";
import type { Order } from "../src/order.ts";
import { pay } from "../src/paying.ts";

// Some twenty programs each: for a busy machine.
vi.setConfig({ testTimeout: 120_000 });

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
  const { code, out, error } = await attempt(dataDir, ...args);
  expect([code, error]).toEqual([0, ""]);
  return out;
}

async function attempt(folder: string, ...args: string[]) {
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
  const code = await run(args, { ...environment(), CHAIN_DATADIR: folder }, io);
  return { code, out: out.trim(), error };
}

async function start(): Promise<ControlClient> {
  node = new NodeProcess(told([]), { env: environment() });
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

/** Ends the node, and starts it without what was in its mempool. */
async function startWithoutMempool(): Promise<ControlClient> {
  await node?.stop();
  for (const name of await readdir(dataDir)) {
    if (name.startsWith("mempool_")) await rm(join(dataDir, name));
  }
  return start();
}

it("is never handed in in the place of another payment, whatever it pays", async () => {
  const [from = "", to = ""] = (await wallet("listaddresses")).split("\n");
  let control = await startWithoutMempool();
  await control.mine(from);
  const [{ balance }] = JSON.parse(await wallet("getbalance", "--address", from, "--json"));
  // All coins of the address, so that both payments spend the same.
  const amount = formatAmount(BigInt(Math.round(Number(balance) * 1e8)) - 1_000_000n);
  const send = (fee: string) => [
    ...["send", "--from", from, "--to", to, "--amount", amount, "--fee", fee],
  ];
  const first = JSON.parse(await wallet(...send("0.01"), "--json"));
  control = await startWithoutMempool();
  const copy = join(dataDir, "copy");
  await mkdir(copy);
  const { control: controlFile } = parseIdentity({}, environment()).paths;
  await copyFile(controlFile, join(copy, basename(controlFile)));
  // A wallet with the same key that knows nothing of the first payment.
  const name = basename(parseIdentity({}, environment()).paths.wallet);
  await copyFile(join(dataDir, name), join(copy, name));
  const other = await Wallet.open(walletFile(join(copy, name)), { params: DEVNET, now: () => 0 });
  const spent = other.pending.find(({ transaction }) => transaction.txid === first.txid);
  await other.removePending(other.pending.map(({ transaction }) => transaction.txid));
  const second = await attempt(copy, ...send("0.001"), "--json");
  expect([second.code, second.error]).toEqual([0, ""]);
  const { txid } = JSON.parse(second.out);
  await wallet("getbalance", "--address", to);
  expect(await control.call("getrawmempool")).toContain(txid);
  expect(first.txid).not.toBe(txid);
  const raw = (await control.call("getrawtransaction", { txid })) as string;
  const coinsOf = ({ inputs }: Transaction) => inputs.map(({ prevout }) => outpointKey(prevout));
  const taken = new Set(spent === undefined ? [] : coinsOf(spent.transaction));
  expect(coinsOf(Transaction.fromHex(raw)).some((coin) => taken.has(coin))).toBe(true);
});

it("whose fate is not known keeps its coins, until the node knows it or its owner abandons it", async () => {
  const [from = "", to = ""] = (await wallet("listaddresses")).split("\n");
  let control = await startWithoutMempool();
  await control.mine(from); // confirms the rest of the payments before it
  const all = await wallet("getbalance", "--address", from, "--json");
  const [{ balance }] = JSON.parse(all);
  const made = JSON.parse(
    await wallet("send", "--from", from, "--to", to, "--amount", balance, "--json"),
  );
  control = await startWithoutMempool();
  // As if the answer of the node had been lost on the way: the wallet was never told that it was accepted.
  const storage = walletFile(parseIdentity({}, environment()).paths.wallet);
  const opened = await Wallet.open(storage, { params: DEVNET, now: () => 0 });
  const lost = opened.pending.find(({ transaction }) => transaction.txid === made.txid);
  if (lost === undefined) expect.unreachable("the wallet keeps it");
  await opened.removePending([lost.transaction.txid]);
  await opened.addPending(lost.transaction);

  const refused = await attempt(dataDir, "send", "--from", from, "--to", to, "--amount", "1");
  expect([refused.code, refused.error]).toEqual([
    1,
    expect.stringMatching(/^error: [^\n]*not enough[^\n]*chain-wallet abandon[^\n]*\n$/),
  ]);
  expect(await control.call("getrawmempool")).not.toContain(made.txid);
  expect(await wallet("abandon")).toBe(`Forgot ${made.txid}`);
  expect(await wallet("abandon")).toBe("No payment is uncertain.");
  await wallet("send", "--from", from, "--to", to, "--amount", "1");
});

it("mined without a node is kept as well, for a reorganisation that takes the block back", async () => {
  const [from = "", to = ""] = (await wallet("listaddresses")).split("\n");
  await node?.stop();
  const sent = await wallet(
    "send",
    "--from",
    from,
    "--to",
    to,
    "--amount",
    "0.7",
    "--mine",
    "--json",
  );
  const { txid, blockhash } = JSON.parse(sent);
  const control = await start();
  await control.call("invalidateblock", { blockhash });
  const restarted = await startWithoutMempool();
  expect(await restarted.call("getrawmempool")).not.toContain(txid);
  await wallet("getbalance", "--address", to);
  expect(await restarted.call("getrawmempool")).toContain(txid);
});

/** A wallet whose key file can't be written any more after so many changes. */
async function failingWallet(changes: number): Promise<Wallet> {
  const whole = walletFile(parseIdentity({}, environment()).paths.wallet);
  let left = changes;
  const storage = {
    ...whole,
    update: async (change: Parameters<typeof whole.update>[0]) => {
      if (left-- <= 0) throw new WalletError("io", "the disk is full");
      await whole.update(change);
    },
  };
  return Wallet.open(storage, { params: DEVNET, now: () => 0 });
}

function orderOf(from: string, to: string): Order {
  const identity = parseIdentity({}, environment());
  return {
    identity,
    from,
    mine: false,
    central: { host: "127.0.0.1", port },
    build: async (coins, { params, height }) =>
      buildPayment({
        coins,
        to: parseAddress(to, identity.network, "--to"),
        amount: 1_000n,
        fee: { type: "amount", amount: 0n },
        changeScript: parseAddress(from, identity.network, "--from"),
        params,
        spendHeight: height + 1,
      }),
  };
}

it("is noted before it leaves, so that a payment that was made is never told as a failure", async () => {
  const [from = "", to = ""] = (await wallet("listaddresses")).split("\n");
  const control = await startWithoutMempool();
  await control.mine(from);
  await wallet("getbalance", "--address", from);
  const before = await control.call("getrawmempool");
  const opened = await failingWallet(0);
  await expect(pay(orderOf(from, to), opened, () => {})).rejects.toThrow("the disk is full");
  expect(await control.call("getrawmempool")).toEqual(before);

  const said: string[] = [];
  const { transaction } = await pay(orderOf(from, to), await failingWallet(1), (text) =>
    said.push(text),
  );
  expect(said).toEqual([expect.stringMatching(/^warning: [^\n]*the disk is full$/)]);
  expect(await control.call("getrawmempool")).toContain(transaction.txid);
  await wallet("getbalance", "--address", from);
  const { pending } = await failingWallet(0);
  const kept = pending.find((each) => each.transaction.txid === transaction.txid);
  expect(kept).toMatchObject({ accepted: true });
});

it("of a program that was killed before it left holds no coins", async () => {
  const [from = "", to = ""] = (await wallet("listaddresses")).split("\n");
  let control = await startWithoutMempool();
  await control.mine(from);
  const [{ balance }] = JSON.parse(await wallet("getbalance", "--address", from, "--json"));
  const all = ["send", "--from", from, "--to", to, "--amount", balance, "--json"];
  const { txid } = JSON.parse(await wallet(...all));
  control = await startWithoutMempool();
  // As if the program had been killed between the note and the call.
  const opened = await failingWallet(2);
  const made = opened.pending.find(({ transaction }) => transaction.txid === txid);
  if (made === undefined) expect.unreachable("the wallet keeps it");
  await opened.removePending([made.transaction.txid]);
  await opened.addPending(made.transaction, { onlyOwnNode: true });
  const again = JSON.parse(await wallet(...all));
  expect(await control.call("getrawmempool")).toContain(again.txid);
  expect(await control.call("getrawmempool")).not.toContain(txid);
});

it("is made without the node where that ends after it was asked for coins", async () => {
  const [from = "", to = ""] = (await wallet("listaddresses")).split("\n");
  const control = await startWithoutMempool();
  await control.mine(from);
  const order = orderOf(from, to);
  const build: Order["build"] = async (coins, place) => {
    await node?.stop("SIGKILL");
    return order.build(coins, place);
  };
  const sent = await pay({ ...order, mine: true, build }, await failingWallet(99), () => {});
  expect(sent.acceptedBy).toMatch(/^block \d+$/);
  const { pending } = await failingWallet(0);
  expect(pending.at(-1)).toMatchObject({
    transaction: { txid: sent.transaction.txid },
    settled: { hash: sent.block },
  });
});
