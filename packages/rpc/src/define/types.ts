/** The types that arguments of several methods have. */
import {
  type BlockHash,
  COIN,
  type HashId,
  hexToBytes,
  MAX_MONEY,
  parseId,
  type Txid,
} from "@chain/core";
import { z } from "zod";
import { RPC_INVALID_PARAMETER, RPC_MISC_ERROR, RPC_TYPE_ERROR, RpcError } from "../errors.ts";
import { numberText } from "../json/number.ts";
import { type Json, typeName } from "../json/parse.ts";
import {
  type Argument,
  type ArgumentOptions,
  type ArgumentType,
  argument,
  type Given,
  mismatch,
  type TypeName,
} from "./argument.ts";

/** @throws RpcError -3 where it is none */
export function readString(value: Json): string {
  if (typeof value !== "string")
    throw new RpcError(RPC_TYPE_ERROR, mismatch(value, "string") ?? "");
  return value;
}

/** @throws RpcError -3 where it is none */
export function readBoolean(value: Json): boolean {
  if (typeof value !== "boolean") throw new RpcError(RPC_TYPE_ERROR, mismatch(value, "bool") ?? "");
  return value;
}

/** @throws RpcError -3 where it is none */
export function readList(value: Json): readonly Json[] {
  if (!Array.isArray(value)) throw new RpcError(RPC_TYPE_ERROR, mismatch(value, "array") ?? "");
  return value;
}

/** @throws RpcError -3 where it is none */
export function readObject(value: Json): { readonly [name: string]: Json } {
  if (typeName(value) !== "object") {
    throw new RpcError(RPC_TYPE_ERROR, mismatch(value, "object") ?? "");
  }
  return value as { readonly [name: string]: Json };
}

/** Core: UniValue::get_real. @throws RpcError -3 where it is no number */
function readReal(value: Json): number {
  const text = numberText(value);
  if (text === undefined) throw new RpcError(RPC_TYPE_ERROR, mismatch(value, "number") ?? "");
  return Number(text);
}

const INTEGER = /^-?\d+$/;

/** Core: UniValue::getInt. @throws RpcError -3 where it is no number, -1 where it is none of the range */
export function readInteger(value: Json, least: bigint, most: bigint): bigint {
  const text = numberText(value);
  if (text === undefined) throw new RpcError(RPC_TYPE_ERROR, mismatch(value, "number") ?? "");
  const number = INTEGER.test(text) && text.length <= 20 ? BigInt(text) : undefined;
  if (number === undefined || number < least || number > most) {
    throw new RpcError(RPC_MISC_ERROR, "JSON integer out of range");
  }
  return number;
}

const INT32 = [-(1n << 31n), (1n << 31n) - 1n] as const;
const UINT32 = [0n, (1n << 32n) - 1n] as const;
const INT64 = [-(1n << 63n), (1n << 63n) - 1n] as const;

/**
 * An object of exactly these fields. Core: RPCTypeCheckObj, strict.
 * @param optional whether fields may be missing
 * @throws RpcError -3
 */
export function readStrictly<const Types extends Readonly<Record<string, TypeName | "any">>>(
  value: Json,
  types: Types,
  { optional = false }: { readonly optional?: boolean } = {},
): { readonly [Name in keyof Types]: Json } {
  const fields = readObject(value);
  for (const [name, type] of Object.entries(types)) {
    const field = fields[name] ?? null;
    if (field === null && optional) continue;
    if (field === null) throw new RpcError(RPC_TYPE_ERROR, `Missing ${name}`);
    const actual = typeName(field);
    if (actual === type || type === "any") continue;
    const message = `JSON value of type ${actual} for field ${name} is not of expected type ${type}`;
    throw new RpcError(RPC_TYPE_ERROR, message);
  }
  const unknown = Object.keys(fields).find((name) => !Object.hasOwn(types, name));
  if (unknown !== undefined) throw new RpcError(RPC_TYPE_ERROR, `Unexpected key ${unknown}`);
  return fields as { readonly [Name in keyof Types]: Json };
}

/** Core: `getInt<int>()`. */
export function readInt32(value: Json): number {
  return Number(readInteger(value, ...INT32));
}

/** As JSON has numbers: also for texts, because Core reads both alike. Core: ParseFixedPoint. */
const DECIMAL = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
/** Of a coin. */
const DECIMALS = 8;
/** A longer one is no amount. An exponent of more digits moves any digit out of the range. */
const MAX_DIGITS = 100;

/**
 * Base units of coins given as a number or as a text. Nothing is rounded: `1e-9` is refused, and not taken for 0, which
 * may mean that there is no limit. Core: AmountFromValue.
 * @throws RpcError -3 where it is no amount, or not from 0 to 21 million
 * @param decimals of the unit that it is given in
 * @example readAmount("0.1") // 10_000_000n
 */
export function readAmount(value: Json, decimals: number = DECIMALS): bigint {
  const text = typeof value === "string" ? value : numberText(value);
  if (text === undefined) throw new RpcError(RPC_TYPE_ERROR, "Amount is not a number or string");
  const match = text.length > MAX_DIGITS ? null : DECIMAL.exec(text);
  const units = match === null ? undefined : unitsOf(match, decimals);
  if (units === undefined) throw new RpcError(RPC_TYPE_ERROR, "Invalid amount");
  if (units < 0n || units > MAX_MONEY) throw new RpcError(RPC_TYPE_ERROR, "Amount out of range");
  return units;
}

/** @returns `undefined` where it is no whole number of base units, or one of more than 18 digits */
function unitsOf(
  [, sign, whole = "", fraction = "", exponent = "0"]: RegExpExecArray,
  decimals: number,
) {
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  const power = Number(exponent) + decimals - fraction.length + digits.length - significant.length;
  if (significant === "") return 0n;
  if (power < 0 || significant.length + power > 18) return undefined;
  const units = BigInt(significant + "0".repeat(power));
  return sign === "-" ? -units : units;
}

/** Base units for 1,000 virtual bytes. Core: ParseFeeRate. @throws RpcError as {@link readAmount}; -8 from 1 coin on */
export function readFeeRate(value: Json): bigint {
  const rate = readAmount(value);
  if (rate < COIN) return rate;
  const message = "Fee rates larger than or equal to 1BTC/kvB are not accepted";
  throw new RpcError(RPC_INVALID_PARAMETER, message);
}

const HEX = /^(?:[0-9a-fA-F]{2})*$/;
const HASH = /^[0-9a-fA-F]{64}$/;

/** Core: ParseHashV. @throws RpcError -8 */
export function readHash<Id extends HashId>(value: Json, name: string): Id {
  const text = readString(value);
  if (HASH.test(text)) return parseId<Id>(text.toLowerCase());
  const message =
    text.length === 64
      ? `${name} must be hexadecimal string (not '${text}')`
      : `${name} must be of length 64 (not ${text.length}, for '${text}')`;
  throw new RpcError(RPC_INVALID_PARAMETER, message);
}

/** Core: ParseHexV. @throws RpcError -8 */
export function readHex(value: Json, name: string): Uint8Array {
  const text = typeof value === "string" ? value : "";
  if (text !== "" && HEX.test(text)) return hexToBytes(text);
  throw new RpcError(RPC_INVALID_PARAMETER, `${name} must be hexadecimal string (not '${text}')`);
}

const stringType: ArgumentType<string> = { kind: "string", schema: z.string(), read: readString };
const hexTextType: ArgumentType<string> = { kind: "hex", schema: z.string(), read: readString };
const booleanType: ArgumentType<boolean> = {
  kind: "boolean",
  schema: z.boolean(),
  read: readBoolean,
};
const realType: ArgumentType<number> = { kind: "number", schema: z.number(), read: readReal };
const integerType: ArgumentType<number> = { kind: "number", schema: z.int(), read: readInt32 };
const unsignedType: ArgumentType<number> = {
  kind: "number",
  schema: z.int(),
  read: (value) => Number(readInteger(value, ...UINT32)),
};
const longType: ArgumentType<bigint> = {
  kind: "number",
  schema: z.int(),
  read: (value) => readInteger(value, ...INT64),
};
const amountSchema = z.union([z.number(), z.string()]);
const amountType: ArgumentType<bigint> = { kind: "amount", schema: amountSchema, read: readAmount };
/** Read by the method, where Core reads it later than another that may be wrong too. */
const rawAmountType: ArgumentType<Json> = {
  kind: "amount",
  schema: amountSchema,
  read: (value) => value,
};
const anyType: ArgumentType<Json> = {
  kind: "string",
  schema: z.unknown(),
  read: (value) => value,
  takesAnyType: true,
};
/** `false` and `true` are 0 and 1, as they once were all there was. Core: ParseVerbosity. */
const verbosityType: ArgumentType<number> = {
  kind: "number",
  schema: z.union([z.int(), z.boolean()]),
  read: (value) => (typeof value === "boolean" ? Number(value) : readInt32(value)),
  takesAnyType: true,
};

type Kind<Value> = <const Name extends string, const Options extends ArgumentOptions>(
  name: Name,
  options: Options,
) => Argument<Name, Given<Value, Options>>;

function kind<Value>(type: ArgumentType<Value>): Kind<Value> {
  return (name, options) => argument(name, type, options);
}

export const string: Kind<string> = kind(stringType);
/** Hex that the method reads itself. */
export const hexText: Kind<string> = kind(hexTextType);
export const boolean: Kind<boolean> = kind(booleanType);
/** A number with decimals. */
export const real: Kind<number> = kind(realType);
/** A number of 32 bits. */
export const integer: Kind<number> = kind(integerType);
/** A number of 32 bits, not below 0. */
export const unsigned: Kind<number> = kind(unsignedType);
/** A number of 64 bits. */
export const long: Kind<bigint> = kind(longType);
/** Coins; base units for the method. */
export const amount: Kind<bigint> = kind(amountType);
export const rawAmount: Kind<Json> = kind(rawAmountType);
export const verbosity: Kind<number> = kind(verbosityType);
export const any: Kind<Json> = kind(anyType);
export const blockHash: Kind<BlockHash> = (name, options) =>
  argument(name, hashType<BlockHash>(name), options);
export const txid: Kind<Txid> = (name, options) => argument(name, hashType<Txid>(name), options);

export function hashType<Id extends HashId>(name: string): ArgumentType<Id> {
  return { kind: "hex", schema: z.string(), read: (value) => readHash<Id>(value, name) };
}

/** A list, each element read by the type of `inner`. */
export function list<const Name extends string, Value, const Options extends ArgumentOptions>(
  name: Name,
  inner: Argument<string, Value>,
  options: Options,
): Argument<Name, Given<readonly Value[], Options>> {
  const type: ArgumentType<readonly Value[]> = {
    kind: "array",
    schema: z.array(inner.schema),
    read: (value) => readList(value).map((each) => inner.read(each)),
    inner: [inner],
  };
  return argument(name, type, options);
}

/** An object that `read` reads. */
export function objectOf<const Name extends string, Value, const Options extends ArgumentOptions>(
  name: Name,
  fields: readonly Argument[],
  options: Options,
  read: (value: Json) => Value,
): Argument<Name, Given<Value, Options>> {
  const shape = Object.fromEntries(
    fields.map((field) => [field.name, field.isRequired ? field.schema : field.schema.optional()]),
  );
  const type: ArgumentType<Value> = {
    kind: "object",
    schema: z.object(shape),
    read,
    inner: fields,
  };
  return argument(name, type, options);
}

/** An object of fields that the method reads. */
export function object<const Name extends string, const Options extends ArgumentOptions>(
  name: Name,
  fields: readonly Argument[],
  options: Options,
): Argument<Name, Given<Fields, Options>> {
  return objectOf(name, fields, options, readObject);
}

type Fields = { readonly [name: string]: Json };

/**
 * An object whose fields may be given by name beside the arguments; each has the type that it says.
 * @param isStrict whether it has no other fields
 */
export function options<const Name extends string, const Options extends ArgumentOptions>(
  name: Name,
  fields: readonly Argument[],
  given: Options,
  isStrict: boolean = true,
): Argument<Name, Given<Fields, Options>> {
  const types = Object.fromEntries(fields.map((field) => [field.name, OPTION_TYPES[field.kind]]));
  const type: ArgumentType<Fields> = {
    kind: "options",
    schema: z.object(Object.fromEntries(fields.map((each) => [each.name, each.schema.optional()]))),
    read: (value) =>
      isStrict ? readStrictly(value, types, { optional: true }) : readObject(value),
    inner: fields,
  };
  return argument(name, type, given);
}

const OPTION_TYPES: Readonly<Record<Argument["kind"], TypeName>> = {
  string: "string",
  hex: "string",
  number: "number",
  amount: "number",
  boolean: "bool",
  object: "object",
  dictionary: "object",
  options: "object",
  array: "array",
  range: "array",
};

/** A block by hash, or by height in the best chain: the method looks it up. */
export const hashOrHeightType: ArgumentType<Json> = {
  kind: "number",
  schema: z.union([z.string(), z.int()]),
  read: (value) => value,
  takesAnyType: true,
  typeText: "string or numeric",
};
