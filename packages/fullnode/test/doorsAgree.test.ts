/**
 * All doors of a node show one state: when a call has been answered, RPC, REST, ZeroMQ and the server-sent events have
 * what it did, while other callers keep all of them busy.
 */

import { type BlockHash, bytesToHex, regtest } from "@chain/core";
import { present } from "@chain/core/arguments";
import { spendableCoins } from "@chain/engine";
import { METHODS, RestServer, RpcServer } from "@chain/rpc";
import { createRpcClient } from "@chain/rpc/client";
import { payment, testKey } from "@chain/testing/blockFactory";
import { encodeAddress } from "@chain/wallet";
import { expect, onTestFinished, test } from "vitest";
import { createNode } from "../src/createNode.ts";
import { startEvents } from "../src/events/route.ts";
import { silentLog } from "../src/ports/silentLog.ts";
import { startRpcHttp } from "../src/rpc/httpServer.ts";
import { restRoute } from "../src/rpc/restRoute.ts";
import { ZMQ_TOPICS } from "../src/zmq/notifier.ts";
import { startZmq } from "../src/zmq/service.ts";
import { rpcHostOf } from "./support/rpcHost.ts";
import { ZmqClient } from "./support/zmqClient.ts";

interface Listed {
  readonly txids: readonly string[];
  readonly mempool_sequence: number;
}

/** Fields of different resources of REST. */
interface RestJson {
  readonly txid?: string;
  readonly blockhash?: string;
  readonly bitmap?: string;
  readonly bestblockhash?: string;
  readonly blocks?: number;
  readonly size?: number;
}

interface Touched {
  readonly txid: string;
}

/** A script's history, and its sums, as the RPC tells them. */
interface ScriptFacts {
  readonly history: {
    readonly confirmed: readonly Touched[];
    readonly unconfirmed: readonly Touched[];
  };
  readonly balance: {
    readonly confirmed: { readonly transactions: number };
    readonly unconfirmed: { readonly transactions: number };
  };
}

const ANY = "tcp://127.0.0.1:0";
const ROUNDS = 15;
const REWARD = encodeAddress({ type: "p2pkh", hash: testKey(2).script.subarray(3, 23) }, regtest);

async function start() {
  const node = await createNode({
    indexes: { transactions: true, spenders: true, scriptHistory: true },
  });
  const { chain, indexes } = node;
  const mine = async (payTo: Uint8Array): Promise<BlockHash> => {
    const [block] = await node.mine(1, { to: payTo });
    if (block === undefined) throw new RangeError("no block was mined");
    return block.hash;
  };
  const host = rpcHostOf(node, { mining: { mine }, indexes });
  const server = new RpcServer({ host, methods: METHODS });
  const zmq = await startZmq(
    chain,
    ZMQ_TOPICS.map((topic) => ({ topic, address: ANY })),
    silentLog,
  );
  const events = startEvents(chain);
  const routes = [restRoute(new RestServer({ rpc: server })), events.route];
  const door = await startRpcHttp({ server, port: 0, routes });
  onTestFinished(async () => {
    await events.stop();
    await zmq.stop();
    await door.close();
    await node.close();
  });
  const url = `http://127.0.0.1:${door.port}`;
  const client = createRpcClient({ url, user: "__cookie__", password: door.cookie });
  const rest = async (path: string): Promise<RestJson> =>
    (await (await fetch(`${url}/rest/${path}`)).json()) as RestJson;
  const subscriber = await ZmqClient.connect(zmq.portOf(ANY) as number, { topics: [""] });
  const { body } = await fetch(`${url}/events`);
  const reader = present(body ?? undefined, "a stream of events")
    .pipeThrough(new TextDecoderStream())
    .getReader();
  onTestFinished(() => reader.cancel().catch(() => {}));
  let heard = "";
  /** Reads on until an event of this kind has been heard that says this. */
  const event = async (type: string, words: string) => {
    while (
      !heard.split("\n\n").some((each) => each.includes(`event: ${type}\n`) && each.includes(words))
    ) {
      const { value, done } = await reader.read();
      if (done) throw new RangeError(`the events ended before ${type} ${words}`);
      heard += value;
    }
    // Each is heard once.
    heard = "";
  };
  return { node, client, rest, subscriber, event };
}

test("what one door has answered, every other door shows, under load", async () => {
  const { node, client, rest, subscriber, event } = await start();
  const key = testKey(0);
  await node.mine(100 + ROUNDS, { to: key.script });
  let isOver = false;
  let asked = 0;
  const load = Array.from({ length: 6 }, async (_, i) => {
    while (!isOver) {
      asked++;
      const { hash } = node.chain.tip;
      if (i % 3 === 0) await client.getBlock(hash, 2);
      else if (i % 3 === 1) await rest(`block/${hash}.json`);
      else await client.getRawMempool(true);
    }
  });
  const coins = (await spendableCoins(node.chain, key.script)).sort(
    (a, b) => a.coin.height - b.coin.height,
  );
  const paid = bytesToHex(testKey(1).script);
  /** Confirmed and unconfirmed ids of the script that is paid, the youngest first, which the sums must agree with. */
  const historyOfPaid = async () => {
    const [history, balance] = (await Promise.all([
      client.call("getscripthistory", [paid, { limit: 100, newest_first: true }]),
      client.call("getscriptbalance", [paid]),
    ])) as [ScriptFacts["history"], ScriptFacts["balance"]];
    const { confirmed, unconfirmed } = history;
    expect(balance.confirmed.transactions).toBe(confirmed.length);
    expect(balance.unconfirmed.transactions).toBe(unconfirmed.length);
    return [confirmed.map(({ txid }) => txid), unconfirmed.map(({ txid }) => txid)] as const;
  };
  const published = async () => {
    await subscriber.ping(`${subscriber.commands.length}`);
    return subscriber.received.map(({ topic, body }) => `${topic} ${body.toString("hex")}`);
  };

  for (const each of coins.slice(0, ROUNDS)) {
    const outputs = [{ value: each.coin.value - 1_000n, scriptPubKey: testKey(1).script }];
    const transaction = payment({ coins: [each], key, outputs });
    const raw = bytesToHex(transaction.toBytes());
    const txid = await client.sendRawTransaction(raw);
    expect(txid).toBe(transaction.txid);
    await event("transaction", txid);
    const [listed, contents, shown, unspent, messages] = await Promise.all([
      client.call("getrawmempool", [false, true]) as Promise<Listed>,
      rest("mempool/contents.json?verbose=false&mempool_sequence=true"),
      rest(`tx/${txid}.json`),
      rest(`getutxos/checkmempool/${each.outpoint.txid}-0/${txid}-0.json`),
      published(),
    ]);
    expect(contents).toEqual(listed);
    expect(listed.txids).toEqual([txid]);
    expect(shown.txid).toBe(txid);
    expect(unspent.bitmap).toBe("01");
    expect((await historyOfPaid())[1]).toEqual([txid]);
    const number = Buffer.alloc(8);
    number.writeBigUInt64LE(BigInt(listed.mempool_sequence - 1));
    expect(messages).toContain(`sequence ${txid}41${number.toString("hex")}`);
    expect(messages).toContain(`rawtx ${raw}`);

    const [hash = ""] = await client.generateToAddress(1, REWARD);
    await event("block-connected", hash);
    const [info, best, empty, told, count] = await Promise.all([
      rest("chaininfo.json"),
      client.getBestBlockHash(),
      rest("mempool/info.json"),
      published(),
      client.getBlockCount(),
    ]);
    expect([info.bestblockhash, best, info.blocks]).toEqual([hash, hash, count]);
    expect(empty.size).toBe(0);
    expect(told.slice(-2)).toEqual([
      `hashblock ${hash}`,
      `rawblock ${bytesToHex((await node.chain.getRawBlock(hash as BlockHash)) as Uint8Array)}`,
    ]);
    expect(told).toContain(`sequence ${hash}43`);
    // The indexes are where the chain is: a confirmed transaction and a spender are found without their block.
    const [found, byRest, [spending]] = await Promise.all([
      client.getRawTransaction(txid, 1),
      rest(`tx/${txid}.json`),
      client.call("gettxspendingprevout", [
        [{ txid: each.outpoint.txid, vout: each.outpoint.vout }],
      ]) as Promise<readonly { readonly spendingtxid?: string }[]>,
    ]);
    expect([found.blockhash, byRest.blockhash]).toEqual([hash, hash]);
    expect(spending?.spendingtxid).toBe(txid);
    const [confirmedIds, unconfirmedIds] = await historyOfPaid();
    expect([confirmedIds[0], unconfirmedIds]).toEqual([txid, []]);
  }

  // And back: an answered invalidateblock is one for all of them.
  const { hash, parent } = node.chain.tip;
  await client.invalidateBlock(hash);
  await event("block-disconnected", hash);
  const [info, messages] = await Promise.all([rest("chaininfo.json"), published()]);
  expect(info.bestblockhash).toBe(parent?.hash);
  expect(messages).toContain(`sequence ${hash}44`);
  const [last] = coins.slice(ROUNDS - 1);
  const waiting = await client.getRawMempool();
  const [left, back] = await historyOfPaid();
  expect([left.length, back]).toEqual([ROUNDS - 1, waiting]);
  expect((await rest(`tx/${waiting[0]}.json`)).blockhash).toBeUndefined();
  expect(await client.getTxOut(last?.outpoint.txid ?? "", 0)).toBeNull();
  await client.reconsiderBlock(hash);
  await event("block-connected", hash);
  const [again, confirmed] = await Promise.all([
    rest("chaininfo.json"),
    rest(`tx/${waiting[0]}.json`),
  ]);
  expect([again.bestblockhash, confirmed.blockhash]).toEqual([hash, hash]);
  const [all, none] = await historyOfPaid();
  expect([all.length, all[0], none]).toEqual([ROUNDS, waiting[0], []]);
  isOver = true;
  await Promise.all(load);
  expect(asked).toBeGreaterThan(ROUNDS);
});
