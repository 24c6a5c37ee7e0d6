/** Results: the schema says what a method answers; help, documents, the typed client and tests are made from it. */
import { z } from "zod";

/** The kinds of results that JSON has no types for. Core: RPCResult::Type. */
export type ResultKind = "hex" | "amount" | "time" | "dictionary";

export function text(description: string): z.ZodString {
  return z.string().meta({ description });
}

export function hex(description: string): z.ZodString {
  return z.string().meta({ description, "x-kind": "hex" satisfies ResultKind });
}

export function num(description: string): z.ZodNumber {
  return z.number().meta({ description });
}

/** Coins. */
export function coins(description: string): z.ZodNumber {
  return z.number().meta({ description, "x-kind": "amount" satisfies ResultKind });
}

/** Seconds since 1970. */
export function time(description: string): z.ZodNumber {
  return z.number().meta({ description, "x-kind": "time" satisfies ResultKind });
}

export function flag(description: string): z.ZodBoolean {
  return z.boolean().meta({ description });
}

export function none(description = ""): z.ZodNull {
  return z.null().meta({ description });
}

export function oneOf<const Values extends readonly string[]>(
  values: Values,
  description: string,
): z.ZodType<Values[number], Values[number]> {
  return z.enum(values).meta({ description }) as unknown as z.ZodType<
    Values[number],
    Values[number]
  >;
}

export function list<Inner extends z.ZodType>(
  inner: Inner,
  description: string,
): z.ZodType<readonly z.output<Inner>[], readonly z.input<Inner>[]> {
  return z.array(inner).meta({ description }) as unknown as z.ZodType<
    readonly z.output<Inner>[],
    readonly z.input<Inner>[]
  >;
}

/** No other fields than these. */
export function obj<Shape extends z.ZodRawShape>(
  shape: Shape,
  description = "",
): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape).meta({ description });
}

/** An object whose names are data. */
export function dict<Inner extends z.ZodType>(
  inner: Inner,
  description: string,
  name = "key",
): z.ZodType<Readonly<Record<string, z.output<Inner>>>, Readonly<Record<string, z.input<Inner>>>> {
  const meta = { description, "x-kind": "dictionary" satisfies ResultKind, "x-name": name };
  return z.record(z.string(), inner).meta(meta) as unknown as ReturnType<typeof dict<Inner>>;
}

/** Anything: the method hands on what it was given. */
export function anything(description: string): z.ZodUnknown {
  return z.unknown().meta({ description });
}

/** A field that is there in some cases. */
export function maybe<Inner extends z.ZodType>(inner: Inner): z.ZodOptional<Inner> {
  return inner.optional();
}

/** The schemas of an object's fields. */
export type ShapeOf<Value> = {
  readonly [Name in keyof Value]-?: undefined extends Value[Name]
    ? z.ZodOptional<SchemaOf<Exclude<Value[Name], undefined>>>
    : SchemaOf<Value[Name]>;
};

export type SchemaOf<Value> = z.ZodType<Value, Value>;
