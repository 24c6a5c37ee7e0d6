/** Help texts in Core's layout. Core: RPCHelpMan::ToString, RPCArg, RPCResult (rpc/util.cpp). */
import type { z } from "zod";
import { toJson } from "../json/write.ts";
import type { Argument } from "./argument.ts";
import { caseOf, type ResultShape, shapeOf } from "./shape.ts";

/** The parts of a method that its help text is made of. */
export interface Helpful {
  readonly name: string;
  readonly description: string;
  readonly arguments: readonly Argument[];
  readonly results: readonly { readonly when?: string; readonly schema: z.ZodType }[];
  readonly examples: readonly unknown[];
}

/** A line of an outline, and what stands beside it. */
type Line = readonly [left: string, right: string];

/**
 * The whole help of a method; its first line is its signature.
 * @example helpText(METHODS.find(({ name }) => name === "getblockcount")) // "getblockcount…"
 */
export function helpText(method: Helpful): string {
  const shown = shownArguments(method);
  const sections = [
    `${signature(method)}\n\n${method.description.trim()}\n`,
    shown.length === 0 ? "" : `\nArguments:\n${align(argumentLines(shown))}`,
    named(shown),
    ...method.results.map(({ when, schema }) => {
      const title = when === undefined ? "Result" : `Result (${when})`;
      return `\n${title}:\n${align(resultLines(shapeOf(schema), "none", 0))}`;
    }),
    examples(method),
  ];
  return sections.join("");
}

/** The arguments before the first hidden one: those after it are hidden too. */
function shownArguments({ arguments: all }: Helpful): readonly Argument[] {
  const end = all.findIndex(({ isHidden }) => isHidden);
  return end < 0 ? all : all.slice(0, end);
}

/** `getblock "blockhash" ( verbosity )` */
export function signature(method: Helpful): string {
  let line = method.name;
  let open = false;
  for (const argument of shownArguments(method)) {
    line += " ";
    if (!argument.isRequired && !open) line += "( ";
    else if (argument.isRequired && open) line += ") ";
    open = !argument.isRequired;
    line += oneLine(argument);
  }
  return open ? `${line} )` : line;
}

function oneLine(argument: Argument): string {
  if (argument.oneLine !== undefined) return argument.oneLine;
  const { name, inner } = argument;
  switch (argument.kind) {
    case "string":
    case "hex":
      return `"${name}"`;
    case "number":
    case "range":
    case "amount":
    case "boolean":
      return name;
    case "object":
      return `{${inner.map((each) => fieldText(each, ":")).join(",")}}`;
    case "dictionary":
    case "options":
      return `{${inner.map((each) => fieldText(each, ":")).join(",")},...}`;
    case "array":
      return `[${inner.map((each) => `${oneLine(each)},`).join("")}...]`;
    default:
      return argument.kind satisfies never;
  }
}

/** Core: RPCArg::ToStringObj. */
function fieldText({ name, kind, inner }: Argument, colon: string): string {
  const values = {
    string: '"str"',
    hex: '"hex"',
    number: "n",
    range: "n or [n,n]",
    amount: "amount",
    boolean: "bool",
    object: "{...}",
    dictionary: "{...}",
    options: "{...}",
    array: `[${inner.map((each) => `${oneLine(each)},`).join("")}...]`,
  };
  return `"${name}"${colon}${values[kind]}`;
}

const TYPE_TEXTS: Readonly<Record<Argument["kind"], string>> = {
  string: "string",
  hex: "string",
  number: "numeric",
  range: "numeric or array",
  amount: "numeric or string",
  boolean: "boolean",
  object: "json object",
  dictionary: "json object",
  options: "json object",
  array: "json array",
};

/** Core: RPCArg::ToDescriptionString. */
function describeArgument(argument: Argument, isNamed: boolean): string {
  const { kind, isRequired, fallback, hint, text } = argument;
  const presence = isRequired
    ? ", required"
    : hint !== undefined
      ? `, optional, default=${hint}`
      : fallback !== undefined
        ? `, optional, default=${toJson(fallback)}`
        : isNamed
          ? ", optional"
          : "";
  const options =
    kind === "options"
      ? " Options object that can be used to pass named arguments, listed below."
      : "";
  const type = argument.typeText ?? TYPE_TEXTS[kind];
  return `(${type}${presence})${options}${text === "" ? "" : ` ${text}`}`;
}

function argumentLines(all: readonly Argument[]): readonly Line[] {
  return all.flatMap((argument, i) => [
    [`${i + 1}. ${argument.name}`, describeArgument(argument, true)] as const,
    ...innerLines(argument, 5, "none"),
  ]);
}

function named(all: readonly Argument[]): string {
  const inner = all.filter(({ kind }) => kind === "options").flatMap((each) => each.inner);
  if (inner.length === 0) return "";
  const lines = inner.flatMap((each): readonly Line[] => [
    [each.name, describeArgument(each, true)],
    ...innerLines(each, 5, "none"),
  ]);
  return `\nNamed Arguments:\n${align(lines)}`;
}

type Outer = "none" | "array" | "object";

/** Core: Sections::Push. */
function innerLines(argument: Argument, indent: number, outer: Outer): readonly Line[] {
  const { kind, name, inner } = argument;
  const space = " ".repeat(indent);
  const isField = outer === "object";
  const right = outer === "none" ? "" : describeArgument(argument, isField);
  const end = outer === "none" ? "" : ",";
  const key = isField ? `"${name}": ` : "";
  switch (kind) {
    case "object":
    case "dictionary":
      return [
        [`${space}${key}{`, right],
        ...inner.flatMap((each) => innerLines(each, indent + 2, "object")),
        ...(kind === "object" ? [] : [[`${space}  ...`, ""] as const]),
        [`${space}}${end}`, ""],
      ];
    case "array":
      return [
        [`${space}${key}[`, right],
        ...inner.flatMap((each) => innerLines(each, indent + 2, "array")),
        [`${space}  ...`, ""],
        [`${space}]${end}`, ""],
      ];
    default:
      if (outer === "none") return [];
      return [[`${space}${isField ? fieldText(argument, ": ") : oneLine(argument)},`, right]];
  }
}

/** Core: RPCResult::ToSections. */
function resultLines(shape: ResultShape, outer: Outer, indent: number): readonly Line[] {
  const space = " ".repeat(indent);
  const end = outer === "none" ? "" : ",";
  const key = outer === "object" ? `"${shape.name}" : ` : "";
  const right = (type: string) => {
    const optional = shape.isOptional ? ", optional" : "";
    return `(${type}${optional})${shape.description === "" ? "" : ` ${shape.description}`}`;
  };
  const around = (open: string, close: string, type: string, inner: readonly Line[]) => {
    const lines: Line[] = [[`${space}${key}${open}`, right(type)], ...inner];
    return [...lines, [`${space}${close}${end}`, ""] as const];
  };
  const more: Line = [`${space}  ...`, ""];
  switch (shape.kind) {
    case "null":
      return [[`${space}${key}null${end}`, right("json null")]];
    case "anything":
      return [[`${space}${key}...${end}`, right("any")]];
    case "string":
      return [[`${space}${key}"str"${end}`, right("string")]];
    case "hex":
      return [[`${space}${key}"hex"${end}`, right("string")]];
    case "number":
    case "amount":
      return [[`${space}${key}n${end}`, right("numeric")]];
    case "time":
      return [[`${space}${key}xxx${end}`, right("numeric")]];
    case "boolean":
      return [[`${space}${key}true|false${end}`, right("boolean")]];
    case "union":
      return shape.inner.flatMap((each) =>
        resultLines({ ...each, name: shape.name }, outer, indent),
      );
    case "array": {
      const inner = shape.inner.flatMap((each) => resultLines(each, "array", indent + 2));
      return around("[", "]", "json array", [...inner, more]);
    }
    case "dictionary": {
      const inner = shape.inner.flatMap((each) => resultLines(each, "object", indent + 2));
      return around("{", "}", "json object", [...inner, more]);
    }
    case "object": {
      if (shape.inner.length === 0) {
        return [[`${space}${key}{}${end}`, right("empty JSON object")]];
      }
      const inner = shape.inner.flatMap((each) => resultLines(each, "object", indent + 2));
      return around("{", "}", "json object", withoutLastComma(inner));
    }
    default:
      return shape.kind satisfies never;
  }
}

function withoutLastComma(lines: readonly Line[]): readonly Line[] {
  const last = lines.at(-1);
  if (last === undefined) return lines;
  return [...lines.slice(0, -1), [last[0].replace(/,$/, ""), last[1]]];
}

/** Core: Sections::ToString. */
function align(lines: readonly Line[]): string {
  const pad = Math.max(...lines.map(([left]) => left.length)) + 4;
  return lines
    .map(([left, right]) => {
      if (right === "") return `${left}\n`;
      const text = right.replaceAll(/\n */g, `\n${" ".repeat(pad)}`);
      return `${left.padEnd(pad)}${text}\n`;
    })
    .join("");
}

/** Core: HelpExampleCli, HelpExampleRpc and their named forms. */
function examples({ name, examples: all }: Helpful): string {
  if (all.length === 0) return "";
  const lines = all.flatMap((example) => [
    `> bitcoin-cli ${cliText(name, example)}\n`,
    `> curl --user myusername --data-binary '{"jsonrpc": "2.0", "id": "curltest", "method": "${name}", ` +
      `"params": ${rpcText(example)}}' -H 'content-type: application/json' http://127.0.0.1:8332/\n`,
  ]);
  return `\nExamples:\n${lines.join("")}`;
}

function rpcText(example: unknown): string {
  if (!Array.isArray(example)) return toJson(example);
  return `[${example.map((each) => toJson(each)).join(", ")}]`;
}

function cliText(name: string, example: unknown): string {
  if (Array.isArray(example)) {
    return `${name} ${example.map((each) => quoted(toJson(each))).join(" ")}`;
  }
  const fields = Object.entries(example as object).map(([key, value]) => {
    return `${key}=${quoted(typeof value === "string" ? value : toJson(value))}`;
  });
  return `-named ${name} ${fields.join(" ")}`;
}

/** For a shell: objects and lists hold quotes of their own. */
function quoted(json: string): string {
  return /^[{[]|[ ']/.test(json) && !json.startsWith('"') ? `'${json}'` : json;
}

/** The list of all methods by category, or the help of one. Core: CRPCTable::help. */
export function helpOf(
  methods: ReadonlyMap<string, Helpful & { readonly category: string }>,
  command: string,
): string {
  if (command !== "") {
    const method = methods.get(command);
    return method === undefined ? `help: unknown command: ${command}` : helpText(method);
  }
  const shown = [...methods.values()].filter(({ category }) => category !== "hidden");
  shown.sort((a, b) => (a.category + a.name < b.category + b.name ? -1 : 1));
  const lines: string[] = [];
  let category = "";
  for (const method of shown) {
    if (method.category !== category) {
      if (category !== "") lines.push("");
      category = method.category;
      lines.push(`== ${caseOf(category)} ==`);
    }
    lines.push(signature(method));
  }
  return lines.join("\n");
}
