/** Esplora's addresses on a chain in memory, with the fields and the texts that electrs answers. */
import {
  bytesToHex,
  hexToBytes,
  idToBytes,
  merkleRoot,
  p2wpkhScript,
  sha256,
  sha256d,
} from "@chain/core";
import { present } from "@chain/core/arguments";
import { scriptHashOf } from "@chain/indexes";
import { testKey } from "@chain/testing/blockFactory";
import { type DoorNode, startDoorNode } from "@chain/testing/doorNode";
import { addressOfScript } from "@chain/wallet";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEsplora } from "../src/handler.ts";

interface Got {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads fields of many kinds of answers
  readonly json: () => any;
}

async function start(...options: Parameters<typeof startDoorNode>) {
  const door = await startDoorNode(...options);
  const handle = createEsplora(door.host);
  const ask = async (path: string, init: RequestInit = {}): Promise<Got> => {
    const response = await handle(new Request(`http://localhost${path}`, init));
    const text = await response.text();
    const type = response.headers.get("content-type");
    return { status: response.status, type, text, json: () => JSON.parse(text) };
  };
  const addressOf = (script: Uint8Array) =>
    present(addressOfScript(script, door.node.params), "an address");
  return { ...door, handle, ask, addressOf, address: addressOf(door.key.script) };
}

const OTHER = testKey(1).script;
const WITNESS = p2wpkhScript(new Uint8Array(20).fill(7));

describe("on a chain with a confirmed and an unconfirmed payment", () => {
  let started: Awaited<ReturnType<typeof start>>;
  let confirmed: Awaited<ReturnType<DoorNode["pay"]>>;
  let waiting: typeof confirmed;

  beforeAll(async () => {
    started = await start(103, afterAll);
    confirmed = await started.pay(OTHER);
    await started.mine();
    waiting = await started.pay(WITNESS, { fee: 2_000n });
  });

  test("a transaction has its outputs, what it spends, fee and status", async () => {
    const { ask, node, address, addressOf } = started;
    const { json } = await ask(`/api/tx/${confirmed.txid}`);
    const [input] = confirmed.inputs;
    const value = 50_0000_0000 - 1_000;
    expect(json()).toEqual({
      txid: confirmed.txid,
      version: 2,
      locktime: 0,
      vin: [
        {
          txid: input?.prevout.txid,
          vout: 0,
          prevout: {
            scriptpubkey: bytesToHex(started.key.script),
            scriptpubkey_asm: `OP_DUP OP_HASH160 OP_PUSHBYTES_20 ${bytesToHex(started.key.script.subarray(3, 23))} OP_EQUALVERIFY OP_CHECKSIG`,
            scriptpubkey_type: "p2pkh",
            scriptpubkey_address: address,
            value: 50_0000_0000,
          },
          scriptsig: bytesToHex(input?.scriptSig ?? new Uint8Array()),
          scriptsig_asm: expect.stringMatching(
            /^OP_PUSHBYTES_7[012] [0-9a-f]+ OP_PUSHBYTES_33 [0-9a-f]{66}$/,
          ),
          is_coinbase: false,
          sequence: 0xffff_ffff,
        },
      ],
      vout: [expect.objectContaining({ scriptpubkey_address: addressOf(OTHER), value })],
      size: confirmed.totalSize,
      weight: confirmed.weight,
      fee: 1_000,
      status: {
        confirmed: true,
        block_height: 104,
        block_hash: node.chain.tip.hash,
        block_time: node.chain.tip.time,
      },
    });
    const pending = (await ask(`/tx/${waiting.txid}`)).json();
    expect(pending).toMatchObject({ fee: 2_000, status: { confirmed: false } });
    expect(pending.vout[0]).toMatchObject({
      scriptpubkey_asm: `OP_0 OP_PUSHBYTES_20 ${"07".repeat(20)}`,
      scriptpubkey_type: "v0_p2wpkh",
    });
  });

  test("a coinbase spends nothing", async () => {
    const { ask, node } = started;
    const txid = (await ask(`/block/${node.chain.tip.hash}/txid/0`)).text;
    const coinbase = (await ask(`/tx/${txid}`)).json();
    expect(coinbase).toMatchObject({ fee: 0, vin: [{ is_coinbase: true, prevout: null }] });
    expect(coinbase.vin[0]).toMatchObject({ vout: 0xffff_ffff, txid: "0".repeat(64) });
    const types = coinbase.vout.map(
      (each: { scriptpubkey_type: string }) => each.scriptpubkey_type,
    );
    expect(types).toEqual(["p2pkh", "op_return"]);
  });

  test("a transaction as hex, as bytes, its status and its spenders", async () => {
    const { ask, node } = started;
    const hex = bytesToHex(confirmed.toBytes());
    expect(await ask(`/tx/${confirmed.txid}/hex`)).toMatchObject({ type: "text/plain", text: hex });
    const raw = await started.handle(new Request(`http://x/api/tx/${confirmed.txid}/raw`));
    expect(raw.headers.get("content-type")).toBe("application/octet-stream");
    expect(bytesToHex(new Uint8Array(await raw.arrayBuffer()))).toBe(hex);
    const status = (await ask(`/tx/${confirmed.txid}/status`)).json();
    expect(status).toMatchObject({ confirmed: true, block_height: 104 });
    const spent = confirmed.inputs[0]?.prevout;
    const at = { confirmed: true, block_height: 104, block_hash: node.chain.tip.hash };
    expect((await ask(`/tx/${spent?.txid}/outspend/0`)).json()).toMatchObject({
      spent: true,
      txid: confirmed.txid,
      vin: 0,
      status: at,
    });
    expect((await ask(`/tx/${spent?.txid}/outspend/7`)).text).toBe('{"spent":false}');
    expect((await ask(`/tx/${confirmed.txid}/outspends`)).text).toBe('[{"spent":false}]');
    const before = waiting.inputs[0]?.prevout;
    expect((await ask(`/tx/${before?.txid}/outspends`)).json()[0]).toEqual({
      spent: true,
      txid: waiting.txid,
      vin: 0,
      status: { confirmed: false },
    });
  });

  test("both proofs lead to the Merkle root", async () => {
    const { ask, node, host } = started;
    const { header } = node.chain.tip;
    const proof = (await ask(`/tx/${confirmed.txid}/merkle-proof`)).json();
    expect(proof).toMatchObject({ block_height: 104, pos: 1, merkle: [expect.any(String)] });
    const pair = [...idToBytes(proof.merkle[0]), ...idToBytes(confirmed.txid)];
    expect(bytesToHex(sha256d(Uint8Array.from(pair)))).toBe(
      bytesToHex(idToBytes(header.merkleRoot)),
    );
    const core = await host.rpc("gettxoutproof", [[confirmed.txid]]);
    expect((await ask(`/tx/${confirmed.txid}/merkleblock-proof`)).text).toBe(core);
    const none = await ask(`/tx/${waiting.txid}/merkle-proof`);
    expect(none).toMatchObject({ status: 404, text: "Transaction not found or is unconfirmed" });
  });

  test("an address and its script hash have the same history, sums and outputs", async () => {
    const { ask, addressOf, key } = started;
    const natural = bytesToHex(sha256(OTHER));
    expect(scriptHashOf(OTHER)).toBe(bytesToHex(hexToBytes(natural).reverse()));
    for (const [path, field] of [
      [`/address/${addressOf(OTHER)}`, "address"],
      [`/scripthash/${natural}`, "scripthash"],
    ] as const) {
      const value = 50_0000_0000 - 1_000;
      expect((await ask(path)).json()).toEqual({
        [field]: path.split("/")[2],
        chain_stats: {
          funded_txo_count: 1,
          funded_txo_sum: value,
          spent_txo_count: 0,
          spent_txo_sum: 0,
          tx_count: 1,
        },
        mempool_stats: expect.objectContaining({ tx_count: 0 }),
      });
      expect((await ask(`${path}/utxo`)).json()).toEqual([
        {
          txid: confirmed.txid,
          vout: 0,
          status: expect.objectContaining({ confirmed: true, block_height: 104 }),
          value,
        },
      ]);
      const [only, ...others] = (await ask(`${path}/txs`)).json();
      expect([only.txid, others]).toEqual([confirmed.txid, []]);
    }
    const own = `/scripthash/${bytesToHex(sha256(key.script))}`;
    const stats = (await ask(own)).json();
    expect(stats.mempool_stats).toMatchObject({ spent_txo_count: 1, tx_count: 1 });
    expect((await ask(`${own}/txs/mempool`)).json()).toMatchObject([{ txid: waiting.txid }]);
    // Newest first, and by pages of 25.
    const first = (await ask(`${own}/txs`)).json();
    expect(first.length).toBe(26);
    expect([first[0].txid, first[1].status.block_height]).toEqual([waiting.txid, 104]);
    const last = first.at(-1);
    const second = (await ask(`${own}/txs/chain/${last.txid}`)).json();
    expect(second).toHaveLength(25);
    expect(second[0].status.block_height).toBe(last.status.block_height - 1);
    const also = (await ask(`${own}/txs?after_txid=${last.txid}`)).json();
    expect(also).toEqual(second);
    // Nothing comes behind a transaction that the script does not have.
    expect((await ask(`/scripthash/${natural}/txs/chain/${last.txid}`)).json()).toEqual([]);
    const missing = await ask(`${own}/txs?after_txid=${"0".repeat(64)}`);
    expect(missing).toMatchObject({ status: 422, text: "after_txid not found" });
  });

  test("pages of a history put together are the history", async () => {
    const { ask, key } = started;
    const path = `/scripthash/${bytesToHex(sha256(key.script))}/txs/chain`;
    const seen: number[] = [];
    for (let last = ""; ; ) {
      const page = (await ask(last === "" ? path : `${path}/${last}`)).json();
      if (page.length === 0) break;
      seen.push(
        ...page.map((each: { status: { block_height: number } }) => each.status.block_height),
      );
      last = page.at(-1).txid;
    }
    // Of the block that confirmed the payment, it and the coinbase.
    expect(seen).toEqual([104, ...Array.from({ length: 104 }, (_, i) => 104 - i)]);
  });

  test("a block, its header, its ids and its transactions", async () => {
    const { ask, node } = started;
    const { tip } = node.chain;
    const block = present(await node.chain.getBlock(tip.hash), "a block");
    const txids = block.transactions.map(({ txid }) => txid);
    expect((await ask(`/block/${tip.hash}`)).json()).toEqual({
      id: tip.hash,
      height: 104,
      version: 0x2000_0000,
      timestamp: tip.time,
      tx_count: 2,
      size: block.totalSize,
      weight: block.weight,
      merkle_root: merkleRoot(txids).root,
      previousblockhash: tip.parent?.hash,
      mediantime: tip.medianTimePast,
      nonce: block.header.nonce,
      bits: 0x207f_ffff,
      difficulty: 4.656_542_373_906_924_7e-10,
    });
    expect((await ask(`/block/${tip.hash}/txids`)).json()).toEqual(txids);
    expect((await ask(`/block/${tip.hash}/txid/1`)).text).toBe(txids[1]);
    const header = (await ask(`/block/${tip.hash}/header`)).text;
    expect(header).toBe(bytesToHex(block.header.toBytes()));
    const raw = await started.handle(new Request(`http://x/block/${tip.hash}/raw`));
    expect(bytesToHex(new Uint8Array(await raw.arrayBuffer()))).toBe(bytesToHex(block.toBytes()));
    const all = (await ask(`/block/${tip.hash}/txs`)).json();
    expect(all.map((each: { txid: string }) => each.txid)).toEqual(txids);
    expect((await ask(`/internal/block/${tip.hash}/txs`)).json()).toEqual(all);
    expect((await ask(`/block/${tip.hash}/status`)).text).toBe(
      '{"in_best_chain":true,"height":104,"next_best":null}',
    );
    expect((await ask(`/block/${"0".repeat(63)}1/status`)).text).toBe(
      '{"in_best_chain":false,"height":null,"next_best":null}',
    );
  });

  test("the tip, heights and the last blocks", async () => {
    const { ask, node } = started;
    const { tip, params } = node.chain;
    expect((await ask("/regtest/api/blocks/tip/hash")).text).toBe(tip.hash);
    expect((await ask("/blocks/tip/height")).text).toBe("104");
    expect((await ask("/block-height/0")).text).toBe(params.genesis.hash);
    const heights = async (path: string) =>
      (await ask(path)).json().map((each: { height: number }) => each.height);
    expect(await heights("/blocks")).toEqual(Array.from({ length: 10 }, (_, i) => 104 - i));
    expect(await heights("/blocks/2")).toEqual([2, 1, 0]);
    const [genesis] = (await ask("/blocks/0")).json();
    expect(genesis.previousblockhash).toBeNull();
  });

  test("the mempool, and fees", async () => {
    const { ask } = started;
    const { size } = present(started.node.mempool.get(waiting.txid), "an entry");
    expect((await ask("/mempool")).json()).toEqual({
      count: 1,
      vsize: size,
      total_fee: 2_000,
      fee_histogram: [[2_000 / size, size]],
    });
    expect((await ask("/mempool/txids")).json()).toEqual([waiting.txid]);
    expect((await ask("/mempool/recent")).json()).toEqual([
      { txid: waiting.txid, fee: 2_000, vsize: size, value: 50_0000_0000 - 2_000 },
    ]);
    const fees = (await ask("/fee-estimates")).json();
    expect(fees).toMatchObject({ 1: 1, 25: 1, 144: 1, 1008: 1 });
  });

  test("bad addresses get the words of electrs", async () => {
    const { ask, node } = started;
    const { hash } = node.chain.tip;
    const cases: readonly (readonly [string, number, string])[] = [
      ["/tx/xyz", 400, "Invalid hex string"],
      [`/tx/${"0".repeat(64)}`, 404, "Transaction not found"],
      [`/tx/${confirmed.txid}/outspend/x`, 400, "Invalid number"],
      [`/block/${"f".repeat(64)}`, 404, "Block not found"],
      ["/block/0", 400, "Invalid hex string"],
      [`/block/${hash}/txs/25`, 404, "start index out of range"],
      [`/block/${hash}/txs/1`, 400, "start index must be a multipication of 25"],
      [`/block/${hash}/txid/9`, 404, "tx index out of range"],
      ["/block-height/1000", 404, "Block not found"],
      ["/block-height/x", 400, "Invalid number"],
      ["/blocks/1000", 404, "Block not found"],
      ["/address/nonsense", 400, "Invalid Bitcoin address"],
      ["/address/1BoatSLRHtKNngkdXEeobR76b53LETtpyT", 400, "Address on invalid network"],
      ["/scripthash/00", 400, "Invalid scripthash"],
      ["/scripthash/0", 400, "Invalid hex string"],
      ["/address-prefix/bcrt", 400, "address search disabled"],
      ["/nothing", 404, 'endpoint does not exist "/nothing"'],
      ["/", 404, 'endpoint does not exist "/"'],
    ];
    for (const [path, status, text] of cases) {
      expect([path, await ask(path)]).toMatchObject([path, { status, text, type: "text/plain" }]);
    }
    expect((await ask("/tx", { method: "DELETE" })).status).toBe(404);
    expect((await ask(`/${"x".repeat(70_000)}`)).status).toBe(414);
  });

  test("browsers of other pages may read, and caches keep only what never changes", async () => {
    const { handle, node } = started;
    const call = (path: string, method = "GET") =>
      handle(new Request(`http://localhost${path}`, { method }));
    const preflight = await call("/api/tx", "OPTIONS");
    expect([preflight.status, preflight.headers.get("access-control-allow-origin")]).toEqual([
      204,
      "*",
    ]);
    const tip = await call("/blocks/tip/height");
    expect(tip.headers.get("access-control-allow-origin")).toBe("*");
    expect(tip.headers.get("cache-control")).toBe("no-cache");
    const block = await call(`/block/${node.chain.tip.hash}`);
    expect(block.headers.get("cache-control")).toContain("immutable");
    const head = await call("/blocks/tip/height", "HEAD");
    expect([head.status, await head.text()]).toEqual([200, ""]);
    const own = createEsplora(started.host, { origin: "https://wallet.example" });
    const answer = await own(new Request("http://localhost/blocks/tip/hash"));
    expect(answer.headers.get("access-control-allow-origin")).toBe("https://wallet.example");
  });

  test("mempool.space's questions are answered", async () => {
    const { ask, node } = started;
    const { hash } = node.chain.tip;
    const fees = (await ask("/api/v1/fees/recommended")).json();
    expect(fees).toEqual({
      fastestFee: 1,
      halfHourFee: 1,
      hourFee: 1,
      economyFee: 1,
      minimumFee: 1,
    });
    const [projected] = (await ask("/api/v1/fees/mempool-blocks")).json();
    expect(projected).toMatchObject({ nTx: 1, totalFees: 2_000 });
    const block = (await ask(`/api/v1/block/${hash}`)).json();
    expect(block).toMatchObject({ id: hash, extras: { totalFees: 1_000, reward: 50_0000_1000 } });
    expect((await ask("/api/v1/blocks/20")).json()).toHaveLength(15);
    const cpfp = (await ask(`/api/v1/cpfp/${waiting.txid}`)).json();
    expect(cpfp).toMatchObject({ ancestors: [], descendants: [], fee: 2_000 });
    expect((await ask(`/api/v1/cpfp/${confirmed.txid}`)).json()).toEqual({ ancestors: [] });
    const adjustment = (await ask("/api/v1/difficulty-adjustment")).json();
    expect(adjustment).toMatchObject({ difficultyChange: 0, remainingBlocks: 144 - 104 });
    const rate = (await ask("/api/v1/mining/hashrate/1m")).json();
    expect(rate).toMatchObject({ currentDifficulty: 4.656_542_373_906_924_7e-10 });
    expect(rate.currentHashrate).toBeGreaterThan(0);
    const times = (await ask(`/api/v1/transaction-times?txId[]=${waiting.txid}`)).json();
    expect(times[0]).toBeGreaterThan(1_700_000_000);
    const valid = (await ask(`/api/v1/validate-address/${started.address}`)).json();
    expect(valid).toMatchObject({ isvalid: true });
  });

  test("mempool.space's backend asks for many at once", async () => {
    const { ask } = started;
    const post = (path: string, list: readonly string[]) =>
      ask(path, { method: "POST", body: JSON.stringify(list) });
    const both = (await post("/internal/txs", [confirmed.txid, waiting.txid])).json();
    expect(both.map((each: { txid: string }) => each.txid)).toEqual([confirmed.txid, waiting.txid]);
    for (const [path, list] of [
      ["/internal/mempool/txs", undefined],
      ["/internal/mempool/txs/all", undefined],
      ["/internal/mempool/txs", [confirmed.txid, waiting.txid]],
    ] as const) {
      const got = list === undefined ? await ask(path) : await post(path, list);
      expect(got.json()).toMatchObject([{ txid: waiting.txid }]);
    }
    expect((await ask(`/internal/mempool/txs/${"f".repeat(64)}`)).json()).toEqual([]);
    const spent = waiting.inputs[0]?.prevout;
    const by = await post("/internal/txs/outspends/by-outpoint", [`${spent?.txid}:0`, "x:1"]);
    expect(by.json()).toMatchObject([{ spent: true, txid: waiting.txid }, { spent: false }]);
    const many = await post("/internal/txs/outspends/by-txid", [spent?.txid ?? "", "0"]);
    expect(many.json()).toMatchObject([[{ txid: waiting.txid }, { spent: false }], []]);
    expect((await ask(`/txs/outspends?txids=${spent?.txid}`)).json()).toEqual([many.json()[0]]);
    expect((await post("/internal/txs", ["0"])).status).toBe(400);
    expect((await ask("/internal/txs", { method: "POST", body: "{" })).status).toBe(400);
  });
});

test("any path and any body get an answer, and never a fault of ours", async () => {
  const { handle, node, address } = await start(3);
  const { hash } = node.chain.tip;
  const segment = fc.oneof(
    fc.constantFrom("tx", "block", "blocks", "address", "scripthash", "txs", "v1", "internal"),
    fc.constantFrom("mempool", "txids", "utxo", "chain", "raw", "status", "outspend", "0", "25"),
    fc.constantFrom(hash, address, hash.toUpperCase(), "f".repeat(64), "", "..", "%00", "-1"),
    fc.string({ maxLength: 12 }).map(encodeURIComponent),
  );
  const path = fc.array(segment, { maxLength: 6 }).map((parts) => `/${parts.join("/")}`);
  const body = fc.oneof(fc.json({ maxDepth: 2 }), fc.string({ maxLength: 40 }));
  await fc.assert(
    fc.asyncProperty(path, fc.constantFrom("GET", "POST"), body, async (where, method, text) => {
      const init = method === "POST" ? { method, body: text } : { method };
      const response = await handle(new Request(`http://localhost${where}?max_txs=x`, init));
      expect([200, 400, 404, 413, 422]).toContain(response.status);
      await response.arrayBuffer();
    }),
    { numRuns: 400 },
  );
});

describe("handing in", () => {
  test("answers the id, and errors of the RPC in the words of electrs", async () => {
    const { ask, pay, host, node } = await start(102);
    const transaction = await pay(OTHER);
    await node.chain.invalidateBlock(present(node.chain.headers.activeAt(100), "a block"));
    const hex = bytesToHex(transaction.toBytes());
    // Its coin is not mature any more, so that it has left the mempool.
    const refused = await ask("/tx", { method: "POST", body: hex });
    expect(refused).toMatchObject({ status: 400, type: "text/plain" });
    expect(refused.text).toBe(
      'sendrawtransaction RPC error: {"code":-26,"message":"bad-txns-premature-spend-of-coinbase, tried to spend coinbase at depth 99"}',
    );
    await node.mine(2);
    const taken = await ask("/api/tx", { method: "POST", body: `${hex}\n` });
    expect(taken).toMatchObject({ status: 200, text: transaction.txid });
    expect(await host.rpc("getrawmempool", [])).toEqual([transaction.txid]);
    expect((await ask(`/broadcast?tx=${hex}`)).text).toBe(transaction.txid);
    expect((await ask("/broadcast")).text).toBe("Missing tx");
    expect((await ask("/tx", { method: "POST", body: "zz" })).text).toContain('"code":-22');
    const tested = await ask("/txs/test", { method: "POST", body: JSON.stringify([hex]) });
    expect(tested.json()).toMatchObject([{ txid: transaction.txid, allowed: false }]);
    const short = await ask("/txs/package", { method: "POST", body: '["00"]' });
    expect(short.text).toBe("Invalid transaction size for item 0");
  });

  test("a body has a bound", async () => {
    const { host } = await start(1);
    const handle = createEsplora(host, { maxBody: 10 });
    const call = (body: string | Uint8Array<ArrayBuffer>) =>
      handle(new Request("http://localhost/tx", { method: "POST", body }));
    expect((await call("0".repeat(11))).status).toBe(413);
    expect((await call(Uint8Array.of(0xff))).status).toBe(400);
  });
});
