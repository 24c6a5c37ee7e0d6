/** Unconfirmed transactions, and what spends what. */
import { bytesToHex, type LocatedCoin, regtest, type Transaction } from "@chain/core";
import { MINER, payment } from "@chain/testing/blockFactory";
import { describe, expect, test } from "vitest";
import { METHODS } from "../src/methods/table.ts";
import { RpcServer } from "../src/server.ts";
import { outputOf, START, startHost } from "./support/host.ts";

const REPLACEABLE = 0xffff_fffd;

/** Two coins, a parent that signals replaceability, and its child. */
async function family() {
  const host = await startHost();
  await host.mine(102);
  const [first, second] = [await host.coin(1), await host.coin(2)];
  const parent = await host.pay([first], 10_000n, REPLACEABLE);
  const child = await host.pay([outputOf(parent)], 20_000n);
  return { ...host, first, second, parent, child };
}

describe("the mempool", () => {
  test("is empty at first", async () => {
    const { call, chain } = await startHost();
    const { limits } = chain.mempool;
    expect(await call("getmempoolinfo")).toEqual({
      loaded: true,
      size: 0,
      bytes: 0,
      usage: 0,
      total_fee: 0,
      maxmempool: limits.maxMemory,
      mempoolminfee: 0.00001,
      minrelaytxfee: 0.00001,
      incrementalrelayfee: 0.00001,
      unbroadcastcount: 0,
      fullrbf: true,
      permitbaremultisig: true,
      maxdatacarriersize: 83,
    });
    expect(await call("getrawmempool")).toEqual([]);
  });

  test("has entries with their relatives", async () => {
    const { call, error, parent, child } = await family();
    const size = parent.virtualSize + child.virtualSize;
    const entry = {
      vsize: parent.virtualSize,
      weight: parent.weight,
      time: START / 1000,
      height: 102,
      descendantcount: 2,
      descendantsize: size,
      ancestorcount: 1,
      ancestorsize: parent.virtualSize,
      wtxid: parent.wtxid,
      fees: { base: 0.0001, modified: 0.0001, ancestor: 0.0001, descendant: 0.0003 },
      depends: [],
      spentby: [child.txid],
      "bip125-replaceable": true,
      unbroadcast: false,
    };
    expect(await call("getmempoolentry", parent.txid)).toEqual(entry);
    expect(await call("getmempoolentry", child.txid)).toMatchObject({
      ancestorcount: 2,
      ancestorsize: size,
      depends: [parent.txid],
      spentby: [],
      "bip125-replaceable": true,
    });
    expect(await call("getmempoolancestors", child.txid)).toEqual([parent.txid]);
    expect(await call("getmempoolancestors", parent.txid)).toEqual([]);
    expect(await call("getmempooldescendants", parent.txid)).toEqual([child.txid]);
    expect(await call("getmempoolancestors", child.txid, true)).toEqual({ [parent.txid]: entry });
    for (const name of ["getmempoolentry", "getmempoolancestors", "getmempooldescendants"]) {
      expect(await error(name, "00".repeat(32))).toEqual([-5, "Transaction not in mempool"]);
    }
    expect(await call("getmempoolinfo")).toMatchObject({ size: 2, bytes: size, total_fee: 0.0003 });
  });

  test("is listed, with a number that counts its changes", async () => {
    const { call, error, parent, child, first, pay, mine } = await family();
    expect(await call("getrawmempool")).toEqual([parent.txid, child.txid]);
    expect(Object.keys(await call<object>("getrawmempool", true))).toEqual([
      parent.txid,
      child.txid,
    ]);
    const listed = { txids: [parent.txid, child.txid], mempool_sequence: 3 };
    expect(await call("getrawmempool", false, true)).toEqual(listed);
    expect(await error("getrawmempool", true, true)).toEqual([
      -8,
      "Verbose results cannot contain mempool sequence values.",
    ]);
    // It takes the place of both: three changes. A block takes it out, which is one more.
    const replacement = await pay([first], 100_000n);
    expect(await call("getrawmempool", false, true)).toEqual({
      txids: [replacement.txid],
      mempool_sequence: 6,
    });
    await mine(1);
    expect(await call("getrawmempool", false, true)).toEqual({ txids: [], mempool_sequence: 7 });
  });
});

describe("outputs", () => {
  test("are shown as long as nothing spends them", async () => {
    const { call, error, chain, first, second, parent, child, coin } = await family();
    const { txid } = second.outpoint;
    expect(await call("gettxout", txid, 0)).toEqual({
      bestblock: chain.tip.hash,
      confirmations: 101,
      value: 50,
      scriptPubKey: expect.objectContaining({
        hex: bytesToHex(MINER.script),
        type: "pubkeyhash",
      }),
      coinbase: true,
    });
    expect(await call("gettxout", (await coin(102)).outpoint.txid, 0)).toMatchObject({
      confirmations: 1,
    });
    // Spent in the mempool, and not in the chain.
    expect(await call("gettxout", first.outpoint.txid, 0)).toBeNull();
    expect(await call("gettxout", first.outpoint.txid, 0, false)).toMatchObject({ value: 50 });
    expect(await call("gettxout", parent.txid, 0)).toBeNull();
    expect(await call("gettxout", child.txid, 0)).toMatchObject({
      confirmations: 0,
      value: 49.9997,
      coinbase: false,
    });
    expect(await call("gettxout", child.txid, 0, false)).toBeNull();
    expect(await call("gettxout", child.txid, 4294967295)).toBeNull();
    expect(await error("gettxout", child.txid, -1)).toEqual([-1, "JSON integer out of range"]);
    expect(await error("gettxout", "1", 0)).toEqual([
      -8,
      "txid must be of length 64 (not 1, for '1')",
    ]);
  });

  test("are told by what spends them", async () => {
    const { call, error, first, second, parent } = await family();
    const outputs = [first, second].map(({ outpoint }) => outpoint);
    expect(await call("gettxspendingprevout", outputs as never)).toEqual([
      { ...first.outpoint, spendingtxid: parent.txid },
      second.outpoint,
    ]);
    const options = { return_spending_tx: true };
    expect(await call("gettxspendingprevout", [first.outpoint] as never, options)).toEqual([
      {
        ...first.outpoint,
        spendingtxid: parent.txid,
        spendingtx: bytesToHex(parent.toBytes()),
      },
    ]);
    const name = "gettxspendingprevout";
    const { txid } = second.outpoint;
    expect(await error(name, [second.outpoint] as never, { mempool_only: false })).toEqual([
      -1,
      `No spending tx for the outpoint ${txid}:0 in mempool, and txospenderindex is unavailable.`,
    ]);
    expect(await error(name, [])).toEqual([-8, "Invalid parameter, outputs are missing"]);
    expect(await error(name, [{ txid, vout: -1 }])).toEqual([
      -8,
      "Invalid parameter, vout cannot be negative",
    ]);
    expect(await error(name, [{ txid }])).toEqual([-3, "Missing vout"]);
    expect(await error(name, [{ txid, vout: 0, x: 1 }])).toEqual([-3, "Unexpected key x"]);
    expect(await error(name, [{ txid: 1, vout: 0 }])).toEqual([
      -3,
      "JSON value of type number for field txid is not of expected type string",
    ]);
    expect(await error(name, [{ txid, vout: 0 }], { nothing: 1 })).toEqual([
      -3,
      "Unexpected key nothing",
    ]);
  });

  test("takes options by name", async () => {
    const { server, first, parent } = await family();
    const outputs = [{ ...first.outpoint }];
    const result = await server.call("gettxspendingprevout", { outputs, return_spending_tx: true });
    expect(result).toMatchObject([{ spendingtxid: parent.txid, spendingtx: expect.any(String) }]);
    await expect(
      server.call("gettxspendingprevout", { outputs, options: {}, return_spending_tx: true }),
    ).rejects.toThrow("Parameter options conflicts with parameter return_spending_tx");
  });
});

describe("fee deltas", () => {
  test("are told, and count for mining", async () => {
    const { call, error, parent, child, chain } = await family();
    const other = "ab".repeat(32);
    expect(await call("getprioritisedtransactions")).toEqual({});
    expect(await call("prioritisetransaction", child.txid, 0, 5_000)).toBe(true);
    expect(await call("prioritisetransaction", child.txid, null, -1_000)).toBe(true);
    expect(await call("prioritisetransaction", other, 0.0, -7)).toBe(true);
    expect(await call("getprioritisedtransactions")).toEqual({
      [child.txid]: { fee_delta: 4_000, in_mempool: true, modified_fee: 24_000 },
      [other]: { fee_delta: -7, in_mempool: false },
    });
    expect(await call("getmempoolentry", child.txid)).toMatchObject({
      fees: { base: 0.0002, modified: 0.00024, ancestor: 0.00034, descendant: 0.00024 },
    });
    expect(await call("getmempoolentry", parent.txid)).toMatchObject({
      fees: { base: 0.0001, modified: 0.0001, ancestor: 0.0001, descendant: 0.00034 },
    });
    expect(await call("getmempoolinfo")).toMatchObject({ total_fee: 0.0003 });
    // Less than nothing for both: no block has them.
    await call("prioritisetransaction", parent.txid, 0, -100_000_000);
    expect(await call("getblocktemplate", { rules: ["segwit"] })).toMatchObject({
      transactions: [],
    });
    await call("prioritisetransaction", parent.txid, 0, 100_000_000);
    expect(Object.keys(await call<object>("getprioritisedtransactions"))).toEqual([
      child.txid,
      other,
    ]);
    expect(await error("prioritisetransaction", other, 1, 1)).toEqual([
      -8,
      "Priority is no longer supported, dummy argument to prioritisetransaction must be 0.",
    ]);
    expect((await error("prioritisetransaction", other, 0))[0]).toBe(-1);
    expect(await error("prioritisetransaction", "x", 0, 1)).toEqual([
      -8,
      "txid must be of length 64 (not 1, for 'x')",
    ]);
    expect(await error("prioritisetransaction", other, 0, 2 ** 64)).toEqual([
      -1,
      "JSON integer out of range",
    ]);
    expect(chain.mempool.count).toBe(2);
  });

  test("are part of the rate that a test of a transaction tells", async () => {
    const { call, mine, coin } = await startHost();
    await mine(101);
    const first = await coin(1);
    const outputs = [{ value: first.coin.value - 10_000n, scriptPubKey: MINER.script }];
    const paid = payment({ coins: [first], outputs });
    const raw = bytesToHex(paid.toBytes());
    await call("prioritisetransaction", paid.txid, 0, 10_000);
    const rate = Math.floor(20_000_000 / paid.virtualSize) / 1e8;
    expect(await call("testmempoolaccept", [raw])).toMatchObject([
      { allowed: true, fees: { base: 0.0001, "effective-feerate": rate } },
    ]);
  });
});

describe("the file of the mempool", () => {
  test("is written and read where the node has one", async () => {
    const read: unknown[] = [];
    let isLoaded = false;
    const mempool = {
      isLoaded: () => isLoaded,
      keep: async () => {},
      save: async () => "/there/mempool.dat",
      importFile: async (path: string, options: object) => {
        read.push([path, options]);
        return path === "good";
      },
    };
    const { call, error } = await startHost({ parts: { mempool } });
    expect(await error("savemempool")).toEqual([-1, "The mempool was not loaded yet"]);
    isLoaded = true;
    expect(await call("savemempool")).toEqual({ filename: "/there/mempool.dat" });
    expect(await call("importmempool", "good")).toEqual({});
    expect(
      await call("importmempool", "good", {
        use_current_time: false,
        apply_fee_delta_priority: true,
        apply_unbroadcast_set: true,
      }),
    ).toEqual({});
    expect(await error("importmempool", "bad")).toEqual([
      -1,
      "Unable to import mempool file, see debug.log for details.",
    ]);
    const usual = { useCurrentTime: true, applyFeeDeltas: false, applyUnbroadcast: false };
    expect(read).toEqual([
      ["good", usual],
      ["good", { useCurrentTime: false, applyFeeDeltas: true, applyUnbroadcast: true }],
      ["bad", usual],
    ]);
  });

  test("is not imported while blocks are downloaded", async () => {
    const { error } = await startHost({ params: { ...regtest, minimumChainWork: 1n << 100n } });
    expect(await error("importmempool", "good")).toEqual([
      -10,
      "Can only import the mempool after the block download and sync is done.",
    ]);
  });

  test("is none in a node without a disk", async () => {
    const { error } = await startHost();
    expect(await error("savemempool")).toEqual([-1, "Unable to dump mempool to disk"]);
    expect((await error("importmempool", "x"))[0]).toBe(-1);
  });
});

describe("several transactions", () => {
  test("are tested together", async () => {
    const { call, error, mine, coin, chain } = await startHost();
    await mine(102);
    const [first, second] = [await coin(1), await coin(2)];
    const spending = (from: LocatedCoin, fee: bigint) =>
      payment({
        coins: [from],
        outputs: [{ value: from.coin.value - fee, scriptPubKey: MINER.script }],
      });
    const parent = spending(first, 10_000n);
    const child = spending(outputOf(parent), 20_000n);
    const other = spending(second, 1n);
    const rich = spending(second, 500_000_000n);
    const raw = (...transactions: readonly Transaction[]) =>
      transactions.map((each) => bytesToHex(each.toBytes()));
    const ids = ({ txid, wtxid }: Transaction) => ({ txid, wtxid });
    const good = (each: Transaction, base: number, sats: number) => ({
      ...ids(each),
      allowed: true,
      vsize: each.virtualSize,
      fees: {
        base,
        "effective-feerate": Math.floor((sats * 1000) / each.virtualSize) / 1e8,
        "effective-includes": [each.wtxid],
      },
    });
    const test = (...transactions: readonly Transaction[]) =>
      call("testmempoolaccept", raw(...transactions));
    expect(await test(parent, child)).toEqual([
      good(parent, 0.0001, 10_000),
      good(child, 0.0002, 20_000),
    ]);
    expect(chain.mempool.count).toBe(0);
    const packageError = { "package-error": "package-not-sorted" };
    expect(await test(child, parent)).toEqual([
      { ...ids(child), ...packageError },
      { ...ids(parent), ...packageError },
    ]);
    expect(await test(parent, other)).toEqual([
      ids(parent),
      {
        ...ids(other),
        allowed: false,
        "reject-reason": "min relay fee not met",
        "reject-details": `min relay fee not met, 1 < ${other.virtualSize}`,
      },
    ]);
    // Nothing is told of the transaction that comes after one that pays too much.
    expect(await test(rich, parent)).toEqual([
      { ...ids(rich), allowed: false, "reject-reason": "max-fee-exceeded" },
      ids(parent),
    ]);
    const message = "Array must contain between 1 and 25 transactions.";
    expect(await error("testmempoolaccept", [])).toEqual([-8, message]);
    expect(await error("testmempoolaccept", Array(26).fill("00"))).toEqual([-8, message]);
    expect((await error("testmempoolaccept", [raw(parent)[0] ?? "", "00"]))[0]).toBe(-22);
  });
});

describe("orphans", () => {
  test("are told with their peers and times", async () => {
    const { call, error, host, child } = await family();
    expect(await call("getorphantxs")).toEqual([]);
    const orphan = {
      transaction: child,
      announcers: new Set([7, 3]),
      since: START,
      until: START + 20 * 60_000,
    };
    const node = { orphans: [orphan] } as unknown as typeof host.node;
    const server = new RpcServer({ host: { ...host, node }, methods: METHODS });
    expect(await server.call("getorphantxs", [])).toEqual([child.txid]);
    const described = {
      txid: child.txid,
      wtxid: child.wtxid,
      bytes: child.totalSize,
      vsize: child.virtualSize,
      weight: child.weight,
      entry: START / 1000,
      expiration: START / 1000 + 1200,
      from: [3, 7],
    };
    expect(await server.call("getorphantxs", [1])).toEqual([described]);
    const hex = bytesToHex(child.toBytes());
    expect(await server.call("getorphantxs", [2])).toEqual([{ ...described, hex }]);
    expect(await error("getorphantxs", 3)).toEqual([-8, "Invalid verbosity value 3"]);
    expect(await error("getorphantxs", true)).toEqual([
      -3,
      "Verbosity was boolean but only integer allowed",
    ]);
  });
});
