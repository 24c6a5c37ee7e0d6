import { TestNetwork } from "@chain/testing/network";
import { Stranger } from "@chain/testing/stranger";
import { expect, test } from "vitest";
import { coreLinesFor, sayCoreLines } from "../src/coreLines.ts";

test.each([
  ["127.0.0.1:5: pong with a short payload", "[net] pong peer=3: Short payload"],
  ["127.0.0.1:5: pong with nonce zero", "[net] pong peer=3: Nonce zero"],
  [
    "127.0.0.1:5: unsupported message prior to verack: ping",
    '[net] Unsupported message "ping" prior to verack from peer=3',
  ],
  ["127.0.0.1:5 (/a:1/) misbehaves: too much", "[net] Misbehaving: peer=3: too much"],
  ["127.0.0.1:5 may stay: too much", "[net] Misbehaving: peer=3: too much"],
  ["calling 127.0.0.1:5", "[net] trying v1 connection (127.0.0.1:5) lastseen=0.0hrs"],
  ["refused 127.0.0.1:5: it is banned", "[net] connection from 127.0.0.1:5 dropped (banned)"],
])("%j is said as Core says it", (message, line) => {
  expect(coreLinesFor(message, { peer: 3 })).toEqual([line]);
});

test("a refused transaction is named with its peer, reason and explanation", () => {
  const reason = "mempool-script-verify-flag-failed (Stack (or so))";
  const message = `refused transaction aa (wtxid=bb) from 127.0.0.1:5: ${reason} (input 0 of aa)`;
  expect(coreLinesFor(message, { peer: 0, reason })).toEqual([
    `[mempoolrej] aa (wtxid=bb) from peer=0 was not accepted: ${reason}, input 0 of aa`,
  ]);
  const dust = "refused transaction aa (wtxid=bb) from 127.0.0.1:5: dust";
  expect(coreLinesFor(dust, { peer: 0, reason: "dust" })).toEqual([
    "[mempoolrej] aa (wtxid=bb) from peer=0 was not accepted: dust",
  ]);
});

test("a refused block gives the lines that tests of its rule wait for", () => {
  const lines = coreLinesFor(
    "refused block aa from 127.0.0.1:5: bad-txnmrklroot (hashMerkleRoot mismatch)",
    {
      peer: 0,
      reason: "bad-txnmrklroot",
    },
  );
  expect(lines).toContain("[validation] Block mutated: bad-txnmrklroot, hashMerkleRoot mismatch");
  expect(lines).toContain(
    "[validation] Block validation error: bad-txnmrklroot, hashMerkleRoot mismatch",
  );
});

test("what passes between a node and a peer is said by the number of the peer", async () => {
  const network = new TestNetwork();
  const node = await network.add("node");
  const lines: string[] = [];
  const end = sayCoreLines(node.node, (line) => lines.push(line));
  const stranger = await Stranger.connect(network, node);
  stranger.say({ command: "mempool" });
  await stranger.isDropped();
  end();
  expect(lines).toContain("[net] Added connection peer=0");
  expect(lines).toContain("[net] received: mempool (0 bytes) peer=0");
  expect(lines.at(-1)).toMatch(/^\[net\] mempool request .*, disconnecting peer=0$/);
});
