import { type Block, refuse, type Transaction } from "@chain/core";
import type { LogLevel, Node, NodeEvent, NodeListener } from "@chain/engine";
import { GENESIS } from "@chain/testing/place";
import type { Message, PeerInfo } from "@chain/wire";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startNarrator } from "../src/node/narrator.ts";

interface Told {
  readonly level: LogLevel;
  readonly category: string;
  readonly text: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A node of which the test says what happens in it. */
function staged() {
  const lines: Told[] = [];
  let listener: NodeListener = () => {};
  const chain = {
    initialDownload: false,
    tip: { height: 0 },
    bestHeader: { height: 0 },
    mempool: { count: 2 },
  };
  const peers: { readonly presyncHeight?: number }[] = [];
  const node = {
    chain,
    peers: () => peers,
    subscribe: (wanted: NodeListener) => {
      listener = wanted;
      return () => {
        listener = () => {};
      };
    },
  } as unknown as Node;
  const narrator = startNarrator(node, (level, category, text, fields = {}) => {
    lines.push({ level, category, text, fields });
  });
  const happens = (event: NodeEvent): Told[] => {
    lines.length = 0;
    listener(event);
    return [...lines];
  };
  return { narrator, chain, peers, happens, lines };
}

const peer = 1;
const address = { host: "127.0.0.1", port: 50_123 };
const info: PeerInfo = {
  protocolVersion: 70_016,
  ownVersion: 70_016,
  timeOffset: 0,
  services: 1n,
  userAgent: "/chain-node:0.1.0(3001)/",
  startHeight: 7,
  relay: true,
  wtxidRelay: true,
  wantsAddrV2: true,
  seesUsAt: new Uint8Array(16),
  listensOn: 0,
};
const [coinbase] = GENESIS.transactions as readonly [Transaction];
const { txid } = coinbase;
const { hash } = GENESIS;
const tip = { type: "tip-changed", hash, height: 5, forkHeight: 4 } as const;
const connected = { type: "block-connected", block: GENESIS as Block, height: 5 } as const;

describe("the story of a node", () => {
  it("names a peer by what it says of itself", () => {
    const { happens } = staged();
    expect(happens({ type: "peer-connected", peer, address, inbound: true })).toMatchObject([
      { level: "debug", text: "127.0.0.1:50123 has connected" },
    ]);
    expect(happens({ type: "peer-ready", peer, info })).toMatchObject([
      {
        level: "info",
        text: "version <- node 3001 (127.0.0.1:50123): /chain-node:0.1.0(3001)/, protocol 70016, height 7",
        fields: { event: "peer", peer, agent: info.userAgent },
      },
    ]);
    expect(happens({ type: "peer-disconnected", peer, why: "it was time" })).toMatchObject([
      { text: "node 3001 (127.0.0.1:50123) is gone: it was time", fields: { event: "peer-gone" } },
    ]);
    expect(happens({ type: "message-sent", peer, message: { command: "mempool" } })).toMatchObject([
      { text: "mempool -> peer 1" },
    ]);
  });

  it.each<[Message, string]>([
    [{ command: "inv", items: [] }, "inv -> peer 1: nothing"],
    [
      {
        command: "inv",
        items: [
          { type: 1, hash: txid },
          { type: 2, hash },
        ],
      },
      `inv -> peer 1: transaction …${txid.slice(-12)} and 1 more`,
    ],
    [
      { command: "getdata", items: [{ type: 0x4000_0002, hash }] },
      `getdata -> peer 1: block …${hash.slice(-12)}`,
    ],
    [
      { command: "notfound", items: [{ type: 0xffff_ffff, hash }] },
      `notfound -> peer 1: item of type 4294967295 …${hash.slice(-12)}`,
    ],
    [{ command: "tx", transaction: coinbase }, `tx -> peer 1: …${txid.slice(-12)}, 103 bytes`],
    [
      { command: "block", raw: GENESIS.toBytes() },
      `block -> peer 1: …${hash.slice(-12)}, 184 bytes`,
    ],
    [
      {
        command: "cmpctblock",
        header: GENESIS.header,
        nonce: 1n,
        shortIds: [7],
        prefilled: [{ index: 0, transaction: GENESIS.transactions[0] as Transaction }],
      },
      `cmpctblock -> peer 1: …${GENESIS.hash.slice(-12)}, the names of 2 transactions`,
    ],
    [
      { command: "getblocktxn", blockHash: GENESIS.hash, indexes: [1] },
      `getblocktxn -> peer 1: 1 transaction of …${GENESIS.hash.slice(-12)}`,
    ],
    [
      { command: "blocktxn", blockHash: GENESIS.hash, transactions: GENESIS.transactions },
      `blocktxn -> peer 1: 1 transaction of …${GENESIS.hash.slice(-12)}`,
    ],
    [{ command: "block", raw: new Uint8Array(79) }, "block -> peer 1: no block at all, 79 bytes"],
    [{ command: "headers", headers: [GENESIS.header] }, "headers -> peer 1: 1 header"],
    [
      { command: "getheaders", protocolVersion: 1, locator: [hash], stopHash: hash },
      `getheaders -> peer 1: after …${hash.slice(-12)}`,
    ],
    [
      { command: "getblocks", protocolVersion: 1, locator: [], stopHash: hash },
      "getblocks -> peer 1: after the genesis block",
    ],
    [
      { command: "reject", rejected: "tx", code: 0x10, reason: "bad-txns" },
      "reject -> peer 1: tx: bad-txns",
    ],
  ])("tells %o", (message, text) => {
    const { happens } = staged();
    expect(happens({ type: "message-sent", peer, message })).toMatchObject([
      {
        level: "info",
        category: "relay",
        text,
        fields: { direction: "sent", command: message.command },
      },
    ]);
  });

  it("leaves small talk to those who look closer", () => {
    const { happens } = staged();
    for (const command of ["sendheaders", "getaddr"] as const) {
      const [line] = happens({ type: "message-received", peer, message: { command } });
      expect(line).toMatchObject({ level: "debug", text: `${command} <- peer 1` });
    }
  });

  it("tells a new tip, and first what was taken back for it", () => {
    const { happens } = staged();
    expect(happens(connected)).toEqual([]);
    expect(happens(tip)).toMatchObject([
      {
        level: "info",
        category: "chain",
        text: `block 5 is the new tip: ${hash}, 1 transaction, 2023-11-14 22:13:20`,
        fields: { event: "tip", height: 5, hash, transactions: 1, mempool: 2 },
      },
    ]);
    happens({ type: "block-disconnected", block: GENESIS, height: 5 });
    happens({ type: "block-disconnected", block: GENESIS, height: 4 });
    happens(connected);
    expect(happens({ ...tip, forkHeight: 3 })).toMatchObject([
      {
        text: "the chain has changed from height 3 on: 2 blocks taken back",
        fields: { event: "reorganisation", forkHeight: 3, disconnected: 2 },
      },
      { fields: { event: "tip" } },
    ]);
    expect(happens(tip)).toHaveLength(1);
  });

  it("tells of transactions, and of what was refused and why", () => {
    const { happens } = staged();
    const short = `…${txid.slice(-12)}`;
    const refusal = refuse("consensus", "bad-cb-amount");
    expect(happens({ type: "transaction-added", transaction: coinbase })[0]?.text).toBe(
      `transaction ${short} is valid and waits (2 in the mempool)`,
    );
    expect(happens({ type: "transaction-refused", txid, refusal })[0]?.text).toBe(
      `transaction ${short} refused: bad-cb-amount`,
    );
    expect(happens({ type: "transaction-removed", txid, why: "conflict" })[0]?.text).toBe(
      `transaction ${short} does not wait any more: conflict`,
    );
    expect(happens({ type: "transaction-removed", txid, why: "block" })).toEqual([]);
    expect(happens({ type: "block-refused", hash, refusal })).toMatchObject([
      {
        level: "warn",
        text: `block ${hash} refused: bad-cb-amount`,
        fields: { reason: "bad-cb-amount" },
      },
    ]);
  });

  it("ends", async () => {
    const { narrator, happens } = staged();
    await narrator.stop();
    expect(happens(connected)).toEqual([]);
    expect(happens(tip)).toEqual([]);
  });
});

describe("a long download", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("has a line every three seconds in place of one for each block", async () => {
    const { narrator, chain, peers, happens, lines } = staged();
    vi.advanceTimersByTime(10_000);
    expect(lines).toEqual([]);

    // On a network that asks for work, before anybody has shown it: said again only where it has changed.
    chain.initialDownload = true;
    vi.advanceTimersByTime(9_000);
    peers.push({ presyncHeight: 4_000 });
    vi.advanceTimersByTime(6_000);
    expect(lines.splice(0).map(({ text }) => text)).toEqual([
      "no chain with enough work is known yet, and 0 peers are connected",
      "headers up to 4000 were shown, not yet with enough work",
    ]);

    chain.bestHeader.height = 10_000;
    happens(connected);
    expect(happens(tip)).toMatchObject([{ level: "debug", fields: { event: "tip" } }]);
    const block = { command: "block", raw: GENESIS.toBytes() } as const;
    expect(happens({ type: "message-received", peer, message: block })).toMatchObject([
      { level: "debug" },
    ]);
    lines.length = 0;
    chain.tip.height = 900;
    vi.advanceTimersByTime(3_000);
    expect(lines).toEqual([
      {
        level: "info",
        category: "sync",
        text: "900 of 10000 blocks (9 %), 300 blocks/s, 31 s left",
        fields: { event: "progress", height: 900, headers: 10_000, blocksPerSecond: 300 },
      },
    ]);
    vi.advanceTimersByTime(3_000);
    expect(lines[1]?.text).toBe("900 of 10000 blocks (9 %), 0 blocks/s");
    chain.tip.height = 906;
    vi.advanceTimersByTime(3_000);
    expect(lines[2]?.text).toBe("906 of 10000 blocks (9 %), 2 blocks/s, 76 min left");
    chain.initialDownload = false;
    vi.advanceTimersByTime(9_000);
    expect(lines).toHaveLength(3);
    await narrator.stop();
  });
});
