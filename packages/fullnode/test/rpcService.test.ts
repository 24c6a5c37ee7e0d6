/** The RPC of a node as a part that is started and stopped. */

import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import type { ChainEvent } from "@chain/engine";
import { newIdentity } from "@chain/testing/place";
import { expect, onTestFinished, test } from "vitest";
import { startRpc } from "../src/node/rpcService.ts";
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
    host: { identity, chain, node: {}, zmq: [] } as unknown as HostParts,
  };
}

test("leaves nothing behind where its port is taken, or its record can't be written", async () => {
  const { identity, listeners, host } = await parts();
  const other = createServer();
  onTestFinished(() => void other.close());
  await once(other.listen(0, "127.0.0.1"), "listening");
  const taken = other.address();
  const port = typeof taken === "object" && taken !== null ? taken.port : 0;
  await expect(startRpc(host, { port, events: true }, silentLog)).rejects.toThrow("has the port");
  expect(listeners.size).toBe(0);

  await mkdir(identity.paths.control);
  await expect(startRpc(host, { events: true }, silentLog)).rejects.toThrow("the control file");
  expect(listeners.size).toBe(0);
});

test("ends all that it has begun", async () => {
  const { listeners, host } = await parts();
  const rpc = await startRpc(host, { events: true }, silentLog);
  expect(listeners.size).toBe(1);
  await rpc.stop();
  expect(listeners.size).toBe(0);
});
