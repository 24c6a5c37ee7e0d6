/** Payments of wallets: made, funded, signed, replaced. The chain is real, and the wallet is fed by hand. */
import type { Txid } from "@chain/core";
import type { MempoolEntry } from "@chain/engine";
import { parsePsbt } from "@chain/wallet/psbt";
import { describe, expect, test } from "vitest";
import type { Json } from "../src/json/parse.ts";
import { InputSizes, spendableCoins } from "../src/wallet/spending/coins.ts";
import { CoinControl } from "../src/wallet/spending/control.ts";
import { FOREIGN, startWallet, type TestWallet } from "./support/spending.ts";

/** The rate is that of the largest signatures: one in some hundreds is a byte shorter. */
function expectRate(
  entry: Pick<MempoolEntry, "fee" | "size" | "transaction"> | undefined,
  rate: bigint,
): void {
  const { fee = 0n, size = 0, transaction } = entry ?? {};
  expect(fee).toBeGreaterThanOrEqual(rate * BigInt(size));
  expect(fee).toBeLessThanOrEqual(rate * BigInt(size + (transaction?.inputs.length ?? 0)));
}

describe("sendtoaddress", () => {
  test("pays at the fallback rate, with change and notes, and the mempool takes it", async () => {
    const { call, ledger, waiting } = await startWallet();
    const txid = await call<string>("sendtoaddress", FOREIGN, 1.5, "rent", "Bob");
    const entry = waiting(txid);
    expectRate(entry, 20n);
    expect(entry?.transaction.outputs.map(({ value }) => value)).toContain(150_000_000n);
    expect(ledger.transaction(txid as Txid)?.notes).toMatchObject({ comment: "rent", to: "Bob" });
    const verbose = await call(
      "sendtoaddress",
      FOREIGN,
      "1",
      "",
      "",
      true,
      null,
      null,
      "unset",
      null,
      5,
      true,
    );
    expect(verbose).toEqual({ txid: expect.any(String), fee_reason: "None" });
  });

  test("spends no coin twice, however many are asked for at once", async () => {
    const { call, waiting } = await startWallet({ blocks: 6 });
    const txids = await Promise.all(
      Array.from({ length: 6 }, () => call<string>("sendtoaddress", FOREIGN, 30)),
    );
    const spent = txids.flatMap((txid) => waiting(txid)?.transaction.inputs ?? []);
    const names = spent.map(({ prevout }) => `${prevout.txid}:${prevout.vout}`);
    expect(names).toHaveLength(6);
    expect(new Set(names).size).toBe(6);
  });

  test("refuses in Core's words and order", async () => {
    const { call, error } = await startWallet();
    expect(await error("sendtoaddress", FOREIGN, 1000)).toEqual([-6, "Insufficient funds"]);
    expect(await error("sendtoaddress", FOREIGN, 150)).toEqual([
      -6,
      expect.stringMatching(/^The total exceeds your balance when the 0\.00\d+ transaction fee/),
    ]);
    expect(await error("sendtoaddress", FOREIGN, 0.000001)).toEqual([
      ...[-6, "Transaction amount too small"],
    ]);
    expect(await error("sendtoaddress", "x", 1)).toEqual([-5, "Invalid Bitcoin address: x"]);
    expect((await error("sendtoaddress", FOREIGN, -1))[0]).toBe(-3);
    const rest = ["", "", false, true];
    expect(await error("sendtoaddress", FOREIGN, 1, ...rest, 6, "foo")).toEqual([
      ...[
        -8,
        'Invalid estimate_mode parameter, must be one of: "unset", "economical", "conservative"',
      ],
    ]);
    expect((await error("sendtoaddress", FOREIGN, 1, ...rest, 0.1, "foo"))[0]).toBe(-8);
    expect(await error("sendtoaddress", FOREIGN, 1, ...rest, 0.1, "unset")).toEqual([
      ...[-1, "JSON integer out of range"],
    ]);
    expect((await error("sendtoaddress", FOREIGN, 1, ...rest, "6"))[0]).toBe(-3);
    expect(await error("sendtoaddress", FOREIGN, 1, ...rest, 0, "unset")).toEqual([
      ...[-8, "Invalid conf_target, must be between 1 and 1008"],
    ]);
    expect((await error("sendtoaddress", FOREIGN, 1, ...rest, 6, "unset", null, 1))[1]).toMatch(
      /^Cannot specify both conf_target and fee_rate/,
    );
    expect(await error("sendtoaddress", FOREIGN, 1, ...rest, null, "unset", null, 0.1)).toEqual([
      -6,
      "Fee rate (0.100 sat/vB) is lower than the minimum fee rate setting (1.000 sat/vB)",
    ]);
    expect(await error("sendtoaddress", FOREIGN, 1, ...rest, null, null, null, 1.2345)).toEqual([
      ...[-3, "Invalid amount"],
    ]);
    expect(await error("sendtoaddress", FOREIGN, 1, ...rest, null, null, true)).toEqual([
      ...[-4, 'wallet does not have the "avoid reuse" feature enabled'],
    ]);
    await call("encryptwallet", "secret");
    expect((await error("sendtoaddress", FOREIGN, 1))[0]).toBe(-13);
    expect((await error("sendmany", "", { [FOREIGN]: 1 }))[0]).toBe(-13);
  });

  test("needs private keys", async () => {
    const { call, error } = await startWallet();
    await call("unloadwallet", "w");
    await call("createwallet", "watching", true);
    expect(await error("sendtoaddress", FOREIGN, 1)).toEqual([
      ...[-4, "Error: Private keys are disabled for this wallet"],
    ]);
    expect((await error("bumpfee", "11".repeat(32)))[1]).toMatch(/Use psbtbumpfee instead\.$/);
  });
});

test("sendmany pays several, and takes the fee out of those that are named", async () => {
  const { call, error, waiting, address } = await startWallet();
  const other = await call<string>("getnewaddress");
  const txid = await call<string>("sendmany", "", { [FOREIGN]: 1, [other]: "2" }, null, "", [
    FOREIGN,
  ]);
  const entry = waiting(txid);
  const values = entry?.transaction.outputs.map(({ value }) => value);
  expect(values).toContain(200_000_000n);
  expect(values).toContain(100_000_000n - (entry?.fee ?? 0n));
  expect(await error("sendmany", "x", {})).toEqual([-8, 'Dummy value must be set to ""']);
  expect((await error("sendmany", "", { [FOREIGN]: 1 }, 0, "", [address]))[1]).toBe(
    `Invalid parameter 'subtract fee from output', destination ${address} not found in tx outputs`,
  );
  expect((await error("sendmany", "", { [FOREIGN]: 1 }, 0, "", [FOREIGN, FOREIGN]))[1]).toBe(
    "Invalid parameter 'subtract fee from output', duplicated position: 0",
  );
  expect(await error("sendmany", "", {})).toEqual([
    ...[-6, "Transaction must have at least one recipient"],
  ]);
});

describe("a raw transaction", () => {
  test("is funded, signed and sent", async () => {
    const { call, ledger, transactionOf } = await startWallet();
    const raw = await call<string>("createrawtransaction", [], { [FOREIGN]: 60 });
    const funded = await call<{ hex: string; fee: number; changepos: number }>(
      ...["fundrawtransaction", raw],
      { feeRate: 0.0001, changePosition: 1, lockUnspents: true },
    );
    expect(funded.changepos).toBe(1);
    const { inputs, lockTime } = transactionOf(funded.hex);
    expect([inputs.length, lockTime]).toEqual([2, 0]);
    expect(ledger.lockedCoins()).toHaveLength(2);
    const signed = await call<{ hex: string; complete: boolean }>(
      ...["signrawtransactionwithwallet", funded.hex],
    );
    expect(signed.complete).toBe(true);
    const { virtualSize } = transactionOf(signed.hex);
    expect(Math.round(funded.fee * 1e8)).toBe(virtualSize * 10);
    expect(await call("sendrawtransaction", signed.hex)).toBe(transactionOf(signed.hex).txid);
    const change = await call<{ balance_change: number }>("simulaterawtransaction", [raw]);
    expect(change.balance_change).toBe(0);
  });

  test("keeps its inputs, and refuses options that contradict each other", async () => {
    const { call, error, ledger, transactionOf } = await startWallet();
    const [coin] = ledger.coins();
    if (coin === undefined) throw new TypeError("no coin");
    const { txid, vout } = coin.outpoint;
    const raw = await call<string>("createrawtransaction", [{ txid, vout }], { [FOREIGN]: 10 });
    const fund = (options: Json) => error("fundrawtransaction", raw, options);
    const funded = await call<{ hex: string }>("fundrawtransaction", raw, { fee_rate: 3 });
    expect(transactionOf(funded.hex).inputs.map(({ prevout }) => prevout)).toEqual([coin.outpoint]);
    expect(await fund({ foo: 1 })).toEqual([-3, "Unexpected key foo"]);
    expect((await fund({ feeRate: 0.1, fee_rate: 1 }))[1]).toBe(
      "Cannot specify both fee_rate (sat/vB) and feeRate (BTC/kvB)",
    );
    expect(await fund({ changePosition: 5 })).toEqual([-8, "changePosition out of bounds"]);
    expect(await fund({ changeAddress: "x" })).toEqual([
      ...[-5, "Change address must be a valid bitcoin address"],
    ]);
    expect(await fund({ change_type: "x" })).toEqual([-5, "Unknown change type 'x'"]);
    expect((await fund({ input_weights: [{ txid, vout, weight: 1 }] }))[1]).toMatch(/165 \(41/);
    const large = await call<string>("createrawtransaction", [{ txid, vout }], { [FOREIGN]: 90 });
    expect((await error("fundrawtransaction", large, { add_inputs: false }))[1]).toMatch(
      /^The preselected coins total amount does not cover/,
    );
    const unknown = [{ txid: "11".repeat(32), vout: 0 }];
    const foreign = await call<string>("createrawtransaction", unknown, { [FOREIGN]: 1 });
    expect(await error("fundrawtransaction", foreign)).toEqual([
      ...[-4, "Unable to find UTXO for external input"],
    ]);
    const empty = await call<string>("createrawtransaction", [{ txid, vout }], {});
    expect((await error("fundrawtransaction", empty))[1]).toBe("TX must have at least one output");
  });
});

describe("a PSBT", () => {
  test("is made, filled, signed and extracted", async () => {
    const { call, waiting } = await startWallet();
    const made = await call<{ psbt: string; fee: number; changepos: number }>(
      ...["walletcreatefundedpsbt", [], [{ [FOREIGN]: 2 }], 0],
      { fee_rate: 7, changePosition: 0 },
    );
    expect(made.changepos).toBe(0);
    const bare = await call<{ psbt: string; complete: boolean }>(
      "walletprocesspsbt",
      made.psbt,
      false,
    );
    expect(bare.complete).toBe(false);
    const done = await call<{ psbt: string; complete: boolean; hex: string }>(
      ...["walletprocesspsbt", bare.psbt],
    );
    expect(done.complete).toBe(true);
    const txid = await call<string>("sendrawtransaction", done.hex);
    expect(waiting(txid)?.fee).toBe(BigInt(Math.round(made.fee * 1e8)));
    const plain = await call<{ psbt: string }>(
      ...["walletcreatefundedpsbt", [], [{ [FOREIGN]: 2 }], 0, {}, false],
    );
    const parsed = parsePsbt(plain.psbt);
    expect(parsed.ok && parsed.psbt.inputs[0]?.get(6)).toBeFalsy();
  });
});

describe("send", () => {
  test("signs and hands in, or gives a PSBT", async () => {
    const { call, chain, error, waiting } = await startWallet();
    const sent = await call<{ txid: string; complete: boolean }>(
      "send",
      { [FOREIGN]: 1 },
      null,
      "unset",
      4,
    );
    expect(sent).toEqual({ txid: expect.any(String), complete: true });
    const entry = waiting(sent.txid);
    expectRate(entry, 4n);
    // Anti fee sniping: at the tip, or one time in ten a little lower.
    const { lockTime = -1, inputs = [] } = entry?.transaction ?? {};
    expect(lockTime).toBeGreaterThanOrEqual(0);
    expect(lockTime).toBeLessThanOrEqual(chain.tip.height);
    expect(inputs.map(({ sequence }) => sequence)).toEqual([0xfffffffd]);
    const kept = await call<Record<string, unknown>>(
      ...["send", [{ [FOREIGN]: 1 }], null, null, null, { add_to_wallet: false }],
    );
    expect(Object.keys(kept).sort()).toEqual(["complete", "hex", "psbt", "txid"]);
    expect(waiting(kept["txid"] as string)).toBeUndefined();
    const options = (value: Json) => error("send", { [FOREIGN]: 1 }, null, null, null, value);
    expect(await options({ feeRate: 1 })).toEqual([
      ...[-8, "Use fee_rate (sat/vB) instead of feeRate"],
    ]);
    expect(await options({ conf_target: 3 })).toEqual([-8, "Specify estimate_mode"]);
    expect(
      (await error("send", { [FOREIGN]: 1 }, 3, "economical", null, { conf_target: 3 }))[1],
    ).toMatch(/^Pass conf_target and estimate_mode either/);
  });

  test("leaves a transaction without signatures where the wallet is locked", async () => {
    const { call, error, ledger } = await startWallet();
    await call("encryptwallet", "secret");
    const rest = [null, "unset", 2] as const;
    const unsigned = { complete: false, psbt: expect.any(String) };
    const sent = await call<{ psbt: string }>("send", { [FOREIGN]: 1 }, ...rest);
    expect(sent).toEqual(unsigned);
    expect(await call("sendall", [FOREIGN], ...rest)).toEqual(unsigned);
    expect((await error("walletprocesspsbt", sent.psbt))[0]).toBe(-13);
    expect(ledger.transactions()).toHaveLength(3);
    await call("walletpassphrase", "secret", 60);
    expect(await call("walletprocesspsbt", sent.psbt)).toMatchObject({ complete: true });
  });

  test("takes coins of addresses that were spent from, unless sendtoaddress avoids them", async () => {
    const { call, error, ledger } = await startWallet({ avoidReuse: true });
    const [coin] = ledger.coins();
    const { txid, vout } = coin?.outpoint ?? { txid: "", vout: 0 };
    const options = { inputs: [{ txid, vout }] };
    await call("send", { [FOREIGN]: 49 }, null, "unset", 2, options);
    expect(ledger.balances().used).toBe(10_000_000_000n);
    expect((await error("sendtoaddress", FOREIGN, 20))[0]).toBe(-6);
    expect(await call("send", { [FOREIGN]: 20 }, null, "unset", 2)).toMatchObject({
      complete: true,
    });
    expect(await call("sendmany", "", { [FOREIGN]: 20 })).toEqual(expect.any(String));
  });

  test("sendall empties the wallet", async () => {
    const { call, error, ledger, waiting } = await startWallet();
    expect((await error("sendall", [{ [FOREIGN]: 1 }]))[1]).toBe(
      "Must provide at least one address without a specified amount",
    );
    const sent = await call<{ txid: string }>(
      ...["sendall", [FOREIGN, { [await call<string>("getnewaddress")]: 5 }], null, "unset", 2],
    );
    const entry = waiting(sent.txid);
    expect(entry?.transaction.inputs).toHaveLength(3);
    expectRate(entry, 2n);
    expect(entry?.transaction.outputs.map(({ value }) => value)).toContain(500_000_000n);
    expect(ledger.coins().map(({ value }) => value)).toEqual([500_000_000n]);
    const [coin] = ledger.coins();
    const named = { inputs: [{ txid: coin?.outpoint.txid ?? "", vout: coin?.outpoint.vout ?? 0 }] };
    expect(
      (await error("sendall", [FOREIGN], null, null, null, { ...named, send_max: true }))[1],
    ).toBe("Cannot combine send_max with specific inputs.");
    const last = await call<{ txid: string }>("sendall", [FOREIGN], null, null, null, named);
    expect(waiting(last.txid)?.transaction.outputs).toHaveLength(1);
    expect(ledger.coins()).toEqual([]);
  });
});

test("an output worth nothing is spent by sendall alone", async () => {
  const { call, host, ledger, address, transactionOf, waiting, caughtUp } = await startWallet();
  const inputs = ledger.coins().map(({ outpoint: { txid, vout } }) => ({ txid, vout }));
  const other = await call<string>("getnewaddress");
  const outputs = [{ [address]: 0 }, { [other]: 149 }];
  const raw = await call<string>("createrawtransaction", inputs, outputs);
  const { hex } = await call<{ hex: string }>("signrawtransactionwithwallet", raw);
  await call("generateblock", FOREIGN, [hex]);
  await caughtUp();
  const { txid } = transactionOf(hex);
  expect(ledger.coins().map(({ outpoint }) => outpoint)).toEqual([
    { txid, vout: 0 },
    { txid, vout: 1 },
  ]);
  const chosen = spendableCoins({ ledger }, new InputSizes(ledger, host), new CoinControl());
  expect(chosen.map(({ outpoint }) => outpoint)).toEqual([{ txid, vout: 1 }]);
  const sent = await call<{ txid: string }>("sendall", [FOREIGN]);
  expect(waiting(sent.txid)?.transaction.inputs).toHaveLength(2);
});

test.each([
  [
    "fundrawtransaction",
    async (call) => {
      const raw = await call<string>("createrawtransaction", [], { [FOREIGN]: 1 });
      await call("fundrawtransaction", raw);
    },
  ],
  ["walletcreatefundedpsbt", (call) => call("walletcreatefundedpsbt", [], [{ [FOREIGN]: 2 }])],
  ["send", (call) => call("send", { [FOREIGN]: 1 }, null, null, null, { psbt: true })],
  [
    "send without add_to_wallet",
    (call) => call("send", { [FOREIGN]: 1 }, null, null, null, { add_to_wallet: false }),
  ],
  [
    "psbtbumpfee",
    async (call, old) => call("psbtbumpfee", old, { fee_rate: 90, outputs: [{ [FOREIGN]: 60 }] }),
  ],
] satisfies readonly (readonly [string, (call: TestWallet["call"], old: string) => unknown])[])(
  "the address for change that %s gives away is on disk before it answers",
  async (_, ask) => {
    const { call, ledger } = await startWallet();
    const old = await call<string>("sendtoaddress", FOREIGN, 49.9);
    ledger.takeChanges();
    await ask(call, old);
    expect(ledger.hasChanges).toBe(false);
  },
);

describe("bumpfee", () => {
  test("replaces a payment by one with a higher fee, once", async () => {
    const { call, error, ledger, waiting } = await startWallet();
    const old = await call<string>("sendtoaddress", FOREIGN, 1, "rent", "Bob");
    const fee = waiting(old)?.fee ?? 0n;
    const bumped = await call<{ txid: string; origfee: number; fee: number; errors: [] }>(
      ...["bumpfee", old],
    );
    expect(bumped.errors).toEqual([]);
    expect(BigInt(Math.round(bumped.origfee * 1e8))).toBe(fee);
    expect(waiting(old)).toBeUndefined();
    expect(waiting(bumped.txid)?.fee).toBe(BigInt(Math.round(bumped.fee * 1e8)));
    expect(ledger.transaction(old as Txid)?.notes.replacedBy).toBe(bumped.txid);
    const notes = { comment: "rent", to: "Bob", replaces: old };
    expect(ledger.transaction(bumped.txid as Txid)?.notes).toEqual(notes);
    expect(await error("bumpfee", old)).toEqual([
      -4,
      `Cannot bump transaction ${old} which was already bumped by transaction ${bumped.txid}`,
    ]);
    expect((await error("bumpfee", bumped.txid, { fee_rate: 21 }))[0]).toBe(-8);
    const psbt = await call<{ psbt: string }>("psbtbumpfee", bumped.txid, { fee_rate: 60 });
    expect(parsePsbt(psbt.psbt).ok).toBe(true);
  });

  test("refuses what is not the wallet's, or mined, or spent from", async () => {
    const { call, error, mine, caughtUp } = await startWallet({ blocks: 1 });
    expect(await error("bumpfee", "11".repeat(32))).toEqual([
      ...[-5, "Invalid or non-wallet transaction id"],
    ]);
    const first = await call<string>("sendtoaddress", FOREIGN, 1);
    await call<string>("sendtoaddress", FOREIGN, 1);
    expect(await error("bumpfee", first)).toEqual([
      ...[-8, "Transaction has descendants in the wallet"],
    ]);
    const last = await call<string>("sendtoaddress", FOREIGN, 1);
    await mine(1);
    await caughtUp();
    // Its coin is gone from the chain, and from the mempool.
    expect(await error("bumpfee", last)).toEqual([
      -1,
      expect.stringMatching(/:\d is already spent$/),
    ]);
    expect(await error("bumpfee", last, { outputs: [] })).toEqual([
      ...[-8, "Invalid parameter, output argument cannot be an empty array"],
    ]);
  });
});
