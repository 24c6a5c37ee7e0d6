/** Checks of what a store is handed, for callers that are plain JavaScript. */
import { ArgumentError } from "@chain/core";
import {
  requireArray,
  requireBytes,
  requireFields,
  requireHeader,
  requireLocatedCoin,
} from "@chain/core/arguments";
import { type KeyValueChange, MIN_KEY_SIZE } from "./keyValue.ts";
import type { BlockRecord, ChainUpdate } from "./store.ts";

export function requirePruneOptions(value: unknown, name: string): void {
  requireFields(value, name, { height: "number", target: "number?", isActive: "function" });
}

export function requireRecord(value: unknown, name: string): void {
  requireFields(value, name, {
    header: "object",
    height: "number",
    status: "string",
    transactionCount: "number",
    reason: "string?",
  });
  requireHeader((value as BlockRecord).header, `${name}.header`);
}

export function requireUpdate(value: unknown, name: string): void {
  requireFields(value, name, {
    tip: "string",
    connected: "array",
    coins: "object",
    records: "array",
    durable: "boolean",
  });
  const { connected, coins, records } = value as ChainUpdate;
  requireArray(connected, `${name}.connected`, (block, path) => {
    requireFields(block, path, { hash: "string", undo: "bytes" });
  });
  requireFields(coins, `${name}.coins`, { spent: "array", created: "array" });
  requireArray(coins.spent, `${name}.coins.spent`, requireLocatedCoin);
  requireArray(coins.created, `${name}.coins.created`, requireLocatedCoin);
  requireArray(records, `${name}.records`, requireRecord);
}

export function requireKey(value: unknown, name: string): asserts value is Uint8Array {
  requireBytes(value, name);
  if (value.length < MIN_KEY_SIZE) {
    throw new ArgumentError(name, `at least ${MIN_KEY_SIZE} bytes`, value.length);
  }
}

export function requireKeyRange(value: unknown, name: string): void {
  requireFields(value, name, { from: "bytes", end: "bytes" });
}

export function requireKeyOrder(value: unknown, name: string): void {
  if (value === "ascending" || value === "descending") return;
  throw new ArgumentError(name, '"ascending" or "descending"', value);
}

export function requireChange(value: unknown, name: string): void {
  requireFields(value, name, { key: "bytes", value: "bytes?" });
  requireKey((value as KeyValueChange).key, `${name}.key`);
}

export function requireIterable(value: unknown, name: string): void {
  const isIterable =
    typeof value === "object" &&
    value !== null &&
    (Symbol.asyncIterator in value || Symbol.iterator in value);
  if (!isIterable) throw new ArgumentError(name, "an iterable", value);
}
