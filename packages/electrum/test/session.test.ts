/** Sessions of the Electrum protocol on a chain in memory. */
import {
  type BlockHash,
  bytesToHex,
  concatBytes,
  idFromBytes,
  idToBytes,
  merkleRoot,
  sha256,
  sha256d,
  type Txid,
} from "@chain/core";
import { present } from "@chain/core/arguments";
import { scriptHashOf } from "@chain/indexes";
import { testKey } from "@chain/testing/blockFactory";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Client, start } from "./support/client.ts";

const OTHER = testKey(1).script;
const HASH = scriptHashOf(OTHER);
const SCRIPT = "blockchain.scripthash";

/** The root that a branch leads to. */
function rootOf(leaf: string, branch: readonly string[], position: number): string {
  let node = idToBytes(leaf as Txid);
  for (const [level, each] of branch.entries()) {
    const pair = [node, idToBytes(each as Txid)];
    node = sha256d(concatBytes(...((position >> level) % 2 === 0 ? pair : pair.reverse())));
  }
  return idFromBytes(node);
}

/** The status by definition. */
function statusOf(history: readonly { readonly tx_hash: string; readonly height: number }[]) {
  if (history.length === 0) return null;
  const text = history.map(({ tx_hash, height }) => `${tx_hash}:${height}:`).join("");
  return bytesToHex(sha256(new TextEncoder().encode(text)));
}

describe("the version", () => {
  test.each([
    [undefined, "1.4"],
    ["1.4", "1.4"],
    ["1.4.2", "1.4.2"],
    ["1.5", "1.5"],
    ["1.6", "1.6"],
    [["1.4", "1.6"], "1.6"],
    [["1.1", "1.4.3"], "1.4.3"],
    [["1.2", "1.9"], "1.6"],
  ])("%s leads to %s", async (asked, spoken) => {
    const { client } = await start({ software: "chain 0.1" }, 0);
    expect(await client.call("server.version", "me", asked)).toEqual(["chain 0.1", spoken]);
    // Later parameters are let be, and what was agreed on stands.
    const again = await client.call("server.version", "me", "1.4", { more: 1 });
    expect(again).toEqual(["chain 0.1", spoken]);
  });

  test.each(["1.3", "1.7.x", ["1.7", "2.0"], 5, [], ["1.4", "1.5", "1.6"]])(
    "%s ends the session",
    async (asked) => {
      const { client } = await start({}, 0);
      const [code, message] = await client.error("server.version", "me", asked);
      expect([code, message.startsWith("unsupported protocol version: ")]).toEqual([1, true]);
      expect(client.isClosed).toBe(true);
    },
  );

  test("decides which methods there are", async () => {
    const { client, server } = await start({}, 0);
    await client.call("server.version", "me", "1.5");
    expect(await client.call("blockchain.relayfee")).toBe(0.00001);
    expect((await client.error("mempool.get_info"))[0]).toBe(-32_601);
    const { hex } = await client.call("blockchain.block.headers", 0, 1);
    const newer = new Client(server);
    await newer.call("server.version", "me", "1.6");
    expect(await newer.call("mempool.get_info")).toEqual({
      mempoolminfee: 0.00001,
      minrelaytxfee: 0.00001,
      incrementalrelayfee: 0.00001,
    });
    expect((await newer.error("blockchain.relayfee"))[0]).toBe(-32_601);
    expect(await newer.call("blockchain.block.headers", 0, 1)).toEqual({
      headers: [hex],
      count: 1,
      max: 2016,
    });
  });
});

describe("headers", () => {
  test("come one by one, in lists, and with proofs", async () => {
    const { client, node } = await start({}, 12);
    const { headers, tip } = node.chain;
    const hexAt = (height: number) =>
      bytesToHex(present(headers.activeAt(height), "a header").header.toBytes());
    expect(await client.call("blockchain.block.header", 3)).toBe(hexAt(3));
    const { hex, count, max } = await client.call("blockchain.block.headers", 11, 99);
    expect([hex, count, max]).toEqual([hexAt(11) + hexAt(12), 2, 2016]);
    expect((await client.call("blockchain.block.headers", 50, 3)).count).toBe(0);
    const all = Array.from({ length: tip.height + 1 }, (_, height) =>
      present(headers.activeAt(height), "a header"),
    );
    for (const checkpoint of [0, 1, 2, 5, 8, 12]) {
      const root = merkleRoot(
        all.slice(0, checkpoint + 1).map(({ hash }) => hash as string as Txid),
      );
      for (let height = 0; height <= checkpoint && checkpoint > 0; height++) {
        const proof = await client.call("blockchain.block.header", height, checkpoint);
        expect([proof.header, proof.root]).toEqual([hexAt(height), root.root]);
        expect(rootOf(all[height]?.hash ?? "", proof.branch, height)).toBe(root.root);
      }
    }
    expect(await client.error("blockchain.block.header", 1_000_000)).toEqual([
      1,
      "height 1,000,000 out of range",
    ]);
    expect(await client.error("blockchain.block.header", 3, 13)).toEqual([
      1,
      "require header height 3 <= cp_height 13 <= chain height 12",
    ]);
  });

  test("are told of once, however far the chain goes back and forth", async () => {
    const { client, node, mine } = await start({}, 3);
    const first = await client.call("blockchain.headers.subscribe", true);
    expect(first.height).toBe(3);
    await mine();
    const [told] = (await client.notified("blockchain.headers.subscribe")).params;
    expect(told).toEqual({
      height: 4,
      hex: bytesToHex(node.chain.tip.header.toBytes()),
    });
    await node.chain.invalidateBlock(node.chain.tip);
    expect((await client.notified("blockchain.headers.subscribe")).params).toEqual([first]);
  });
});

test("proofs of more than one remembered part lead to the root of all", async () => {
  const { HeaderProofs } = await import("../src/headerProofs.ts");
  const hashes = Array.from({ length: 5_000 }, (_, i) =>
    idFromBytes<BlockHash>(sha256(Uint8Array.of(i >> 8, i & 0xff))),
  );
  const headers = { activeAt: (height: number) => hashes[height] && { hash: hashes[height] } };
  const proofs = new HeaderProofs(headers as never);
  for (const checkpoint of [1_023, 1_024, 2_047, 2_048, 3_000, 4_999]) {
    const ids = hashes.slice(0, checkpoint + 1) as string[] as Txid[];
    const { root } = merkleRoot(ids);
    for (const height of [0, 1, 1_000, 1_023, 1_024, 2_047, 2_048, checkpoint]) {
      if (height > checkpoint) continue;
      const proof = proofs.prove(height, checkpoint);
      expect([checkpoint, height, proof.root]).toEqual([checkpoint, height, root]);
      expect(rootOf(hashes[height] ?? "", proof.branch, height)).toBe(root);
    }
  }
  // After a reorganisation of the second part.
  for (let height = 1_500; height < 5_000; height++) {
    hashes[height] = idFromBytes(sha256(Uint8Array.of(1, height >> 8, height & 0xff)));
  }
  const { root } = merkleRoot(hashes.slice(0, 4_001) as string[] as Txid[]);
  expect(proofs.prove(5, 4_000).root).toBe(root);
});

describe("scripts", () => {
  test("have history, balance, outputs and status, and subscribers hear of each change", async () => {
    const { client, pay, mine, node } = await start({}, 102);
    expect(await client.call(`${SCRIPT}.subscribe`, HASH)).toBeNull();
    const transaction = await pay(OTHER);
    const changed = async () => (await client.notified(`${SCRIPT}.subscribe`)).params;
    const history = () => client.call(`${SCRIPT}.get_history`, HASH);
    const { txid } = transaction;
    const value = 50_0000_0000 - 1_000;
    expect(await changed()).toEqual([HASH, statusOf([{ tx_hash: txid, height: 0 }])]);
    expect(await history()).toEqual([{ tx_hash: txid, height: 0, fee: 1_000 }]);
    expect(await client.call(`${SCRIPT}.get_mempool`, HASH)).toEqual(await history());
    expect(await client.call(`${SCRIPT}.get_balance`, HASH)).toEqual({
      confirmed: 0,
      unconfirmed: value,
    });
    const [output] = await client.call(`${SCRIPT}.listunspent`, HASH);
    expect(output).toEqual({ tx_pos: 0, value, tx_hash: txid, height: 0 });
    expect(await client.call("mempool.get_fee_histogram")).toEqual([
      [1_000 / transaction.virtualSize, transaction.virtualSize],
    ]);

    await mine();
    const status = statusOf([{ tx_hash: txid, height: 103 }]);
    expect(await changed()).toEqual([HASH, status]);
    expect(await client.call(`${SCRIPT}.subscribe`, HASH)).toBe(status);
    expect(await history()).toEqual([{ tx_hash: txid, height: 103 }]);
    const balance = { confirmed: value, unconfirmed: 0 };
    expect(await client.call(`${SCRIPT}.get_balance`, HASH)).toEqual(balance);

    // Back to the mempool, and gone from there.
    await node.chain.invalidateBlock(node.chain.tip);
    expect(await changed()).toEqual([HASH, statusOf([{ tx_hash: txid, height: 0 }])]);
    await node.chain.invalidateBlock(present(node.chain.headers.activeAt(99), "a block"));
    expect(await changed()).toEqual([HASH, null]);
    expect(await history()).toEqual([]);

    expect(await client.call(`${SCRIPT}.unsubscribe`, HASH)).toBe(true);
    expect(await client.call(`${SCRIPT}.unsubscribe`, HASH)).toBe(false);
    await node.chain.reconsiderBlock(present(node.chain.bestHeader, "a header"));
    await client.call("server.ping");
    expect(client.received).toEqual([]);
  });

  test("a transaction with unconfirmed parents has height -1", async () => {
    const { client, pay, key, node } = await start({}, 102);
    const parent = await pay(key.script);
    const [output] = parent.outputs;
    const coin = { ...present(output, "an output"), height: 0, coinbase: false };
    const child = await pay(OTHER, { coin: { outpoint: { txid: parent.txid, vout: 0 }, coin } });
    expect(await client.call(`${SCRIPT}.get_history`, HASH)).toEqual([
      { tx_hash: child.txid, height: -1, fee: 1_000 },
    ]);
    await node.mine(1);
    const [confirmed] = await client.call(`${SCRIPT}.get_history`, HASH);
    expect(confirmed).toEqual({ tx_hash: child.txid, height: 103 });
  });

  test("a history that is too long is refused, and no session watches too many", async () => {
    const limits = { history: 20, subscriptions: 2, allSubscriptions: 3 };
    const { client, key, server } = await start({ limits }, 30);
    const own = scriptHashOf(key.script);
    for (const method of ["get_history", "listunspent", "subscribe"]) {
      expect(await client.error(`${SCRIPT}.${method}`, own)).toEqual([10_001, "history too large"]);
    }
    expect(await client.call(`${SCRIPT}.subscribe`, HASH)).toBeNull();
    expect(await client.call(`${SCRIPT}.subscribe`, "0".repeat(64))).toBeNull();
    expect(await client.error(`${SCRIPT}.subscribe`, "1".repeat(64))).toEqual([
      1,
      "a session has at most 2 subscriptions",
    ]);
    const other = new Client(server);
    expect(await other.call(`${SCRIPT}.subscribe`, HASH)).toBeNull();
    expect((await other.error(`${SCRIPT}.subscribe`, "1".repeat(64)))[1]).toContain("too many");
    // Its places are free again.
    client.handler.onClose("gone");
    expect(await other.call(`${SCRIPT}.subscribe`, "1".repeat(64))).toBeNull();
    expect(server.sessions).toBe(1);
  });
});

describe("transactions", () => {
  test("are handed in, read and proven", async () => {
    const { client, pay, mine, node, coins, host } = await start({}, 102);
    const transaction = await pay(OTHER);
    const { txid } = transaction;
    const raw = bytesToHex(transaction.toBytes());
    expect(await client.call("blockchain.transaction.get", txid)).toBe(raw);
    expect(await client.call("blockchain.transaction.broadcast", raw)).toBe(txid);
    await mine();
    const { merkle, pos, block_height } = await client.call(
      "blockchain.transaction.get_merkle",
      txid,
      103,
    );
    expect([pos, block_height]).toEqual([1, 103]);
    expect(rootOf(txid, merkle, pos)).toBe(node.chain.tip.header.merkleRoot);
    expect(await client.call("blockchain.transaction.id_from_pos", 103, 1)).toBe(txid);
    expect(await client.call("blockchain.transaction.id_from_pos", 103, 1, true)).toEqual({
      tx_hash: txid,
      merkle,
    });
    const verbose = await client.call("blockchain.transaction.get", txid, true);
    expect(verbose).toMatchObject({ txid, confirmations: 1 });
    expect(await client.error("blockchain.transaction.get_merkle", txid, 102)).toEqual([
      1,
      `tx ${txid} not in block at height 102`,
    ]);
    expect((await client.error("blockchain.transaction.id_from_pos", 103, 5))[1]).toBe(
      "no tx at position 5 in block at height 103",
    );
    const [code, message] = await client.error("blockchain.transaction.get", "0".repeat(64));
    expect([code, message]).toEqual([
      2,
      "daemon error: DaemonError({'code': -5, 'message': 'No such mempool or blockchain transaction. Use gettransaction for wallet transactions.'})",
    ]);
    const double = await client.error("blockchain.transaction.broadcast", raw.replace("02", "01"));
    expect(double[1]).toMatch(/^the transaction was rejected by network rules\.\n\n[\s\S]+\n\[/);
    expect((await coins()).length).toBeGreaterThan(0);
    expect(await client.call("blockchain.block.stats", 103)).toMatchObject({ txs: 2, height: 103 });
    expect(await client.call("blockchain.estimatefee", 2)).toBe(0.00001);
    expect((await client.error("blockchain.estimatefee", 2, "x"))[0]).toBe(1);
    expect(host.chain.mempool.count).toBe(0);
  });
});

describe("lines", () => {
  test("may be cut anywhere, come many at once, and be batches", async () => {
    const { client } = await start({}, 1);
    client.send('{"id":1,"method":"server.p');
    client.send('ing"}\r\n\n{"id":"two","method":"server.banner","params":{}}\n{"id"');
    client.send(':3,"jsonrpc":"2.0","method":"blockchain.block.header","params":{"height":9}}\n');
    expect(await client.take((each) => each.id === 1)).toEqual({
      jsonrpc: "2.0",
      result: null,
      id: 1,
    });
    expect((await client.take((each) => each.id === "two")).result).toBe("");
    expect((await client.take((each) => each.id === 3)).error.code).toBe(1);
    const ping = { id: 7, method: "server.ping" };
    client.send(`${JSON.stringify([ping, { method: "server.ping" }, 5, { ...ping, id: 8 }])}\n`);
    const batch = await client.take(Array.isArray);
    expect(batch.map((each: { id: unknown }) => each.id)).toEqual([7, null, 8]);
    // A notification of a client has no answer.
    client.send('{"method":"server.ping","params":[]}\n');
    await client.call("server.ping");
    expect(client.received).toEqual([]);
  });

  test.each([
    ["{", -32_700],
    ["[]", -32_600],
    ["7", -32_600],
    ['"x"', -32_600],
    ["null", -32_600],
    ['{"id":1}', -32_600],
    ['{"id":1,"method":7}', -32_600],
    ['{"id":1,"method":"nothing"}', -32_601],
    ['{"id":1,"method":"__proto__"}', -32_601],
    ['{"id":1,"method":"server.banner","params":[1]}', -32_602],
    ['{"id":1,"method":"server.banner","params":7}', -32_602],
    ['{"id":1,"method":"blockchain.block.header"}', -32_602],
    ['{"id":1,"method":"blockchain.block.header","params":{"hight":1}}', -32_602],
    ['{"id":1,"method":"blockchain.block.header","params":[-1]}', 1],
    ['{"id":1,"method":"blockchain.block.header","params":[1.5]}', 1],
    ['{"id":1,"method":"blockchain.block.header","params":[1e300]}', 1],
    ['{"id":1,"method":"blockchain.scripthash.get_balance","params":["00"]}', 1],
    ['{"id":1,"method":"blockchain.transaction.get","params":[{}]}', 1],
    [
      '{"id":1,"method":"blockchain.transaction.get","params":["0000000000000000000000000000000000000000000000000000000000000000",1]}',
      1,
    ],
    ['{"id":1,"method":"blockchain.transaction.broadcast","params":["0"]}', 1],
  ])("%s is answered by %s", async (line, code) => {
    const { client } = await start({}, 0);
    client.send(`${line}\n`);
    const { error } = await client.take((each) => each.error !== undefined);
    expect([error.code, typeof error.message]).toEqual([code, "string"]);
    await client.call("server.ping");
  });

  test("have bounds: of a line, of a batch, of an answer", async () => {
    const limits = { line: 5_000, batch: 10, answer: 500 };
    const { client, server } = await start({ limits }, 20);
    const calls = Array.from({ length: 11 }, (_, id) => ({ id, method: "server.ping" }));
    client.send(`${JSON.stringify(calls)}\n`);
    const { error } = await client.take((each) => each.error !== undefined);
    expect(error.message).toBe("a batch has at most 10 calls");
    const headers = { method: "blockchain.block.headers", params: [0, 3] };
    client.send(`${JSON.stringify([0, 1, 2].map((id) => ({ id, ...headers })))}\n`);
    const answers = await client.take(Array.isArray);
    const messages = answers.map((each: { error?: { message: string } }) => each.error?.message);
    expect(messages[0]).toBe("response too large (over 500 characters)");
    client.send("x".repeat(5_001));
    await client.take((each) => each.error?.message === "a line has at most 5000 bytes");
    expect([client.isClosed, server.sessions]).toEqual([true, 0]);
  });

  test("a client that reads nothing is asked for nothing more", async () => {
    const { client, mine } = await start({}, 1);
    await client.call("blockchain.headers.subscribe");
    client.takes = false;
    const ping = '{"id":7,"method":"server.ping"}\n';
    client.send(ping.repeat(150));
    await client.take((each) => each.id === 7);
    expect(client.isReading).toBe(false);
    await mine(3);
    expect(client.received).toEqual([]);
    client.takes = true;
    client.handler.onDrain();
    for (let i = 0; i < 149; i++) await client.take((each) => each.id === 7);
    // Of three blocks it hears of the last.
    const { params } = await client.notified("blockchain.headers.subscribe");
    expect(params[0].height).toBe(4);
    expect(client.isReading).toBe(true);
    expect(client.received).toEqual([]);
  });

  test("a session that asks for too much work is ended", async () => {
    let now = 0;
    const { client } = await start({ limits: { cost: 2 }, stopwatch: () => now }, 0);
    for (let i = 0; i < 19; i++) await client.call("server.ping");
    now += 1_000;
    for (let i = 0; i < 2; i++) await client.call("server.ping");
    await client.call("server.ping");
    await client.take((each) => each.error?.message === "excessive resource usage");
    expect(client.isClosed).toBe(true);
  });

  test("any bytes get answers or none, and the next call its own", async () => {
    const { client, server } = await start({ limits: { line: 200 } }, 0);
    const piece = fc.oneof(
      fc.json({ maxDepth: 3 }).map((text) => `${text}\n`),
      fc.constantFrom("{", "[", '"method":', '"server.ping"', "}", "]", ",", "\n", "\u0000"),
      fc.string({ maxLength: 20 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 10 }), async (pieces) => {
        const one = new Client(server);
        for (const text of pieces) one.send(text);
        if (one.isClosed) return;
        one.send("\n");
        await one.call("server.ping");
        one.handler.onClose("done");
      }),
      { numRuns: 150 },
    );
    expect(server.sessions).toBe(1);
    await client.call("server.ping");
  });
});

test("a thousand sessions on one script all hear of it", async () => {
  const { server, pay } = await start({}, 102);
  const clients = Array.from({ length: 1_000 }, () => new Client(server));
  await Promise.all(clients.map((client) => client.call(`${SCRIPT}.subscribe`, HASH)));
  const { txid } = await pay(OTHER);
  const status = statusOf([{ tx_hash: txid, height: 0 }]);
  const told = await Promise.all(clients.map((each) => each.notified(`${SCRIPT}.subscribe`)));
  expect(new Set(told.map(({ params }) => params[1]))).toEqual(new Set([status]));
  server.close();
  expect([server.sessions, clients.every(({ isClosed }) => isClosed)]).toEqual([0, true]);
});
