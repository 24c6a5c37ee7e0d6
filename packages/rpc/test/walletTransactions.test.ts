/** The payments of a wallet, its coins, and the transactions that it knows. */
import { bytesToHex } from "@chain/core";
import { decodeAddress } from "@chain/wallet";
import { describe, expect, test, vi } from "vitest";
import { startHost } from "./support/host.ts";
import { TestWallets } from "./support/wallets.ts";

const FOREIGN = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

/** A wallet that has mined the first and the last of 101 blocks: one reward is mature. */
async function start() {
  const wallets = new TestWallets();
  const started = await startHost({ parts: { wallets } });
  wallets.chain = started.chain;
  const { call, chain, mine } = started;
  await call("createwallet", "w");
  const address = await call<string>("getnewaddress", "mined");
  const decoded = decodeAddress(address, chain.params);
  const script = decoded.ok ? decoded.script : expect.unreachable(decoded.reason);
  const hashes = await mine(1, script);
  await mine(99);
  hashes.push(...(await mine(1, script)));
  return { ...started, wallets, address, script, hashes };
}

describe("a wallet that was paid", () => {
  test("has balances and coins", async () => {
    const { call, error, address, script } = await start();
    expect(await call("getbalance")).toBe(50);
    expect(await call("getbalance", "*", 102)).toBe(0);
    expect((await error("getbalance", "x"))[0]).toBe(-32);
    expect((await error("getbalance", "*", 0, false, true))[0]).toBe(-4);
    expect(await call("getbalances")).toMatchObject({
      mine: { trusted: 50, untrusted_pending: 0, immature: 50 },
      lastprocessedblock: { height: 101 },
    });
    const [coin, ...others] = await call<Record<string, unknown>[]>("listunspent");
    expect(others).toEqual([]);
    expect(coin).toMatchObject({
      address,
      label: "mined",
      scriptPubKey: bytesToHex(script),
      amount: 50,
      confirmations: 101,
      spendable: true,
      solvable: true,
      safe: true,
      desc: expect.stringMatching(/^wpkh\(\[/),
      parent_descs: [expect.stringMatching(/^wpkh\(\[.*\/0\/\*\)#/)],
    });
    expect(await call("listunspent", 1, 100)).toEqual([]);
    expect(await call("listunspent", 1, 999, [FOREIGN])).toEqual([]);
    const immature = { include_immature_coinbase: true, maximumCount: 5 };
    expect(await call("listunspent", 1, 999, [address], true, immature)).toHaveLength(2);
    expect((await error("listunspent", 1, 9, [address, address]))[0]).toBe(-8);
    expect((await error("listunspent", 1, 9, ["x"]))[0]).toBe(-5);
    expect(await call("getwalletinfo")).toMatchObject({
      walletname: "w",
      txcount: 2,
      keypoolsize: 20,
      keypoolsize_hd_internal: 20,
      scanning: false,
      descriptors: true,
      flags: ["last_hardened_xpub_cached", "descriptor_wallet"],
    });
  });

  test("locks coins", async () => {
    const { call, error } = await start();
    const [{ txid, vout } = expect.unreachable()] =
      await call<{ txid: string; vout: number }[]>("listunspent");
    const coin = { txid, vout };
    expect(await call("lockunspent", false, [coin])).toBe(true);
    expect(await call("listlockunspent")).toEqual([coin]);
    expect(await call("listunspent")).toEqual([]);
    const invalid = (what: string) => [-8, `Invalid parameter, ${what}`];
    expect(await error("lockunspent", false, [coin])).toEqual(invalid("output already locked"));
    expect(await call("lockunspent", false, [coin], true)).toBe(true);
    expect(await call("lockunspent", true)).toBe(true);
    expect(await error("lockunspent", true, [coin])).toEqual(invalid("expected locked output"));
    const wrong: readonly (readonly [{ txid: string; vout: number }, string])[] = [
      [{ txid, vout: 7 }, "vout index out of bounds"],
      [{ txid, vout: -1 }, "vout cannot be negative"],
      [{ txid: "11".repeat(32), vout: 0 }, "unknown transaction"],
    ];
    for (const [each, what] of wrong) {
      expect(await error("lockunspent", false, [each])).toEqual(invalid(what));
    }
    expect((await error("lockunspent", false, [{ txid }]))[0]).toBe(-3);
  });

  test("tells what addresses and labels were paid", async () => {
    const { call, error, address } = await start();
    expect(await call("getreceivedbyaddress", address)).toBe(50);
    expect(await call("getreceivedbyaddress", address, 1, true)).toBe(100);
    expect(await call("getreceivedbylabel", "mined", 1, true)).toBe(100);
    expect((await error("getreceivedbylabel", "x"))[1]).toBe("Label not found in wallet");
    const notOwn = await error("getreceivedbyaddress", FOREIGN);
    expect(notOwn).toEqual([-4, "Address not found in wallet"]);
    const empty = await call<string>("getnewaddress", "none");
    const [received] = await call<{ txids: string[] }[]>(
      ...(["listreceivedbyaddress", 1, false, false, "", true] as const),
    );
    expect(received).toMatchObject({ address, amount: 100, confirmations: 1, label: "mined" });
    expect(received?.txids).toHaveLength(2);
    expect(await call("listreceivedbyaddress", 1, true, false, empty)).toEqual([
      { address: empty, amount: 0, confirmations: 0, label: "none", txids: [] },
    ]);
    expect((await error("listreceivedbyaddress", 1, true, false, "x"))[0]).toBe(-4);
    expect(await call("listaddressgroupings")).toEqual([[[address, 50, "mined"]]]);
    expect(await call("listreceivedbylabel", 1, true)).toEqual([
      { amount: 50, confirmations: 101, label: "mined" },
      { amount: 0, confirmations: 0, label: "none" },
    ]);
  });

  test("lists its transactions, and those since a block", async () => {
    const { call, error, address, hashes, chain, wallets } = await start();
    const all = await call<{ txid: string }[]>("listtransactions");
    expect(all).toMatchObject([
      { address, category: "generate", amount: 50, confirmations: 101, blockheight: 1 },
      { address, category: "immature", amount: 50, confirmations: 1, blockheight: 101 },
    ]);
    expect(await call("listtransactions", "*", 1, 1)).toEqual(all.slice(0, 1));
    expect(await call("listtransactions", "other")).toEqual([]);
    expect(await error("listtransactions", "*", -1)).toEqual([-8, "Negative count"]);
    const [first = "", last = ""] = hashes;
    expect(await call("listsinceblock", first)).toMatchObject({
      transactions: [{ blockheight: 101 }],
      removed: [],
      lastblock: chain.tip.hash,
    });
    expect((await error("listsinceblock", "00".repeat(32)))[1]).toBe("Block not found");
    const txid = all[1]?.txid ?? "";
    expect(await call("gettransaction", txid, false, true)).toMatchObject({
      amount: 0,
      details: [{ category: "immature", amount: 50 }],
      decoded: { txid },
      generated: true,
    });
    expect((await error("gettransaction", "11".repeat(32)))[0]).toBe(-5);
    const ledger = wallets.all.get("w")?.ledger ?? expect.unreachable();
    const [one, other] = [`00${"11".repeat(30)}02`, `ff${"11".repeat(30)}01`];
    vi.spyOn(ledger, "conflicts").mockReturnValueOnce([one, other] as never);
    expect(await call("gettransaction", txid)).toMatchObject({ walletconflicts: [other, one] });
    expect((await error("abandontransaction", txid))[1]).toBe(
      "Transaction not eligible for abandonment",
    );
    await call("invalidateblock", last);
    expect(await call("listsinceblock", last)).toMatchObject({
      removed: [{ category: "orphan", confirmations: 0 }],
    });
    expect(await call("gettransaction", txid)).toMatchObject({ amount: 0 });
    expect(await call("abandontransaction", txid)).toBe(null);
  });
});

describe("payments of before", () => {
  test("are found by a scan of blocks, or proven", async () => {
    const { call, error, server, hashes, wallets } = await start();
    const { descriptors } = await call<{ descriptors: { desc: string }[] }>(
      "listdescriptors",
      true,
    );
    await call("createwallet", "copy", false, true);
    await call("unloadwallet", "w");
    const requests = descriptors.map(({ desc }) => ({ desc, timestamp: "now", range: 4 }));
    const imported = await call<{ success: boolean }[]>("importdescriptors", requests);
    expect(imported.every(({ success }) => success)).toBe(true);
    expect(await call("getbalances")).toMatchObject({ mine: { trusted: 50, immature: 50 } });

    const [hash = ""] = hashes;
    const { tx } = await call<{ tx: { txid: string; hex: string }[] }>("getblock", hash, 2);
    const { txid, hex } = tx[0] ?? expect.unreachable();
    const proof = await call<string>("gettxoutproof", [txid], hash);
    await call("removeprunedfunds", txid);
    expect((await error("removeprunedfunds", txid))[0]).toBe(-4);
    expect(await call("getbalance")).toBe(0);
    expect(await call("importprunedfunds", hex, proof)).toBe(null);
    expect(await call("getbalance")).toBe(50);
    expect((await error("importprunedfunds", "00", proof))[0]).toBe(-22);
    expect((await error("importprunedfunds", hex, "00"))[0]).toBe(-1);
    await call("removeprunedfunds", txid);
    expect(await call("rescanblockchain", 0, 50)).toEqual({ start_height: 0, stop_height: 50 });
    expect(await call("getbalance")).toBe(50);
    expect((await error("rescanblockchain", 102))[1]).toBe("Invalid start_height");
    expect((await error("rescanblockchain", 5, 2))[0]).toBe(-8);
    expect(await call("abortrescan")).toBe(false);
    expect(wallets.loaded().map(({ name }) => name)).toEqual(["copy"]);
    expect(server.methods.has("importmulti")).toBe(false);
  });

  test("are not looked for where a descriptor is wrong", async () => {
    const { call, error } = await start();
    const own = "wpkh(cMahea7zqjxrtgAbB7LSGbcQUr1uX1ojuat9jZodMN87JcbXMTcA)";
    const { checksum } = await call<{ checksum: string }>("getdescriptorinfo", own);
    const desc = `${own}#${checksum}`;
    const outcomes = await call<{ error?: { code: number; message: string } }[]>(
      "importdescriptors",
      [
        { desc: own, timestamp: 0 },
        { timestamp: 0 },
        { desc, timestamp: 0, range: 5 },
        { desc, timestamp: 0, active: true },
        { desc, timestamp: 0, internal: true, label: "x" },
        { desc, timestamp: 0, label: "*" },
      ],
    );
    expect(outcomes.map(({ error: each }) => [each?.code, each?.message])).toEqual([
      [-5, "Missing checksum"],
      [-8, "Descriptor not found."],
      [-8, "Range should not be specified for an un-ranged descriptor"],
      [-8, "Active descriptors must be ranged"],
      [-8, "Internal addresses should not have a label"],
      [-11, "Invalid label name"],
    ]);
    expect((await error("importdescriptors", [{ desc }]))[1]).toBe(
      "Missing required timestamp field for key",
    );
    expect((await error("importdescriptors", [{ desc, timestamp: "x" }]))[1]).toBe(
      'Expected number or "now" timestamp value for key. got type string',
    );
    expect(await call("importdescriptors", [{ desc, timestamp: 0, label: "x" }])).toEqual([
      { success: true },
    ]);
  });
});
