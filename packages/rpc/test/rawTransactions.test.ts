/** Transactions that callers give, make and ask for. */
import { bytesToHex, regtest, Transaction } from "@chain/core";
import { MINER, makeBlock, payment } from "@chain/testing/blockFactory";
import { encodeAddress } from "@chain/wallet";
import { describe, expect, test } from "vitest";
import { startHost } from "./support/host.ts";

const TXID = "ab".repeat(32);
const hexOf = (transaction: Transaction) => bytesToHex(transaction.toBytes());
const address = encodeAddress({ type: "p2pkh", hash: MINER.script.subarray(3, 23) }, regtest);

describe("a transaction", () => {
  test("is found in the mempool, and in a block that is named", async () => {
    const { call, error, mine, coin, pay, chain } = await startHost();
    await mine(101);
    const spent = await coin(1);
    const transaction = await pay([spent], 10_000n);
    const { txid } = transaction;
    expect(await call("getrawtransaction", txid)).toBe(hexOf(transaction));
    expect(await call("getrawtransaction", txid, 1)).not.toHaveProperty("blockhash");
    expect(await call("getrawtransaction", txid, 2)).not.toHaveProperty("fee");
    const [hash = ""] = await mine(1);
    expect(await error("getrawtransaction", txid)).toEqual([
      -5,
      "No such mempool transaction. Use -txindex or provide a block hash to enable blockchain transaction queries. Use gettransaction for wallet transactions.",
    ]);
    expect(await call("getrawtransaction", txid, 0, hash)).toBe(hexOf(transaction));
    const { time } = chain.tip;
    const place = {
      blockhash: hash,
      confirmations: 1,
      time,
      blocktime: time,
      in_active_chain: true,
    };
    expect(await call("getrawtransaction", txid, true, hash)).toMatchObject({
      ...place,
      txid,
      hash: transaction.wtxid,
      version: 2,
      vin: [{ txid: spent.outpoint.txid, vout: 0 }],
      vout: [{ value: 49.9999, n: 0, scriptPubKey: { type: "pubkeyhash", address } }],
      hex: hexOf(transaction),
    });
    expect(await call("getrawtransaction", txid, 2, hash)).toMatchObject({
      ...place,
      fee: 0.0001,
      vin: [{ prevout: { generated: true, height: 1, value: 50 } }],
    });
    const missing =
      "No such transaction found in the provided block. Use gettransaction for wallet transactions.";
    expect(await error("getrawtransaction", TXID, 0, hash)).toEqual([-5, missing]);
    expect(await error("getrawtransaction", TXID, 0, TXID)).toEqual([-5, "Block hash not found"]);
    expect(await error("getrawtransaction", "1")).toEqual([
      -8,
      "parameter 1 must be of length 64 (not 1, for '1')",
    ]);
    const [genesis] = regtest.genesis.transactions;
    expect(await error("getrawtransaction", genesis?.txid ?? "")).toEqual([
      -5,
      "The genesis block coinbase is not considered an ordinary transaction and cannot be retrieved",
    ]);
    await chain.invalidateBlock(chain.tip);
    expect(await call("getrawtransaction", txid, 1, hash)).toMatchObject({
      in_active_chain: false,
      confirmations: 0,
    });
  });

  test("is taken apart", async () => {
    const { call, error } = await startHost();
    const [coinbase] = regtest.genesis.transactions;
    expect(await call("decoderawtransaction", hexOf(coinbase as Transaction))).toMatchObject({
      txid: "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b",
      vin: [{ coinbase: expect.stringMatching(/^04ffff001d/), sequence: 4294967295 }],
      vout: [{ value: 50, n: 0, scriptPubKey: { type: "pubkey" } }],
    });
    for (const bad of ["", "zz", "00", `${hexOf(coinbase as Transaction)}00`]) {
      expect(await error("decoderawtransaction", bad)).toEqual([-22, "TX decode failed"]);
    }
    // Without inputs its bytes may be either form.
    const empty = "01000000000100e1f5050000000017a914000000000000000000000000000000000000000087";
    const noInputs = `${empty}00000000`;
    expect(await call("decoderawtransaction", noInputs, false)).toMatchObject({
      vin: [],
      vout: [{ value: 1 }],
    });
    expect(await error("decoderawtransaction", noInputs, true)).toEqual([-22, "TX decode failed"]);
  });

  test("is made of inputs and outputs", async () => {
    const { call } = await startHost();
    const decoded = async (...params: never[]) =>
      Transaction.fromHex(await call<string>("createrawtransaction", ...params));
    const inputs = [{ txid: TXID, vout: 1 }];
    const plain = await decoded(inputs as never, [{ [address]: 0.1 }, { data: "00ff" }] as never);
    expect(plain).toMatchObject({ version: 2, lockTime: 0 });
    expect(plain.inputs).toMatchObject([
      { prevout: { txid: TXID, vout: 1 }, sequence: 0xffff_fffd },
    ]);
    expect(
      plain.outputs.map(({ value, scriptPubKey }) => [value, bytesToHex(scriptPubKey)]),
    ).toEqual([
      [10_000_000n, bytesToHex(MINER.script)],
      [0n, "6a0200ff"],
    ]);
    const old = await decoded(
      inputs as never,
      { [address]: "0.1" } as never,
      5 as never,
      false as never,
      3 as never,
    );
    expect(old).toMatchObject({ version: 3, lockTime: 5 });
    expect(old.inputs[0]?.sequence).toBe(0xffff_fffe);
    const final = await decoded(inputs as never, [] as never, 0 as never, false as never);
    expect(final.inputs[0]?.sequence).toBe(0xffff_ffff);
    const own = await decoded([{ ...inputs[0], sequence: 7 }] as never, [] as never);
    expect(own.inputs[0]?.sequence).toBe(7);
  });

  test.each([
    [[[{ txid: "1", vout: 0 }], []], -8, "txid must be of length 64 (not 1, for '1')"],
    [[[{ vout: 0 }], []], -3, "JSON value of type null is not of expected type string"],
    [[[{ txid: TXID }], []], -8, "Invalid parameter, missing vout key"],
    [[[{ txid: TXID, vout: "0" }], []], -8, "Invalid parameter, missing vout key"],
    [[[{ txid: TXID, vout: -1 }], []], -8, "Invalid parameter, vout cannot be negative"],
    [
      [[{ txid: TXID, vout: 0, sequence: 4294967296 }], []],
      -8,
      "Invalid parameter, sequence number is out of range",
    ],
    [[["x"], []], -3, "JSON value of type string is not of expected type object"],
    [[[], "x"], -3, "JSON value of type string is not of expected type array"],
    [[[], [1]], -8, "Invalid parameter, key-value pair not an object as expected"],
    [[[], [{}]], -8, "Invalid parameter, key-value pair must contain exactly one key"],
    [[[], [{ a: 1 }]], -5, "Invalid Bitcoin address: a"],
    [[[], [{ [address]: -1 }]], -3, "Amount out of range"],
    [[[], [{ [address]: 1e-9 }]], -3, "Invalid amount"],
    [[[], [{ [address]: true }]], -3, "Amount is not a number or string"],
    [
      [[], [{ [address]: 1 }, { [address]: 2 }]],
      -8,
      `Invalid parameter, duplicated address: ${address}`,
    ],
    [[[], [{ data: "00" }, { data: "01" }]], -8, "Invalid parameter, duplicate key: data"],
    [[[], [{ data: "0" }]], -8, "Data must be hexadecimal string (not '0')"],
    [[[], [{ data: 1 }]], -8, "Data must be hexadecimal string (not '1')"],
    [[[], null], -8, "Invalid parameter, output argument must be non-null"],
    [[[], [], -1], -8, "Invalid parameter, locktime out of range"],
    [[[], [], 4294967296], -8, "Invalid parameter, locktime out of range"],
    [[[], [], 0, true, 4], -8, "Invalid parameter, version out of range(1~3)"],
    [
      [[{ txid: TXID, vout: 0, sequence: 4294967295 }], [], 0, true],
      -8,
      "Invalid parameter combination: Sequence number(s) contradict replaceable option",
    ],
  ])("of %j is refused", async (params, code, message) => {
    const { error } = await startHost();
    expect(await error("createrawtransaction", ...(params as never[]))).toEqual([code, message]);
  });

  test("with an address twice in one object is refused", async () => {
    const { server } = await startHost();
    const body = `{"method":"createrawtransaction","params":[[],{"${address}":1,"${address}":1}]}`;
    expect((await server.answer(body)).body).toContain("duplicated address");
  });
});

describe("a transaction that is sent", () => {
  const signed = async (fee: bigint, outputs = 1) => {
    const host = await startHost();
    await host.mine(101);
    const coins = [await host.coin(1)];
    const value = 5_000_000_000n - fee;
    const first = { value, scriptPubKey: MINER.script };
    const burnt = { value: 0n, scriptPubKey: Uint8Array.of(0x6a) };
    const all =
      outputs === 1
        ? [first]
        : [
            { ...first, value: value - 5n },
            { ...burnt, value: 5n },
          ];
    return { ...host, transaction: payment({ coins, outputs: all }) };
  };

  test("is in the mempool when the call answers, and again once it is known", async () => {
    const { call, error, chain, mine, transaction } = await signed(10_000n);
    expect(await call("sendrawtransaction", hexOf(transaction))).toBe(transaction.txid);
    expect(chain.mempool.get(transaction.txid)).toBeDefined();
    expect(await call("getmempoolinfo")).toMatchObject({ unbroadcastcount: 1 });
    expect(await call("sendrawtransaction", hexOf(transaction))).toBe(transaction.txid);
    await mine(1);
    expect(await error("sendrawtransaction", hexOf(transaction))).toEqual([
      -27,
      "Transaction outputs already in utxo set",
    ]);
  });

  test("is in the mempool with another witness: that one stays, and it is announced", async () => {
    const { call, chain, transaction } = await signed(10_000n);
    const other = new Transaction({
      ...transaction,
      inputs: transaction.inputs.map((input) => ({ ...input, witness: [Uint8Array.of(1)] })),
    });
    expect(other.txid).toBe(transaction.txid);
    expect(await call("sendrawtransaction", hexOf(transaction))).toBe(transaction.txid);
    expect(await call("sendrawtransaction", hexOf(other))).toBe(transaction.txid);
    expect(chain.mempool.get(other.txid)?.transaction.wtxid).toBe(transaction.wtxid);
    expect(await call("testmempoolaccept", [hexOf(other)])).toMatchObject([
      {
        allowed: false,
        "reject-reason": "txn-same-nonwitness-data-in-mempool",
        "reject-details": "txn-same-nonwitness-data-in-mempool",
      },
    ]);
  });

  test("that is a coinbase of the chain is known, one of no block is refused", async () => {
    const { call, chain, error, mine } = await startHost();
    await mine(1);
    const block = await call<{ tx: { hex: string }[] }>("getblock", chain.tip.hash, 2);
    const known = "Transaction outputs already in utxo set";
    expect(await error("sendrawtransaction", block.tx[0]?.hex ?? "")).toEqual([-27, known]);
    const { transactions } = makeBlock({ parent: chain.tip, params: chain.params });
    const other = bytesToHex(transactions[0]?.toBytes() ?? new Uint8Array());
    expect(await error("sendrawtransaction", other)).toEqual([-26, "coinbase"]);
  });

  test("is refused above the limits of its caller", async () => {
    const much = await signed(100_000_000n);
    expect(await much.error("sendrawtransaction", hexOf(much.transaction))).toEqual([
      -25,
      "Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)",
    ]);
    expect(await much.error("sendrawtransaction", hexOf(much.transaction), 1)).toEqual([
      -8,
      "Fee rates larger than or equal to 1BTC/kvB are not accepted",
    ]);
    expect(await much.call("sendrawtransaction", hexOf(much.transaction), 0)).toBe(
      much.transaction.txid,
    );
    const burnt = await signed(10_000n, 2);
    const burn = "Unspendable output exceeds maximum configured by user (maxburnamount)";
    expect(await burnt.error("sendrawtransaction", hexOf(burnt.transaction))).toEqual([-25, burn]);
    expect(
      await burnt.error("sendrawtransaction", hexOf(burnt.transaction), 0.1, "0.00000004"),
    ).toEqual([-25, burn]);
    expect(
      await burnt.call("sendrawtransaction", hexOf(burnt.transaction), 0.1, "0.00000005"),
    ).toBe(burnt.transaction.txid);
  });

  test("is refused with the reason of the rule that it breaks", async () => {
    const { error, coin, transaction } = await signed(10_000n);
    const young = payment({
      coins: [await coin(50)],
      outputs: [{ value: 4_999_990_000n, scriptPubKey: MINER.script }],
    });
    expect(await error("sendrawtransaction", hexOf(young))).toEqual([
      -26,
      "bad-txns-premature-spend-of-coinbase, tried to spend coinbase at depth 52",
    ]);
    const orphan = payment({
      coins: [{ ...(await coin(1)), outpoint: { txid: TXID as never, vout: 0 } }],
      outputs: transaction.outputs,
    });
    expect(await error("sendrawtransaction", hexOf(orphan))).toEqual([
      -25,
      "bad-txns-inputs-missingorspent",
    ]);
    expect(await error("sendrawtransaction", "00")).toEqual([
      -22,
      "TX decode failed. Make sure the tx has at least one input.",
    ]);
  });
});

describe("a transaction that is tested", () => {
  test("would be taken, or not, and is nowhere afterwards", async () => {
    const { call, error, chain, mine, coin } = await startHost();
    await mine(101);
    const coins = [await coin(1)];
    const outputs = [{ value: 4_999_990_000n, scriptPubKey: MINER.script }];
    const good = payment({ coins, outputs });
    const { txid, wtxid, virtualSize } = good;
    const rate = Math.floor(10_000_000 / virtualSize) / 1e8;
    expect(await call("testmempoolaccept", [hexOf(good)])).toEqual([
      {
        txid,
        wtxid,
        allowed: true,
        vsize: virtualSize,
        fees: { base: 0.0001, "effective-feerate": rate, "effective-includes": [wtxid] },
      },
    ]);
    expect(chain.mempool.count).toBe(0);
    expect(await call("testmempoolaccept", [hexOf(good)], "0.00000001")).toEqual([
      { txid, wtxid, allowed: false, "reject-reason": "max-fee-exceeded" },
    ]);
    const orphan = payment({
      coins: [{ ...(await coin(1)), outpoint: { txid: TXID as never, vout: 0 } }],
      outputs,
    });
    expect(await call("testmempoolaccept", [hexOf(orphan)])).toMatchObject([
      { allowed: false, "reject-reason": "missing-inputs" },
    ]);
    const young = payment({ coins: [await coin(50)], outputs });
    expect(await call("testmempoolaccept", [hexOf(young)])).toMatchObject([
      { allowed: false, "reject-reason": "bad-txns-premature-spend-of-coinbase" },
    ]);
    const one = "Array must contain between 1 and 25 transactions.";
    expect(await error("testmempoolaccept", [])).toEqual([-8, one]);
    expect(await error("testmempoolaccept", ["00"])).toEqual([
      -22,
      "TX decode failed: 00 Make sure the tx has at least one input.",
    ]);
  });
});
