import {
  BlockHeader,
  type FilterHash,
  type FilterHeader,
  type HashId,
  Transaction,
} from "@chain/core";
import type {
  AddressV2,
  Command,
  InventoryItem,
  Message,
  MessageOf,
  NetAddress,
} from "@chain/wire";
import fc from "fast-check";

const u8 = fc.nat({ max: 255 });
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

const filterRange = {
  filterType: u8,
  startHeight: u32,
  stopHash: hash<BlockHeader["hash"]>(),
};

const addressV2: fc.Arbitrary<AddressV2> = fc
  .record({
    time: u32,
    services: u64,
    port: fc.nat({ max: 0xffff }),
    kind: fc.oneof(
      fc.record({ network: fc.constant(1), address: bytes(4) }),
      fc.record({ network: fc.constantFrom(2, 6), address: bytes(16) }),
      fc.record({ network: fc.constantFrom(4, 5), address: bytes(32) }),
      fc.record({ network: fc.integer({ min: 7, max: 255 }), address: script }),
    ),
  })
  .map(({ kind, ...rest }) => ({ ...rest, ...kind }));

/** Indexes that rise by what is given. */
function rising<Value, Item>(
  list: readonly (readonly [number, Value])[],
  make: (index: number, value: Value) => Item,
): Item[] {
  let next = 0;
  return list.map(([distance, value]) => {
    const index = next + distance;
    next = index + 1;
    return make(index, value);
  });
}

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
  addrv2: message("addrv2", fc.record({ addresses: fc.array(addressV2, { maxLength: 10 }) })),
  getaddr: message("getaddr", nothing),
  mempool: message("mempool", nothing),
  sendheaders: message("sendheaders", nothing),
  sendaddrv2: message("sendaddrv2", nothing),
  wtxidrelay: message("wtxidrelay", nothing),
  sendcmpct: message("sendcmpct", fc.record({ announce: fc.boolean(), version: u64 })),
  cmpctblock: message(
    "cmpctblock",
    fc.record({
      header,
      nonce: u64,
      shortIds: fc.array(fc.nat({ max: 2 ** 48 - 1 }), { maxLength: 10 }),
      prefilled: fc
        .array(fc.tuple(fc.nat({ max: 1000 }), transaction), { maxLength: 3 })
        .map((list) => rising(list, (index, transaction) => ({ index, transaction }))),
    }),
  ),
  getblocktxn: message(
    "getblocktxn",
    fc.record({
      blockHash: hash<BlockHeader["hash"]>(),
      indexes: fc
        .array(fc.tuple(fc.nat({ max: 1000 }), fc.constant(0)), { maxLength: 10 })
        .map((list) => rising(list, (index) => index)),
    }),
  ),
  blocktxn: message(
    "blocktxn",
    fc.record({
      blockHash: hash<BlockHeader["hash"]>(),
      transactions: fc.array(transaction, { maxLength: 3 }),
    }),
  ),
  feefilter: message("feefilter", fc.record({ feeRate: i64 })),
  getcfilters: message("getcfilters", fc.record(filterRange)),
  getcfheaders: message("getcfheaders", fc.record(filterRange)),
  getcfcheckpt: message(
    "getcfcheckpt",
    fc.record({ filterType: u8, stopHash: hash<BlockHeader["hash"]>() }),
  ),
  cfilter: message(
    "cfilter",
    fc.record({ filterType: u8, blockHash: hash<BlockHeader["hash"]>(), filter: script }),
  ),
  cfheaders: message(
    "cfheaders",
    fc.record({
      filterType: u8,
      stopHash: hash<BlockHeader["hash"]>(),
      previousHeader: hash<FilterHeader>(),
      hashes: fc.array(hash<FilterHash>(), { maxLength: 10 }),
    }),
  ),
  cfcheckpt: message(
    "cfcheckpt",
    fc.record({
      filterType: u8,
      stopHash: hash<BlockHeader["hash"]>(),
      headers: fc.array(hash<FilterHeader>(), { maxLength: 10 }),
    }),
  ),
  filterload: message(
    "filterload",
    fc.record({ data: script, hashFunctions: u32, tweak: u32, flags: u8 }),
  ),
  filteradd: message("filteradd", fc.record({ data: script })),
  filterclear: message("filterclear", nothing),
  merkleblock: message(
    "merkleblock",
    fc.record({
      header,
      total: u32,
      hashes: fc.array(hash<Transaction["txid"]>(), { maxLength: 10 }),
      flags: script,
    }),
  ),
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
