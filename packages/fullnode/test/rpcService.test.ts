/** The RPC of a node as a part that is started and stopped. */

import { once } from "node:events";
import { mkdir, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { ChainEvent } from "@chain/engine";
import { newIdentity } from "@chain/testing/place";
import { expect, onTestFinished, test } from "vitest";
import type { Identity } from "../src/identity.ts";
import { NodeMetrics } from "../src/metrics/nodeMetrics.ts";
import { openRpc, type RpcConfig } from "../src/node/rpcService.ts";
import { silentLog } from "../src/ports/silentLog.ts";
import type { HostParts } from "../src/rpc/host.ts";

/** As much of a node as the RPC asks for before it is called. */
async function parts() {
  const identity = await newIdentity();
  const listeners = new Set<(event: ChainEvent) => void>();
  const chain = {
    subscribe: (listener: (event: ChainEvent) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return {
    identity,
    listeners,
    host: { identity, chain, node: {}, zmq: [] } as unknown as Host,
  };
}

type Host = HostParts & { readonly identity: Identity };

const startRpc = async (host: Host, config: RpcConfig) => {
  const door = await openRpc(host.identity, config, silentLog);
  onTestFinished(() => door.stop());
  return door.start(host);
};

test("leaves nothing behind where its port is taken, or its record can't be written", async () => {
  const { identity, listeners, host } = await parts();
  const other = createServer();
  onTestFinished(() => void other.close());
  await once(other.listen(0, "127.0.0.1"), "listening");
  const taken = other.address();
  const port = typeof taken === "object" && taken !== null ? taken.port : 0;
  await expect(startRpc(host, { port, events: true })).rejects.toThrow("has the port");
  expect(listeners.size).toBe(0);

  await mkdir(identity.paths.control);
  const door = await openRpc(identity, { events: true }, silentLog);
  await expect(door.start(host)).rejects.toThrow("the control file");
  await door.stop();
  expect(listeners.size).toBe(0);
});

test("ends all that it has begun", async () => {
  const { listeners, host } = await parts();
  const rpc = await startRpc(host, { events: true });
  expect(listeners.size).toBe(1);
  await rpc.stop();
  expect(listeners.size).toBe(0);
});

test("says what the node is doing until it has started, at each of its paths", async () => {
  const { identity, listeners } = await parts();
  const metrics = new NodeMetrics();
  const ways = { port: 0, rest: true, events: true, metrics: true };
  const door = await openRpc(identity, ways, silentLog, metrics);
  onTestFinished(() => door.stop());
  const cookie = await readFile(identity.paths.cookie, "utf8");
  const url = `http://127.0.0.1:${door.port}`;
  const authorization = `Basic ${Buffer.from(cookie).toString("base64")}`;
  const call = async (body: unknown) => {
    const answer = await fetch(url, {
      method: "POST",
      headers: { authorization },
      body: JSON.stringify(body),
    });
    return [answer.status, await answer.json()];
  };
  const asks = { method: "uptime", id: 1 };
  const error = { code: -28, message: "Loading block index…" };
  expect(await call(asks)).toEqual([500, { result: null, error, id: 1 }]);
  door.saysOf("Loading P2P addresses…");
  const later = { code: -28, message: "Loading P2P addresses…" };
  expect(await call([{ ...asks, jsonrpc: "2.0" }])).toEqual([
    200,
    [{ jsonrpc: "2.0", error: later, id: 1 }],
  ]);
  // A method that there is not is no exception, and a password is asked for as ever.
  expect(await call({ method: "none", id: 1 })).toEqual([
    500,
    { result: null, error: later, id: 1 },
  ]);
  expect((await fetch(url, { method: "POST" })).status).toBe(401);
  for (const path of ["/rest/chaininfo.json", "/events", "/metrics"]) {
    const answer = await fetch(`${url}${path}`);
    expect([path, answer.status, (await answer.text()).trim()]).toEqual([
      path,
      503,
      "Service temporarily unavailable: Loading P2P addresses…",
    ]);
  }
  expect(listeners.size).toBe(0);
  await expect(readFile(identity.paths.control)).rejects.toThrow("ENOENT");
});
