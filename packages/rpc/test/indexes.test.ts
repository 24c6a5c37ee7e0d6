/** Methods and resources that ask the indexes of a node. */
import { bytesToHex, type Txid } from "@chain/core";
import {
  CoinStatisticsIndex,
  followChain,
  ScriptHistoryIndex,
  SpenderIndex,
  TransactionIndex,
} from "@chain/indexes";
import { type KeyValueStore, MemoryKeyValueStore, StorageError } from "@chain/storage";
import { MINER } from "@chain/testing/blockFactory";
import { describe, expect, test } from "vitest";
import { RestServer } from "../src/rest/server.ts";
import { startHost } from "./support/host.ts";

/** Makes each write fail, as on a full disk. */
function fill(records: KeyValueStore): void {
  records.write = () => Promise.reject(new StorageError("io", "no room"));
}

/** A chain of 101 blocks and one with a payment that is spent in the next one, and the index of transactions. */
async function start() {
  const host = await startHost();
  const { chain } = host;
  const { log } = host.host;
  await host.mine(101);
  const paid = await host.pay([await host.coin(1)], 10_000n);
  const [hash = ""] = await host.mine(1);
  const output = { ...paid.outputs[0], height: 102, coinbase: false };
  const coin = { outpoint: { txid: paid.txid, vout: 0 }, coin: output as never };
  await host.pay([coin], 20_000n);
  await host.mine(1);
  const records = new MemoryKeyValueStore();
  const begin = async () => {
    const index = new TransactionIndex(records, chain);
    const transactions = await followChain(index, { chain, records, log });
    Object.assign(host.host, { indexes: { transactions } });
    return transactions;
  };
  return { ...host, paid, hash, begin, records };
}

describe("a transaction of a block", () => {
  test("is found without its block by getrawtransaction, with where it is", async () => {
    const { begin, call, error, paid, hash, chain } = await start();
    await (await begin()).caughtUp;
    expect(await call("getrawtransaction", paid.txid)).toBe(bytesToHex(paid.toBytes()));
    const { time } = chain.headers.activeAt(102) ?? expect.unreachable();
    const place = { blockhash: hash, confirmations: 2, time, blocktime: time };
    const answer = await call("getrawtransaction", paid.txid, 1);
    expect(answer).toMatchObject({ txid: paid.txid, ...place });
    expect(answer).not.toHaveProperty("in_active_chain");
    expect(await call("getrawtransaction", paid.txid, 2)).toMatchObject({
      ...place,
      fee: 0.0001,
      vin: [{ prevout: { generated: true, height: 1, value: 50 } }],
    });
    expect(await error("getrawtransaction", "ab".repeat(32))).toEqual([
      -5,
      "No such mempool or blockchain transaction. Use gettransaction for wallet transactions.",
    ]);
  });

  test("is in the answer at once when a block is, and no more when its block is gone", async () => {
    const { begin, call, mine, coin, pay, chain } = await start();
    await (await begin()).caughtUp;
    const waiting = await pay([await coin(2)], 10_000n);
    expect(await call("getrawtransaction", waiting.txid, 1)).not.toHaveProperty("blockhash");
    const [hash] = await mine(1);
    const confirmed = { blockhash: hash, confirmations: 1 };
    expect(await call("getrawtransaction", waiting.txid, 1)).toMatchObject(confirmed);
    await chain.invalidateBlock(chain.tip);
    expect(await call("getrawtransaction", waiting.txid, 1)).not.toHaveProperty("blockhash");
  });

  test("is said to be looked for while the index is built", async () => {
    const { begin, error, call, paid, server } = await start();
    const index = await begin();
    const indexed = "Blockchain transactions are still in the process of being indexed";
    const unproved = [-5, `Transaction not found in a block. ${indexed}`];
    expect(await error("gettxoutproof", [paid.txid])).toEqual(unproved);
    const { body } = await new RestServer({ rpc: server }).answer({
      uri: `/rest/tx/${paid.txid}.json`,
    });
    expect(String(body)).toContain(`${paid.txid} not found. ${indexed}`);
    expect(await error("getrawtransaction", paid.txid)).toEqual([
      -5,
      "No such mempool transaction. Blockchain transactions are still in the process of being indexed. Use gettransaction for wallet transactions.",
    ]);
    expect(await call("getindexinfo")).toMatchObject({ txindex: { synced: false } });
    await index.caughtUp;
    expect(await call("getindexinfo")).toEqual({
      txindex: { synced: true, best_block_height: 103 },
    });
  });

  test("is said to be missed where the index has failed, and why", async () => {
    const { begin, error, call, paid, records, hash } = await start();
    fill(records);
    const index = await begin();
    await expect(index.caughtUp).rejects.toThrow("no room");
    const failed = "The txindex has failed: no room";
    expect(await error("getrawtransaction", paid.txid)).toEqual([
      -5,
      `No such mempool transaction. ${failed}. Use gettransaction for wallet transactions.`,
    ]);
    const unproved = [-5, `Transaction not found in a block. ${failed}`];
    expect(await error("gettxoutproof", [paid.txid])).toEqual(unproved);
    expect(await call("gettxoutproof", [paid.txid], hash)).toEqual(expect.any(String));
  });

  test("is proved without its block, although all its outputs are spent", async () => {
    const { begin, call, error, paid, hash } = await start();
    expect(await error("gettxoutproof", [paid.txid])).toEqual([-5, "Transaction not yet in block"]);
    await (await begin()).caughtUp;
    const proof = await call("gettxoutproof", [paid.txid]);
    expect(proof).toBe(await call("gettxoutproof", [paid.txid], hash));
    const unknown = "ab".repeat(32) as Txid;
    expect(await error("gettxoutproof", [unknown])).toEqual([-5, "Transaction not yet in block"]);
    expect(await error("gettxoutproof", [paid.txid, unknown])).toEqual([
      -5,
      "Not all transactions found in specified or retrieved block",
    ]);
  });

  test("comes by its REST address, with its block", async () => {
    const { begin, server, paid, hash } = await start();
    const rest = new RestServer({ rpc: server });
    const uri = `/rest/tx/${paid.txid}`;
    expect(await rest.answer({ uri: `${uri}.json` })).toMatchObject({ status: 404 });
    await (await begin()).caughtUp;
    const { body } = await rest.answer({ uri: `${uri}.json` });
    const shown = JSON.parse(String(body));
    expect(shown).toMatchObject({ txid: paid.txid, blockhash: hash });
    expect(Object.keys(shown).slice(-2)).toEqual(["blockhash", "hex"]);
    const { body: bytes } = await rest.answer({ uri: `${uri}.bin` });
    expect(bytes).toEqual(paid.toBytes());
  });

  test("goes into a PSBT that spends its output", async () => {
    const { begin, call, paid } = await start();
    const inputs = [{ txid: paid.txid, vout: 0 }];
    const psbt = await call<string>("createpsbt", inputs, [{ data: "00" }]);
    const hasOutput = async () => {
      const updated = await call<string>("utxoupdatepsbt", psbt);
      return (await call<{ inputs: unknown[] }>("analyzepsbt", updated)).inputs;
    };
    expect(await hasOutput()).toMatchObject([{ has_utxo: false }]);
    await (await begin()).caughtUp;
    expect(await hasOutput()).toMatchObject([{ has_utxo: true }]);
  });
});

describe("statistics of coins", () => {
  async function startStatistics() {
    const started = await start();
    const { chain, host } = started;
    const records = new MemoryKeyValueStore();
    const begin = async () => {
      const options = { chain, records, log: host.log };
      const coinStats = await followChain(new CoinStatisticsIndex(records, chain), options);
      Object.assign(host, { indexes: { coinStats } });
      return coinStats;
    };
    return { ...started, begin };
  }

  test("are those of a scan, at the tip and, by height or hash, at blocks before it", async () => {
    const { begin, call, chain, mine } = await startStatistics();
    const scans = new Map<number, object>();
    const scan = async () => {
      const answer = await call<object>("gettxoutsetinfo", "muhash", null, false);
      const { transactions, disk_size, ...rest } = answer as Record<string, unknown>;
      scans.set(chain.tip.height, rest);
    };
    await scan();
    await (await begin()).caughtUp;
    await mine(1);
    await scan();
    for (const [height, scanned] of scans) {
      const byHeight = await call("gettxoutsetinfo", "muhash", height);
      expect(byHeight).toMatchObject(scanned);
      const hash = chain.headers.activeAt(height)?.hash ?? "";
      expect(await call("gettxoutsetinfo", "muhash", hash)).toEqual(byHeight);
    }
    const tip = await call<object>("gettxoutsetinfo", "muhash");
    expect(tip).toEqual(await call("gettxoutsetinfo", "muhash", chain.tip.height));
    expect(tip).not.toHaveProperty("transactions");
    expect(await call("gettxoutsetinfo", "none")).not.toHaveProperty("muhash");
    expect(await call("gettxoutsetinfo")).toHaveProperty("hash_serialized_3");
    expect(await call("gettxoutsetinfo", "none", 0)).toMatchObject({
      txouts: 0,
      total_unspendable_amount: 50,
      block_info: { unspendable: 50, unspendables: { genesis_block: 50 } },
    });
    expect(await call("gettxoutsetinfo", "none", 103)).toMatchObject({
      total_unspendable_amount: 50,
      block_info: { prevout_spent: 49.9999, coinbase: 50.0002, new_outputs_ex_coinbase: 49.9997 },
    });
  });

  test("are refused as Core does where the index can't tell", async () => {
    const { begin, error } = await startStatistics();
    const off = "Querying specific block heights requires coinstatsindex";
    expect(await error("gettxoutsetinfo", "none", 1)).toEqual([-8, off]);
    const index = await begin();
    expect(await error("gettxoutsetinfo", "none", 103)).toEqual([
      -32603,
      "Unable to get data because coinstatsindex is still syncing. Current height: 0",
    ]);
    expect(await error("gettxoutsetinfo", "none")).toEqual([-32603, "Unable to read UTXO set"]);
    await index.caughtUp;
    expect(await error("gettxoutsetinfo", "hash_serialized_3", 1)).toEqual([
      -8,
      "hash_serialized_3 hash type cannot be queried for a specific block",
    ]);
    expect(await error("gettxoutsetinfo", "none", 1, false)).toEqual([
      -8,
      "Cannot set use_index to false when querying for a specific block",
    ]);
    expect(await error("gettxoutsetinfo", "none", "ff".repeat(32))).toEqual([
      -5,
      "Block not found",
    ]);
    expect(await error("gettxoutsetinfo", "none", 104)).toEqual([
      -8,
      "Target block height 104 after current tip 103",
    ]);
  });
});

test("an index that has failed is never said to be at work still", async () => {
  const { error, paid, chain, host } = await start();
  const records = new MemoryKeyValueStore();
  fill(records);
  const options = { chain, records, log: host.log };
  const coinStats = await followChain(new CoinStatisticsIndex(records, chain), options);
  const spenders = await followChain(new SpenderIndex(records, chain), options);
  const history = new ScriptHistoryIndex(records, chain, host.log);
  const scriptHistory = await followChain(history, options);
  Object.assign(host, { indexes: { coinStats, spenders, scriptHistory } });
  const all = [coinStats, spenders, scriptHistory];
  await Promise.allSettled(all.map(({ caughtUp }) => caughtUp));
  const failed = (name: string) => `The ${name} has failed: no room`;
  expect(await error("gettxoutsetinfo", "none", 103)).toEqual([
    -32603,
    `Unable to get data. ${failed("coinstatsindex")}. Current height: 0`,
  ]);
  expect(await error("gettxoutsetinfo", "none")).toEqual([
    -32603,
    `Unable to read UTXO set. ${failed("coinstatsindex")}`,
  ]);
  expect(await error("gettxspendingprevout", [{ txid: paid.txid, vout: 0 }])).toEqual([
    -1,
    `No spending tx for the outpoint ${paid.txid}:0 in mempool, and txospenderindex is unavailable. ${failed("txospenderindex")}`,
  ]);
  expect(await error("getscriptbalance", bytesToHex(MINER.script))).toEqual([
    -1,
    failed("scripthistoryindex"),
  ]);
});

test("gettxspendingprevout finds spenders in the mempool first, and then in blocks", async () => {
  const { call, error, paid, chain, host, coin, pay } = await start();
  const spent = { txid: paid.txid, vout: 0 };
  expect(await call("gettxspendingprevout", [spent])).toEqual([spent]);
  const records = new MemoryKeyValueStore();
  const options = { chain, records, log: host.log };
  const spenders = await followChain(new SpenderIndex(records, chain), options);
  Object.assign(host, { indexes: { spenders } });
  const behind = `No spending tx for the outpoint ${paid.txid}:0 in mempool, and txospenderindex is unavailable.`;
  expect(await error("gettxspendingprevout", [spent])).toEqual([-1, behind]);
  await spenders.caughtUp;
  const block = await chain.getBlock(chain.tip.hash);
  const spender = block?.transactions[1] ?? expect.unreachable();
  const place = { spendingtxid: spender.txid, blockhash: chain.tip.hash };
  expect(await call("gettxspendingprevout", [spent])).toEqual([{ ...spent, ...place }]);
  expect(await call("gettxspendingprevout", [spent], { mempool_only: true })).toEqual([spent]);
  const waiting = await pay([await coin(2)], 10_000n);
  const prevout = waiting.inputs[0]?.prevout ?? expect.unreachable();
  const unspent = { txid: waiting.txid, vout: 0 };
  const whole = { return_spending_tx: true };
  expect(await call("gettxspendingprevout", [{ ...prevout }, spent, unspent], whole)).toEqual([
    { ...prevout, spendingtxid: waiting.txid, spendingtx: bytesToHex(waiting.toBytes()) },
    { ...spent, ...place, spendingtx: bytesToHex(spender.toBytes()) },
    unspent,
  ]);
});

test("getscripthistory and getscriptbalance tell what a script has, in parts", async () => {
  const { call, error, paid, chain, host, coin, pay } = await start();
  const script = bytesToHex(MINER.script);
  const off = "The index of script histories is not enabled (scripthistoryindex)";
  expect(await error("getscriptbalance", script)).toEqual([-1, off]);
  const records = new MemoryKeyValueStore();
  const options = { chain, records, log: host.log };
  const index = new ScriptHistoryIndex(records, chain, host.log);
  const scriptHistory = await followChain(index, options);
  Object.assign(host, { indexes: { scriptHistory } });
  const behind = "The index of script histories is still being built";
  expect(await error("getscripthistory", script)).toEqual([-1, behind]);
  await scriptHistory.caughtUp;
  expect(await call("getindexinfo")).toEqual({
    scripthistoryindex: { synced: true, best_block_height: 103 },
  });
  const tip = { height: 103, bestblock: chain.tip.hash };
  const waiting = await pay([await coin(2)], 10_000n);
  const nothing = {
    transactions: 0,
    funded_count: 0,
    funded: 0,
    spent_count: 0,
    spent: 0,
    balance: 0,
  };
  const balance = await call<{ confirmed: { balance: number } }>("getscriptbalance", script);
  expect(balance).toMatchObject({
    ...tip,
    confirmed: { transactions: 105, funded_count: 105, spent_count: 2, spent: 99.9999 },
    unconfirmed: { transactions: 1, funded: 49.9999, spent: 50, balance: -0.0001 },
  });
  // The fees of both payments went to the miner, whose script it is.
  expect(balance.confirmed.balance).toBe(103 * 50);
  expect(await call("getscriptbalance", "52")).toEqual({
    ...tip,
    confirmed: nothing,
    unconfirmed: nothing,
  });
  const first = await call("getscripthistory", script, { limit: 2, newest_first: true });
  const spender = (await chain.getBlock(chain.tip.hash))?.transactions[1];
  expect(first).toMatchObject({
    ...tip,
    confirmed: [
      {
        txid: spender?.txid,
        height: 103,
        position: 1,
        funding: [{ vout: 0, value: 49.9997 }],
        spending: [{ vin: 0, value: 49.9999 }],
      },
      { height: 103, position: 0, spending: [] },
    ],
    next: { height: 103, position: 0 },
    unconfirmed: [{ txid: waiting.txid, height: 0, fee: 0.0001 }],
  });
  const after = { height: 103, position: 0 };
  const next = { limit: 1, newest_first: true, after };
  expect(await call("getscripthistory", script, next)).toMatchObject({
    confirmed: [{ txid: paid.txid, height: 102, position: 1 }],
    unconfirmed: [],
  });
  const range = "Invalid parameter, limit must be between 1 and 10000";
  expect(await error("getscripthistory", script, { limit: 0 })).toEqual([-8, range]);
  expect(await error("getscripthistory", script, { after: { height: 1 } })).toEqual([
    -3,
    "Missing position",
  ]);
});
