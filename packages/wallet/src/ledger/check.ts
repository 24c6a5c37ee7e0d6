/** Checks of what a ledger is handed. */
import { ArgumentError } from "@chain/core";
import { optional, requireFields, requireFunction, requireInteger } from "@chain/core/arguments";
import { Descriptor } from "../descriptor/descriptor.ts";
import { requireDescriptorParams } from "../descriptor/params.ts";

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
