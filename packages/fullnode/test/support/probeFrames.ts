/** Frames to put to a node: sound ones, and those that break one rule each. */
import {
  Block,
  type BlockHash,
  BlockHeader,
  checkHeader,
  type HashId,
  regtest,
  type Transaction,
  Writer,
  ZERO_BLOCK_HASH,
} from "@chain/core";
import { hello } from "@chain/testing/probe";
import {
  frameMessage,
  frameRaw,
  type InventoryItem,
  type Message,
  type VersionMessage,
} from "@chain/wire";
import { litecoinRegtest } from "./litecoin.ts";

const { magic, genesis } = litecoinRegtest;

/** A hash that nothing has. */
export const UNKNOWN: BlockHash = "ab".repeat(32) as BlockHash;
export const frame = (message: Message): Uint8Array => frameMessage(magic, message);
export const version = (overrides: Partial<VersionMessage> = {}): Uint8Array =>
  frame(hello(overrides));
export const verack: Uint8Array = frame({ command: "verack" });
export const ping: Uint8Array = frame({ command: "ping", nonce: 7n });
export const item = (type: number, hash: HashId): InventoryItem => ({ type, hash });

/** A frame of whatever payload. */
export function raw(command: string, payload: Uint8Array | readonly number[] = []): Uint8Array {
  return frameRaw(magic, command, Uint8Array.from(payload));
}

/** A list of so many items of zeros, with so many zeros before its count and behind its end. */
export function list(
  command: string,
  count: number,
  itemSize: number,
  around: readonly [before: number, after: number] = [0, 0],
): Uint8Array {
  const [before, after] = around;
  const start = new Writer().bytes(new Uint8Array(before)).compactSize(count);
  return raw(command, start.bytes(new Uint8Array(count * itemSize + after)).finish());
}

export function damaged(bytes: Uint8Array, at: number, ...by: readonly number[]): Uint8Array {
  const copy = bytes.slice();
  copy.set(by, at);
  return copy;
}

/** A header that nobody has seen, with enough work or without, whichever way that is counted. */
export function header(previousHash: BlockHash, work: "worked" | "idle" = "worked"): BlockHeader {
  const time = genesis.header.time + 1;
  for (let nonce = 0; ; nonce++) {
    const tried = new BlockHeader({ ...genesis.header, previousHash, nonce, time });
    const verdicts = [regtest, litecoinRegtest].map((params) => checkHeader(tried, params).ok);
    if (verdicts.every((ok) => ok === (work === "worked"))) return tried;
  }
}

export function headers(...each: readonly BlockHeader[]): Uint8Array {
  return frame({ command: "headers", headers: each });
}

export function compact(of: BlockHeader): Uint8Array {
  const prefilled = [{ index: 0, transaction: genesis.transactions[0] as Transaction }];
  return frame({ command: "cmpctblock", header: of, nonce: 1n, shortIds: [], prefilled });
}

/** A header with a body that belongs to another. */
export function block(of: BlockHeader, { transactions }: Block): Uint8Array {
  return frame({ command: "block", raw: new Block(of, transactions).toBytes() });
}

function locator(from: Block | undefined, stopHash: BlockHash) {
  const hashes = from === undefined ? [] : [from.hash];
  return { protocolVersion: 70_016, locator: hashes, stopHash };
}

export function getHeaders(from?: Block, to: BlockHash = ZERO_BLOCK_HASH): Uint8Array {
  return frame({ command: "getheaders", ...locator(from, to) });
}

export function getBlocks(from: Block, to: BlockHash = ZERO_BLOCK_HASH): Uint8Array {
  return frame({ command: "getblocks", ...locator(from, to) });
}

export function getData(...items: readonly InventoryItem[]): Uint8Array {
  return frame({ command: "getdata", items });
}

export function getTransactions(blockHash: BlockHash, index: number): Uint8Array {
  return frame({ command: "getblocktxn", blockHash, indexes: [index] });
}

/** A hello whose user agent is one byte longer than allowed. */
export function longAgent(): Uint8Array {
  const payload = version({ userAgent: "" }).slice(24);
  // Behind the agent's length stand height and flag.
  const at = payload.length - 6;
  const agent = new Writer().compactSize(257).bytes(new Uint8Array(257).fill(0x61)).finish();
  return raw("version", [...payload.slice(0, at), ...agent, ...payload.slice(at + 1)]);
}
