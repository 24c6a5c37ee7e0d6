/** Things to say to a node that are not quite in order, and a few that are. */
import { type Block, regtest, type Transaction } from "@chain/core";
import {
  MSG_BLOCK,
  MSG_CMPCT_BLOCK,
  MSG_FILTERED_BLOCK,
  MSG_TX,
  MSG_WITNESS_BLOCK,
  MSG_WTX,
} from "@chain/wire";
import {
  block,
  compact,
  damaged,
  frame,
  getBlocks,
  getData,
  getHeaders,
  getTransactions,
  header,
  headers,
  item,
  list,
  longAgent,
  ping,
  raw,
  UNKNOWN,
  verack,
  version,
} from "./probeFrames.ts";

/** Blocks and coins that both nodes have. */
export interface Shared {
  readonly genesis: Block;
  /** The block at height 1. */
  readonly old: Block;
  /** The one three blocks later. */
  readonly newer: Block;
  readonly tip: Block;
  /** The one so many blocks below the tip. */
  readonly below: (depth: number) => Block;
}

type Cases = Readonly<Record<string, (shared: Shared) => readonly Uint8Array[]>>;

const five = (bytes: Uint8Array): Uint8Array[] => Array<Uint8Array>(5).fill(bytes);

/** In place of a handshake; the `verack` comes afterwards. */
export const BEFORE: Cases = {
  "an ordinary hello": () => [version()],
  "verack before version": () => [verack, version()],
  "a ping before version": () => [ping, version()],
  "wtxidrelay before version": () => [raw("wtxidrelay"), version()],
  "an unknown message before version": () => [raw("hello"), version()],
  "a ping between version and verack": () => [version(), ping],
  "getheaders between version and verack": ({ genesis }) => [version(), getHeaders(genesis)],
  "version twice": () => [version(), version()],
  "an empty version, then a good one": () => [raw("version"), version()],
  "a version that ends after the first address": () => [
    raw("version", version().slice(24, 24 + 46)),
  ],
  "a version that ends before the flag": () => [raw("version", version().slice(24, -1))],
  "a user agent of 257 bytes, then a good version": () => [longAgent(), version()],
  "an obsolete version": () => [version({ protocolVersion: 31_799 })],
  "the oldest version": () => [version({ protocolVersion: 31_800 })],
  "version 70015": () => [version({ protocolVersion: 70_015 })],
  "a version to come": () => [version({ protocolVersion: 70_099 })],
  "a negative version": () => [version({ protocolVersion: -1 })],
  "wtxidrelay and sendaddrv2 twice": () => [
    version(),
    ...["wtxidrelay", "sendaddrv2", "wtxidrelay", "sendaddrv2"].map((command) => raw(command)),
  ],
};

/** After it. */
export const AFTER: Cases = {
  "version after verack": () => [version()],
  "sendaddrv2 after verack": () => [raw("sendaddrv2")],
  "wtxidrelay after verack": () => [raw("wtxidrelay")],
  "sendheaders twice": () => [raw("sendheaders"), raw("sendheaders")],
  "sendcmpct of a version to come": () => [raw("sendcmpct", [1, 9, 0, 0, 0, 0, 0, 0, 0])],

  // Frames
  "an unknown message": () => [raw("hello", [1, 2, 3])],
  "a wrong checksum": ({ genesis }) => [damaged(getHeaders(genesis), 20, 1, 2, 3, 4)],
  "a wrong magic": () => [damaged(ping, 0, 0xf9)],
  "a command that is none": () => [damaged(ping, 4, 0xff)],
  "a command with letters behind its end": () => [damaged(ping, 14, 0x61)],
  "an announced length of 4 GB": () => [damaged(raw("ping"), 16, 255, 255, 255, 255)],
  "an announced length of 4,000,001 bytes": () => [damaged(raw("block"), 16, 1, 9, 0x3d, 0)],

  // Payloads
  "a ping without a nonce": () => [raw("ping")],
  "a ping with bytes behind it": () => [raw("ping", new Uint8Array(20))],
  "a pong that nobody asked for": () => [raw("pong", new Uint8Array(8))],
  "bytes behind a getheaders": ({ genesis }) => [
    raw("getheaders", [...getHeaders(genesis).slice(24), 1]),
  ],
  "an empty getheaders": () => [raw("getheaders")],
  "a count that its list does not have": () => [
    raw("inv", [200]),
    raw("getdata", [0xfe, 0, 0, 0, 1]),
  ],
  "a count of 2^64 - 1": () => [raw("inv", new Uint8Array(9).fill(255))],
  "a count in more bytes than it needs": () => [raw("inv", [0xfd, 1, 0, ...new Uint8Array(36)])],
  "a transaction of one byte": () => [raw("tx", [1])],
  "a block of one byte": () => [raw("block", [1])],
  "a transaction without inputs": () => [raw("tx", new Uint8Array(10))],
  "empty lists": () =>
    ["inv", "getdata", "notfound", "headers", "addr", "addrv2"].map((command) => raw(command, [0])),
  "a fee rate below 0": () => [frame({ command: "feefilter", feeRate: -1n })],

  // Too much
  "inv with 50,001 items": () => [list("inv", 50_001, 36)],
  "getdata with 50,001 items": () => [list("getdata", 50_001, 36)],
  "notfound with 50,001 items": () => [list("notfound", 50_001, 36)],
  "addr with 1,001 addresses": () => [list("addr", 1001, 30)],
  "headers with 2,001 headers": () => [list("headers", 2001, 81)],
  "inv with 50,001 items, five times": () => five(list("inv", 50_001, 36)),
  "getdata with 50,001 items, five times": () => five(list("getdata", 50_001, 36)),
  "addr with 1,001 addresses, five times": () => five(list("addr", 1001, 30)),
  "headers with 2,001 headers, five times": () => five(list("headers", 2001, 81)),
  "getheaders with 101 hashes": () => [list("getheaders", 101, 32, [4, 32])],
  "getheaders with 102 hashes": () => [list("getheaders", 102, 32, [4, 32])],
  "getblocks with 102 hashes": () => [list("getblocks", 102, 32, [4, 32])],

  // Questions
  "getheaders from the first block": ({ genesis }) => [getHeaders(genesis)],
  "getheaders of one by its hash": ({ newer }) => [getHeaders(undefined, newer.hash)],
  "getheaders of one that nobody has": () => [getHeaders(undefined, UNKNOWN)],
  "getheaders from the tip": ({ tip }) => [getHeaders(tip)],
  "getheaders up to a block": ({ old, newer }) => [getHeaders(old, newer.hash)],
  "getblocks from the first block": ({ genesis }) => [getBlocks(genesis)],
  "getblocks from the tip": ({ tip }) => [getBlocks(tip)],
  "getblocks up to a block": ({ genesis, newer }) => [getBlocks(genesis, newer.hash)],
  "getdata of a block": ({ old }) => [getData(item(MSG_BLOCK, old.hash))],
  "getdata of a block with witnesses": ({ old }) => [getData(item(MSG_WITNESS_BLOCK, old.hash))],
  "getdata of the tip in compact form": ({ tip }) => [getData(item(MSG_CMPCT_BLOCK, tip.hash))],
  "getdata of an old block in compact form": ({ old }) => [
    getData(item(MSG_CMPCT_BLOCK, old.hash)),
  ],
  "getdata of the fifth below the tip in compact form": ({ below }) => [
    getData(item(MSG_CMPCT_BLOCK, below(5).hash)),
  ],
  "getdata of the sixth below the tip in compact form": ({ below }) => [
    getData(item(MSG_CMPCT_BLOCK, below(6).hash)),
  ],
  "getdata of a filtered block": ({ old }) => [getData(item(MSG_FILTERED_BLOCK, old.hash))],
  "getdata of a block that nobody has": () => [getData(item(MSG_BLOCK, UNKNOWN))],
  "getdata of a transaction that nobody has": () => [getData(item(MSG_TX, UNKNOWN))],
  "getdata of another that nobody has": () => [getData(item(MSG_WTX, UNKNOWN))],
  "getdata of a type that nobody knows": () => [getData(item(77, UNKNOWN))],
  "getblocktxn of the tip": ({ tip }) => [getTransactions(tip.hash, 0)],
  "getblocktxn of a place beyond the end": ({ tip }) => [getTransactions(tip.hash, 5)],
  "getblocktxn of the tenth below the tip": ({ below }) => [getTransactions(below(10).hash, 0)],
  "getblocktxn of the eleventh below the tip": ({ below }) => [getTransactions(below(11).hash, 0)],
  "getblocktxn of an old block": ({ old }) => [getTransactions(old.hash, 0)],
  "getblocktxn of a block that nobody has": () => [getTransactions(UNKNOWN, 0)],
  mempool: () => [raw("mempool")],
  filterload: () => [raw("filterload", [1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])],
  filteradd: () => [raw("filteradd", [1, 2])],
  filterclear: () => [raw("filterclear")],
  getcfilters: () => [raw("getcfilters", new Uint8Array(37))],
  getcfheaders: () => [raw("getcfheaders", new Uint8Array(37))],
  getcfcheckpt: () => [raw("getcfcheckpt", new Uint8Array(33))],
  merkleblock: () => [raw("merkleblock", new Uint8Array(85))],

  // News
  "inv of a block that nobody has": () => [
    frame({ command: "inv", items: [item(MSG_BLOCK, UNKNOWN)] }),
  ],
  "inv of a block that all have": ({ old }) => [
    frame({ command: "inv", items: [item(MSG_BLOCK, old.hash)] }),
  ],
  "headers that are known": ({ old }) => [headers(old.header)],
  "headers that connect to nothing": () => [headers(header(UNKNOWN))],
  "headers without work": ({ tip }) => [headers(header(tip.hash, "idle"))],
  "headers that do not follow each other": ({ old, newer }) => [headers(old.header, newer.header)],
  "a gap in headers, five times": ({ old, newer }) => five(headers(old.header, newer.header)),
  "a compact block on nothing": () => [compact(header(UNKNOWN))],
  "a compact block without work": ({ tip }) => [compact(header(tip.hash, "idle"))],
  "blocktxn that nobody asked for": ({ old }) => [
    frame({ command: "blocktxn", blockHash: old.hash, transactions: [] }),
  ],
  "a block that is known": ({ old }) => [frame({ command: "block", raw: old.toBytes() })],
  "a block on nothing": ({ old }) => [block(header(UNKNOWN), old)],
  "a block without work": ({ old, tip }) => [block(header(tip.hash, "idle"), old)],
  "a block of another's transactions": ({ old, tip }) => [block(header(tip.hash), old)],
  "a coinbase of the chain by itself": ({ old }) => [
    frame({ command: "tx", transaction: old.transactions[0] as Transaction }),
  ],
  "a coinbase of another chain by itself": () => [
    frame({ command: "tx", transaction: regtest.genesis.transactions[0] as Transaction }),
  ],
};
