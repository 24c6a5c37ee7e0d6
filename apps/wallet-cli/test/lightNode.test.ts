/** The wallet of a light node: nothing is paid twice, and no balance is made up. */
import { existsSync, mkdirSync } from "node:fs";
import { DEVNET, type Transaction } from "@chain/core";
import { type ControlClient, parseIdentity } from "@chain/fullnode";
import { easyDevnet, TestChain } from "@chain/testing/blockFactory";
import { newIdentity } from "@chain/testing/place";
import { TestIo } from "@chain/testing/testIo";
import { buildPayment, memoryStorage, type PendingTransaction, Wallet } from "@chain/wallet";
import { expect, it } from "vitest";
import { run } from "../src/cli.ts";
import { payByNode } from "../src/payByNode.ts";

it("notes of a payment that a light node hands out that others may get it", async () => {
  const wallet = await Wallet.create(memoryStorage(), { params: DEVNET, now: () => 1_700_000_000 });
  const { address, script } = await wallet.newKey();
  const chain = new TestChain(easyDevnet());
  const { txid } = chain.mine({ payTo: script }).transactions[0] as Transaction;
  const coin = { ...chain.located({ txid, vout: 0 }), pending: false };
  let noted: readonly PendingTransaction[] = [];
  const node = {
    ...{ params: chain.params, isLight: true },
    info: async () => ({ height: 200 }),
    call: async () => ({}),
    coins: async () => [coin],
    submit: async (transaction: Transaction) => {
      noted = wallet.pending; // a program that is killed now leaves this
      return { ok: true, txid: transaction.txid };
    },
  };
  const order = {
    ...{ identity: await newIdentity(), from: address, mine: false, central: undefined },
    build: async () =>
      buildPayment({
        ...{ coins: [coin], to: script, amount: 1_000n, changeScript: script },
        ...{ params: chain.params, spendHeight: 200, fee: { type: "amount", amount: 0n } },
      }),
  };
  const sent = await payByNode(order, wallet, node as unknown as ControlClient, () => {});
  expect(noted.map(({ transaction }) => transaction.txid)).toEqual([sent.transaction.txid]);
  // Otherwise the next payment would forget it, because the light node's next run does not know it.
  expect(noted[0]?.onlyOwnNode).toBeUndefined();
});

it.each([
  ["getbalance", (own: string) => ["--address", own]],
  ["send", (own: string) => ["--from", own, "--to", own, "--amount", "1", "--mine"]],
])("%s beside a stopped light node says so, and makes no database", async (name, flags) => {
  const { nodeId, dataDir } = await newIdentity();
  const place = ["--port", String(nodeId), "--datadir", dataDir, "--network", "regtest"];
  const call = async (...args: string[]) => {
    const io = new TestIo();
    const code = await run([...args, ...place], {}, io);
    return { code, out: io.out, error: io.error };
  };
  const { out } = await call("createwallet");
  const { paths } = parseIdentity(
    { port: String(nodeId), datadir: dataDir, network: "regtest" },
    {},
  );
  mkdirSync(paths.light);
  expect(await call(name, ...flags(out.trim()))).toEqual({
    ...{ code: 1, out: "" },
    error: `error: node ${nodeId} is a light node, which keeps no chain: start it, and ask it\n`,
  });
  expect(existsSync(paths.database)).toBe(false);
});
