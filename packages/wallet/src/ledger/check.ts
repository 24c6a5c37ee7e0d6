/** Checks of what a ledger is handed. */
import { ArgumentError, type Block, type Outpoint, type Transaction } from "@chain/core";
import { optional, requireFields, requireFunction, requireInteger } from "@chain/core/arguments";
import { Descriptor } from "../descriptor/descriptor.ts";
import { requireDescriptorParams } from "../descriptor/params.ts";
import type { ChainPosition } from "./types.ts";

const MAX_TIME = 0xffff_ffff;
/** Core's keypool has no such limit; a record of a descriptor has 32 bits for its range. */
const MAX_KEYPOOL = 1_000_000;

export function requireHost(value: unknown, name: string): void {
  requireFields(value, name, {
    params: "object",
    now: "function",
    randomBytes: "function?",
    scryptCost: "object?",
  });
  const { params, now, randomBytes, scryptCost } = value as Record<string, unknown>;
  requireDescriptorParams(params, `${name}.params`);
  requireFields(params, `${name}.params`, { coinbaseMaturity: "number" });
  requireFunction(now, `${name}.now`);
  optional(randomBytes, `${name}.randomBytes`, requireFunction);
  if (scryptCost !== undefined) {
    requireFields(scryptCost, `${name}.scryptCost`, { n: "number", r: "number", p: "number" });
  }
}

export function requireCreateOptions(value: unknown, name: string): void {
  requireHost(value, name);
  requireFields(value, name, {
    disablePrivateKeys: "boolean?",
    blank: "boolean?",
    avoidReuse: "boolean?",
    keypoolSize: "number?",
    birthday: "number?",
  });
  const { birthday, keypoolSize } = value as Record<string, unknown>;
  optional(birthday, `${name}.birthday`, requireTime);
  optional(keypoolSize, `${name}.keypoolSize`, requireKeypoolSize);
}

export function requireKeypoolSize(value: unknown, name: string): asserts value is number {
  requireInteger(value, name, 1, MAX_KEYPOOL);
}

export function requireTime(value: unknown, name: string): asserts value is number {
  requireInteger(value, name, 0, MAX_TIME);
}

export function requireDescriptor(value: unknown, name: string): asserts value is Descriptor {
  if (!(value instanceof Descriptor)) throw new ArgumentError(name, "a Descriptor", value);
}

export function requireAddDescriptorOptions(value: unknown, name: string): void {
  requireFields(value, name, {
    active: "boolean?",
    internal: "boolean?",
    range: "object?",
    next: "number?",
    timestamp: "number",
    label: "string?",
  });
  const { range, next, timestamp } = value as Record<string, unknown>;
  requireTime(timestamp, `${name}.timestamp`);
  optional(next, `${name}.next`, requireIndex);
  if (range === undefined) return;
  requireFields(range, `${name}.range`, { start: "number", end: "number" });
  const { start, end } = range as { start: number; end: number };
  requireIndex(start, `${name}.range.start`);
  requireInteger(end, `${name}.range.end`, start, 0x8000_0000);
}

function requireIndex(value: unknown, name: string): void {
  requireInteger(value, name, 0, 0x7fff_ffff);
}

export function requireOptionalPurpose(value: unknown, name: string): void {
  if (value !== undefined && value !== "receive" && value !== "send") {
    throw new ArgumentError(name, `"receive" or "send"`, value);
  }
}

export function requirePosition(value: unknown, name: string): asserts value is ChainPosition {
  requireFields(value, name, { hash: "string", height: "number" });
  requireInteger((value as ChainPosition).height, `${name}.height`, -1, 0x7fff_ffff);
}

export function requireOutpoint(value: unknown, name: string): asserts value is Outpoint {
  requireFields(value, name, { txid: "string", vout: "number" });
  if (!/^[0-9a-f]{64}$/.test((value as Outpoint).txid)) {
    throw new ArgumentError(`${name}.txid`, "64 hex digits", (value as Outpoint).txid);
  }
  requireInteger((value as Outpoint).vout, `${name}.vout`, 0, 0xffff_ffff);
}

export function requireBlock(value: unknown, name: string): asserts value is Block {
  const { header, transactions } = Object(value);
  if (typeof header !== "object" || !Array.isArray(transactions)) {
    throw new ArgumentError(name, "a Block", value);
  }
}

export function requireTransaction(value: unknown, name: string): asserts value is Transaction {
  const { inputs, outputs, txid } = Object(value);
  if (!Array.isArray(inputs) || !Array.isArray(outputs) || typeof txid !== "string") {
    throw new ArgumentError(name, "a Transaction", value);
  }
}

export function requireChange(value: unknown, name: string): void {
  requireFields(value, name, { type: "string" });
  const { type, block, transaction } = value as Record<string, unknown>;
  switch (type) {
    case "block-connected":
    case "block-disconnected":
      requirePosition(value, name);
      requireBlock(block, `${name}.block`);
      break;
    case "transaction-added":
      requireTransaction(transaction, `${name}.transaction`);
      break;
    case "transaction-removed":
      requireTransaction(transaction, `${name}.transaction`);
      requireFields(value, name, { why: "string" });
      break;
    default:
      throw new ArgumentError(`${name}.type`, "the type of a change", type);
  }
}

export function requireCoinFilter(value: unknown, name: string): void {
  requireFields(value, name, {
    minDepth: "number?",
    maxDepth: "number?",
    minValue: "bigint?",
    maxValue: "bigint?",
    includeUnsafe: "boolean?",
    includeImmature: "boolean?",
    includeLocked: "boolean?",
    includeReused: "boolean?",
  });
}
