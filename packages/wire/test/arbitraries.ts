import { BlockHeader, type HashId, Transaction } from "@chain/core";
import fc from "fast-check";
import type { NetAddress } from "../src/address.ts";
import type { InventoryItem } from "../src/messages/inventory.ts";
import type { Command, Message, MessageOf } from "../src/messages/registry.ts";

const u32 = fc.nat({ max: 0xffff_ffff });
const i32 = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const i64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const bytes = (size: number) => fc.uint8Array({ minLength: size, maxLength: size });
const hash = <Id extends HashId>() =>
  bytes(32).map((array) => Buffer.from(array).toString("hex") as Id);
const text = (max: number) =>
  fc.uint8Array({ maxLength: max }).map((array) => String.fromCharCode(...array));
const script = fc.uint8Array({ maxLength: 40 });

const addressFields = { services: u64, ip: bytes(16), port: fc.nat({ max: 0xffff }) };
const address: fc.Arbitrary<NetAddress> = fc.record(addressFields);

const header = fc
  .record({
    version: i32,
    previousHash: hash<BlockHeader["previousHash"]>(),
    merkleRoot: hash<BlockHeader["merkleRoot"]>(),
    time: u32,
    bits: u32,
    nonce: u32,
  })
  .map((fields) => new BlockHeader(fields));

const transaction = fc
  .record({
    version: i32,
    inputs: fc.array(
      fc.record({
        prevout: fc.record({ txid: hash<Transaction["txid"]>(), vout: u32 }),
        scriptSig: script,
        sequence: u32,
        witness: fc.array(script, { maxLength: 3 }),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    outputs: fc.array(fc.record({ value: i64, scriptPubKey: script }), { maxLength: 4 }),
    lockTime: u32,
  })
  .map((fields) => new Transaction(fields));

const item: fc.Arbitrary<InventoryItem> = fc.record({ type: u32, hash: hash<HashId>() });
const items = fc.array(item, { maxLength: 20 });
const locatorFields = {
  protocolVersion: i32,
  locator: fc.array(hash<BlockHeader["hash"]>(), { maxLength: 101 }),
  stopHash: hash<BlockHeader["hash"]>(),
};

function message<C extends Command>(
  command: C,
  fields: fc.Arbitrary<Omit<MessageOf<C>, "command">>,
): fc.Arbitrary<MessageOf<C>> {
  return fields.map((rest) => ({ command, ...rest }) as unknown as MessageOf<C>);
}
const nothing = fc.constant({});

/** Any message of each kind. A message without a line here does not compile. */
export const messages: { readonly [C in Command]: fc.Arbitrary<MessageOf<C>> } = {
  version: message(
    "version",
    fc.record({
      protocolVersion: i32,
      services: u64,
      timestamp: i64,
      receiver: address,
      sender: address,
      nonce: u64,
      userAgent: text(256),
      startHeight: i32,
      relay: fc.boolean(),
    }),
  ),
  verack: message("verack", nothing),
  ping: message("ping", fc.record({ nonce: u64 })),
  pong: message("pong", fc.record({ nonce: u64 })),
  getblocks: message("getblocks", fc.record(locatorFields)),
  getheaders: message("getheaders", fc.record(locatorFields)),
  headers: message("headers", fc.record({ headers: fc.array(header, { maxLength: 10 }) })),
  inv: message("inv", fc.record({ items })),
  getdata: message("getdata", fc.record({ items })),
  notfound: message("notfound", fc.record({ items })),
  block: message("block", fc.record({ raw: fc.uint8Array({ maxLength: 500 }) })),
  tx: message("tx", fc.record({ transaction })),
  addr: message(
    "addr",
    fc.record({
      addresses: fc.array(fc.record({ time: u32, ...addressFields }), { maxLength: 10 }),
    }),
  ),
  getaddr: message("getaddr", nothing),
  mempool: message("mempool", nothing),
  sendheaders: message("sendheaders", nothing),
  feefilter: message("feefilter", fc.record({ feeRate: i64 })),
  reject: message(
    "reject",
    fc.record(
      {
        rejected: text(12),
        code: fc.nat({ max: 255 }),
        reason: text(111),
        hash: hash<HashId>(),
      },
      { requiredKeys: ["rejected", "code", "reason"] },
    ),
  ),
};

export const commands = Object.keys(messages) as Command[];
export const anyMessage: fc.Arbitrary<Message> = fc.oneof(
  ...Object.values<fc.Arbitrary<Message>>(messages),
);

/** Cuts bytes into pieces, of lengths that repeat. */
export function slices(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let start = 0, i = 0; start < bytes.length; i++) {
    const length = lengths[i % lengths.length] ?? bytes.length;
    pieces.push(bytes.subarray(start, start + length));
    start += length;
  }
  return pieces;
}
