/** The check of a message that plain JavaScript made: which field is missing, or of the wrong type. */
import { ArgumentError } from "@chain/core";
import {
  type FieldKind,
  present,
  requireArray,
  requireFields,
  requireHeader,
  requireId,
  requireNumber,
  requireTransaction,
} from "@chain/core/arguments";

type Fields = Readonly<Record<string, FieldKind>>;
type ItemCheck = (item: unknown, name: string) => void;

/** The fields of a message, and what the lists among them hold. */
interface Shape {
  readonly fields?: Fields;
  readonly items?: Readonly<Record<string, ItemCheck>>;
}

const NET_ADDRESS: Fields = { services: "bigint", ip: "bytes", port: "number" };

const requireNetAddress: ItemCheck = (item, name) => requireFields(item, name, NET_ADDRESS);
const requireTimedAddress: ItemCheck = (item, name) => {
  requireFields(item, name, { time: "number" });
  requireFields(item, name, NET_ADDRESS);
};
const requireAddressV2: ItemCheck = (item, name) =>
  requireFields(item, name, {
    time: "number",
    services: "bigint",
    network: "number",
    address: "bytes",
    port: "number",
  });
const requirePrefilled: ItemCheck = (item, name) => {
  requireFields(item, name, { index: "number", transaction: "object" });
  const { transaction } = item as { readonly transaction: unknown };
  requireTransaction(transaction, `${name}.transaction`);
};

const INVENTORY: Shape = {
  fields: { items: "array" },
  items: {
    items: (item, name) => requireFields(item, name, { type: "number", hash: "string" }),
  },
};
const LOCATOR: Shape = {
  fields: { protocolVersion: "number", locator: "array", stopHash: "string" },
  items: { locator: requireId },
};
const FILTER_RANGE: Shape = {
  fields: { filterType: "number", startHeight: "number", stopHash: "string" },
};
const NONCE: Shape = { fields: { nonce: "bigint" } };
const NOTHING: Shape = /* @__PURE__ */ Object.freeze({});

const SHAPES: Readonly<Record<string, Shape>> = {
  version: {
    fields: {
      protocolVersion: "number",
      services: "bigint",
      timestamp: "bigint",
      receiver: "object",
      sender: "object",
      nonce: "bigint",
      userAgent: "string",
      startHeight: "number",
      relay: "boolean",
    },
    items: { receiver: requireNetAddress, sender: requireNetAddress },
  },
  verack: NOTHING,
  ping: NONCE,
  pong: NONCE,
  getblocks: LOCATOR,
  getheaders: LOCATOR,
  headers: { fields: { headers: "array" }, items: { headers: requireHeader } },
  inv: INVENTORY,
  getdata: INVENTORY,
  notfound: INVENTORY,
  block: { fields: { raw: "bytes" } },
  tx: { items: { transaction: requireTransaction } },
  addr: {
    fields: { addresses: "array" },
    items: { addresses: requireTimedAddress },
  },
  addrv2: {
    fields: { addresses: "array" },
    items: {
      addresses: requireAddressV2,
    },
  },
  getaddr: NOTHING,
  mempool: NOTHING,
  sendheaders: NOTHING,
  sendaddrv2: NOTHING,
  wtxidrelay: NOTHING,
  sendcmpct: { fields: { announce: "boolean", version: "bigint" } },
  cmpctblock: {
    fields: { nonce: "bigint", shortIds: "array", prefilled: "array" },
    items: {
      header: requireHeader,
      shortIds: requireNumber,
      prefilled: requirePrefilled,
    },
  },
  getblocktxn: {
    fields: { blockHash: "string", indexes: "array" },
    items: { indexes: requireNumber },
  },
  blocktxn: {
    fields: { blockHash: "string", transactions: "array" },
    items: { transactions: requireTransaction },
  },
  feefilter: { fields: { feeRate: "bigint" } },
  getcfilters: FILTER_RANGE,
  getcfheaders: FILTER_RANGE,
  getcfcheckpt: { fields: { filterType: "number", stopHash: "string" } },
  cfilter: { fields: { filterType: "number", blockHash: "string", filter: "bytes" } },
  cfheaders: {
    fields: {
      filterType: "number",
      stopHash: "string",
      previousHeader: "string",
      hashes: "array",
    },
    items: { hashes: requireId },
  },
  cfcheckpt: {
    fields: { filterType: "number", stopHash: "string", headers: "array" },
    items: { headers: requireId },
  },
  filterload: {
    fields: { data: "bytes", hashFunctions: "number", tweak: "number", flags: "number" },
  },
  filteradd: { fields: { data: "bytes" } },
  filterclear: NOTHING,
  merkleblock: {
    fields: { total: "number", hashes: "array", flags: "bytes" },
    items: { header: requireHeader, hashes: requireId },
  },
  reject: {
    fields: { rejected: "string", code: "number", reason: "string", hash: "string?" },
  },
};

/** @throws ArgumentError for anything but a message that has all its fields. */
export function requireMessage(value: unknown, name: string): void {
  requireFields(value, name, { command: "string" });
  const message = value as Readonly<Record<string, unknown>>;
  const { command } = value as { readonly command: string };
  if (!Object.hasOwn(SHAPES, command)) {
    throw new ArgumentError(`${name}.command`, "the name of a message", command);
  }
  const { fields, items = {} } = SHAPES[command] ?? NOTHING;
  if (fields !== undefined) requireFields(value, name, fields);
  for (const field in items) {
    const check = present(items[field], "items[field]");
    const content = message[field];
    if (fields?.[field] !== "array") check(content, `${name}.${field}`);
    else requireArray(content, `${name}.${field}`, check);
  }
}
