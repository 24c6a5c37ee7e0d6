/** Arguments of methods: what a caller may give, what is wrong with it where it is something else, and its help. */
import type { z } from "zod";
import { type Json, typeName } from "../json/parse.ts";

/** The kinds of arguments, as Core's help texts name them. Core: RPCArg::Type. */
export type ArgumentKind =
  | "string"
  | "hex"
  | "number"
  | "amount"
  | "boolean"
  | "object"
  /** An object whose keys are up to the caller. */
  | "dictionary"
  /** An object whose fields may be given by name beside the arguments. Core: OBJ_NAMED_PARAMS. */
  | "options"
  | "array"
  | "range";

export interface Argument<Name extends string = string, Value = unknown> {
  readonly name: Name;
  /** Other names that it may be given by. */
  readonly aliases: readonly string[];
  readonly kind: ArgumentKind;
  readonly text: string;
  /** Whether a call without it is refused. */
  readonly isRequired: boolean;
  /** The value of a call without it. */
  readonly fallback: Json | undefined;
  /** A text in the place of the fallback, where that is no constant. */
  readonly hint: string | undefined;
  /** Not part of help texts. */
  readonly isHidden: boolean;
  /** Whether `read` alone decides which types it may have. */
  readonly takesAnyType: boolean;
  /** In the first line of the help, where the kind does not tell it; and for its type in the list. */
  readonly oneLine: string | undefined;
  readonly typeText: string | undefined;
  /** Elements of an array, fields of an object. */
  readonly inner: readonly Argument[];
  /** The values that a caller may write, for documents and the typed client. */
  readonly schema: z.ZodType;
  /** The value for the method. @throws RpcError for a value that Core refuses */
  readonly read: (value: Json) => Value;
}

/** Options that all kinds of arguments have in common. */
export interface ArgumentOptions {
  readonly text: string;
  readonly aliases?: readonly string[];
  /** Given or not, without a value in its place. */
  readonly optional?: true;
  readonly fallback?: Json;
  readonly hint?: string;
  readonly hidden?: true;
  readonly oneLine?: string;
}

/** The value that a method sees: only what has a fallback, or is required, is always there. */
export type Given<Value, Options> = Options extends { readonly optional: true }
  ? Value | undefined
  : Options extends { readonly hint: string }
    ? Value | undefined
    : Value;

/** The values of a call by name. */
export type Values<Arguments extends readonly Argument[]> = {
  readonly [Each in Arguments[number] as Each["name"]]: Each extends Argument<string, infer Value>
    ? Value
    : never;
};

export interface ArgumentType<Value> {
  readonly kind: ArgumentKind;
  readonly schema: z.ZodType;
  readonly read: (value: Json) => Value;
  readonly takesAnyType?: boolean;
  readonly inner?: readonly Argument[];
  readonly typeText?: string;
}

/** An argument of a type. */
export function argument<const Name extends string, Value, const Options extends ArgumentOptions>(
  name: Name,
  type: ArgumentType<Value>,
  options: Options,
): Argument<Name, Given<Value, Options>> {
  const { fallback, hint, optional } = options;
  return {
    name,
    aliases: options.aliases ?? [],
    kind: type.kind,
    text: options.text,
    isRequired: fallback === undefined && hint === undefined && optional !== true,
    fallback,
    hint,
    isHidden: options.hidden ?? false,
    takesAnyType: type.takesAnyType ?? false,
    oneLine: options.oneLine,
    typeText: type.typeText,
    inner: type.inner ?? [],
    schema: type.schema,
    read: type.read as (value: Json) => Given<Value, Options>,
  };
}

/** Core's names of the types of JSON. */
export type TypeName = ReturnType<typeof typeName>;

const EXPECTED: Readonly<Record<ArgumentKind, TypeName | undefined>> = {
  string: "string",
  hex: "string",
  number: "number",
  amount: undefined,
  boolean: "bool",
  object: "object",
  dictionary: "object",
  options: "object",
  array: "array",
  range: undefined,
};

/** The fault in the type of a value that was given, if it has one. Core: RPCArg::MatchesType. */
export function typeMismatch(argument: Argument, value: Json): string | undefined {
  if (argument.takesAnyType || (!argument.isRequired && value === null)) return undefined;
  const expected = EXPECTED[argument.kind];
  return expected === undefined ? undefined : mismatch(value, expected);
}

/** Core: UniValue::checkType. */
export function mismatch(value: Json | undefined, expected: TypeName): string | undefined {
  const actual = typeName(value);
  if (actual === expected) return undefined;
  return `JSON value of type ${actual} is not of expected type ${expected}`;
}
