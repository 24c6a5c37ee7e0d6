import { bytesToHex, COIN, p2wpkhScript, Transaction } from "@chain/core";
import { createNode } from "@chain/fullnode";
import { createRpcClient } from "@chain/rpc/client";
import { describe, expect, onTestFinished, test } from "vitest";
import { createDevChain, type DevChain, type DevChainOptions } from "../src/index.ts";

async function newChain(options: DevChainOptions = {}): Promise<DevChain> {
  const chain = await createDevChain(options);
  onTestFinished(() => chain.close());
  return chain;
}

const SCRIPT = p2wpkhScript(new Uint8Array(20).fill(7));
const TIME = 1_800_000_000;

describe("a new chain", () => {
  test("has funded accounts, a recent tip and nothing to catch up with", async () => {
    const chain = await newChain();
    expect(chain.accounts).toHaveLength(10);
    for (const account of chain.accounts) {
      expect(await chain.balance(account.address)).toBe(100n * COIN);
    }
    expect(Math.abs(chain.tip.time - Date.now() / 1000)).toBeLessThan(60);
    expect(chain.node.chain.initialDownload).toBe(false);
    expect(chain.node.params.genesis.hash).toBe(
      "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206",
    );
  });

  test("keeps every rule, as a node sees that downloads it", async () => {
    const chain = await newChain();
    await chain.send(0, SCRIPT, 1_000n);
    await chain.mine();
    const other = await createNode();
    onTestFinished(() => other.close());
    await other.connect(chain.node);
    await other.until(() => other.chain.tip.hash === chain.tip.hash);
    const supply = async ({ chain: each }: typeof other) => each.coinStatistics("serialized");
    expect(await supply(other)).toEqual(await supply(chain.node));
  });

  test("is the same for the same time, and goes by it", async () => {
    const [one, two] = [await newChain({ time: TIME }), await newChain({ time: TIME })];
    expect(one.tip).toEqual(two.tip);
    expect(one.tip.time).toBe(TIME);
    const other = await newChain({ time: TIME + 1 });
    expect(other.tip.hash).not.toBe(one.tip.hash);
    expect(await one.mine(2)).toEqual(await two.mine(2));
  });

  test("has as many accounts and as large a balance as wanted", async () => {
    const chain = await newChain({ accounts: 2, balance: 2_000n * COIN });
    expect(await chain.balance(chain.accounts[1]?.address ?? "")).toBe(2_000n * COIN);
    await chain.fund(SCRIPT, 400n * COIN);
    const empty = await newChain({ accounts: 0 });
    expect(empty.accounts).toEqual([]);
    expect((await empty.fund(SCRIPT, 500n)).height).toBe(empty.height);
  });

  test.each([
    [{ accounts: 1_000 }, "15,000 coins"],
    [{ balance: 1n }, "balance is a number of satoshis, 0 or at least 294"],
    [{ mnemonic: "abandon abandon" }, "a mnemonic has 12, 15, 18, 21 or 24 words, and this has 2"],
    [{ time: 1_296_688_602 }, "the genesis block is of 2011"],
    [{ automine: { delay: 0 } }, "automine has either a delay"],
    [{ accounts: -1 }, "options.accounts"],
    [{ automine: "yes" as unknown as boolean }, "automine must be an object"],
  ] as const)("with %o is refused", async (options, why) => {
    await expect(createDevChain(options)).rejects.toThrow(why);
  });
});

describe("mining", () => {
  test("pays whom it is told, at the interval that it is told", async () => {
    const chain = await newChain({ time: TIME });
    const before = chain.height;
    const blocks = await chain.mine(3, { to: SCRIPT, interval: 600 });
    expect(blocks.map(({ header }) => header.time)).toEqual([1, 2, 3].map((n) => TIME + n * 600));
    expect(chain.height).toBe(before + 3);
    expect(chain.now).toBe(TIME + 1_800);
    expect(await chain.balance(SCRIPT)).toBe(150n * COIN);
    chain.setBlockInterval(60);
    await chain.mine();
    expect(chain.tip.time).toBe(TIME + 1_860);
    chain.setBlockInterval(undefined);
    await chain.mine();
    expect(chain.tip.time).toBe(TIME + 1_860);
  });

  test("what is asked for at once is done one after the other", async () => {
    const chain = await newChain();
    const before = chain.height;
    const [one, two] = await Promise.all([chain.mine(2), chain.mine(), chain.fund(SCRIPT, 1_000n)]);
    expect(two[0]?.header.previousHash).toBe(one[1]?.hash);
    expect(chain.height).toBe(before + 4);
  });

  test("at once: each transaction gets a block", async () => {
    const chain = await newChain({ automine: true });
    const before = chain.height;
    await chain.send(0, SCRIPT, 1_000n);
    await chain.settled();
    expect([chain.height, chain.node.mempool.count]).toEqual([before + 1, 0]);
    await chain.faucet(SCRIPT, 1_000n);
    await chain.settled();
    expect(chain.height).toBe(before + 2);
    chain.setAutomine(false);
    await chain.faucet(SCRIPT, 1_000n);
    await chain.settled();
    expect(chain.node.mempool.count).toBe(1);
    chain.setAutomine(true);
    await chain.settled();
    expect(await chain.balance(SCRIPT)).toBe(3_000n);
  });

  test("after a delay: those that came until then share a block", async () => {
    const chain = await newChain({ automine: { delay: 20 } });
    const blocks = chain.blocks();
    await chain.send(0, SCRIPT, 1_000n);
    await chain.send(1, SCRIPT, 1_000n);
    const { value } = await blocks.next();
    expect(value.block.transactions).toHaveLength(3);
  });

  test("on an interval: blocks come with and without transactions", async () => {
    const chain = await newChain({ automine: { interval: 0.01 } });
    const before = chain.height;
    const heights: number[] = [];
    for await (const { height } of chain.blocks()) {
      heights.push(height);
      if (heights.length === 3) break;
    }
    expect(heights).toEqual([1, 2, 3].map((n) => before + n));
  });
});

describe("payments", () => {
  test("fund leaves the mempool alone, faucet is part of it", async () => {
    const chain = await newChain();
    const waiting = await chain.send(0, SCRIPT, 1_000n);
    const coin = await chain.fund(SCRIPT, 5_000n);
    expect(coin).toMatchObject({ value: 5_000n, height: chain.height, hash: chain.tip.hash });
    expect([...chain.node.mempool.entries()].map(({ transaction }) => transaction.txid)).toEqual([
      waiting,
    ]);
    await chain.faucet(SCRIPT, 2_000n);
    expect(await chain.balance(SCRIPT)).toBe(5_000n);
    expect(await chain.balance(SCRIPT, { unconfirmed: true })).toBe(8_000n);
    expect((await chain.coins(SCRIPT)).map(({ confirmed }) => confirmed)).toEqual([
      true,
      false,
      false,
    ]);
  });

  test("the faucet goes on while its change is unconfirmed, and says when it has too little", async () => {
    const chain = await newChain();
    for (let i = 0; i < 5; i++) await chain.faucet(SCRIPT, 105n * COIN);
    await expect(chain.faucet(SCRIPT, 50n * COIN)).rejects.toMatchObject({
      code: "insufficient-funds",
    });
    await chain.mine();
    expect(await chain.balance(SCRIPT)).toBe(525n * COIN);
    await chain.faucet(SCRIPT, 50n * COIN);
  });

  test("an account spends coins of all its types", async () => {
    const chain = await newChain({ accounts: 1, balance: 0n });
    const [account] = chain.accounts;
    for (const address of Object.values(account?.addresses ?? {})) {
      await chain.fund(address, 10_000n);
    }
    const txid = await chain.send(0, SCRIPT, 38_000n);
    const { inputs } = chain.node.mempool.get(txid)?.transaction ?? {};
    expect(inputs).toHaveLength(4);
    await chain.mine();
    expect(await chain.balance(SCRIPT)).toBe(38_000n);
    await expect(chain.send(0, SCRIPT, 38_000n)).rejects.toThrow("account 0 has");
  });

  test("the fee is the one that was asked for", async () => {
    const chain = await newChain();
    for (const feeRate of [1, 7, 250]) {
      const txid = await chain.send(0, SCRIPT, 1_000n, { feeRate });
      const { fee = 0n, size = 1 } = chain.node.mempool.get(txid) ?? {};
      const rate = Number(fee) / size;
      expect(rate).toBeGreaterThanOrEqual(feeRate);
      expect(rate).toBeLessThan(feeRate * 1.02 + 0.1);
    }
  });

  test("made elsewhere are handed in, or refused with Core's reason", async () => {
    const [chain, other] = [await newChain({ time: TIME }), await newChain({ time: TIME })];
    const txid = await other.send(0, SCRIPT, 1_000n);
    const made = other.node.mempool.get(txid)?.transaction as Transaction;
    expect(await chain.submit(bytesToHex(made.toBytes()))).toBe(txid);
    await chain.mine();
    const twice = new Transaction({ ...made, lockTime: 1 });
    await expect(chain.submit(twice)).rejects.toMatchObject({
      code: "refused",
      message: "the transaction is refused: bad-txns-inputs-missingorspent",
    });
    await expect(chain.submit("zz")).rejects.toThrow();
  });

  test.each([
    [(chain: DevChain) => chain.fund("nonsense", 1n), "nonsense"],
    [(chain: DevChain) => chain.fund(SCRIPT, 0n), "a bigint of satoshis above 0, not 0"],
    [(chain: DevChain) => chain.fund(SCRIPT, 1 as unknown as bigint), "not number"],
    [(chain: DevChain) => chain.send(10, SCRIPT, 1n), "its number below 10"],
    [(chain: DevChain) => chain.send(0, SCRIPT, 1_000n, { feeRate: -1 }), "feeRate"],
    [(chain: DevChain) => chain.mine(-1), "count"],
    [(chain: DevChain) => chain.mine(1, { to: 5 as unknown as string }), "a receiver is"],
  ])("with wrong arguments are refused", async (act, why) => {
    const chain = await newChain();
    await expect(async () => act(chain)).rejects.toThrow(why);
  });
});

describe("the clock", () => {
  test("moves, and blocks go by it", async () => {
    const chain = await newChain();
    const before = chain.now;
    expect(chain.increaseTime(10_000)).toBeGreaterThanOrEqual(before + 10_000);
    await chain.mine();
    expect(chain.tip.time).toBeGreaterThanOrEqual(before + 10_000);
    chain.setTime(before + 20_000);
    await chain.mine();
    expect(chain.tip.time - before - 20_000).toBeLessThan(60);
  });

  test("of a chain with a time stands still until it is moved", async () => {
    const chain = await newChain({ time: TIME });
    chain.increaseTime(7);
    expect(chain.now).toBe(TIME + 7);
    await chain.mine();
    expect(chain.tip.time).toBe(TIME + 7);
  });
});

test("programs that expect Bitcoin Core find a node that is ready", async () => {
  const chain = await newChain({ rpc: true });
  expect(chain.doors["rpc"]).toBe(chain.node.rpc.url);
  const client = createRpcClient(chain.node.rpc);
  expect(await client.getBlockchainInfo()).toMatchObject({
    chain: "regtest",
    initialblockdownload: false,
    blocks: chain.height,
  });
  expect((await client.estimateSmartFee(6)).feerate).toBeGreaterThan(0);
  chain.setBlockInterval(600);
  const before = chain.tip;
  const hashes = await client.generateToAddress(2, chain.accounts[0]?.address ?? "");
  expect(chain.tip).toEqual({
    height: before.height + 2,
    hash: hashes[1],
    time: before.time + 1_200,
  });
});

test("doors are opened in order and closed with the chain", async () => {
  const calls: string[] = [];
  const door = (name: string) => ({
    name,
    open: async (chain: DevChain) => {
      calls.push(`open ${name} at ${chain.height}`);
      return { url: `http://${name}`, close: async () => void calls.push(`close ${name}`) };
    },
  });
  const chain = await createDevChain({ doors: [door("a"), door("b")] });
  expect(chain.doors).toEqual({ a: "http://a", b: "http://b" });
  await chain.close();
  expect(calls).toEqual([`open a at 130`, `open b at 130`, "close b", "close a"]);
});

test("streams tell what comes from then on, and end with the chain", async () => {
  const chain = await createDevChain();
  const [blocks, transactions] = [chain.blocks(), chain.transactions()];
  const txid = await chain.send(0, SCRIPT, 1_000n);
  const mined = await chain.mine(2);
  expect((await transactions.next()).value.txid).toBe(txid);
  const ending = chain.close();
  const seen: string[] = [];
  for await (const { hash } of blocks) seen.push(hash);
  expect(seen).toEqual(mined.map(({ hash }) => hash));
  expect(await transactions.next()).toEqual({ done: true, value: undefined });
  await ending;
  await expect(chain.mine()).rejects.toThrow("the chain is closed");
  expect(() => chain.blocks()).toThrow("the chain is closed");
});

test("fifty chains live side by side", async () => {
  const chains = await Promise.all(Array.from({ length: 50 }, () => createDevChain()));
  await Promise.all(chains.map((chain, i) => chain.mine(i % 3)));
  expect(chains.map(({ height }) => height)).toEqual(chains.map((_, i) => 130 + (i % 3)));
  await Promise.all(chains.map((chain) => chain.close()));
});
