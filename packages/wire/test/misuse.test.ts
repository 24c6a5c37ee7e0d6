import { type BlockHeader, regtest, type Transaction, ZERO_BLOCK_HASH } from "@chain/core";
import { type Calls, maybe, misuseGaps, misuseProblems, whole } from "@chain/testing/misuse";
import * as wire from "@chain/wire";
import { createSession, type Message, type SessionConfig, UNSPECIFIED_ADDRESS } from "@chain/wire";
import { describe, expect, test } from "vitest";

const { magic, genesis } = regtest;
const ip = new Uint8Array(16);
const bytes = new Uint8Array(32);
const address = { services: 1n, ip, port: 8333 };
const hash = ZERO_BLOCK_HASH;
const header: BlockHeader = genesis.header;
const transaction = genesis.transactions[0] as Transaction;
const sha256 = maybe(() => bytes);
const overlay = { network: 4, address: bytes, port: 1, services: 1n };

/** One message of each kind. */
const MESSAGES: readonly { readonly [field: string]: unknown; readonly command: string }[] = [
  {
    command: "version",
    protocolVersion: 70016,
    services: 1n,
    timestamp: 1n,
    receiver: address,
    sender: address,
    nonce: 1n,
    userAgent: "/x/",
    startHeight: 1,
    relay: true,
  },
  { command: "verack" },
  { command: "ping", nonce: 1n },
  { command: "pong", nonce: 1n },
  { command: "getblocks", protocolVersion: 1, locator: [hash], stopHash: hash },
  { command: "getheaders", protocolVersion: 1, locator: [hash], stopHash: hash },
  { command: "headers", headers: [header] },
  { command: "inv", items: [{ type: 1, hash }] },
  { command: "getdata", items: [{ type: 1, hash }] },
  { command: "notfound", items: [{ type: 1, hash }] },
  { command: "block", raw: bytes },
  { command: "tx", transaction },
  { command: "addr", addresses: [{ ...address, time: 1 }] },
  { command: "addrv2", addresses: [{ ...overlay, time: 1 }] },
  { command: "getaddr" },
  { command: "mempool" },
  { command: "sendheaders" },
  { command: "sendaddrv2" },
  { command: "wtxidrelay" },
  { command: "sendcmpct", announce: true, version: 2n },
  {
    command: "cmpctblock",
    header,
    nonce: 1n,
    shortIds: [1],
    prefilled: [{ index: 0, transaction }],
  },
  { command: "getblocktxn", blockHash: hash, indexes: [0] },
  { command: "blocktxn", blockHash: hash, transactions: [transaction] },
  { command: "feefilter", feeRate: 1n },
  { command: "getcfilters", filterType: 0, startHeight: 1, stopHash: hash },
  { command: "getcfheaders", filterType: 0, startHeight: 1, stopHash: hash },
  { command: "getcfcheckpt", filterType: 0, stopHash: hash },
  { command: "cfilter", filterType: 0, blockHash: hash, filter: bytes },
  { command: "cfheaders", filterType: 0, stopHash: hash, previousHeader: hash, hashes: [hash] },
  { command: "cfcheckpt", filterType: 0, stopHash: hash, headers: [hash] },
  { command: "filterload", data: bytes, hashFunctions: 1, tweak: 0, flags: 0 },
  { command: "filteradd", data: bytes },
  { command: "filterclear" },
  { command: "merkleblock", header, total: 1, hashes: [hash], flags: bytes },
  { command: "reject", rejected: "tx", code: 1, reason: "no", hash: maybe(hash) },
];

const config: SessionConfig = {
  direction: "outbound",
  magic,
  nonce: 1n,
  isOwnNonce: () => false,
  randomNonce: () => 2n,
  services: 1n,
  userAgent: "/x/",
  startHeight: () => 0,
  relay: true,
  receiver: UNSPECIFIED_ADDRESS,
  sender: UNSPECIFIED_ADDRESS,
};
const optional = {
  protocolVersion: maybe(70016),
  deliverPings: maybe(true),
  unreadFrom: maybe(1000),
  forgives: maybe(true),
  whyUnwanted: maybe(() => undefined),
  whyServed: maybe(() => undefined),
  capture: maybe(() => {}),
  timeouts: maybe({ handshake: maybe(1), pingInterval: maybe(1), ping: maybe(1) }),
  sha256,
};
const addresses = { receiver: address, sender: address };

const calls: Calls = {
  WireError: {},
  formatIp: [ip],
  formatNetAddress: [{ ip, port: 1 }],
  isForeignInIpv6: [ip],
  isIpv4: [ip],
  netAddress: ["127.0.0.1", 1, maybe(1n)],
  parseIp: ["127.0.0.1"],
  Deframer: {
    new: [magic, sha256],
    make: () => new wire.Deframer(magic),
    methods: { push: [bytes] },
  },
  frameMessage: [magic, { command: "verack" }, maybe(70016), sha256],
  frameRaw: [magic, "verack", bytes, sha256],
  addressV2: [address, 1],
  internetAddress: [overlay],
  isOverlay: [{ network: 4, address: bytes }],
  decodePayload: ["verack", bytes, maybe(70016)],
  encodePayload: [{ command: "verack" }, maybe(70016)],
  isCommand: ["verack"],
  createSession: [{ ...config, ...optional, ...addresses }],
  sanitizeText: ["x"],
};

/** Its class is no export; objects of it are made by `createSession`. */
const { constructor: Session } = createSession(config);
const session = (event: unknown): Calls => ({
  Session: { make: () => createSession(config), methods: { handle: [event, 1] } },
});

describe("functions called from plain JavaScript", () => {
  test("none is left out", () => {
    expect(misuseGaps(wire, calls)).toEqual([]);
  });

  test("say what is wrong, by name, with an error of ours", async () => {
    expect(await misuseProblems(wire, calls)).toEqual([]);
  });

  test("the table above has every message", () => {
    expect(MESSAGES.map(({ command }) => command)).toEqual(Object.keys(wire.messageCodecs));
  });

  test.each(MESSAGES.map((message) => [message.command, message] as const))(
    "a %s message that lacks something",
    async (_, message) => {
      const { command, ...fields } = message;
      // The command decides which fields there are, so it is tried on its own.
      const good = { command: whole(command, "string"), ...fields };
      expect(await misuseProblems(wire, { encodePayload: [good] })).toEqual([]);
    },
  );

  test.each([
    { type: "data", bytes },
    { type: "read", command: "verack", payload: bytes },
    { type: "send", message: whole({ command: "verack" }) },
  ])("an event $type that lacks something", async ({ type, ...fields }) => {
    const handle = session({ type: whole(type, "string"), ...fields });
    expect(misuseGaps({ Session }, handle)).toEqual([]);
    expect(await misuseProblems({ Session }, handle)).toEqual([]);
  });

  test("in one sentence", () => {
    const message = { command: "inv", items: [{ type: 1 }] } as unknown as Message;
    expect(() => wire.encodePayload(message)).toThrow(
      "message.items[0].hash must be a string, not undefined",
    );
    const unknown = { command: "invv" } as unknown as Message;
    expect(() => wire.encodePayload(unknown)).toThrow(
      "message.command must be the name of a message, not a string",
    );
  });
});
