/** A parser of JSON that keeps what `JSON.parse` loses: the text of numbers, and names that an object has twice. */
import { ChainError, type ChainErrorOptions } from "@chain/core";
import { numberOf, WrittenNumber } from "./number.ts";

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json };

/** Containers within each other. Core: MAX_JSON_DEPTH. */
const MAX_DEPTH = 512;

/** The text has more values than its reader takes. */
export class TooManyValues extends ChainError<"too-many-values"> {
  override readonly name = "TooManyValues";
}

/** Where an object keeps the names that it had more than once. */
const REPEATED: unique symbol = Symbol("repeated");

const SPACE = " \t\n\r";
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** Control characters have to be escaped. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the point of it
const CONTROL = /[\u0000-\u001f]/;
/** A surrogate without its partner: no text has it in UTF-8. */
const LONE_SURROGATE = /\p{Surrogate}/u;
const KEYWORDS: ReadonlyMap<string, readonly [text: string, value: Json]> = new Map([
  ["n", ["null", null]],
  ["t", ["true", true]],
  ["f", ["false", false]],
]);

/**
 * Parses JSON as Core's UniValue::read does. A number stays exact (see `numberOf`); an object has no prototype, keeps
 * the first of two fields with one name, and `repeatedNames` tells of the other.
 * @param maxValues most values, lists and objects included: each costs far more memory than its text
 * @returns `undefined` where the text is no JSON
 * @throws TooManyValues
 * @example toJson(parseJson("[1.10]")) // "[1.10]"
 */
export function parseJson(
  text: string,
  maxValues: number = Number.POSITIVE_INFINITY,
): Json | undefined {
  const reader = new JsonReader(text, maxValues);
  try {
    return reader.document();
  } catch (error) {
    if (error instanceof NoJson) return undefined;
    throw error;
  }
}

/** Names that an object of {@link parseJson} had more than once. */
export function repeatedNames(value: object): readonly string[] {
  return (value as { readonly [REPEATED]?: readonly string[] })[REPEATED] ?? [];
}

/** Core's name of a value's type. Core: uvTypeName. */
export function typeName(
  value: unknown,
): "null" | "bool" | "number" | "string" | "array" | "object" {
  if (value === null || value === undefined) return "null";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number" || value instanceof WrittenNumber) return "number";
  if (typeof value === "string") return "string";
  return Array.isArray(value) ? "array" : "object";
}

class NoJson extends ChainError<"no-json"> {
  constructor(options?: ChainErrorOptions) {
    super("no-json", "the text is no JSON", options);
  }
}

class JsonReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  #left: number;

  constructor(text: string, maxValues: number) {
    this.#text = text;
    this.#left = maxValues;
  }

  document(): Json {
    this.#skipSpace();
    const value = this.#value();
    this.#skipSpace();
    if (this.#at < this.#text.length) throw new NoJson();
    return value;
  }

  #value(): Json {
    if (--this.#left < 0)
      throw new TooManyValues("too-many-values", "the JSON has too many values");
    const first = this.#text[this.#at] ?? "";
    if (first === '"') return this.#string();
    if (first === "{" || first === "[") return this.#nested(first === "[");
    const keyword = KEYWORDS.get(first);
    if (keyword === undefined) return this.#number();
    const [word, value] = keyword;
    if (!this.#text.startsWith(word, this.#at)) throw new NoJson();
    this.#at += word.length;
    return value;
  }

  #nested(isArray: boolean): Json {
    if (++this.#depth > MAX_DEPTH) throw new NoJson();
    this.#at++;
    const value = isArray ? this.#array() : this.#object();
    this.#depth--;
    return value;
  }

  #array(): Json {
    const values: Json[] = [];
    this.#skipSpace();
    if (this.#takes("]")) return values;
    for (;;) {
      this.#skipSpace();
      values.push(this.#value());
      this.#skipSpace();
      if (this.#takes("]")) return values;
      this.#expect(",");
    }
  }

  #object(): Json {
    const object: Record<string, Json> = Object.create(null);
    const repeated: string[] = [];
    this.#skipSpace();
    if (this.#takes("}")) return object;
    for (;;) {
      this.#skipSpace();
      const name = this.#string();
      this.#skipSpace();
      this.#expect(":");
      this.#skipSpace();
      const value = this.#value();
      if (Object.hasOwn(object, name)) repeated.push(name);
      else object[name] = value;
      this.#skipSpace();
      if (this.#takes("}")) break;
      this.#expect(",");
    }
    if (repeated.length > 0) Object.defineProperty(object, REPEATED, { value: repeated });
    return object;
  }

  #string(): string {
    this.#expect('"');
    const end = this.#endOfString();
    const raw = this.#text.slice(this.#at, end);
    this.#at = end + 1;
    if (CONTROL.test(raw)) throw new NoJson();
    const text = raw.includes("\\") ? unescaped(raw) : raw;
    if (LONE_SURROGATE.test(text)) throw new NoJson();
    return text;
  }

  /** Where the closing quote stands: the first that has no backslash of its own before it. */
  #endOfString(): number {
    let end = this.#at - 1;
    do {
      end = this.#text.indexOf('"', end + 1);
      if (end < 0) throw new NoJson();
    } while (this.#isEscaped(end));
    return end;
  }

  #isEscaped(at: number): boolean {
    let start = at;
    while (start > this.#at && this.#text[start - 1] === "\\") start--;
    return (at - start) % 2 === 1;
  }

  #number(): number {
    NUMBER.lastIndex = this.#at;
    const found = NUMBER.exec(this.#text)?.[0];
    if (found === undefined) throw new NoJson();
    this.#at += found.length;
    return numberOf(found);
  }

  #skipSpace(): void {
    while (this.#at < this.#text.length && SPACE.includes(this.#text[this.#at] as string))
      this.#at++;
  }

  #takes(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #expect(character: string): void {
    if (!this.#takes(character)) throw new NoJson();
  }
}

function unescaped(raw: string): string {
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch (error) {
    throw new NoJson({ cause: error });
  }
}
