/** Answers about the chain and transactions, as Core's functional tests ask for them. */
import { type Block, type BlockHash, bytesToHex, type Transaction } from "@chain/core";
import { makeBlock, payment, testKey } from "@chain/testing/blockFactory";
import { describe, expect, it } from "vitest";
import { type Driven, drive, regtestAddress } from "./support/rpc.ts";

const hexOf = (transaction: Transaction) => bytesToHex(transaction.toBytes());
const FEE = 10_000n;

/** A coin of test key 0 that is old enough, the first of them by default, for the fee to test key 1. */
async function pay(
  { node }: Driven,
  options: { readonly pick?: number; readonly fee?: bigint } = {},
) {
  const { pick = 0, fee = FEE } = options;
  const coins = [];
  for await (const coin of node.chain.unspentByScript(testKey(0).script)) coins.push(coin);
  const found = coins.sort((a, b) => a.coin.height - b.coin.height)[pick];
  if (found === undefined) throw new TypeError("no coin");
  const outputs = [{ value: found.coin.value - fee, scriptPubKey: testKey(1).script }];
  return payment({ coins: [found], key: testKey(0), outputs });
}

/** Spends the output of a transaction that pays test key 1. */
function spend(parent: Transaction, fee: bigint): Transaction {
  const [output] = parent.outputs;
  if (output === undefined) throw new TypeError("no output");
  const outpoint = { txid: parent.txid, vout: 0 };
  const outputs = [{ value: output.value - fee, scriptPubKey: testKey(2).script }];
  const coin = { ...output, height: 1, coinbase: false };
  return payment({ coins: [{ outpoint, coin }], key: testKey(1), outputs });
}

async function rich(blocks = 102): Promise<Driven> {
  const driven = await drive();
  await driven.rpc.call("generatetoaddress", { nblocks: blocks, address: regtestAddress(0) });
  return driven;
}

describe("getchaintips", () => {
  it("tells the ends of all branches, and what they are worth", async () => {
    const { rpc, node } = await drive();
    const genesis = node.chain.headers.genesis.hash;
    expect(await rpc.call("getchaintips")).toEqual([
      { height: 0, hash: genesis, branchlen: 0, status: "active" },
    ]);
    const other = await drive();
    const ours = await rpc.call("generatetoaddress", { nblocks: 2, address: regtestAddress(0) });
    const theirs = await other.rpc.call("generatetoaddress", {
      nblocks: 4,
      address: regtestAddress(1),
    });
    const give = async (n: number) => {
      const block = await other.node.chain.getBlock(
        (theirs[n] ?? expect.unreachable()) as BlockHash,
      );
      return rpc.call("submitblock", { hexdata: bytesToHex((block as Block).toBytes()) });
    };
    const statuses = async () =>
      (await rpc.call("getchaintips")).map(({ hash, branchlen, status }) => [
        hash,
        branchlen,
        status,
      ]);
    await give(0);
    expect(await statuses()).toEqual([
      [ours[1], 0, "active"],
      [theirs[0], 1, "valid-headers"],
    ]);
    await give(1);
    await give(2);
    expect(await statuses()).toEqual([
      [theirs[2], 0, "active"],
      [ours[1], 2, "valid-fork"],
    ]);
    const last = other.node.chain.headers.activeAt(4)?.header ?? expect.unreachable();
    await node.chain.acceptHeaders([last]);
    expect((await statuses())[0]).toEqual([theirs[3], 1, "headers-only"]);

    const { params, tip } = node.chain;
    const bad = makeBlock({ params, parent: tip, reward: 5_000_000_001n });
    expect(await rpc.call("submitblock", { hexdata: bytesToHex(bad.toBytes()) })).toBe(
      "bad-cb-amount",
    );
    expect(await statuses()).toContainEqual([bad.hash, 1, "invalid"]);
  });
});

describe("what a test may do to the chain", () => {
  it("takes back a block, and the taking back", async () => {
    const driven = await rich();
    const { rpc, node } = driven;
    const transaction = await pay(driven);
    await rpc.submit(transaction);
    await rpc.call("generatetoaddress", { nblocks: 2, address: regtestAddress(0) });
    const [first, tip] = [103, 104].map((height) => node.chain.headers.activeAt(height)?.hash);
    expect(await rpc.call("invalidateblock", { blockhash: first })).toBe(null);
    expect(await rpc.call("getblockcount")).toBe(102);
    expect(await rpc.call("getrawmempool")).toEqual([transaction.txid]);
    expect((await rpc.call("getchaintips"))[0]).toEqual({
      height: 104,
      hash: tip,
      branchlen: 2,
      status: "invalid",
    });
    const hexdata = (await rpc.call("getblock", { blockhash: first, verbosity: 0 })) as string;
    expect(await rpc.call("submitblock", { hexdata })).toBe("duplicate-invalid");
    const [other] = await rpc.call("generatetoaddress", {
      nblocks: 1,
      address: regtestAddress(3),
    });
    expect(await rpc.call("reconsiderblock", { blockhash: first })).toBe(null);
    expect(await rpc.call("getbestblockhash")).toBe(tip);
    expect(await rpc.call("submitblock", { hexdata })).toBe("duplicate");
    await rpc.call("invalidateblock", { blockhash: tip });
    expect(await rpc.call("preciousblock", { blockhash: other })).toBe(null);
    expect(await rpc.call("getbestblockhash")).toBe(other);
    for (const method of ["invalidateblock", "reconsiderblock", "preciousblock"] as const) {
      await expect(rpc.call(method, { blockhash: "00".repeat(32) })).rejects.toMatchObject({
        code: -5,
        message: "Block not found",
      });
    }
  });

  it("takes headers", async () => {
    const { rpc, node } = await drive();
    const { params, tip } = node.chain;
    const first = makeBlock({ parent: tip, params });
    const second = makeBlock({
      parent: {
        ...first.header,
        hash: first.hash,
        height: 1,
        medianTimePast: tip.medianTimePast,
        ancestor: () => undefined,
      },
      params,
    });
    const submit = (hexdata: string) => rpc.call("submitheader", { hexdata });
    const hexes = [first, second].map(({ header }) => bytesToHex(header.toBytes()));
    const [one = "", two = ""] = hexes;
    await expect(submit(two)).rejects.toMatchObject({
      code: -25,
      message: `Must submit previous header (${first.hash}) first`,
    });
    for (const header of [one, two, one]) expect(await submit(header)).toBe(null);
    expect(await rpc.call("getblockchaininfo")).toMatchObject({ blocks: 0, headers: 2 });
    expect(await rpc.call("getchaintips")).toMatchObject([
      { hash: second.hash, branchlen: 2, status: "headers-only" },
      { height: 0, status: "active" },
    ]);
    for (const hexdata of ["", "xx".repeat(80), "ff".repeat(79)]) {
      await expect(submit(hexdata)).rejects.toMatchObject({
        code: -22,
        message: "Block header decode failed",
      });
    }
    const early = makeBlock({ parent: tip, params, header: { time: 1 } });
    await expect(submit(bytesToHex(early.header.toBytes()))).rejects.toMatchObject({
      code: -25,
      message: "time-too-old",
    });
  });
});

describe("testmempoolaccept", () => {
  it("says what would come of a transaction, and keeps nothing", async () => {
    const driven = await rich();
    const { rpc } = driven;
    const test = async (rawtxs: readonly string[], more: object = {}) =>
      rpc.call("testmempoolaccept", { rawtxs, ...more });
    const good = await pay(driven);
    const names = { txid: good.txid, wtxid: good.wtxid };
    expect(await test([hexOf(good)])).toMatchObject([
      { ...names, allowed: true, vsize: good.virtualSize, fees: { base: 0.0001 } },
    ]);
    expect(await rpc.call("getrawmempool")).toEqual([]);
    expect(await rpc.submit(good)).toMatchObject({ ok: true });
    expect(await test([hexOf(good)])).toMatchObject([
      { ...names, allowed: false, "reject-reason": "txn-already-in-mempool" },
    ]);
    const orphan = spend(spend(good, FEE), FEE);
    expect(await test([hexOf(orphan)])).toMatchObject([
      { allowed: false, "reject-reason": "missing-inputs" },
    ]);
    expect(await test([hexOf(spend(good, FEE))])).toMatchObject([{ allowed: true }]);
    await rpc.call("generatetoaddress", { nblocks: 1, address: regtestAddress(3) });
    expect(await test([hexOf(good)])).toMatchObject([
      { allowed: false, "reject-reason": "txn-already-known" },
    ]);
  });

  it("knows fees that are a mistake", async () => {
    const driven = await rich();
    const { rpc } = driven;
    const rawtxs = [hexOf(await pay(driven, { fee: 10_000_000n }))];
    const reasons = async (maxfeerate?: unknown) =>
      rpc.call("testmempoolaccept", { rawtxs, ...(maxfeerate !== undefined && { maxfeerate }) });
    expect(await reasons()).toMatchObject([
      { allowed: false, "reject-reason": "max-fee-exceeded" },
    ]);
    expect(await reasons(null)).toEqual(await reasons());
    for (const limit of [0, "0", 0.9, "0.90000000"]) {
      expect(await reasons(limit)).toMatchObject([{ allowed: true, fees: { base: 0.1 } }]);
    }
    for (const limit of [-1, "-1", "x", 1e9]) {
      await expect(reasons(limit)).rejects.toMatchObject({ code: -3 });
    }
    await expect(reasons(1)).rejects.toMatchObject({ code: -8 });
    const [hexstring] = rawtxs as [string];
    await expect(rpc.call("sendrawtransaction", { hexstring })).rejects.toMatchObject({
      code: -25,
      message: "Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)",
    });
    expect(await rpc.call("getrawmempool")).toEqual([]);
    const txid = await rpc.call("sendrawtransaction", { hexstring, maxfeerate: 0 });
    expect(await rpc.call("getrawmempool")).toEqual([txid]);
  });

  it("takes 1 to 25 transactions", async () => {
    const { rpc } = await drive();
    expect(await rpc.call("getmempoolinfo")).toMatchObject({ loaded: true });
    const message = "Array must contain between 1 and 25 transactions.";
    for (const rawtxs of [[], Array(26).fill("00")]) {
      await expect(rpc.call("testmempoolaccept", { rawtxs })).rejects.toMatchObject({
        code: -8,
        message,
      });
    }
    await expect(rpc.call("testmempoolaccept", { rawtxs: ["00"] })).rejects.toMatchObject({
      code: -22,
    });
  });
});

describe("getmempoolentry", () => {
  it("tells of a transaction and its family", async () => {
    const driven = await rich();
    const { rpc } = driven;
    await rpc.call("setmocktime", { timestamp: 2_000_000_000 });
    const parent = await pay(driven);
    const child = spend(parent, 2n * FEE);
    await rpc.submit(parent);
    await rpc.submit(child);
    const sizes = parent.virtualSize + child.virtualSize;
    const described = {
      vsize: parent.virtualSize,
      weight: parent.weight,
      time: 2_000_000_000,
      height: 102,
      descendantcount: 2,
      descendantsize: sizes,
      ancestorcount: 1,
      ancestorsize: parent.virtualSize,
      wtxid: parent.wtxid,
      fees: { base: 0.0001, modified: 0.0001, ancestor: 0.0001, descendant: 0.0003 },
      depends: [],
      spentby: [child.txid],
      "bip125-replaceable": false,
      unbroadcast: true,
    };
    expect(await rpc.call("getmempoolentry", { txid: parent.txid })).toEqual(described);
    expect(await rpc.call("getmempoolentry", { txid: child.txid })).toMatchObject({
      depends: [parent.txid],
      spentby: [],
      ancestorcount: 2,
      ancestorsize: sizes,
      fees: { base: 0.0002, ancestor: 0.0003, descendant: 0.0002 },
    });
    const all = await rpc.call("getrawmempool", { verbose: true });
    expect(all).toMatchObject({ [parent.txid]: described });
    expect(Object.keys(all)).toEqual([parent.txid, child.txid]);
    expect(await rpc.call("getmempoolinfo")).toMatchObject({ unbroadcastcount: 2 });
    await expect(rpc.call("getmempoolentry", { txid: "00".repeat(32) })).rejects.toMatchObject({
      code: -5,
      message: "Transaction not in mempool",
    });
  });
});

describe("getrawtransaction", () => {
  it("finds what waits, and what stands in a given block", async () => {
    const driven = await rich();
    const { rpc, node } = driven;
    const transaction = await pay(driven);
    const { txid } = transaction;
    await rpc.submit(transaction);
    const hex = hexOf(transaction);
    const get = (more: object = {}) => rpc.call("getrawtransaction", { txid, ...more });
    expect(await get()).toBe(hex);
    expect(await get({ verbosity: false })).toBe(hex);
    const [input] = transaction.inputs;
    const plain = {
      txid,
      hash: transaction.wtxid,
      version: transaction.version,
      size: transaction.totalSize,
      vsize: transaction.virtualSize,
      weight: transaction.weight,
      locktime: 0,
      vin: [
        {
          txid: input?.prevout.txid,
          vout: 0,
          scriptSig: {
            asm: expect.stringMatching(/^[0-9a-f]+\[ALL\] 0[23][0-9a-f]{64}$/),
            hex: bytesToHex(input?.scriptSig ?? expect.unreachable()),
          },
          sequence: input?.sequence,
        },
      ],
      vout: [
        {
          value: 49.9999,
          n: 0,
          scriptPubKey: {
            asm: expect.stringMatching(
              /^OP_DUP OP_HASH160 [0-9a-f]{40} OP_EQUALVERIFY OP_CHECKSIG$/,
            ),
            hex: bytesToHex(testKey(1).script),
            address: regtestAddress(1),
            type: "pubkeyhash",
          },
        },
      ],
    };
    for (const verbosity of [1, true])
      expect(await get({ verbosity })).toMatchObject({ ...plain, hex });
    expect(await rpc.call("decoderawtransaction", { hexstring: hex })).toMatchObject(plain);

    await rpc.call("generatetoaddress", { nblocks: 1, address: regtestAddress(0) });
    const blockhash = node.chain.tip.hash;
    const { time } = node.chain.tip.header;
    expect(await get({ blockhash })).toBe(hex);
    expect(await get({ blockhash, verbosity: 1 })).toMatchObject({
      in_active_chain: true,
      blockhash,
      confirmations: 1,
      time,
      blocktime: time,
      ...plain,
      hex,
    });
    await expect(get()).rejects.toMatchObject({
      code: -5,
      message: expect.stringMatching(/^No such mempool transaction\. Use -txindex or provide/),
    });
    const genesis = node.chain.headers.genesis.hash;
    await expect(get({ blockhash: genesis })).rejects.toMatchObject({
      code: -5,
      message: expect.stringMatching(/^No such transaction found in the provided block\./),
    });
    await expect(get({ blockhash: "00".repeat(32) })).rejects.toMatchObject({
      code: -5,
      message: "Block hash not found",
    });
    const [coinbase] = node.chain.params.genesis.transactions;
    await expect(
      rpc.call("getrawtransaction", { txid: coinbase?.txid, blockhash: genesis }),
    ).rejects.toMatchObject({
      code: -5,
      message:
        "The genesis block coinbase is not considered an ordinary transaction and cannot be retrieved",
    });

    // The same, as part of its block.
    expect(await rpc.call("getblock", { blockhash, verbosity: 2 })).toMatchObject({
      nTx: 2,
      tx: [
        { vin: [{ coinbase: expect.any(String), txinwitness: ["00".repeat(32)] }] },
        { ...plain, hex, fee: 0.0001 },
      ],
    });
    expect(await rpc.call("getblock", { blockhash, verbosity: true })).toMatchObject({
      tx: [expect.any(String), txid],
    });
  });
});

describe("uptime", () => {
  it("counts seconds on the clock that tests may set", async () => {
    const { rpc } = await drive();
    expect(await rpc.call("uptime")).toBeLessThan(10);
    const later = Math.floor(Date.now() / 1000) + 500;
    await rpc.call("setmocktime", { timestamp: later });
    expect(await rpc.call("uptime")).toBeGreaterThanOrEqual(490);
    await rpc.call("setmocktime", { timestamp: 1 });
    expect(await rpc.call("uptime")).toBe(0);
  });
});
