/** REST, server-sent events and metrics on the HTTP door, on a chain that changes. */

import { EventEmitter } from "node:events";
import { type IncomingMessage, request, type ServerResponse } from "node:http";
import { type Block, bytesToHex, hexToBytes } from "@chain/core";
import { spendableCoins } from "@chain/engine";
import { METHODS, RestServer, RpcServer } from "@chain/rpc";
import { payment, testKey } from "@chain/testing/blockFactory";
import { mineTo, payAll, startTestNode } from "@chain/testing/nodes";
import { freePort, GENESIS, newIdentity } from "@chain/testing/place";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createNode } from "../src/createNode.ts";
import { type EventsService, startEvents } from "../src/events/route.ts";
import type { InProcessNode } from "../src/inProcess/node.ts";
import { NodeMetrics } from "../src/metrics/nodeMetrics.ts";
import { metricsRoute } from "../src/metrics/route.ts";
import { startRpcHttp } from "../src/rpc/httpServer.ts";
import { restRoute } from "../src/rpc/restRoute.ts";
import { rpcHostOf } from "./support/rpcHost.ts";

async function start({ maxKept }: { readonly maxKept?: number } = {}) {
  const node = await createNode();
  const { chain } = node;
  const metrics = new NodeMetrics();
  const unwatch = metrics.watch(chain, node.node);
  const host = rpcHostOf(node);
  const server = new RpcServer({ host, methods: METHODS, observe: (call) => metrics.called(call) });
  const events = startEvents(chain, maxKept === undefined ? {} : { maxKept });
  const routes = [restRoute(new RestServer({ rpc: server })), events.route, metricsRoute(metrics)];
  const door = await startRpcHttp({ server, port: 0, routes });
  onTestFinished(async () => {
    await events.stop();
    await door.close();
    unwatch();
    await node.close();
  });
  return { node, server, metrics, events, port: door.port, cookie: door.cookie };
}

interface Got {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly body: Buffer;
}

function ask(port: number, path: string, method = "GET", body?: Uint8Array): Promise<Got> {
  return new Promise((resolve, reject) => {
    const call = request({ host: "127.0.0.1", port, path, method }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const { "content-type": type } = response.headers;
        resolve({ status: response.statusCode, type, body: Buffer.concat(chunks) });
      });
    });
    call.on("error", reject).end(body);
  });
}

async function pay(node: InProcessNode, fee: bigint) {
  const coins = await spendableCoins(node.chain, testKey(0).script);
  const [first] = coins.sort((a, b) => a.coin.height - b.coin.height);
  if (first === undefined) throw new RangeError("no coin to spend");
  const outputs = [{ value: first.coin.value - fee, scriptPubKey: testKey(1).script }];
  return payment({ coins: [first], key: testKey(0), outputs });
}

interface Event {
  readonly id: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Reads events as a browser does. */
class Reader {
  readonly events: Event[] = [];
  #text = "";
  #tell: () => void = () => {};
  readonly #call;

  constructor(port: number, lastId?: string) {
    const headers = lastId === undefined ? {} : { "last-event-id": lastId };
    this.#call = request({ host: "127.0.0.1", port, path: "/events", headers }, (response) => {
      response.setEncoding("utf8").on("data", (chunk) => {
        this.#text += chunk;
        this.#cut();
      });
      response.on("error", () => {});
    });
    this.#call.on("error", () => {}).end();
    onTestFinished(() => this.close());
  }

  close(): void {
    this.#call.destroy();
  }

  async count(count: number): Promise<readonly Event[]> {
    while (this.events.length < count) {
      await new Promise<void>((resolve) => {
        this.#tell = resolve;
      });
    }
    return this.events;
  }

  #cut(): void {
    const parts = this.#text.split("\n\n");
    this.#text = parts.pop() ?? "";
    for (const part of parts) {
      const lines = new Map(
        part.split("\n").map((line) => line.split(/: (.*)/s) as [string, string]),
      );
      const data = lines.get("data");
      if (data === undefined) continue;
      const type = lines.get("event") ?? "";
      this.events.push({ id: lines.get("id") ?? "", type, data: JSON.parse(data) });
    }
    this.#tell();
  }
}

describe("REST over HTTP", () => {
  test("needs no credentials, and answers GET and POST", async () => {
    const { node, port } = await start();
    const [block] = (await node.mine(1)) as [Block];
    const raw = await ask(port, `/rest/block/${block.hash}.bin`);
    expect(raw).toEqual({
      status: 200,
      type: "application/octet-stream",
      body: Buffer.from(block.toBytes()),
    });
    const headers = await ask(port, `/rest/headers/${block.hash}.json?count=1`);
    expect(headers.type).toBe("application/json");
    expect(JSON.parse(String(headers.body))[0].hash).toBe(block.hash);
    const txid = block.transactions[0]?.txid ?? "";
    const asked = hexToBytes(`0001${bytesToHex(hexToBytes(txid).reverse())}00000000`);
    const posted = await ask(port, "/rest/getutxos.bin", "POST", asked);
    expect(posted).toEqual(await ask(port, `/rest/getutxos/${txid}-0.bin`));
    expect((await ask(port, "/rest/block/abc.json")).status).toBe(400);
    expect((await ask(port, "/rest/nothing")).status).toBe(404);
    expect((await ask(port, "/rest/chaininfo.json", "DELETE")).status).toBe(405);
    const large = await ask(port, "/rest/getutxos.bin", "POST", new Uint8Array(100_000));
    expect(large.status).toBe(413);
    expect((await ask(port, "/", "POST")).status).toBe(401);
  });
});

describe("server-sent events", () => {
  test("tell of blocks, transactions and reorganisations in order", async () => {
    const { node, port } = await start();
    await node.mine(101, { to: testKey(0).script });
    const reader = new Reader(port);
    const [first] = await reader.count(1);
    const { hash, height } = node.chain.tip;
    expect(first).toMatchObject({ type: "tip", data: { hash, height } });
    const transaction = await pay(node, 1_000n);
    await node.submit(transaction);
    const [block] = (await node.mine(1)) as [Block];
    await node.chain.invalidateBlock(node.chain.tip);
    const { txid, wtxid, virtualSize: vsize } = transaction;
    expect((await reader.count(9)).slice(1).map(({ type, data }) => [type, data])).toEqual([
      ["transaction", { txid, wtxid, vsize }],
      [
        "block-connected",
        { hash: block.hash, height: 102, transactions: 2, time: block.header.time },
      ],
      ["transaction-removed", { txid, why: "block" }],
      ["tip", { hash: block.hash, height: 102 }],
      ["block-disconnected", { hash: block.hash, height: 102 }],
      ["transaction", { txid, wtxid, vsize }],
      ["reorganisation", { hash, height: 101, fork_height: 101, disconnected: 1 }],
      ["tip", { hash, height: 101 }],
    ]);
  });

  test("go on where a reader has left off; one that is unknown learns where the chains part", async () => {
    const { node, port } = await start();
    await node.mine(3);
    const reader = new Reader(port);
    await reader.count(1);
    await node.mine(1);
    const seen = [...(await reader.count(3))];
    reader.close();
    await node.mine(2);
    const again = new Reader(port, seen[1]?.id);
    const rest = await again.count(5);
    expect(rest[0]).toEqual(seen[2]);
    expect(rest.map(({ data }) => data["height"])).toEqual([4, 5, 5, 6, 6]);
    expect(new Set(rest.map(({ id }) => id)).size).toBe(5);

    // Of another run of the node, at a block that the chain has left since.
    const left = node.chain.tip;
    await node.chain.invalidateBlock(left);
    const { hash, height } = node.chain.tip;
    const other = new Reader(port, `0-7-${left.hash}`);
    expect((await other.count(1))[0]).toMatchObject({
      type: "tip",
      data: { hash, height, fork_hash: hash, fork_height: height },
    });
    for (const bad of ["x", "", `0-7-${"f".repeat(64)}`]) {
      const [event] = await new Reader(port, bad).count(1);
      expect(event).toMatchObject({ type: "tip", data: { hash, height } });
      expect(Object.keys(event?.data ?? {})).toEqual(["hash", "height"]);
    }
  });

  test("are for GET alone, at their own path", async () => {
    const { port } = await start();
    expect((await ask(port, "/events", "POST")).status).toBe(405);
    expect((await ask(port, "/metrics", "POST")).status).toBe(405);
    for (const path of ["/eventsandmore", "/metrics/more"]) {
      expect((await ask(port, path)).status).toBe(404);
    }
  });

  test("wait for a slow reader without a copy, and go on when it has read", async () => {
    const { node, port, events } = await start({ maxKept: 20 });
    const fast = new Reader(port);
    await fast.count(1);
    const slow = new Unread();
    await slow.readFrom(events);
    const tip = slow.texts.splice(0);
    expect(tip.at(-1)).toContain("event: tip");
    await node.mine(5);
    expect(slow.texts).toEqual([]);
    slow.drain(3);
    expect(slow.texts).toHaveLength(3);
    // Twice as many as are kept: its next event is not among them.
    await node.mine(18);
    expect(slow.isDestroyed).toBe(true);
    expect(slow.texts).toHaveLength(3);
    expect((await fast.count(47)).map(({ data }) => data["height"]).at(-1)).toBe(23);
  });

  test("end for a reader that takes nothing between two signs of life", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    onTestFinished(() => void vi.useRealTimers());
    const { node, events } = await start();
    const [deaf, slow, idle] = [new Unread(), new Unread(), new Unread()];
    for (const each of [deaf, slow, idle]) await each.readFrom(events);
    idle.drain(100);
    await node.mine(1);
    vi.advanceTimersByTime(16_000);
    slow.drain(1);
    vi.advanceTimersByTime(15_000);
    expect([deaf, slow, idle].map(({ isDestroyed }) => isDestroyed)).toEqual([true, false, false]);
    expect(idle.texts.filter((text) => text === ": \n\n")).toHaveLength(2);
  });

  test("go to newcomers where too many read: the oldest of the greatest crowd gives way", async () => {
    const { events } = await start();
    const crowd = Array.from({ length: 63 }, () => new Unread());
    const [alone, owner, newcomer] = [new Unread("127.0.0.2"), new Unread(), new Unread()];
    await alone.readFrom(events);
    await owner.readFrom(events, true);
    for (const each of crowd) await each.readFrom(events);
    expect(crowd.some(({ isDestroyed }) => isDestroyed)).toBe(false);
    await newcomer.readFrom(events);
    for (let i = 0; i < 100; i++) await new Unread().readFrom(events);
    expect(crowd.every(({ isDestroyed }) => isDestroyed)).toBe(true);
    expect([alone, owner].map(({ isDestroyed }) => isDestroyed)).toEqual([false, false]);
  });
});

/** An answer whose reader takes as many texts as it is told. */
class Unread extends EventEmitter {
  readonly texts: string[] = [];
  isDestroyed = false;
  #room = 0;
  readonly #address: string;

  constructor(address = "127.0.0.1") {
    super();
    this.#address = address;
  }

  readFrom(events: EventsService, isOwner = false): void | Promise<void> {
    const socket = { remoteAddress: this.#address };
    const request = { method: "GET", headers: {}, socket, resume: () => {} };
    return events.route.handle(
      request as unknown as IncomingMessage,
      new URL("http://localhost"),
      this as unknown as ServerResponse,
      isOwner,
    );
  }

  get writableNeedDrain(): boolean {
    return this.#room === 0;
  }

  writeHead(): void {}

  write(text: string): boolean {
    this.texts.push(text);
    this.#room = Math.max(0, this.#room - 1);
    return this.#room > 0;
  }

  /** Has read all, and has room for so many texts. */
  drain(room: number): void {
    this.#room = room;
    this.emit("drain");
  }

  destroy(): void {
    this.isDestroyed = true;
    this.emit("close");
  }
}

test("metrics tell of the chain, of peers and of calls", async () => {
  const { node, port, server, metrics } = await start();
  const other = await createNode();
  onTestFinished(() => other.close());
  await other.connect(node);
  await node.mine(5);
  await other.until(() => other.chain.tip.hash === node.chain.tip.hash);
  await node.chain.invalidateBlock(node.chain.tip);
  await server.call("getblockcount");
  await server.call("getblock", ["00"]).catch(() => {});
  metrics.scriptRun(500);
  metrics.scriptKnown();
  const { body, type } = await ask(port, "/metrics");
  expect(type).toMatch(/^text\/plain; version=0\.0\.4/);
  const values = new Map(
    String(body)
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => line.split(/ (?=\S+$)/) as [string, string]),
  );
  const value = (name: string) => Number(values.get(name));
  expect(value("chain_height")).toBe(4);
  expect(value("chain_headers_height")).toBe(4);
  expect(value('chain_peers{kind="inbound"}')).toBe(1);
  expect(value('chain_peers{kind="outbound"}')).toBe(0);
  expect(value("chain_reorganisations_total")).toBe(1);
  expect(value("chain_blocks_disconnected_total")).toBe(1);
  expect(value("chain_script_checks_total")).toBe(1);
  expect(value("chain_script_check_seconds_total")).toBe(0.5);
  expect(value("chain_script_cache_hits_total")).toBe(1);
  expect(value('chain_rpc_call_seconds_count{method="getblockcount",result="ok"}')).toBe(1);
  expect(value('chain_rpc_call_seconds_count{method="getblock",result="error"}')).toBe(1);
  const verack = 'chain_message_bytes_total{direction="received",command="verack"}';
  expect(value(verack)).toBe(24);
  const [peer] = node.node.peers();
  metrics.connectionEnded(peer?.traffic ?? { received: new Map(), sent: new Map() });
  const later = String((await ask(port, "/metrics")).body);
  expect(later).toContain(`${verack} 48`);
});

test("a node serves on the port of its RPC what it was told to, and no more", async () => {
  const open = await freePort();
  const closed = await freePort();
  const metrics = { rest: true, events: true, metrics: true };
  const rpc = { ...metrics, port: open };
  const node = await startTestNode({ identity: await newIdentity(), genesis: GENESIS, rpc });
  const other = { identity: await newIdentity(), genesis: GENESIS, rpc: { port: closed } };
  await startTestNode(other);
  for (const path of ["/rest/chaininfo.json", "/events", "/metrics"]) {
    expect((await ask(closed, path)).status).toBe(404);
  }
  const reader = new Reader(open);
  await reader.count(1);
  await mineTo(node, testKey(0).script, 1);
  const spend = await payAll(node, { less: 1_000n });
  expect((await node.chain.acceptTransaction(spend)).ok).toBe(true);
  const { hash } = node.chain.tip;
  const info = JSON.parse(String((await ask(open, "/rest/chaininfo.json")).body));
  expect(info.bestblockhash).toBe(hash);
  expect((await reader.count(4)).map(({ type }) => type)).toEqual([
    "tip",
    "block-connected",
    "tip",
    "transaction",
  ]);
  const text = String((await ask(open, "/metrics")).body);
  expect(text).toContain("\nchain_height 1\n");
  // One for each coin that is spent, by the engine's port.
  expect(text).toMatch(/\nchain_script_checks_total [1-9]/);
  expect(Number(/\nchain_script_check_seconds_total (\S+)/.exec(text)?.[1])).toBeGreaterThan(0);
});
