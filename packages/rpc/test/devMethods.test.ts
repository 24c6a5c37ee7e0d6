/** Methods of a chain for developers, on a host that notes what it is asked for; `@chain/devchain` does it in earnest. */
import { ArgumentError, bytesToHex, p2wpkhScript, regtest } from "@chain/core";
import { EngineError } from "@chain/engine";
import { addressOfScript } from "@chain/wallet";
import { expect, test } from "vitest";
import type { DevHost } from "../src/devHost.ts";
import { startHost } from "./support/host.ts";

const SCRIPT = p2wpkhScript(new Uint8Array(20).fill(7));
const HEX = bytesToHex(SCRIPT);
const ADDRESS = addressOfScript(SCRIPT, regtest) ?? "";
const TXID = "ab".repeat(32);

const ACCOUNT = { index: 0, address: ADDRESS, wif: "c", addresses: {}, descriptors: {} };
const ANSWERS: Partial<Record<keyof DevHost, unknown>> = {
  about: { mnemonic: "test", accounts: 1, time: 7, automine: { interval: 5 }, doors: {} },
  accounts: [{ ...ACCOUNT, balance: 150_000_000n }],
  mine: [{ hash: TXID }],
  increaseTime: 60,
  fund: { txid: TXID, vout: 1, height: 7, hash: TXID, value: 1n },
  faucet: TXID,
  send: TXID,
  spendAs: TXID,
  snapshot: 3,
  reorg: { forkHeight: 5, disconnected: [TXID], connected: [TXID, TXID] },
  drop: true,
  dump: "{}",
};

/** A chain that answers by rote, and what it was asked for. */
async function start() {
  const asked: unknown[] = [];
  const dev = new Proxy({} as DevHost, {
    get:
      (_, name) =>
      (...args: unknown[]) => {
        asked.push([name, ...args]);
        return ANSWERS[name as keyof DevHost];
      },
  });
  return { ...(await startHost({ parts: { dev } })), asked };
}

test.each([
  ["chain_accounts", [], ["accounts"], [{ ...ACCOUNT, balance: 1.5 }]],
  [
    ...(["chain_info", [], ["about"]] as const),
    {
      ...(ANSWERS.about as object),
      automine: { interval: 5, ontransaction: false },
    },
  ],
  ["chain_mine", [], ["mine", 1, {}], [TXID]],
  ["chain_mine", [2, HEX, 600], ["mine", 2, { to: SCRIPT, interval: 600 }], [TXID]],
  ["chain_setautomine", [{ delay: 5 }], ["setAutomine", { delay: 5 }], null],
  ["chain_setblockinterval", [60], ["setBlockInterval", 60], null],
  ["chain_setblockinterval", [], ["setBlockInterval", undefined], null],
  ["chain_settime", [7], ["setTime", 7], null],
  ["chain_increasetime", [60], ["increaseTime", 60], 60],
  [
    ...(["chain_fund", [ADDRESS, "0.5"], ["fund", SCRIPT, 50_000_000n]] as const),
    { txid: TXID, vout: 1, height: 7, blockhash: TXID },
  ],
  ["chain_faucet", [HEX, 1], ["faucet", SCRIPT, 100_000_000n, {}], TXID],
  ["chain_send", [2, HEX, 1, 4.5], ["send", 2, SCRIPT, 100_000_000n, { feeRate: 4.5 }], TXID],
  ["chain_spendas", [HEX, HEX, 1], ["spendAs", SCRIPT, SCRIPT, 100_000_000n, {}], TXID],
  ["chain_snapshot", [], ["snapshot"], 3],
  ["chain_revert", [3], ["revert", 3], null],
  ["chain_rollback", [], ["rollback", 1], null],
  [
    ...([
      "chain_reorg",
      [2, { drop: [TXID], unconfirm: ["all"], address: HEX }],
      ["reorg", { depth: 2, drop: [TXID], unconfirm: "all", replace: {}, to: SCRIPT }],
    ] as const),
    { forkheight: 5, disconnected: [TXID], connected: [TXID, TXID] },
  ],
  ["chain_drop", [TXID], ["drop", TXID], true],
  ["chain_setfeerate", [2], ["setFeeRate", 2], null],
  ["chain_setfeerate", [], ["setFeeRate", undefined], null],
  ["chain_dump", [], ["dump"], "{}"],
  ["chain_settled", [], ["settled"], null],
] as const)("%s %j", async (method, params, question, answer) => {
  const { call, asked } = await start();
  expect(await call(method, ...(params as readonly never[]))).toEqual(answer);
  expect(asked).toEqual([question]);
});

test("other nodes have no such methods", async () => {
  const { error } = await startHost();
  expect(await error("chain_mine")).toEqual([-32_601, "Method not found"]);
});

test("what the chain refuses has a code, and a fault of its own none", async () => {
  const failing = (thrown: unknown) =>
    startHost({ parts: { dev: { snapshot: () => Promise.reject(thrown) } as never } });
  const refused = await failing(new ArgumentError("depth", "a number", "x"));
  expect((await refused.error("chain_snapshot"))[0]).toBe(-8);
  const closed = await failing(new EngineError("closed", "the chain is closed"));
  expect(await closed.error("chain_snapshot")).toEqual([-1, "the chain is closed"]);
  const { error } = await start();
  expect((await error("chain_fund", "nonsense", 1))[0]).toBe(-5);
  expect((await error("chain_fund", HEX, -1))[0]).toBe(-3);
  expect((await error("chain_setautomine", { delay: 1, interval: 1 }))[0]).toBe(-8);
  expect((await error("chain_reorg", 1, { replace: { [TXID]: "zz" } }))[0]).toBe(-22);
});
