/** Writes docs/rpc.md. */
import { signature } from "../define/help.ts";
import type { Method } from "../define/method.ts";
import { caseOf, type ResultShape, shapeOf } from "../define/shape.ts";

/**
 * The page of all methods: what each takes and answers, and its errors.
 * @example rpcPage(METHODS).includes("## getblockcount")
 */
export function rpcPage(methods: readonly Method[]): string {
  const categories = [...new Set(methods.map(({ category }) => category))].sort();
  const of = (category: string) => methods.filter((method) => method.category === category);
  return [
    "# Methods of the RPC",
    "",
    "Written by `npx pnpm@12 rpc` from the methods in `packages/rpc/src/methods`; don't edit it. A test fails when it is out of date. Names, arguments, results and errors are Bitcoin Core 31's; what is ours stands under Chain. A running node serves them over HTTP (README of `@chain/fullnode`). Amounts are in coins, times in seconds since 1970.",
    "",
    ...categories.map((category) => {
      const links = of(category).map(({ name }) => `[${name}](#${name.replace(".", "")})`);
      return `- ${caseOf(category)}: ${links.join(" ")}`;
    }),
    ...categories.flatMap((category) => [
      "",
      `## ${caseOf(category)}`,
      ...of(category).flatMap(section),
    ]),
    "",
  ].join("\n");
}

function section(method: Method): readonly string[] {
  const all = method.arguments.filter(({ isHidden }) => !isHidden);
  return [
    "",
    `### ${method.name}`,
    "",
    `\`${signature(method)}\``,
    "",
    method.description.trim().replaceAll("\n", "\n\n"),
    ...(all.length === 0 ? [] : ["", "| argument | default | |", "|---|---|---|"]),
    ...all.map(({ name, aliases, fallback, hint, isRequired, text }) => {
      const none = isRequired ? "required" : "";
      const value = fallback === undefined ? (hint ?? none) : `\`${JSON.stringify(fallback)}\``;
      return row([name, ...aliases].map((each) => `\`${each}\``).join(", "), value, text);
    }),
    ...method.results.flatMap(({ when, schema }) => [
      "",
      `Result${when === undefined ? "" : ` ${when}`}:`,
      "",
      ...fields(shapeOf(schema), ""),
    ]),
    ...(method.errors.length === 0 ? [] : ["", "Errors:", ""]),
    ...method.errors.map(({ code, when }) => `- ${code}: ${when}`),
  ];
}

const NAMES: Partial<Record<ResultShape["kind"], string>> = {
  amount: "number",
  time: "number",
  hex: "hex",
  dictionary: "object",
  anything: "any",
};

function fields(shape: ResultShape, indent: string): readonly string[] {
  const type = `${NAMES[shape.kind] ?? shape.kind}${shape.isOptional ? ", optional" : ""}`;
  const name = shape.name === "" ? "" : `\`${shape.name}\` `;
  const description = shape.description.replaceAll("\n", " ");
  const line = `${indent}- ${name}(${type})${description === "" ? "" : ` ${description}`}`;
  return [line, ...shape.inner.flatMap((each) => fields(each, `${indent}  `))];
}

function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
}
