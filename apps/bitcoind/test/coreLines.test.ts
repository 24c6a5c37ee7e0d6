import type { Txid } from "@chain/core";
import { TestNetwork } from "@chain/testing/network";
import { Stranger } from "@chain/testing/stranger";
import { MSG_TX, MSG_WITNESS_BLOCK, MSG_WITNESS_FLAG, MSG_WTX } from "@chain/wire";
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
  [
    '127.0.0.1:5: dropped message "badmsg" of 2 bytes: bad-checksum, expected 78df0a04 was ffffffff',
    "[net] Header error: Wrong checksum (badmsg, 2 bytes), expected 78df0a04 was ffffffff, peer=3",
  ],
  [
    '127.0.0.1:5: dropped message "bad" of 2 bytes: invalid-command',
    "[net] Header error: Invalid message type (bad, 2 bytes), peer=3",
  ],
  [
    '127.0.0.1:5: dropped message "novelty" of 2 bytes: unknown-command',
    '[net] Unknown message type "novelty" from peer=3',
  ],
  ["calling 127.0.0.1:5", "[net] trying v1 connection (127.0.0.1:5) lastseen=0.0hrs"],
  ["refused 127.0.0.1:5: it is banned", "[net] connection from 127.0.0.1:5 dropped (banned)"],
])("%j is said as Core says it", (message, line) => {
  expect(coreLinesFor(message, { peer: 3 })).toEqual([line]);
});

test("a call of the RPC is named with its user", () => {
  const fields = { event: "rpc-call", method: "getblocktemplate", user: "__cookie__" };
  expect(coreLinesFor("__cookie__ calls getblocktemplate", fields)).toEqual([
    "[rpc] ThreadRPCServer method=getblocktemplate user=__cookie__",
  ]);
});

const [AA, BB] = ["aa".repeat(32), "bb".repeat(32)];

test("a refused transaction is named with its peer, reason and explanation", () => {
  const reason = "mempool-script-verify-flag-failed (Stack (or so))";
  const message = `refused transaction ${AA} (wtxid=${BB}) from 127.0.0.1:5: ${reason} (input 0)`;
  expect(coreLinesFor(message, { peer: 0, reason, debug: "input 0" })).toEqual([
    `[mempoolrej] ${AA} (wtxid=${BB}) from peer=0 was not accepted: ${reason}, input 0`,
  ]);
  const dust = `refused transaction ${AA} (wtxid=${BB}) from 127.0.0.1:5: dust`;
  expect(coreLinesFor(dust, { peer: 0, reason: "dust" })).toEqual([
    `[mempoolrej] ${AA} (wtxid=${BB}) from peer=0 was not accepted: dust`,
  ]);
});

test("a block that can't be read is what Core's stream throws, and nothing of its rules", () => {
  const debug = "3 in a longer form than it needs";
  const message = `refused block ${AA} from 127.0.0.1:5: bad-block-encoding (${debug})`;
  const fields = { peer: 0, reason: "bad-block-encoding", debug };
  expect(coreLinesFor(message, fields)).toEqual([
    "[net] ProcessMessages(block): Exception 'non-canonical ReadCompactSize(): iostream error' caught",
  ]);
});

test.each(["block", "compact block"])("a refused %s gives the lines of its rule", (kind) => {
  const message = `refused ${kind} ${AA} from 127.0.0.1:5: bad-txnmrklroot (hashMerkleRoot mismatch)`;
  const state = "bad-txnmrklroot, hashMerkleRoot mismatch";
  const fields = { peer: 0, reason: "bad-txnmrklroot", debug: "hashMerkleRoot mismatch" };
  expect(coreLinesFor(message, fields)).toEqual([
    `[validation] ProcessNewBlock: AcceptBlock: ${AA}, ${state}`,
    `[validation] Block validation error: ${state}`,
    `[validation] ProcessNewBlock: AcceptBlock FAILED (${state})`,
    `[validation] Block mutated: ${state}`,
  ]);
  const cheap = `refused ${kind} ${AA} from 127.0.0.1:5: bad-cb-amount`;
  expect(coreLinesFor(cheap, { peer: 0, reason: "bad-cb-amount" })).toHaveLength(3);
});

test.each([
  [
    { event: "announced-again", txid: AA, wtxid: BB, peer: 2 },
    `Force relaying tx ${AA} (wtxid=${BB}) from peer=2`,
  ],
  [
    { event: "not-announced-again", txid: AA, wtxid: BB, peer: 2 },
    `Not relaying non-mempool transaction ${AA} (wtxid=${BB}) from forcerelay peer=2`,
  ],
  [
    { event: "unbroadcast-removed", txid: AA, isSeen: true },
    `[mempool] Removed ${AA} from set of unbroadcast txns`,
  ],
  [
    { event: "unbroadcast-removed", txid: AA, isSeen: false },
    `[mempool] Removed ${AA} from set of unbroadcast txns before confirmation that txn was sent out`,
  ],
  [
    { event: "orphans-left", count: 7, peer: 3 },
    "[txpackages] Erased 7 orphan transaction(s) from peer=3",
  ],
  [{ event: "orphans-evicted", count: 1 }, "[txpackages] orphanage overflow, removed 1 tx"],
  [
    { event: "orphan-of-refused", txid: AA, wtxid: BB, peer: 3 },
    `[mempool] not keeping orphan with rejected parents ${AA} (wtxid=${BB})`,
  ],
  [
    { event: "low-work-compact-block", hash: AA, peer: 3 },
    "[net] Ignoring low-work compact block from peer 3",
  ],
  [
    { event: "low-work-headers", height: 14, peer: 3 },
    "[net] Ignoring low-work chain (height=14) from peer=3",
  ],
  [
    { event: "low-work-block", hash: AA, peer: 2 },
    `[validation] AcceptBlockHeader: not adding new block header ${AA}, missing anti-dos proof-of-work validation`,
  ],
])("the event of %j is said as Core says it", (fields, line) => {
  expect(coreLinesFor("words of ours", fields)[0]).toBe(line);
});

test("a message that does not decode is said as received, and as an exception", () => {
  const text = '127.0.0.1:5: unreadable message "addrv2" of 0 bytes: end of data: needs 1 bytes';
  expect(coreLinesFor(text, { peer: 3 })).toEqual([
    "[net] received: addrv2 (0 bytes) peer=3",
    "[net] ProcessMessages(addrv2, 0 bytes): Exception 'end of data: needs 1 bytes' caught",
  ]);
});

test.each([
  ["outbound", 'Ignoring "getaddr" from outbound-full-relay connection. peer=3'],
  ["inbound", 'Ignoring repeated "getaddr". peer=3'],
])("a question for addresses of a peer that is %s, which is not answered", (kind, line) => {
  expect(coreLinesFor("", { event: "getaddr-ignored", peer: 3, kind })).toEqual([`[net] ${line}`]);
});

test.each([
  [true, "Empty addrman, adding seednode (25.0.0.1) to addrfetch"],
  [
    false,
    "Couldn't connect to peers from addrman after 10 seconds. Adding seednode (25.0.0.1) to addrfetch",
  ],
])("a seed that is asked, with no addresses known: %s", (isEmpty, line) => {
  expect(coreLinesFor("", { event: "seed-asked", seed: "25.0.0.1", isEmpty })).toEqual([line]);
});

test("new addresses are named, with their number and the peer that told of them", () => {
  const addresses = "9.9.9.9:8333 8.8.8.8:8333";
  const fields = { event: "addresses-added", peer: 3, offered: 5, source: "127.0.0.1", addresses };
  expect(coreLinesFor("", fields)).toEqual([
    "[addrman] Added 9.9.9.9:8333 to new",
    "[addrman] Added 8.8.8.8:8333 to new",
    "[addrman] Added 2 addresses (of 5) from 127.0.0.1",
  ]);
});

const { magic } = new TestNetwork().params;

test.each([
  [
    new Uint8Array(24).fill(0xff),
    "[net] Header error: Wrong MessageStart ffffffff received, peer=0",
  ],
  [
    [...magic, ...Buffer.from("badmsg\0\0\0\0\0\0"), 0x01, 0x09, 0x3d, 0, 0, 0, 0, 0],
    "[net] Header error: Size too large (badmsg, 4000001 bytes), peer=0",
  ],
])("bytes that end the connection are said as Core says them", async (bytes, line) => {
  const network = new TestNetwork();
  const node = await network.add("node");
  const lines: string[] = [];
  const end = sayCoreLines(node.node, (each) => lines.push(each));
  const stranger = await Stranger.connect(network, node);
  stranger.write(Uint8Array.from(bytes));
  await stranger.isDropped();
  end();
  expect(lines).toContain(line);
});

test("a block whose parent is unknown is refused without an explanation", () => {
  const reason = "prev-blk-not-found";
  const message = `refused block ${AA} from 127.0.0.1:5: ${reason} (${BB})`;
  expect(coreLinesFor(message, { peer: 0, reason, debug: BB })).toContain(
    `[validation] ProcessNewBlock: AcceptBlock FAILED (${reason})`,
  );
});

test("a request names the first thing that is asked for as Core does", async () => {
  const network = new TestNetwork();
  const node = await network.add("node");
  const lines: string[] = [];
  const end = sayCoreLines(node.node, (line) => lines.push(line));
  const stranger = await Stranger.connect(network, node);
  for (const type of [MSG_WITNESS_BLOCK, MSG_TX | MSG_WITNESS_FLAG, MSG_WTX]) {
    stranger.say({ command: "getdata", items: [{ type, hash: AA as Txid }] });
  }
  await network.time.pass(1_000);
  end();
  const asked = lines.filter((line) => line.includes("getdata for"));
  expect(asked).toEqual(
    ["witness-block", "witness-tx", "wtx"].map(
      (kind) => `[net] received getdata for: ${kind} ${AA} peer=0`,
    ),
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
