import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { bytesToHex } from "@chain/core";
import { payment, testKey } from "@chain/testing/blockFactory";
import { payAll, startTestNode } from "@chain/testing/nodes";
import { addressOf, newChain, newIdentity } from "@chain/testing/place";
import { describe, expect, it } from "vitest";
import type { Identity } from "../src/identity.ts";
import type { RunningNode } from "../src/node/start.ts";
import { mineBlock } from "../src/offline.ts";
import { MAX_REQUEST } from "../src/rpc/body.ts";
import { openControl } from "../src/rpc/client.ts";
import { controlCredentials, credentials } from "../src/rpc/credentials.ts";

const UNKNOWN_COIN = {
  value: 2n,
  scriptPubKey: testKey(0).script,
  height: 0,
  coinbase: false,
} as const;

interface Served {
  readonly identity: Identity;
  readonly node: RunningNode;
  readonly url: string;
  readonly authorization: string;
}

async function serve(): Promise<Served> {
  const identity = await newChain();
  const node = await startTestNode({ identity });
  const { port, cookie } = JSON.parse(await readFile(identity.paths.control, "utf8"));
  return {
    identity,
    node,
    url: `http://127.0.0.1:${port}/`,
    authorization: controlCredentials(cookie),
  };
}

function post({ url, authorization }: Served, body: string, headers: Record<string, string> = {}) {
  return fetch(url, { method: "POST", body, headers: { authorization, ...headers } });
}

async function call(served: Served, method: string, params: unknown = []): Promise<unknown> {
  const response = await post(served, JSON.stringify({ jsonrpc: "2.0", id: 7, method, params }));
  expect(response.status).toBe(200);
  const { jsonrpc, id, ...answer } = (await response.json()) as Record<string, unknown>;
  expect({ jsonrpc, id }).toEqual({ jsonrpc: "2.0", id: 7 });
  return answer;
}

/** Bytes on a bare socket, and all that comes back. */
function raw(url: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1", () => socket.write(text));
    let answer = "";
    socket.setEncoding("latin1").on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("end", () => resolve(answer));
    socket.on("error", reject);
  });
}

describe("who may talk to a node", () => {
  it("lets our own programs in beside a whitelist, which binds the cookie", async () => {
    const identity = await newChain();
    await startTestNode({ identity, rpc: { whitelist: ["somebody:getblockcount"] } });
    const control = await openControl(identity.paths);
    expect(await control?.call("getblockcount")).toBe(0);
    const { port } = JSON.parse(await readFile(identity.paths.control, "utf8"));
    const answer = await fetch(`http://127.0.0.1:${port}/`, {
      method: "POST",
      headers: { authorization: `Basic ${btoa(await readFile(identity.paths.cookie, "utf8"))}` },
      body: JSON.stringify({ id: 1, method: "getblockcount" }),
    });
    expect(answer.status).toBe(403);
  });

  it("lets in nobody without the cookie, and no web page with it", async () => {
    const served = await serve();
    const { url, authorization } = served;
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "stop" });
    const status = async (headers: Record<string, string>, method = "POST") => {
      const response = await fetch(url, { method, headers, ...(method === "POST" && { body }) });
      await response.text();
      return response.status;
    };
    expect(await status({})).toBe(401);
    expect(await status({ authorization: credentials("0".repeat(64)) })).toBe(401);
    expect(await status({ authorization: `${authorization}x` })).toBe(401);
    expect(await status({ authorization: authorization.slice(0, -2) })).toBe(401);
    expect(await status({ authorization: authorization.replace("Basic", "Bearer") })).toBe(401);
    expect(await status({ authorization, origin: "http://evil.example" })).toBe(403);
    expect(await status({ authorization }, "GET")).toBe(405);
    // DNS rebinding: fetch does not let us lie about the host. A page has no credentials.
    const lie = (more: string) =>
      `POST / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;
    expect(await raw(url, lie(""))).toMatch(/^HTTP\/1.1 401 /);
    const owner = lie(`Authorization: ${authorization}\r\n`).replace("stop", "help");
    expect(await raw(url, owner)).toMatch(/^HTTP\/1.1 200 /);
    const nameless = `POST / HTTP/1.0\r\nAuthorization: ${authorization}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    // A browser sends a name with every request; a simple client need not.
    expect(await raw(url, nameless.replace("stop", "help"))).toMatch(/^HTTP\/1.1 200 /);
    // None of these has stopped it.
    expect(await call(served, "getblockcount")).toEqual({ result: 0 });
  });

  it("survives requests that are none", async () => {
    const served = await serve();
    for (const text of [
      "\0\0\0\0\r\n\r\n",
      "GET / HTTP/9.9\r\n\r\n",
      `POST / HTTP/1.1\r\n${"x".repeat(100_000)}`,
    ]) {
      expect(await raw(served.url, text)).toMatch(/^HTTP\/1.1 4\d\d /);
    }
    expect(await call(served, "getblockcount")).toEqual({ result: 0 });
  });
});

describe("what it is asked", () => {
  const V2 = '"jsonrpc":"2.0"';
  it.each<[string, string, number, unknown]>([
    ["no JSON", "{", 500, { error: { code: -32_700, message: "Parse error" }, id: null }],
    ["nothing", "", 500, { error: { code: -32_700 }, id: null }],
    ["no request", "[]", 200, []],
    ["a number", "1", 500, { error: { code: -32_700 }, id: null }],
    ["an old version", '{"id":1,"method":"getblockcount"}', 200, { result: 0, error: null, id: 1 }],
    ["no method", `{${V2},"id":1}`, 400, { error: { code: -32_600 }, id: 1 }],
    ["an id that is an object", `{${V2},"id":{},"method":"uptime"}`, 200, { id: {} }],
    [
      "parameters that are a text",
      `{${V2},"id":1,"method":"stop","params":"x"}`,
      400,
      { error: { code: -32_600 }, id: 1 },
    ],
    ["deep nesting", `${"[".repeat(10_000)}${"]".repeat(10_000)}`, 500, { id: null }],
  ])("%s", async (_, body, status, answer) => {
    const served = await serve();
    const response = await post(served, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject(answer as object);
  });

  it("says what is wrong with methods and parameters", async () => {
    const served = await serve();
    const error = (code: number, message: unknown = expect.any(String)) => ({
      error: { code, message },
    });
    const cases: [string, unknown, object][] = [
      ["nonsense", [], error(-32_601, "Method not found")],
      ["__proto__", [], error(-32_601)],
      ["constructor", [], error(-32_601)],
      ["toString", [], error(-32_601)],
      ["getblockhash", [], error(-1, expect.stringContaining("height"))],
      ["getblockhash", ["1"], error(-3)],
      ["getblockhash", [1.5], error(-1)],
      ["getblockhash", [0, 0], error(-1)],
      ["getblockhash", { height: 0, extra: 1 }, error(-8)],
      ["getblockhash", [1], error(-8, "Block height out of range")],
      ["getblockhash", [-1], error(-8)],
      ["getblock", ["00"], error(-8, expect.stringContaining("must be of length 64"))],
      ["getblock", ["zz".repeat(32)], error(-8)],
      ["getblock", ["00".repeat(32)], error(-5, "Block not found")],
      ["getblock", ["00".repeat(32), 3], error(-5)],
      ["sendrawtransaction", ["00"], error(-22, expect.stringContaining("TX decode failed"))],
      ["sendrawtransaction", ["zz"], error(-22)],
      ["sendrawtransaction", [""], error(-22)],
      ["generatetoaddress", [1, "x"], error(-5)],
      ["generatetoaddress", [1.5, addressOf(0)], error(-1)],
      ["generatetoaddress", [2 ** 31, addressOf(0)], error(-1)],
      ["listunspentbyscript", ["0"], error(-8)],
      ["listunspentbyscript", [7], error(-3)],
    ];
    for (const [method, params, expected] of cases) {
      expect(await call(served, method, params), `${method} ${JSON.stringify(params)}`).toEqual(
        expected,
      );
    }
    expect(await call(served, "getblockcount")).toEqual({ result: 0 });
  });

  it("does not read more than the longest request", async () => {
    const served = await serve();
    const huge = await post(served, "x".repeat(MAX_REQUEST + 1));
    expect(huge.status).toBe(413);
    const announced = `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${served.authorization}\r\nContent-Length: 4294967296\r\n\r\n`;
    expect(await raw(served.url, announced)).toMatch(/^HTTP\/1.1 413 /);
    const chunked = `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${served.authorization}\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n`;
    const flood = raw(served.url, `${chunked}${"x".repeat(MAX_REQUEST + 10)}`);
    expect(await flood).toMatch(/^HTTP\/1.1 413 /);
    expect(await call(served, "getblockcount")).toEqual({ result: 0 });
  });

  it("gives no answer to a notification", async () => {
    const served = await serve();
    const response = await post(served, '{"jsonrpc":"2.0","method":"getblockcount"}');
    expect([response.status, await response.text()]).toEqual([204, ""]);
  });
});

describe("what it answers", () => {
  it("is what Core would", async () => {
    const served = await serve();
    const { chain } = served.node;
    await mineBlock(chain, testKey(2).script);
    const { tip } = chain;
    const genesis = chain.params.genesis.hash;
    expect(await call(served, "getblockhash", { height: 0 })).toEqual({ result: genesis });
    expect(await call(served, "getbestblockhash")).toEqual({ result: tip.hash });
    expect(await call(served, "getblockchaininfo")).toMatchObject({
      result: {
        chain: "devnet",
        blocks: 1,
        headers: 1,
        bestblockhash: tip.hash,
        difficulty: expect.closeTo(1 / 65_536, 12),
        time: tip.header.time,
        mediantime: expect.any(Number),
        verificationprogress: 1,
        initialblockdownload: false,
        chainwork: `${"0".repeat(59)}20002`,
        pruned: false,
      },
    });
    expect(await call(served, "getblock", [tip.hash])).toMatchObject({
      result: {
        hash: tip.hash,
        confirmations: 1,
        height: 1,
        bits: "1f00ffff",
        versionHex: "20000000",
        previousblockhash: genesis,
        nTx: 1,
        tx: [expect.stringMatching(/^[0-9a-f]{64}$/)],
      },
    });
    expect(await call(served, "getblockheader", [genesis])).toMatchObject({
      result: { height: 0, confirmations: 2, nextblockhash: tip.hash },
    });
    expect(await call(served, "getblock", [genesis, 0])).toEqual({
      result: bytesToHex(chain.params.genesis.toBytes()),
    });
    expect(await call(served, "gettxoutsetinfo")).toMatchObject({
      result: { height: 1, txouts: 2, total_amount: 20, bestblock: tip.hash },
    });
    expect(await call(served, "getpeerinfo")).toEqual({ result: [] });
    expect(await call(served, "getconnectioncount")).toEqual({ result: 0 });
  });

  it("takes transactions, and gives Core's codes and reasons where it does not", async () => {
    const served = await serve();
    const { chain } = served.node;
    const send = (hex: string) => call(served, "sendrawtransaction", [hex]);
    const good = await payAll(served.node);
    const hex = bytesToHex(good.toBytes());
    const forged = await payAll(served.node, {
      from: { ...testKey(0), secretKey: testKey(9).secretKey },
    });
    expect(await send(bytesToHex(forged.toBytes()))).toMatchObject({
      error: { code: -26, message: expect.stringContaining("script-verify-flag-failed") },
    });
    expect(await send(hex)).toEqual({ result: good.txid });
    expect(await send(hex)).toEqual({ result: good.txid });
    expect(await call(served, "getrawmempool")).toEqual({ result: [good.txid] });
    expect(await call(served, "getmempoolinfo")).toMatchObject({
      result: { size: 1, total_fee: 0 },
    });

    // The coin is gone, what it became is pending.
    const unspent = (n: number) =>
      call(served, "listunspentbyscript", [bytesToHex(testKey(n).script)]);
    expect(await unspent(0)).toEqual({ result: { height: 0, coins: [] } });
    expect(await unspent(1)).toEqual({
      result: {
        height: 0,
        coins: [
          {
            txid: good.txid,
            vout: 0,
            amount: 10,
            height: 1,
            coinbase: false,
            pending: true,
          },
        ],
      },
    });

    // An address in Base58, though it begins like one in bech32.
    expect(
      await call(served, "generatetoaddress", [1, "CdEV1yyyyyyyyyyyyyyyyyyyyyyyzm48hF"]),
    ).toEqual({
      result: [chain.tip.hash],
    });
    expect(await call(served, "getrawmempool")).toEqual({ result: [] });
    expect(await send(hex)).toEqual({
      error: { code: -27, message: "Transaction outputs already in utxo set" },
    });
    const ghost = { outpoint: { txid: good.txid, vout: 7 }, coin: UNKNOWN_COIN };
    const missing = payment({ coins: [ghost], outputs: [{ ...UNKNOWN_COIN, value: 1n }] });
    expect(await send(bytesToHex(missing.toBytes()))).toEqual({
      error: { code: -25, message: "bad-txns-inputs-missingorspent" },
    });
  });
});

describe("the client", () => {
  it("hands in, mines, and reads coins", async () => {
    const { identity, node } = await serve();
    const control = await openControl(identity.paths);
    expect(control).toMatchObject({ nodeId: identity.nodeId, pid: process.pid });
    expect(control?.params.genesis.hash).toBe(node.params.genesis.hash);
    const [coin] = (await control?.coins(testKey(0).script)) ?? [];
    expect(coin).toMatchObject({
      pending: false,
      coin: { value: 1_000_000_000n, height: 0, coinbase: true },
    });
    const transaction = await payAll(node);
    const rival = await payAll(node, { to: testKey(5) });
    expect(await control?.submit(transaction)).toEqual({ ok: true, txid: transaction.txid });
    expect(await control?.submit(rival)).toMatchObject({
      ok: false,
      reason: "txn-mempool-conflict",
    });
    expect(await control?.mine(addressOf(1))).toEqual({ hash: node.chain.tip.hash, height: 1 });
    expect(await control?.coins(testKey(1).script)).toHaveLength(2);
    await control?.close();
  });

  it("sees through a control file that was left behind", async () => {
    const served = await serve();
    const { paths } = served.identity;
    const content = JSON.parse(await readFile(paths.control, "utf8"));
    const left = (await newIdentity()).paths;
    const write = (change: object) =>
      writeFile(left.control, JSON.stringify({ ...content, ...change }));
    // Nobody listens.
    await write({ port: 1 });
    expect(await openControl(left)).toBeUndefined();
    // Another node listens there now.
    await write({ cookie: "0".repeat(64) });
    expect(await openControl(left)).toBeUndefined();
    for (const text of [
      "",
      "{",
      "null",
      "[]",
      '{"port":-1}',
      "x".repeat(100_000),
      '{"host":"evil.example"}',
    ]) {
      await writeFile(left.control, text);
      expect(await openControl(left)).toBeUndefined();
    }
    await write({});
    expect(await openControl(left)).toBeDefined();
  });

  it("leaves a file alone that a later process wrote", async () => {
    const { identity, node } = await serve();
    const { control } = identity.paths;
    const later = JSON.stringify({
      ...JSON.parse(await readFile(control, "utf8")),
      cookie: "1".repeat(64),
    });
    await writeFile(control, later);
    await node.stop();
    expect(existsSync(control)).toBe(true);
    expect(await readFile(control, "utf8")).toBe(later);
  });
});
