/** The methods `chain_…`: the verbs of the chain, for programs that call it. */
import { bytesToHex, p2wpkhScript } from "@chain/core";
import { createRpcClient } from "@chain/rpc/client";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { createDevChain, type DevChain } from "../src/index.ts";

const SCRIPT = p2wpkhScript(new Uint8Array(20).fill(7));
const HEX = bytesToHex(SCRIPT);
let chain: DevChain;
let call: (method: string, ...params: readonly unknown[]) => Promise<unknown>;

beforeEach(async () => {
  chain = await createDevChain({ rpc: true, accounts: 3, time: 1_800_000_000 });
  const own = chain;
  onTestFinished(() => own.close());
  const client = createRpcClient(chain.node.rpc);
  call = (method, ...params) => client.call(method, params);
});

test("tell of the chain and its accounts", async () => {
  expect(await call("chain_info")).toEqual({
    mnemonic: chain.mnemonic,
    accounts: 3,
    time: 1_800_000_000,
    automine: false,
    doors: { rpc: chain.node.rpc.url },
  });
  const accounts = await call("chain_accounts");
  expect(accounts).toHaveLength(3);
  expect(accounts).toMatchObject([
    {
      index: 0,
      address: chain.accounts[0]?.address,
      wif: chain.accounts[0]?.wif,
      descriptors: { bech32m: chain.accounts[0]?.descriptors.bech32m },
      balance: 100,
    },
    ...Array(2).fill({ balance: 100 }),
  ]);
});

test("mine and pay", async () => {
  const { height } = chain;
  expect(await call("chain_mine", 2, chain.accounts[0]?.address, 600)).toHaveLength(2);
  expect([chain.height, chain.now]).toEqual([height + 2, 1_800_001_200]);
  expect(await call("chain_fund", HEX, 0.5)).toMatchObject({ vout: 0, height: height + 3 });
  const paid = [
    await call("chain_faucet", HEX, 0.25),
    await call("chain_send", 1, HEX, 0.25, 9),
    await call("chain_spendas", HEX, chain.accounts[2]?.address, 0.1),
  ];
  expect([...chain.node.mempool.entries()].map(({ transaction }) => transaction.txid)).toEqual(
    paid,
  );
  expect(await call("chain_drop", paid[2])).toBe(true);
  expect(await call("chain_setautomine", true)).toBeNull();
  await call("chain_settled");
  expect(await chain.balance(SCRIPT)).toBe(1_0000_0000n);
  await call("chain_setautomine", { interval: 1_000, ontransaction: true });
  expect(await call("chain_info")).toMatchObject({
    automine: { interval: 1_000, ontransaction: true },
  });
  await call("chain_setautomine", { delay: 5 });
  expect(chain.automine).toEqual({ delay: 5 });
});

test("move the clock", async () => {
  expect(await call("chain_increasetime", 60)).toBe(1_800_000_060);
  await call("chain_settime", 1_800_001_000);
  await call("chain_setblockinterval", 30);
  await call("chain_mine");
  expect([chain.tip.time, chain.now]).toEqual([1_800_000_030, 1_800_001_000]);
  await call("chain_setblockinterval");
  await call("chain_mine");
  expect(chain.tip.time).toBe(1_800_001_000);
});

test("go back in time", async () => {
  const [id, { height }] = [await call("chain_snapshot"), chain];
  const txid = await call("chain_send", 0, HEX, 1);
  await call("chain_mine", 2);
  expect(await call("chain_reorg", 2, { unconfirm: ["all"] })).toMatchObject({
    forkheight: height,
    connected: [expect.any(String), expect.any(String), chain.tip.hash],
  });
  expect(chain.node.mempool.get(txid as never)).toBeDefined();
  await call("chain_rollback", 3);
  expect(chain.height).toBe(height);
  await call("chain_mine");
  const { transaction } = [...chain.node.mempool.entries()][0] ?? {};
  expect(transaction).toBeUndefined();
  await call("chain_revert", id);
  expect([chain.height, chain.node.mempool.count]).toEqual([height, 0]);
  const other = await createDevChain({ state: (await call("chain_dump")) as string });
  expect(other.tip).toEqual(chain.tip);
  await other.close();
});

test("set the fee rate that others are told", async () => {
  await call("chain_setfeerate", 12.5);
  expect(await call("estimatesmartfee", 1)).toMatchObject({ feerate: 0.000125 });
  await call("chain_setfeerate");
  expect(await call("estimatesmartfee", 1)).not.toMatchObject({ feerate: 0.000125 });
});

test.each([
  ["chain_fund", ["nonsense", 1], -5],
  ["chain_fund", [HEX, 100_000], -6],
  ["chain_send", [77, HEX, 1], -8],
  ["chain_revert", [5], -8],
  ["chain_mine", [-1], -8],
  ["chain_setautomine", [{ delay: 1, interval: 1 }], -8],
  ["chain_setautomine", [{ interval: -1 }], -8],
  ["chain_setautomine", ["often"], -8],
  ["chain_reorg", [1, { drop: ["00".repeat(32)] }], -5],
  ["chain_reorg", [0], -8],
  ["chain_setfeerate", [-1], -8],
  ["chain_rollback", [10_000], -8],
] as const)("%s %j is refused with %i", async (method, params, code) => {
  await expect(call(method, ...params)).rejects.toMatchObject({ code });
});

test("have types, by names of the client's own", async () => {
  const client = createRpcClient(chain.node.rpc);
  const [hash] = await client.chainMine(1);
  expect(hash).toBe(chain.tip.hash);
  const id: number = await client.chainSnapshot();
  await client.batch((batch) => [batch.chainMine(), batch.getBlockCount()]);
  await client.chainRevert(id);
  expect(chain.tip.hash).toBe(hash);
});

test("stop ends the chain", async () => {
  await call("stop");
  await chain.whenClosed();
  await expect(chain.mine()).rejects.toThrow("the chain is closed");
});
