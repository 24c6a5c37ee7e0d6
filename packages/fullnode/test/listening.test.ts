/** Several addresses of one node, each with rules of its own. */
import { once } from "node:events";
import { createServer } from "node:net";
import type { Permission } from "@chain/engine";
import { startTestNode } from "@chain/testing/nodes";
import { freePort } from "@chain/testing/place";
import { Probe } from "@chain/testing/probe";
import { expect, onTestFinished, test } from "vitest";
import { parseListening } from "../src/peerAddress.ts";
import { drive, newRegtest } from "./support/rpc.ts";

test("what a caller may do depends on where it calls, and it is told so", async () => {
  const [white, onion] = [await freePort(), await freePort()];
  const host = "127.0.0.1";
  const permissions: ReadonlySet<Permission> = new Set(["noban", "download"]);
  const bind = [{ host }, { host, port: white, permissions }, { host, port: onion, isOnion: true }];
  const { rpc, identity, node } = await drive({ bind });
  expect(node.listening).toEqual(
    [identity.nodeId, white, onion].map((port) => ({ host: "127.0.0.1", port })),
  );
  for (const port of [identity.nodeId, white, onion]) {
    await Probe.connect(port);
    await expect
      .poll(async () => (await rpc.call("getpeerinfo")).map(({ addrbind }) => addrbind))
      .toContain(`127.0.0.1:${port}`);
  }
  const peers = await rpc.call("getpeerinfo");
  expect(peers.map((peer) => [peer.network, peer.permissions])).toEqual([
    ["not_publicly_routable", []],
    ["not_publicly_routable", ["noban", "download"]],
    ["onion", []],
  ]);
});

test("a node that listens nowhere starts all the same", async () => {
  const { node, identity } = await drive({ bind: [] });
  expect([node.port, node.listening]).toEqual([0, []]);
  await expect(Probe.connect(identity.nodeId)).rejects.toThrow("ECONNREFUSED");
});

test("where one address is taken, none is kept, unless it was optional", async () => {
  const taken = createServer();
  onTestFinished(() => void taken.close());
  await once(taken.listen(0, "127.0.0.1"), "listening");
  const found = taken.address();
  const port = typeof found === "object" && found !== null ? found.port : 0;
  const identity = await newRegtest();
  const at = (isOptional: boolean) => [
    { host: "127.0.0.1" },
    { host: "127.0.0.1", port, isOptional },
  ];
  await expect(startTestNode({ identity, bind: at(false) })).rejects.toMatchObject({
    code: "in-use",
    data: { option: "port", host: "127.0.0.1", port },
  });
  const node = await startTestNode({ identity, bind: at(true) });
  expect(node.listening).toEqual([{ host: "127.0.0.1", port: identity.nodeId }]);
});

test.each([
  ["127.0.0.1", { host: "127.0.0.1" }],
  ["0.0.0.0:5", { host: "0.0.0.0", port: 5 }],
  ["::1", { host: "::1" }],
  ["[::1]", { host: "::1" }],
  ["[::1]:5", { host: "::1", port: 5 }],
  ["localhost:5", { host: "localhost", port: 5 }],
  ["", undefined],
  ["127.0.0.1:", undefined],
  ["127.0.0.1:0", undefined],
  ["127.0.0.1:65536", undefined],
  ["[127.0.0.1]:5", undefined],
  ["[::1", undefined],
  ["a b", undefined],
])("%j is where to listen, or is not", (text, parsed) => {
  expect(parseListening(text)).toEqual(parsed);
});
