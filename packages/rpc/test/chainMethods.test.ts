/** Blocks and headers, and where the chain stands. */
import { bytesToHex, hexToBytes } from "@chain/core";
import { present } from "@chain/core/arguments";
import { MINER, makeBlock, payment } from "@chain/testing/blockFactory";
import { describe, expect, test } from "vitest";
import { startHost } from "./support/host.ts";

const GENESIS = "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206";

describe("the chain", () => {
  test("of regtest begins as Core's", async () => {
    const { call } = await startHost();
    expect(await call("getblockcount")).toBe(0);
    expect(await call("getbestblockhash")).toBe(GENESIS);
    expect(await call("getblockhash", 0)).toBe(GENESIS);
    expect(await call("getdifficulty")).toBe(4.656542373906925e-10);
    expect(await call("getblockchaininfo")).toMatchObject({
      chain: "regtest",
      blocks: 0,
      headers: 0,
      bestblockhash: GENESIS,
      bits: "207fffff",
      target: "7fffff0000000000000000000000000000000000000000000000000000000000",
      verificationprogress: 1,
      chainwork: "0000000000000000000000000000000000000000000000000000000000000002",
      pruned: false,
      warnings: [],
    });
    expect(await call("getchainstates")).toEqual({
      headers: 0,
      chainstates: [
        {
          blocks: 0,
          bestblockhash: GENESIS,
          bits: "207fffff",
          target: "7fffff0000000000000000000000000000000000000000000000000000000000",
          difficulty: 4.656542373906925e-10,
          verificationprogress: 1,
          coins_db_cache_bytes: 0,
          coins_tip_cache_bytes: 0,
          validated: true,
        },
      ],
    });
    expect(await call("getblockheader", GENESIS)).toEqual({
      hash: GENESIS,
      confirmations: 1,
      height: 0,
      version: 1,
      versionHex: "00000001",
      merkleroot: "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b",
      time: 1296688602,
      mediantime: 1296688602,
      nonce: 2,
      bits: "207fffff",
      target: "7fffff0000000000000000000000000000000000000000000000000000000000",
      difficulty: 4.656542373906925e-10,
      chainwork: "0000000000000000000000000000000000000000000000000000000000000002",
      nTx: 1,
    });
  });

  test("has a block in four degrees of detail", async () => {
    const { call, chain, mine } = await startHost();
    await mine(101);
    const [coin] = await Promise.all([chain.getBlock(chain.headers.activeAt(1)?.hash as never)]);
    const reward = coin?.transactions[0];
    if (reward === undefined) expect.fail("no reward");
    const outpoint = { txid: reward.txid, vout: 0 };
    const spent = { value: 5_000_000_000n, scriptPubKey: MINER.script, height: 1, coinbase: true };
    const spend = payment({
      coins: [{ outpoint, coin: spent }],
      outputs: [{ value: 4_999_990_000n, scriptPubKey: MINER.script }],
    });
    expect(await chain.acceptTransaction(spend)).toMatchObject({ ok: true });
    const [hash = ""] = await mine(1);
    const raw = await chain.getRawBlock(hash as never);
    expect(await call("getblock", hash, 0)).toBe(bytesToHex(raw as Uint8Array));
    expect(await call("getblock", hash, false)).toBe(bytesToHex(raw as Uint8Array));
    type Detailed = { readonly tx: readonly { readonly vin: readonly object[] }[] };
    const [one, two, three] = [
      await call<object>("getblock", hash),
      await call<Detailed>("getblock", hash, 2),
      await call<Detailed>("getblock", hash, 3),
    ];
    expect(one).toMatchObject({
      height: 102,
      nTx: 2,
      confirmations: 1,
      coinbase_tx: { sequence: 0xffff_ffff },
    });
    expect(one).toHaveProperty("tx.1", spend.txid);
    expect(two.tx[0]).not.toHaveProperty("fee");
    expect(two.tx[1]).toMatchObject({
      txid: spend.txid,
      fee: 0.0001,
      hex: bytesToHex(spend.toBytes()),
    });
    expect(two.tx[1]?.vin[0]).not.toHaveProperty("prevout");
    expect(three.tx[1]?.vin[0]).toMatchObject({
      txid: reward.txid,
      prevout: {
        generated: true,
        height: 1,
        value: 50,
        scriptPubKey: { type: "pubkeyhash", hex: bytesToHex(MINER.script) },
      },
    });
  });

  test("tells what it does not have", async () => {
    const { call, error, chain, mine } = await startHost();
    const [tip = ""] = await mine(2);
    const block = makeBlock({ parent: chain.headers.genesis, params: chain.params, extra: 9 });
    await chain.acceptHeaders([block.header]);
    expect(await error("getblock", block.hash)).toEqual([
      -1,
      "Block not available (not fully downloaded)",
    ]);
    expect(await call("getblockheader", block.hash)).toMatchObject({ confirmations: -1, nTx: 0 });
    expect(await call("getblockheader", block.hash, false)).toBe(
      bytesToHex(block.header.toBytes()),
    );
    expect(await error("getblockheader", "00".repeat(32))).toEqual([-5, "Block not found"]);
    expect(await call("getblockheader", tip)).toHaveProperty("nextblockhash", chain.tip.hash);
    expect(await call("getchaintips")).toEqual([
      { height: 2, hash: chain.tip.hash, branchlen: 0, status: "active" },
      { height: 1, hash: block.hash, branchlen: 1, status: "headers-only" },
    ]);
  });

  test("has statistics of its transactions", async () => {
    const { call, error, chain, mine, setTime } = await startHost();
    setTime(1_700_000_600_000);
    await mine(20);
    expect(await call("getchaintxstats", 5)).toEqual({
      time: chain.tip.time,
      txcount: 21,
      window_final_block_hash: chain.tip.hash,
      window_final_block_height: 20,
      window_block_count: 5,
      window_interval: 1,
      window_tx_count: 5,
      txrate: 5,
    });
    expect(await call("getchaintxstats")).toMatchObject({ window_block_count: 19 });
    expect(await call("getchaintxstats", 0)).not.toHaveProperty("window_interval");
    const range = "Invalid block count: should be between 0 and the block's height - 1";
    expect(await error("getchaintxstats", 20)).toEqual([-8, range]);
    expect(await error("getchaintxstats", -1)).toEqual([-8, range]);
    const stale = makeBlock({ parent: chain.headers.genesis, params: chain.params, extra: 9 });
    await chain.acceptBlock(stale, { requested: true });
    expect(await error("getchaintxstats", null, stale.hash)).toEqual([
      -8,
      "Block is not in main chain",
    ]);
  });
});

describe("scantxoutset", () => {
  test("finds the coins of descriptors", async () => {
    const { call, chain, mine } = await startHost();
    await mine(2, hexToBytes("51"));
    await mine(1);
    const raw = "raw(51)#8lvh9jxk";
    const block = present(chain.headers.activeAt(2), "second block");
    const scan = await call<{ unspents: { height: number }[] }>("scantxoutset", "start", [raw]);
    expect(scan).toMatchObject({
      success: true,
      txouts: 3,
      height: 3,
      bestblock: chain.tip.hash,
      total_amount: 100,
    });
    expect(scan.unspents.find(({ height }) => height === 2)).toEqual({
      txid: expect.any(String),
      vout: 0,
      scriptPubKey: "51",
      desc: raw,
      amount: 50,
      coinbase: true,
      height: 2,
      blockhash: block.hash,
      confirmations: 2,
    });
    const object = { desc: raw, range: 7 };
    expect(await call("scantxoutset", "start", [object])).toEqual(scan);
    expect(await call("scantxoutset", "start", [])).toMatchObject({ unspents: [], txouts: 3 });
  });

  test("runs once at a time, and is ended by a second call", async () => {
    const { call, error, mine } = await startHost();
    await mine(1);
    expect(await call("scantxoutset", "status")).toBeNull();
    expect(await call("scantxoutset", "abort")).toBe(false);
    const key =
      "xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8";
    const tpub =
      "tpubD6NzVbkrYhZ4WaWSyoBvQwbpLkojyoTZPRsgXELWz3Popb3qkjcJyJUGLnL4qHHoQvao8ESaAstxYSnhyswJ76uZPStJRJCTKvosUCJZL5B";
    expect((await error("scantxoutset", "start", [`pkh(${key}/*)`]))[0]).toBe(-5);
    const running = call("scantxoutset", "start", [`pkh(${tpub}/*)`]);
    expect(await call("scantxoutset", "status")).toEqual({ progress: 0 });
    expect(await error("scantxoutset", "start", ["raw(51)"])).toEqual([
      -8,
      'Scan already in progress, use action "abort" or "status"',
    ]);
    expect(await call("scantxoutset", "abort")).toBe(true);
    expect(await running).toMatchObject({ success: false, txouts: 0 });
    expect(await call("scantxoutset", "start", ["raw(51)"])).toMatchObject({ success: true });
  });

  test("says what is wrong in Core's words", async () => {
    const { error } = await startHost();
    expect(await error("scantxoutset", "start")).toEqual([
      -1,
      "scanobjects argument is required for the start action",
    ]);
    expect(await error("scantxoutset", "go")).toEqual([-8, "Invalid action 'go'"]);
    expect(await error("scantxoutset", "start", [7])).toEqual([
      -8,
      "Scan object needs to be either a string or an object",
    ]);
    expect(await error("scantxoutset", "start", [{}])).toEqual([
      -8,
      "Descriptor needs to be provided in scan object",
    ]);
    expect(await error("scantxoutset", "start", [{ desc: "desc", range: [2, 1] }])).toEqual([
      -8,
      "Range specified as [begin,end] must not have begin after end",
    ]);
    expect((await error("scantxoutset", "start", ["desc"]))[0]).toBe(-5);
  });
});
