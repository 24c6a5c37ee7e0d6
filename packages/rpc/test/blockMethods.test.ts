/** Methods about one block: its contents, proofs of it, the rules that hold for it, and calls that wait for one. */
import {
  bytesToHex,
  hexToBytes,
  MuHash,
  reversedHex,
  Writer,
  writeOutpoint,
  writeOutput,
} from "@chain/core";
import { makeBlock } from "@chain/testing/blockFactory";
import { describe, expect, test } from "vitest";
import { startHost } from "./support/host.ts";

/** A block with three payments of fees 10,000, 20,000 and 40,000. */
async function withPayments() {
  const host = await startHost();
  await host.mine(103);
  const fees = [10_000n, 20_000n, 40_000n];
  const paid = [];
  for (const [i, fee] of fees.entries()) paid.push(await host.pay([await host.coin(i + 1)], fee));
  const [hash = ""] = await host.mine(1);
  return { ...host, hash, paid };
}

describe("statistics of a block", () => {
  test("count what it has", async () => {
    const { call, hash, paid, chain } = await withPayments();
    const sizes = paid.map(({ totalSize }) => totalSize).sort((a, b) => a - b);
    const [small = 0, middle = 0, large = 0] = sizes;
    const total = small + middle + large;
    const rate = (fee: number, i: number) => Math.floor((fee * 4) / (paid[i]?.weight ?? 1));
    // A commitment, 38 bytes of OP_RETURN, is none of the coins.
    const coin = 8 + 1 + 25 + 41;
    expect(await call("getblockstats", hash)).toEqual({
      avgfee: 23_333,
      avgfeerate: Math.floor(70_000 / total),
      avgtxsize: Math.floor(total / 3),
      blockhash: hash,
      feerate_percentiles: [
        rate(10_000, 0),
        rate(10_000, 0),
        rate(20_000, 1),
        rate(40_000, 2),
        rate(40_000, 2),
      ],
      height: 104,
      ins: 3,
      maxfee: 40_000,
      maxfeerate: rate(40_000, 2),
      maxtxsize: large,
      medianfee: 20_000,
      mediantime: chain.tip.medianTimePast,
      mediantxsize: middle,
      minfee: 10_000,
      minfeerate: rate(10_000, 0),
      mintxsize: small,
      outs: 5,
      subsidy: 5_000_000_000,
      swtotal_size: 0,
      swtotal_weight: 0,
      swtxs: 0,
      time: chain.tip.time,
      total_out: 14_999_930_000,
      total_size: total,
      total_weight: total * 4,
      totalfee: 70_000,
      txs: 4,
      utxo_increase: 2,
      utxo_size_inc: coin + 8 + 1 + 38 + 41,
      utxo_increase_actual: 1,
      utxo_size_inc_actual: coin,
    });
    expect(await call("getblockstats", 104, ["txs", "ins", "txs"])).toEqual({ ins: 3, txs: 4 });
    expect(await call("getblockstats", 0)).toMatchObject({
      utxo_increase: 1,
      utxo_increase_actual: 0,
    });
    expect(await call("getblockstats", 5)).toMatchObject({ minfee: 0, mintxsize: 0, medianfee: 0 });
  });

  test("are refused for what is not there", async () => {
    const { error, chain } = await withPayments();
    const name = "getblockstats";
    expect(await error(name, 105)).toEqual([-8, "Target block height 105 after current tip 104"]);
    expect(await error(name, -1)).toEqual([-8, "Target block height -1 is negative"]);
    expect(await error(name, "00")).toEqual([
      -8,
      "hash_or_height must be of length 64 (not 2, for '00')",
    ]);
    expect(await error(name, "00".repeat(32))).toEqual([-5, "Block not found"]);
    expect(await error(name, 1, ["nothing"])).toEqual([-8, "Invalid selected statistic 'nothing'"]);
    const stale = makeBlock({ parent: chain.headers.genesis, params: chain.params, extra: 9 });
    await chain.acceptBlock(stale, { requested: true });
    expect(await error(name, stale.hash)).toEqual([-1, "Undo data not available"]);
  });
});

describe("proofs of transactions", () => {
  test("hold for any of a block's transactions", async () => {
    const { call, hash, paid, chain } = await withPayments();
    const block = await chain.getBlock(hash as never);
    const all = (block?.transactions ?? []).map(({ txid }) => txid);
    for (let choice = 1; choice < 1 << all.length; choice++) {
      const txids = all.filter((_, i) => choice & (1 << i));
      const proof = await call<string>("gettxoutproof", txids, hash);
      expect(await call("verifytxoutproof", proof)).toEqual(txids);
    }
    // Without the block, by an unspent output.
    const [first] = paid;
    const proof = await call("gettxoutproof", [first?.txid ?? ""]);
    expect(proof).toBe(await call("gettxoutproof", [first?.txid ?? ""], hash));
  });

  test("are refused where they can't be made", async () => {
    const { error, paid, coin } = await withPayments();
    const [first = ""] = paid.map(({ txid }) => txid);
    const name = "gettxoutproof";
    expect(await error(name, [])).toEqual([-8, "Parameter 'txids' cannot be empty"]);
    expect(await error(name, [first, first])).toEqual([
      -8,
      `Invalid parameter, duplicated txid: ${first}`,
    ]);
    expect(await error(name, ["00".repeat(32)])).toEqual([-5, "Transaction not yet in block"]);
    // All its outputs are spent, and there is no index.
    expect(await error(name, [(await coin(1)).outpoint.txid])).toEqual([
      -5,
      "Transaction not yet in block",
    ]);
    const missing = [-5, "Not all transactions found in specified or retrieved block"];
    expect(await error(name, [first, "00".repeat(32)])).toEqual(missing);
    expect(await error(name, [first], "00".repeat(32))).toEqual([-5, "Block not found"]);
  });

  test("prove nothing where they are changed", async () => {
    const { call, error, hash, paid, chain } = await withPayments();
    const proof = await call<string>("gettxoutproof", [paid[0]?.txid ?? ""], hash);
    const bytes = hexToBytes(proof);
    for (let at = 80; at < bytes.length; at++) {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      const verdict = await call("verifytxoutproof", bytesToHex(changed)).catch(
        (thrown: { code: number }) => thrown.code,
      );
      expect([[], -1, -8]).toContainEqual(verdict);
    }
    for (let length = 0; length < bytes.length; length += 7) {
      expect(await error("verifytxoutproof", bytesToHex(bytes.subarray(0, length)))).toEqual(
        length === 0
          ? [-8, "proof must be hexadecimal string (not '')"]
          : [-1, "SpanReader::read(): end of data: iostream error"],
      );
    }
    const head = proof.slice(0, 2 * 84);
    expect(await error("verifytxoutproof", `${head}${"ff".repeat(9)}`)).toEqual([
      -1,
      "ReadCompactSize(): size too large: iostream error",
    ]);
    expect(await error("verifytxoutproof", `${head}fd0100`)).toEqual([
      -1,
      "non-canonical ReadCompactSize(): iostream error",
    ]);
    await chain.invalidateBlock(chain.tip);
    expect(await error("verifytxoutproof", proof)).toEqual([-5, "Block not found in chain"]);
  });
});

describe("the set of coins", () => {
  test("has Core's hash", async () => {
    const { call, error, chain, mine, coin } = await startHost();
    // Of nothing: SHA-256d of no bytes. The genesis coinbase is no coin.
    expect(await call("gettxoutsetinfo")).toEqual({
      height: 0,
      bestblock: chain.tip.hash,
      txouts: 0,
      bogosize: 0,
      hash_serialized_3: "56944c5d3f98413ef45cf54545538103cc9f298e0575820ad3591376e2e0f65d",
      total_amount: 0,
      transactions: 0,
      disk_size: 0,
    });
    await mine(3);
    expect(await call("gettxoutsetinfo", "none")).toEqual({
      height: 3,
      bestblock: chain.tip.hash,
      txouts: 3,
      bogosize: 3 * (50 + 25),
      total_amount: 150,
      transactions: 3,
      disk_size: 0,
    });
    // Any order yields the same.
    const set = new MuHash();
    for (const height of [3, 1, 2]) {
      const { outpoint, coin: output } = await coin(height);
      const writer = new Writer();
      writeOutpoint(writer, outpoint);
      writer.u32(height * 2 + 1);
      writeOutput(writer, output);
      set.add(writer.finish());
    }
    expect(await call("gettxoutsetinfo", "muhash")).toEqual({
      ...(await call<object>("gettxoutsetinfo", "none")),
      muhash: reversedHex(set.digest()),
    });
    expect(await error("gettxoutsetinfo", "x")).toEqual([-8, "'x' is not a valid hash_type"]);
    expect(await error("gettxoutsetinfo", "none", 1)).toEqual([
      -8,
      "Querying specific block heights requires coinstatsindex",
    ]);
  });
});

describe("deployments", () => {
  test("stand as on Core's regtest", async () => {
    const { call, error } = await startHost();
    const buried = (height: number) => ({ type: "buried", active: true, height });
    const bip9 = { min_activation_height: 0, since: 0 };
    expect(await call("getdeploymentinfo")).toEqual({
      hash: "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206",
      height: 0,
      script_flags: ["NULLDUMMY", "P2SH", "TAPROOT", "WITNESS"],
      deployments: {
        bip34: buried(1),
        bip66: buried(1),
        bip65: buried(1),
        csv: buried(1),
        segwit: buried(0),
        testdummy: {
          type: "bip9",
          active: false,
          bip9: {
            ...bip9,
            start_time: 0,
            timeout: 2 ** 63,
            status: "defined",
            status_next: "defined",
          },
        },
        taproot: {
          type: "bip9",
          height: 0,
          active: true,
          bip9: {
            ...bip9,
            start_time: -1,
            timeout: 2 ** 63,
            status: "active",
            status_next: "active",
          },
        },
      },
    });
    expect(await error("getdeploymentinfo", "00".repeat(32))).toEqual([-5, "Block not found"]);
  });

  test("are followed through their signals", async () => {
    const { call, mine } = await startHost();
    type Info = { readonly deployments: { readonly testdummy: { readonly bip9: object } } };
    const status = async () => (await call<Info>("getdeploymentinfo")).deployments.testdummy;
    await mine(143);
    expect(await status()).toMatchObject({ bip9: { status: "defined", status_next: "started" } });
    await mine(3);
    expect(await status()).toMatchObject({
      active: false,
      bip9: {
        bit: 28,
        status: "started",
        since: 144,
        statistics: { period: 144, elapsed: 3, count: 3, threshold: 108, possible: true },
        signalling: "###",
      },
    });
    await mine(141);
    expect(await status()).toMatchObject({ bip9: { status: "started", status_next: "locked_in" } });
    await mine(144);
    expect(await status()).toMatchObject({
      active: true,
      height: 432,
      bip9: {
        status: "locked_in",
        since: 288,
        status_next: "active",
        statistics: { elapsed: 144 },
      },
    });
    await mine(1);
    expect(await status()).toMatchObject({ active: true, height: 432, bip9: { since: 432 } });
  });
});

describe("calls that wait", () => {
  test("answer when the tip is as wanted", async () => {
    const { call, chain, mine } = await startHost();
    const [next, third] = [call("waitfornewblock"), call("waitforblockheight", 3)];
    await mine(1);
    const first = { hash: chain.tip.hash, height: 1 };
    expect(await next).toEqual(first);
    await mine(2);
    expect(await third).toEqual({ hash: chain.tip.hash, height: 3 });
    expect(await call("waitforblockheight", 2)).toEqual({ hash: chain.tip.hash, height: 3 });
    expect(await call("waitfornewblock", 0, first.hash)).toMatchObject({ height: 3 });
    expect(await call("waitforblock", chain.tip.hash)).toMatchObject({ height: 3 });
  });

  test("answer with the tip when their time is over", async () => {
    const { call, error, chain } = await startHost();
    const tip = { hash: chain.tip.hash, height: 0 };
    expect(await call("waitfornewblock", 1)).toEqual(tip);
    expect(await call("waitforblockheight", 5, 1)).toEqual(tip);
    expect(await call("waitforblock", "00".repeat(32), 1)).toEqual(tip);
    expect(await error("waitfornewblock", -1)).toEqual([-1, "Negative timeout"]);
  });

  test("end where the server ends", async () => {
    const { server } = await startHost();
    const signal = { aborted: false, ending: true };
    expect(await server.call("waitforblockheight", [9], signal)).toMatchObject({ height: 0 });
    const longpollid = `${(await server.call("getbestblockhash", [])) as string}0`;
    const request = [{ rules: ["segwit"], longpollid }];
    await expect(server.call("getblocktemplate", request, signal)).rejects.toMatchObject({
      code: -9,
      message: "Shutting down",
    });
  });

  test("end where their caller has gone", async () => {
    const { server } = await startHost();
    const signal = { aborted: true };
    expect(await server.call("waitforblockheight", [9], signal)).toMatchObject({ height: 0 });
  });
});

describe("the best chain", () => {
  test("can be told which blocks to take", async () => {
    const { call, error, chain, mine } = await startHost();
    await mine(2);
    const [, first, second] = [0, 1, 2].map((height) => chain.headers.activeAt(height)?.hash ?? "");
    expect(await call("invalidateblock", second ?? "")).toBeNull();
    expect(chain.tip.hash).toBe(first);
    expect(await call("getchaintips")).toMatchObject([{ status: "invalid" }, { status: "active" }]);
    expect(await call("reconsiderblock", second ?? "")).toBeNull();
    expect(chain.tip.hash).toBe(second);
    const parent = chain.headers.activeAt(1);
    if (parent === undefined) expect.fail("no parent");
    const twin = makeBlock({ parent, params: chain.params, extra: 5 });
    await chain.acceptBlock(twin, { requested: true });
    expect(chain.tip.hash).toBe(second);
    expect(await call("preciousblock", twin.hash)).toBeNull();
    expect(chain.tip.hash).toBe(twin.hash);
    for (const name of ["invalidateblock", "reconsiderblock", "preciousblock"]) {
      expect(await error(name, "00".repeat(32))).toEqual([-5, "Block not found"]);
    }
  });

  test("has no indexes unless the host has", async () => {
    const { call, host } = await startHost();
    expect(await call("getindexinfo")).toEqual({});
    const position = { hash: "00".repeat(32), height: 7 };
    Object.assign(host, {
      indexes: { transactions: { name: "txindex", isSynced: false, position } },
    });
    expect(await call("getindexinfo")).toEqual({
      txindex: { synced: false, best_block_height: 7 },
    });
    expect(await call("getindexinfo", "coinstatsindex")).toEqual({});
  });
});

describe("getblockfrompeer", () => {
  test("asks for blocks whose header is here and whose body is not, and says why it can't", async () => {
    const { call, error, chain } = await startHost();
    const genesis = chain.tip;
    const refused = (hash: string, peer: number | string) => error("getblockfrompeer", hash, peer);
    expect(await refused("00".repeat(32), 0)).toEqual([-1, "Block header missing"]);
    expect(await refused(genesis.hash, 0)).toEqual([-1, "Block already downloaded"]);
    const { header, hash } = makeBlock({ parent: genesis, params: chain.params });
    await call("submitheader", bytesToHex(header.toBytes()));
    for (const peer of [-1, 7]) {
      expect(await refused(hash, peer)).toEqual([-1, "Peer does not exist"]);
    }
    expect((await refused("1234", 0))[0]).toBe(-8);
    expect((await refused(hash, "0"))[0]).toBe(-3);
  });
});

describe("verifychain", () => {
  test("says whether the last blocks are as they should be, and why not in the log", async () => {
    const { call, mine, chain, lines } = await startHost();
    await mine(8);
    expect(await call("verifychain")).toBe(true);
    expect(await call("verifychain", 4, 0)).toBe(true);
    expect(await call("verifychain", 9, -1)).toBe(true);
    const found = { ok: false, node: chain.tip, why: "its undo data is missing" } as const;
    Object.assign(chain, { verify: async () => found });
    expect(await call("verifychain")).toBe(false);
    expect(lines).toContain(
      `error chain verification fails at block ${chain.tip.hash}: its undo data is missing`,
    );
    const short = { ok: true, blocks: 2, disconnected: 1, isComplete: false } as const;
    Object.assign(chain, { verify: async () => short });
    expect(await call("verifychain")).toBe(false);
  });
});
