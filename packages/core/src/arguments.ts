/**
 * Checks of arguments, for functions that plain JavaScript calls: each throws an ArgumentError that names what is wrong.
 * They look at types and at what must be there, and at nothing that a rule decides. Cheap enough for every call.
 */
import { ArgumentError, FaultError } from "./errors.ts";

/** Bytes, from another realm too: a test runner, a frame or a worker has a Uint8Array of its own. */
export function isBytes(value: unknown): value is Uint8Array {
  return (
    value instanceof Uint8Array ||
    (ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === "[object Uint8Array]")
  );
}

export function requireBytes(value: unknown, name: string): asserts value is Uint8Array {
  if (!isBytes(value)) throw new ArgumentError(name, "a Uint8Array", value);
}

/** @param length in bytes */
export function requireBytesOf(
  length: number,
  value: unknown,
  name: string,
): asserts value is Uint8Array {
  if (!isBytes(value) || value.length !== length) {
    const actual = isBytes(value) ? value.length : value;
    throw new ArgumentError(name, `a Uint8Array of ${length} bytes`, actual);
  }
}

export function requireString(value: unknown, name: string): asserts value is string {
  if (typeof value !== "string") throw new ArgumentError(name, "a string", value);
}

/** Of a file: text without the zero byte, which no system takes. */
export function requirePath(value: unknown, name: string): asserts value is string {
  requireString(value, name);
  if (value.includes("\0")) throw new ArgumentError(name, "a path without a zero byte", value);
}

export function requireNumber(value: unknown, name: string): asserts value is number {
  if (typeof value !== "number" || Number.isNaN(value)) {
    throw new ArgumentError(name, "a number", value);
  }
}

export function requireInteger(
  value: unknown,
  name: string,
  least: number = Number.MIN_SAFE_INTEGER,
  most: number = Number.MAX_SAFE_INTEGER,
): asserts value is number {
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
    const range =
      least === Number.MIN_SAFE_INTEGER
        ? ""
        : most === Number.MAX_SAFE_INTEGER
          ? ` of at least ${least}`
          : ` from ${least} to ${most}`;
    throw new ArgumentError(name, `an integer${range}`, value);
  }
}

export function requireBigint(value: unknown, name: string): asserts value is bigint {
  if (typeof value !== "bigint") throw new ArgumentError(name, "a bigint", value);
}

export function requireBoolean(value: unknown, name: string): asserts value is boolean {
  if (typeof value !== "boolean") throw new ArgumentError(name, "true or false", value);
}

export function requireFunction(value: unknown, name: string): void {
  if (typeof value !== "function") throw new ArgumentError(name, "a function", value);
}

/** @param check of each item; it gets the name with the index */
export function requireArray(
  value: unknown,
  name: string,
  check?: (item: unknown, name: string) => void,
): asserts value is readonly unknown[] {
  if (!Array.isArray(value)) throw new ArgumentError(name, "an array", value);
  if (check === undefined) return;
  let i = 0;
  try {
    for (; i < value.length; i++) check(value[i], name);
  } catch (error) {
    // Its place is named for an item that is wrong alone: a list may have fifty thousand of them.
    check(value[i], `${name}[${i}]`);
    throw error;
  }
}

/** @param items as in "hashes" */
export function requireIterable(value: unknown, name: string, items: string): void {
  if (
    typeof (value as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] !==
    "function"
  ) {
    throw new ArgumentError(name, `an iterable of ${items}`, value);
  }
}

/** @param check one of the functions here; not called for undefined */
export function optional(
  value: unknown,
  name: string,
  check: (value: unknown, name: string) => void,
): void {
  if (value !== undefined) check(value, name);
}

export function requireMap(value: unknown, name: string): void {
  if (!isOfKind(value, "map")) throw new ArgumentError(name, "a Map", value);
}

/**
 * A value that cannot be missing, because the code before has seen to that. In place of a cast, which would let `undefined` go on and
 * break something far away.
 * @param what as in the source: "known.get(key)"
 * @throws FaultError where it is not
 * @example present([7].at(0), "the first") // 7
 */
export function present<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined)
    throw new FaultError("fault", `${what} is missing: a fault of this program`);
  return value;
}

/** A kind of field; with `?` where it may be missing. */
export type FieldKind = BaseKind | `${BaseKind}?`;
type BaseKind =
  | "array"
  | "bigint"
  | "boolean"
  | "bytes"
  | "function"
  | "map"
  | "number"
  | "object"
  | "string";

/** An object with these fields. @param fields by name, the kind of each */
export function requireFields(
  value: unknown,
  name: string,
  fields: Readonly<Record<string, FieldKind>>,
): asserts value is object {
  if (!isRecord(value)) {
    throw new ArgumentError(name, `an object with ${Object.keys(fields).join(", ")}`, value);
  }
  for (const field in fields) {
    const kind = present(fields[field], "fields[field]");
    const isOptional = kind.endsWith("?");
    const content = value[field];
    if (isOptional && content === undefined) continue;
    const base = (isOptional ? kind.slice(0, -1) : kind) as BaseKind;
    if (!isOfKind(content, base)) throw new ArgumentError(`${name}.${field}`, NAMES[base], content);
  }
}

const NAMES: Readonly<Record<BaseKind, string>> = {
  array: "an array",
  bigint: "a bigint",
  boolean: "true or false",
  bytes: "a Uint8Array",
  function: "a function",
  map: "a Map",
  number: "a number",
  object: "an object",
  string: "a string",
};

/** An object, but no array, bytes or Map: where all fields are optional, any of these would pass for one. */
function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !ArrayBuffer.isView(value) &&
    !(value instanceof Map)
  );
}

function isOfKind(value: unknown, kind: BaseKind): boolean {
  switch (kind) {
    case "array":
      return Array.isArray(value);
    case "bytes":
      return isBytes(value);
    case "map":
      return typeof (value as Partial<ReadonlyMap<unknown, unknown>> | null)?.get === "function";
    case "number":
      return typeof value === "number" && !Number.isNaN(value);
    case "object":
      return isRecord(value);
    default:
      return typeof value === kind;
  }
}
