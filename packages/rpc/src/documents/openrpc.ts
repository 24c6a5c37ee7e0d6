/** The OpenRPC document: what programs read to make clients of their own. https://spec.open-rpc.org, version 1.3.2. */
import { z } from "zod";
import type { Argument } from "../define/argument.ts";
import type { Method, ResultCase } from "../define/method.ts";

/** @param version of the software that serves the methods */
export function openRpcDocument(methods: readonly Method[], version: string): object {
  return {
    openrpc: "1.3.2",
    info: {
      title: "Bitcoin JSON-RPC",
      description: "The methods of a node, with what they take and answer.",
      version,
    },
    methods: methods.filter(({ category }) => category !== "hidden").map(describe),
  };
}

function describe(method: Method): object {
  return {
    name: method.name,
    summary: method.description.split("\n")[0],
    description: method.description,
    tags: [{ name: method.category }],
    paramStructure: "either",
    params: describeArguments(method.arguments.filter(({ isHidden }) => !isHidden)),
    result: { name: "result", schema: resultSchema(method.results) },
    errors: method.errors.map(({ code, when }) => ({ code, message: when })),
  };
}

/** The specification wants required parameters first: one before them has to be there, and `null` stands for none. */
function describeArguments(all: readonly Argument[]): readonly object[] {
  const required = all.findLastIndex(({ isRequired }) => isRequired) + 1;
  return all.map((argument, i) => describeArgument(argument, i < required));
}

function describeArgument(
  { name, text, isRequired, fallback, schema, aliases }: Argument,
  mustBeThere: boolean,
): object {
  const own = jsonSchema(schema);
  return {
    name,
    description: text,
    required: mustBeThere,
    schema: {
      ...(mustBeThere && !isRequired ? { anyOf: [own, { type: "null" }] } : own),
      ...(fallback !== undefined && { default: fallback }),
      ...(aliases.length > 0 && { "x-aliases": aliases }),
    },
  };
}

function resultSchema(results: readonly ResultCase[]): object {
  const schemas = results.map(({ when, schema }) => ({
    ...(when !== undefined && { title: when }),
    ...jsonSchema(schema),
  }));
  if (schemas.length === 0) return { not: {} };
  const [first, second] = schemas;
  return first !== undefined && second === undefined ? first : { anyOf: schemas };
}

function jsonSchema(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input", target: "draft-7" });
  return rest;
}
