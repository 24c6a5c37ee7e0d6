import { createRequire } from "node:module";
import { bytesToHex, hexToBytes, mainnet, Transaction } from "@chain/core";
import { describe, expect, it, test } from "vitest";
import { formatNetAddress } from "../src/address.ts";
import { Deframer } from "../src/deframer.ts";
import { frameMessage, frameRaw } from "../src/frame.ts";
import {
  type Command,
  decodePayload,
  encodePayload,
  type Message,
} from "../src/messages/registry.ts";

const hex = (text: string) => hexToBytes(text.replace(/\s/g, ""));

/** Whole frames from mainnet, as the Bitcoin wiki's "Protocol documentation" shows them. */
const frames = {
  verack: hex("f9beb4d9 76657261636b000000000000 00000000 5df6e0e2"),
  version: hex(`f9beb4d9 76657273696f6e0000000000 64000000 358d4932
    62ea0000 0100000000000000 11b2d05000000000
    010000000000000000000000000000000000ffff000000000000
    000000000000000000000000000000000000ffff000000000000
    3b2eb35d8ce61765 0f2f5361746f7368693a302e372e322f c03e0300`),
  addr: hex(`f9beb4d9 616464720000000000000000 1f000000 ed52399b
    01 e215104d 0100000000000000 00000000000000000000ffff0a000001 208d`),
};

function messageIn(frame: Uint8Array): Message {
  const [event, ...more] = new Deframer(mainnet.magic).push(frame);
  expect(more).toEqual([]);
  if (event?.type !== "message") return expect.fail(`not a message: ${event?.type}`);
  return decodePayload(event.command as Command, event.payload);
}

describe("frames of mainnet", () => {
  test("verack", () => {
    expect(messageIn(frames.verack)).toEqual({ command: "verack" });
    expect(frameMessage(mainnet.magic, { command: "verack" })).toEqual(frames.verack);
  });

  test("version of Satoshi 0.7.2, from before the relay byte", () => {
    const message = messageIn(frames.version);
    expect(message).toMatchObject({
      command: "version",
      protocolVersion: 60002,
      services: 1n,
      timestamp: 1355854353n, // Tue Dec 18 18:12:33 UTC 2012
      nonce: 0x6517e68c5db32e3bn,
      userAgent: "/Satoshi:0.7.2/",
      startHeight: 212672,
      relay: true,
    });
    expect(bytesToHex(encodePayload(message))).toBe(`${bytesToHex(frames.version.subarray(24))}01`);
  });

  test("addr", () => {
    const message = messageIn(frames.addr);
    if (message.command !== "addr") expect.fail(message.command);
    const [address] = message.addresses;
    expect(message.addresses).toHaveLength(1);
    expect(address).toMatchObject({ time: 1292899810, services: 1n, port: 8333 });
    expect(address && formatNetAddress(address)).toBe("10.0.0.1:8333");
    expect(frameMessage(mainnet.magic, message)).toEqual(frames.addr);
  });
});

/** Payloads as the developer reference of bitcoin.org and the BIPs show them. */
const payloads: readonly (readonly [string, Message["command"], Uint8Array, object])[] = [
  [
    "version of Satoshi 0.9.3",
    "version",
    hex(`72110100 0100000000000000 bc8f5e5400000000
      0100000000000000 00000000000000000000ffffc61b6409 208d
      0100000000000000 00000000000000000000ffffcb0071c0 208d
      128035cbc97953f8 0f 2f5361746f7368693a302e392e332f cf050500 01`),
    { protocolVersion: 70002, userAgent: "/Satoshi:0.9.3/", startHeight: 329167, relay: true },
  ],
  ["ping", "ping", hex("0094102111e2af4d"), { nonce: 0x4dafe21121109400n }],
  [
    "getheaders",
    "getheaders",
    hex(`71110100 02
      d39f608a7775b537729884d4e6633bb2105e55a16a14d31b0000000000000000
      5c3e6403d40837110a2e8afb602b1c01714bda7ce23bea0a0000000000000000
      0000000000000000000000000000000000000000000000000000000000000000`),
    {
      protocolVersion: 70001,
      locator: [
        "00000000000000001bd3146aa1555e10b23b63e6d484987237b575778a609fd3",
        "00000000000000000aea3be27cda4b71011c2b60fb8a2e0a113708d403643e5c",
      ],
      stopHash: "0".repeat(64),
    },
  ],
  [
    "inv of two transactions",
    "inv",
    hex(`02
      01000000 de55ffd709ac1f5dc509a0925d0b1fc442ca034f224732e429081da1b621f55a
      01000000 91d36d997037e08018262978766f24b8a055aaf1d872e94ae85e9817b2c68dc7`),
    {
      items: [
        { type: 1, hash: "5af521b6a11d0829e43247224f03ca42c41f0b5d92a009c55d1fac09d7ff55de" },
        { type: 1, hash: "c78dc6b217985ee84ae972d8f1aa55a0b8246f767829261880e03770996dd391" },
      ],
    },
  ],
  [
    "reject of a double spend (BIP-0061)",
    "reject",
    hex(`02 7478 12 15 6261642d74786e732d696e707574732d7370656e74
      394715fcab51093be7bfca5a31005972947baf86a31017939575fb2354222821`),
    {
      rejected: "tx",
      code: 0x12,
      reason: "bad-txns-inputs-spent",
      hash: "2128225423fb7595931710a386af7b94725900315acabfe73b0951abfc154739",
    },
  ],
  ["feefilter (BIP-0133)", "feefilter", hex("7cbd000000000000"), { feeRate: 48508n }],
];

test.each(payloads)("%s", (_, command, payload, fields) => {
  const message = decodePayload(command, payload);
  expect(message).toMatchObject(fields);
  expect(encodePayload(message)).toEqual(payload);
});

describe("the genesis header in a headers message", () => {
  const payload = hex(`01 01000000
    0000000000000000000000000000000000000000000000000000000000000000
    3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a
    29ab5f49 ffff001d 1dac2b7c 00`);

  it("has the hash that everybody knows", () => {
    const { headers } = decodePayload("headers", payload);
    expect(headers.map(({ hash }) => hash)).toEqual([mainnet.genesis.hash]);
    expect(encodePayload({ command: "headers", headers })).toEqual(payload);
  });

  it("may come with any count of transactions", () => {
    const counted = payload.slice();
    counted[81] = 9;
    expect(decodePayload("headers", counted).headers).toHaveLength(1);
  });
});

type Vector = [string] | [unknown, string, string];
const require = createRequire(import.meta.url);
const valid: Vector[] = require("bitcore-lib/test/data/bitcoind/tx_valid.json");

test("Bitcoin Core's valid transactions go through a frame unchanged", () => {
  const raws = valid.flatMap((vector) => (vector.length > 1 ? [vector[1] as string] : []));
  expect(raws.length).toBeGreaterThanOrEqual(50);
  for (const raw of raws) {
    const frame = frameMessage(mainnet.magic, {
      command: "tx",
      transaction: Transaction.fromHex(raw),
    });
    expect(bytesToHex(frame.subarray(24))).toBe(raw);
    const message = messageIn(frame);
    if (message.command !== "tx") expect.fail(message.command);
    expect(message.transaction.txid).toBe(Transaction.fromHex(raw).txid);
  }
});

test("a transaction does not keep alive what a peer put behind it", () => {
  const [, raw = ""] = valid.find((vector) => vector.length > 1) ?? [];
  const bytes = hexToBytes(raw as string);
  const payload = new Uint8Array(4_000_000);
  payload.set(bytes);
  const message = messageIn(frameRaw(mainnet.magic, "tx", payload));
  if (message.command !== "tx") expect.fail(message.command);
  expect(message.transaction.toBytes()).toEqual(bytes);
  for (const { scriptPubKey } of message.transaction.outputs) {
    expect(scriptPubKey.buffer.byteLength).toBe(bytes.length);
  }
});

describe("messages of BIP-0157 and BIP-0037", () => {
  const zero = "0".repeat(64);
  const ones = "11".repeat(32);

  test.each<[Command, string, object]>([
    ["getcfilters", `00 05000000 ${ones}`, { filterType: 0, startHeight: 5, stopHash: ones }],
    ["getcfheaders", `00 05000000 ${ones}`, { startHeight: 5, stopHash: ones }],
    ["getcfcheckpt", `00 ${ones}`, { filterType: 0, stopHash: ones }],
    ["cfilter", `00 ${ones} 04 019dfca8`, { filter: hex("019dfca8") }],
    ["cfheaders", `00 ${ones} ${zero} 01 ${ones}`, { previousHeader: zero, hashes: [ones] }],
    ["cfcheckpt", `00 ${ones} 02 ${ones} ${zero}`, { headers: [ones, zero] }],
    [
      "filterload",
      "03 614e9b 05000000 00000080 01",
      { data: hex("614e9b"), hashFunctions: 5, tweak: 0x8000_0000, flags: 1 },
    ],
    ["filteradd", "02 abcd", { data: hex("abcd") }],
    ["filterclear", "", {}],
  ])("%s", (command, payload, fields) => {
    const message = decodePayload(command, hex(payload));
    expect(message).toMatchObject({ command, ...fields });
    expect(encodePayload(message)).toEqual(hex(payload));
  });

  it("takes 2,000 hashes of filters in a message, and no more", () => {
    const payload = (count: number) =>
      Uint8Array.of(
        ...new Uint8Array(65),
        0xfd,
        count & 0xff,
        count >> 8,
        ...new Uint8Array(32 * count),
      );
    expect(decodePayload("cfheaders", payload(2000)).hashes).toHaveLength(2000);
    expect(() => decodePayload("cfheaders", payload(2001))).toThrow(
      "cfheaders message size = 2001",
    );
  });
});
